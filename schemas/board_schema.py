"""The form of a board on the wire: its Avro schema, and the names of its counts beside measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.measures import OBLIGATION_MEASURES

NAME = "board.v1"
INSPECTIONS = ("conducted", "findings_open", "findings_closed")
LADDER = ("urged", "reminded", "criticised")
RATES = ("completion_rate", "due_completion_rate", "on_time_rate")


def _counts_fields() -> list[dict[str, Any]]:
    counts: list[dict[str, Any]] = [{"name": name, "type": "long"} for name in OBLIGATION_MEASURES]
    rates = [{"name": name, "type": ["null", "double"], "default": None} for name in RATES]
    return [*counts, {"name": "inspections", "type": _group("Inspections", INSPECTIONS)}, *rates]


def _group(name: str, fields: Sequence[str]) -> dict[str, Any]:
    longs = [{"name": each, "type": "long"} for each in fields]
    return {"type": "record", "name": f"vn.lienthong.{name}", "fields": longs}


def _named(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same fields where the record of inspections was defined before."""
    used = [dict(each) for each in fields]
    for each in used:
        if each["name"] == "inspections":
            each["type"] = "vn.lienthong.Inspections"
    return used


_COUNTS: dict[str, Any] = {
    "type": "record",
    "name": "vn.lienthong.Counts",
    "doc": "Counts and rates; a rate is null where its denominator is 0.",
    "fields": _named(_counts_fields()),
}
_FIGURES: dict[str, Any] = {
    "type": "record",
    "name": "vn.lienthong.Figures",
    "doc": "Counts over all obligations; the two columns cover the programmes in force.",
    "fields": [
        *_counts_fields(),
        {"name": "ladder", "type": ["null", _group("Ladder", LADDER)], "default": None},
        {"name": "due_this_year", "type": ["null", _COUNTS], "default": None},
        {"name": "carried_over", "type": ["null", "vn.lienthong.Counts"], "default": None},
    ],
}
_MAP = {"type": "map", "values": "vn.lienthong.Figures"}
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": f"vn.lienthong.{NAME}",
    "doc": "The board of one unit. Ignore a record whose version is not above the last one seen.",
    "fields": [
        {"name": "unit", "type": "string"},
        {"name": "name", "type": "string"},
        {"name": "level", "type": "string"},
        {"name": "closed", "type": "boolean"},
        {"name": "on", "type": "long", "doc": "The instant of the figures, ms UTC."},
        {"name": "known", "type": ["null", "long"], "default": None},
        {"name": "tree_version", "type": "long"},
        {"name": "position", "type": "string"},
        {"name": "version", "type": "long"},
        {"name": "own", "type": _FIGURES},
        {"name": "subtree", "type": "vn.lienthong.Figures"},
        {"name": "by_level", "type": _MAP},
        {"name": "by_unit_kind", "type": _MAP},
    ],
}

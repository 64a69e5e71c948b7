"""The catalogue: programmes with the titles of their items and areas, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ops.http_service import Json
from services.openings import PROVINCE_NODES
from services.programme_reading import builtin_programmes

Words = dict[str, str]
"""A title by language; the document's own is `vi`."""


def catalogue(programmes: Iterable[Mapping[str, Any]]) -> list[Json]:
    """The programmes of Query.programmes(), the newest first, with titles by language.

    English titles, and names of areas, are there for the programmes that the product ships.
    """
    ordered = sorted(programmes, key=lambda one: (one.get("covers_from") or "", one["programme"]))
    return [_entry(one) for one in reversed(ordered)]


def _entry(programme: Mapping[str, Any]) -> Json:
    shipped = _shipped().get(programme["programme"], {})
    english = shipped.get("items", {})
    items = {
        item: {**english.get(item, {}), "vi": title} for item, title in programme["items"].items()
    }
    lines = {
        item: shipped.get("lines", {})[item] for item in items if item in shipped.get("lines", {})
    }
    return {**programme, "items": items, "areas": shipped.get("areas", {}), "lines": lines}


def lines_of(programme: str | None, rows: Iterable[str | None]) -> str | None:
    """The lines in its document's text of the first of these rows or rules that has any."""
    lines = _shipped().get(programme or "", {}).get("lines", {})
    return next((str(lines[row]) for row in rows if row in lines), None)


def class_name(code: str) -> str:
    """What a shipped document calls a class of units; the code itself where none names it."""
    return _classes().get(code, code)


@cache
def _classes() -> Mapping[str, str]:
    """Code of a class -> its Vietnamese name; no event names a class."""
    found = {}
    for document in map(_read, builtin_programmes()):
        node = PROVINCE_NODES[document["province"]["id"]]
        for one in document["unit_classes"]:
            if one.get("name_vi"):
                found[f"{node}.{one['id']}"] = str(one["name_vi"])
    return found


@cache
def _read(path: Path) -> Mapping[str, Any]:
    # The loader in C, where it is built in, is four times as fast: the first answer waits for it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), loader)
    return found


@cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    """By programme: English titles of `items`, both names of `areas`, and the `lines` of each row
    in the document's text, from the shipped files."""
    found = {}
    for document in map(_read, builtin_programmes()):
        rules = {
            str(row["id"]): _words(en=row.get("name_en")) for row in document["reporting_rules"]
        }
        tasks = {str(row["id"]): _words(en=row.get("title_en")) for row in document["tasks"]}
        areas = {
            str(row["id"]): _words(vi=row.get("name_vi"), en=row.get("name_en"))
            for row in document["areas"]
        }
        both = (*document["reporting_rules"], *document["tasks"])
        lines = {
            str(row["id"]): ", ".join(map(str, row["seed_lines"]))
            for row in both
            if row.get("seed_lines")
        }
        found[str(document["id"])] = {"items": rules | tasks, "areas": areas, "lines": lines}
    return found


def _words(**titles: str | None) -> Words:
    return {language: text for language, text in titles.items() if text}

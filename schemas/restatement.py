"""The restatement record: a figure of days gone by that an event recorded later has changed."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas import avro
from schemas.times import Day, Instant, format_day, format_instant

NAME = "restatement.v1"

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": f"vn.lienthong.{NAME}",
    "doc": "Figures of days gone by, changed by one event: one record per event, unit and measure.",
    "fields": [
        {
            "name": "event_id",
            "type": {"type": "fixed", "name": "vn.lienthong.id", "size": 16},
            "doc": "The event because of which the figures differ.",
        },
        {"name": "recorded_at", "type": "long", "doc": "When the event was recorded, ms UTC."},
        {"name": "effective_at", "type": "long", "doc": "When it happened, ms UTC."},
        {"name": "obligation", "type": ["null", "string"], "default": None},
        {"name": "unit", "type": "string", "doc": "Whose figure it is."},
        {"name": "scope", "type": "string", "doc": "own, or subtree: the unit and all below it."},
        {"name": "measure", "type": "string"},
        {
            "name": "runs",
            "doc": "Local days since 1970, both included, and by how much their figure differs.",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "vn.lienthong.restated_days",
                    "fields": [
                        {"name": "first", "type": "int"},
                        {"name": "last", "type": "int"},
                        {"name": "difference", "type": "int"},
                    ],
                },
            },
        },
    ],
}


class Run(NamedTuple):
    """From `first` to `last`, both included, the figure differs by `difference`."""

    first: Day
    last: Day
    difference: int


class Restatement(NamedTuple):
    """One figure of one unit, restated because of one event; `scope` is own or subtree."""

    event_id: bytes
    recorded_at: Instant
    effective_at: Instant
    obligation: str | None
    unit: str
    scope: str
    measure: str
    runs: tuple[Run, ...]

    def covers(self, day: Day) -> bool:
        """Whether the figure of this day differs."""
        return any(run.first <= day <= run.last for run in self.runs)

    def encode(self) -> bytes:
        """The value on the restatements topic."""
        runs = [run._asdict() for run in self.runs]
        return avro.encode_record(NAME, self._asdict() | {"runs": runs})

    def to_json(self) -> dict[str, Any]:
        """As the command line and HTTP tell it."""
        return {
            "event_id": self.event_id.hex(),
            "recorded_at": format_instant(self.recorded_at),
            "effective_at": format_instant(self.effective_at),
            "obligation": self.obligation,
            "unit": self.unit,
            "scope": self.scope,
            "measure": self.measure,
            "runs": [
                {
                    "first": format_day(run.first),
                    "last": format_day(run.last),
                    "difference": run.difference,
                }
                for run in self.runs
            ],
        }


def decode(value: bytes) -> Restatement:
    """Value on the restatements topic -> record. Raises Refused where it is none."""
    fields = avro.decode_record(NAME, value)
    runs = tuple(Run(Day(r["first"]), Day(r["last"]), r["difference"]) for r in fields["runs"])
    return Restatement(**fields | {"runs": runs})


avro.register_record(NAME, SCHEMA)

"""The record of the topic `obligations`: one obligation as its facts tell it, without the clock.

Whether it is overdue is the reader's to say: `due_before` has passed, and the phase is `open`, or
`returned` and `revise_before` has passed too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.avro import decode_record, record_head, register_record
from schemas.avro_writer import writer

NAME = "obligation.v1"
PHASES = ("waiting", "open", "declared", "done", "returned", "dropped")
"""`waiting`: facts are there, but no opening; `declared`: done when accepted, and not yet."""


class Ower(NamedTuple):
    """Since this instant (ms UTC) the unit owes it."""

    unit: str
    since: int


class Remark(NamedTuple):
    """A fact that changed nothing, waits, or is to be looked at; `what` is a code."""

    event_id: bytes
    what: str
    sentence: str


class ObligationState(NamedTuple):
    """One obligation. Days since 1970, instants ms UTC; None where there is none.

    `on_time` judges what was sent so far; `completed_at` is the last submission that stands.
    """

    obligation: str
    version: int
    phase: str
    unit: str | None
    kind: str | None
    item: str | None
    area: str | None
    programme: str | None
    period: str | None
    issuer: str | None
    done_when: str | None
    opened_at: int | None
    due_before: int | None
    original_due_before: int | None
    extended: bool
    revise_before: int | None
    completed_at: int | None
    on_time: bool | None
    submissions: int
    urged: int
    reminded: int
    criticised: int
    owers: tuple[Ower, ...]
    remarks: tuple[Remark, ...]
    imported: bool

    def encode(self) -> bytes:
        """The value of the record."""
        return record_head(NAME) + _write(self)

    @classmethod
    def decode(cls, value: bytes) -> ObligationState:
        """The inverse of `encode`. Raises Refused."""
        fields = decode_record(NAME, value)
        fields["owers"] = tuple(Ower(**each) for each in fields["owers"])
        fields["remarks"] = tuple(Remark(**each) for each in fields["remarks"])
        return cls(**fields)


def _optional(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "type": ["null", kind], "default": None}


def _list(name: str, record: str, fields: dict[str, str]) -> dict[str, Any]:
    items = {
        "type": "record",
        "name": f"vn.lienthong.{record}",
        "fields": [{"name": field, "type": kind} for field, kind in fields.items()],
    }
    return {"name": name, "type": {"type": "array", "items": items}, "default": []}


SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": f"vn.lienthong.{NAME}",
    "doc": "One obligation. Ignore a record whose version is not above the last one seen.",
    "fields": [
        {"name": "obligation", "type": "string"},
        {"name": "version", "type": "long"},
        {"name": "phase", "type": "string", "doc": " | ".join(PHASES)},
        *(
            _optional(name, "string")
            for name in (
                "unit",
                "kind",
                "item",
                "area",
                "programme",
                "period",
                "issuer",
                "done_when",
            )
        ),
        _optional("opened_at", "long"),
        _optional("due_before", "int"),
        _optional("original_due_before", "int"),
        {"name": "extended", "type": "boolean"},
        _optional("revise_before", "int"),
        _optional("completed_at", "long"),
        _optional("on_time", "boolean"),
        {"name": "submissions", "type": "int"},
        {"name": "urged", "type": "int", "doc": "Documents that name this obligation."},
        {"name": "reminded", "type": "int"},
        {"name": "criticised", "type": "int"},
        _list("owers", "Ower", {"unit": "string", "since": "long"}),
        _list("remarks", "Remark", {"event_id": "bytes", "what": "string", "sentence": "string"}),
        {"name": "imported", "type": "boolean"},
    ],
}

register_record(NAME, SCHEMA)
_write = writer(SCHEMA)

"""The benches' world: a tree of four levels, and lives of its units as finished messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random
from typing import Any, NamedTuple, TypeVar

from schemas import avro
from schemas.event import Event, EventId
from schemas.events.ladder import ReminderIssued
from schemas.events.report import (
    ReportDueExtended,
    ReportExpected,
    ReportReturned,
    ReportSubmitted,
)
from schemas.events.unit import UnitEstablished
from schemas.times import DAY_MS, LOCAL_OFFSET_MS, Day, Instant, day, day_of, midnight
from schemas.varint import varint

PROVINCES, DISTRICTS_EACH, COMMUNES_EACH = 63, 10, 10
FIRST_DAY = day(2012, 1, 1)
DAYS = 1_460
ITEMS, AREAS, QUARTERS = 40, 6, 16
FACTS_EACH = 4
ISSUER = "centre"
PROGRAMME = "bench"


T = TypeVar("T")


def paged(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things in lists of this size; the last one may be shorter."""
    rest = iter(things)
    while page := list(islice(rest, size)):
        yield page


class Message(NamedTuple):
    """A record's key and value."""

    key: bytes
    value: bytes


class Unit(NamedTuple):
    """One unit with the units above it, itself first."""

    code: str
    level: str
    path: tuple[str, ...]


def tree(provinces: int = PROVINCES) -> list[Unit]:
    """The root, provinces, districts and communes, each after its parent."""
    units = [Unit("centre", "centre", ("centre",))]
    below = (("province", provinces), ("district", DISTRICTS_EACH), ("commune", COMMUNES_EACH))
    parents = units
    for level, each in below:
        made = []
        for parent in parents:
            stem = "" if parent.level == "centre" else f"{parent.code}."
            for number in range(each):
                code = f"{stem}{number:02d}"
                made.append(Unit(code, level, (code, *parent.path)))
        units = units + made
        parents = made
    return units


def established(units: list[Unit]) -> Iterator[UnitEstablished]:
    """The events that establish the units."""
    for number, unit in enumerate(units):
        root = unit.level == "centre"
        yield UnitEstablished(
            event_id=EventId(b"unit" + number.to_bytes(12, "big")),
            effective_at=midnight(day(2007, 1, 1)),
            recorded_at=Instant(midnight(day(2007, 1, 1)) + number),
            unit=unit.code,
            by="centre",
            source="bench",
            name=f"Đơn vị {unit.code}",
            level=unit.level,
            kind="government" if root else "people_committee",
            parent=None if root else unit.path[1],
        )


_BASE: dict[str, Any] = {
    "event_id": EventId(bytes(16)),
    "effective_at": Instant(0),
    "obligation": "o",
    "unit": "u",
    "by": "u",
    "source": "bench",
    "programme": PROGRAMME,
}
_TEMPLATES: dict[str, Event] = {
    "expected": ReportExpected(
        **_BASE,
        kind="report",
        item="i",
        issuer=ISSUER,
        done_when="sent",
        title="Báo cáo kết quả công tác cải cách hành chính",
    ),
    "submitted": ReportSubmitted(**_BASE),
    "returned": ReportReturned(**_BASE, reasons=("figures",)),
    "extended": ReportDueExtended(**_BASE, reason="Chờ hướng dẫn của cấp trên"),
    "reminded": ReminderIssued(**_BASE),
}
_PREFIXES: dict[str, bytes] = {}


def _string(text: str) -> bytes:
    raw = text.encode()
    return varint(len(raw)) + raw


def _head(recorded_at: int, event_id: bytes, effective_at: int, cause: bytes | None) -> bytes:
    caused = b"\x00" if cause is None else b"\x02" + cause
    return varint(recorded_at) + event_id + varint(effective_at) + b"\x00\x02\x00" + caused


def _place(obligation: str, unit: str, by: str) -> bytes:
    strings = (_string(obligation), _string(unit), _string(by), _string("bench"))
    return b"\x02" + b"".join(strings) + b"\x02" + _string(PROGRAMME)


class Maker:
    """Makes values by joining bytes: ten times as fast as encoding event objects.

    What it makes is held equal to schemas.avro.encode by a test.
    """

    def __init__(self) -> None:
        self._parts: dict[str, tuple[bytes, bytes]] = {}
        effects = {
            "expected": _opening("i", None, None, None),
            "submitted": b"",
            "returned": b"\x00",
            "extended": b"\x00\x01",
            "reminded": _string("reminded"),
        }
        start = varint(0) + bytes(16) + varint(0) + b"\x00\x00\x00\x00" + _place("o", "u", "u")
        for name, template in _TEMPLATES.items():
            value = avro.encode(template)
            head, rest = value[: avro.HEADER_BYTES], value[avro.HEADER_BYTES :]
            known = start + effects[name]
            if not rest.startswith(known):
                raise ValueError(f"the layout of {template.type} has changed")
            self._parts[name] = (head, rest[len(known) :])

    def value(self, name: str, head: bytes, place: bytes, effect: bytes) -> bytes:
        """One value."""
        first, last = self._parts[name]
        return first + head + place + effect + last


def _opening(item: str, area: str | None, period: str | None, due: int | None) -> bytes:
    optional = b"".join(b"\x00" if x is None else b"\x02" + _string(x) for x in (area, period))
    day_part = b"\x00" if due is None else b"\x02" + varint(due)
    return (
        _string("report") + _string(item) + optional + day_part + _string("sent") + _string(ISSUER)
    )


def messages(
    seed: int, owers: list[str], obligations: int, *, facts_each: int = FACTS_EACH, block: int = 0
) -> Iterator[Message]:
    """Lives of obligations, each in its own order, those of `block` obligations shuffled together.

    `block` 0: all of them. An obligation is opened, then sent, returned, sent again, given more
    time or reminded of, at random.
    """
    rng, maker = Random(seed), Maker()
    block = block or obligations
    for start in range(0, obligations, block):
        lives = [
            _life(rng, maker, seed, number, owers[rng.randrange(len(owers))], facts_each)
            for number in range(start, min(start + block, obligations))
        ]
        turns = [number for number, life in enumerate(lives) for _ in life]
        rng.shuffle(turns)
        waiting = [iter(life) for life in lives]
        for turn in turns:
            yield next(waiting[turn])


def _life(
    rng: Random, maker: Maker, seed: int, number: int, ower: str, facts_each: int
) -> list[Message]:
    start = FIRST_DAY + rng.randrange(DAYS)
    due = start + rng.randrange(10, 120)
    at = start * DAY_MS - LOCAL_OFFSET_MS
    obligation = f"{PROGRAMME}:{number % ITEMS}:{seed}-{number}:{ower}"
    by_issuer, by_ower = (_place(obligation, ower, by) for by in (ISSUER, ower))
    area, period = f"a{number % AREAS}", f"{2012 + number % QUARTERS // 4}-Q{number % 4 + 1}"
    key = obligation.encode()
    ids = [seed.to_bytes(4, "big") + number.to_bytes(8, "big") + bytes(3) + bytes([n])
           for n in range(facts_each)]  # fmt: skip
    opening = _opening(str(number % ITEMS), area, period, due)
    made = [
        Message(key, maker.value("expected", _head(at + 1, ids[0], at, None), by_issuer, opening))
    ]
    sent: bytes | None = None
    for event_id in ids[1:]:
        at += rng.randrange(1, 40 * DAY_MS)
        drawn = rng.random()
        head = _head(at + 1, event_id, at, sent if sent is not None and drawn < 0.5 else None)
        if sent is None and drawn < 0.6:
            value = maker.value("submitted", head, by_ower, b"")
            sent = event_id
        elif sent is not None and drawn < 0.5:
            until = day_of(Instant(at)) + 10
            value = maker.value("returned", head, by_issuer, b"\x02" + varint(until))
            sent = None
        elif sent is None and drawn < 0.8:
            due = max(due, int(day_of(Instant(at)))) + 30
            value = maker.value("extended", head, by_issuer, b"\x02" + varint(due) + b"\x01")
        else:
            value = maker.value("reminded", head, by_issuer, _string("reminded"))
        made.append(Message(key, value))
    return made


def due_days() -> tuple[Day, Day]:
    """The first and the last day on which much is due."""
    return Day(FIRST_DAY + 60), Day(FIRST_DAY + DAYS)

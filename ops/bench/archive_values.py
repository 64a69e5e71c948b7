"""Facts of the bench's archive as values and rows: whole matrices of bytes, filled by columns.

Facts of one slot, level of unit and length of number have values of one length. The first of each
group is held against what the contract's encoder makes of the same event; a test holds all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops import arrow
from ops.bench.archive_story import CAUSES, Facts, Slot
from ops.bench.worlds import AREAS, ITEMS, PROGRAMME, Unit, tree
from schemas import avro
from schemas.event import Document, Event, EventId
from schemas.events.ladder import CriticismIssued, RecordCorrected, ReminderIssued
from schemas.events.report import (
    ReportAccepted,
    ReportDueExtended,
    ReportExpected,
    ReportReceived,
    ReportReturned,
    ReportSubmitted,
    ReportTransferred,
    ReportWaived,
)
from schemas.times import Day, Instant
from schemas.varint import varint

SOURCE = "bench"
LEVELS = ("province", "district", "commune")
INSTANT_BYTES, DAY_BYTES = 6, 3
"""Lengths on the wire of instants from 2004 to 2039, and of days of those years."""
QUARTERS = 16
_TYPES: dict[Slot, type[Event]] = {
    Slot.OPENED: ReportExpected,
    Slot.WAIVED: ReportWaived,
    Slot.EXTENDED: ReportDueExtended,
    Slot.TRANSFERRED: ReportTransferred,
    Slot.REMINDED: ReminderIssued,
    Slot.REMINDED_AGAIN: ReminderIssued,
    Slot.CRITICISED: CriticismIssued,
    Slot.SUBMITTED: ReportSubmitted,
    Slot.RECEIVED: ReportReceived,
    Slot.RETURNED: ReportReturned,
    Slot.RESUBMITTED: ReportSubmitted,
    Slot.ACCEPTED: ReportAccepted,
    Slot.ACCEPTED_AGAIN: ReportAccepted,
    Slot.CORRECTED: RecordCorrected,
    Slot.VOIDED: RecordCorrected,
}
_SAID: dict[Slot, dict[str, Any]] = {
    Slot.OPENED: {
        "kind": "report",
        "done_when": "sent",
        "title": "Báo cáo kết quả công tác cải cách hành chính",
    },
    Slot.WAIVED: {"document": Document(number="88/QĐ-UBND"), "reason": "Nhiệm vụ đã thay đổi"},
    Slot.EXTENDED: {
        "document": Document(number="114/QĐ-UBND"),
        "reason": "Gia hạn theo đề nghị của cơ quan được giao",
    },
    Slot.REMINDED: {"document": Document(number="7/CV-SNV"), "nth": 1},
    Slot.REMINDED_AGAIN: {"document": Document(number="9/CV-SNV"), "nth": 2},
    Slot.CRITICISED: {"document": Document(number="3/PB"), "actor_role": "Chủ tịch UBND"},
    Slot.SUBMITTED: {"document": Document(number="25/BC-UBND")},
    Slot.RECEIVED: {"channel": "electronic"},
    Slot.RETURNED: {"reasons": ("figures",)},
    Slot.RESUBMITTED: {"document": Document(number="31/BC-UBND")},
    Slot.CORRECTED: {"reason": "Ghi nhầm ngày gửi"},
    Slot.VOIDED: {"void": True, "reason": "Ghi nhầm đơn vị"},
}
"""What a type says beyond what differs from fact to fact."""
OF_OWER = frozenset({Slot.SUBMITTED, Slot.RESUBMITTED, Slot.CORRECTED, Slot.VOIDED})
"""What the ower records itself."""
_WITH_DAY = frozenset({Slot.OPENED, Slot.EXTENDED, Slot.RETURNED})
_HAS_TARGET = frozenset({Slot.CORRECTED, Slot.VOIDED})

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]


class World:
    """The units of the bench, and who owes what: a function of the obligation's number."""

    def __init__(self, seed: int, provinces: int) -> None:
        self.seed = seed
        self.units = tree(provinces)
        owers = [[unit for unit in self.units if unit.level == level] for level in LEVELS]
        self.codes = [_cells(unit.code for unit in level) for level in owers]
        self.issuers = [_cells(_issuer(unit) for unit in level) for level in owers]
        self._ends = np.cumsum([len(level) for level in owers])
        self.places = 1 + np.concatenate([[0], self._ends[:-1]])
        """Where the units of each level begin among all."""
        at = {unit.code: number for number, unit in enumerate(self.units)}
        self.parents = np.array([at[_issuer(unit)] for unit in self.units])
        self.words = arrow.texts([unit.code.encode() for unit in self.units])
        self.items = [f"{number:02d}" for number in range(ITEMS)]
        self.areas = [f"a{number}" for number in range(AREAS)]
        self.periods = [f"{2012 + n // 4}-Q{n % 4 + 1}" for n in range(QUARTERS)]

    def owers(self, numbers: Ints) -> tuple[Ints, Ints]:
        """Level of the unit that owes each of the obligations, and its place in the level."""
        drawn = _mixed(numbers.astype(np.uint64) ^ np.uint64(self.seed << 40))
        at = (drawn % np.uint64(self._ends[-1])).astype(np.int64)
        level = np.searchsorted(self._ends, at, side="right")
        begins = np.concatenate([[0], self._ends])[level]
        return level, at - begins

    def period(self, numbers: Ints) -> Ints:
        """The place of each obligation's period among all."""
        return numbers % QUARTERS

    def ids(self, numbers: Ints, slot: Slot) -> Bytes:
        """Event ids (UUIDv8) of one fact of each obligation: 16 bytes a row."""
        first = _mixed(numbers.astype(np.uint64) * np.uint64(32) + np.uint64(slot))
        first = _mixed(first ^ np.uint64(self.seed))
        made = np.stack([first, _mixed(first)], axis=1).astype("<u8").view(np.uint8)
        made[:, 6] = made[:, 6] & 0x0F | 0x80
        made[:, 8] = made[:, 8] & 0x3F | 0x80
        return made


def _issuer(unit: Unit) -> str:
    """The unit above, which assigns and receives; the root for itself."""
    return unit.path[min(1, len(unit.path) - 1)]


def _cells(texts: Any) -> Bytes:
    """Texts of one length as rows of bytes."""
    raw = [text.encode() for text in texts]
    return np.frombuffer(b"".join(raw), np.uint8).reshape(len(raw), -1)


def _mixed(words: Words) -> Words:
    """SplitMix64: numbers that follow one another become numbers that look drawn."""
    with np.errstate(over="ignore"):
        words = words + np.uint64(0x9E3779B97F4A7C15)
        words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


class Group(NamedTuple):
    """Facts of one slot whose values have one length, column by column."""

    slot: Slot
    facts: Facts
    numbers: Ints
    """Those of the records: `notification`, and `source_seq` too."""
    ids: Bytes
    cause: Bytes | None
    target: Bytes | None
    obligation: Bytes
    unit: Bytes
    by: Bytes
    issuer: Bytes
    to_unit: Bytes
    item: Bytes
    area: Bytes
    period: Bytes


def grouped(world: World, facts: Facts, first: int) -> Iterator[tuple[Ints, Group]]:
    """Facts, numbered from `first` on, by groups: the places of a group among them, the group."""
    numbers = np.arange(first, first + len(facts))
    obligations = np.ascontiguousarray(facts["number"])
    level, at = world.owers(obligations)
    length = _varint_bytes(numbers)
    key = (facts["slot"].astype(np.int64) * len(LEVELS) + level) * 16 + length
    order = np.argsort(key, kind="stable")
    _, begins = np.unique(key[order], return_index=True)
    for rows in np.split(order, begins[1:]):
        slot = Slot(int(facts["slot"][rows[0]]))
        yield rows, _group(world, slot, facts[rows], numbers[rows], int(level[rows[0]]), at[rows])


def _group(world: World, slot: Slot, facts: Facts, numbers: Ints, level: int, at: Ints) -> Group:
    of = np.ascontiguousarray(facts["number"])
    unit, issuer = world.codes[level][at], world.issuers[level][at]
    item = _cells(world.items)[of % ITEMS]
    cause = CAUSES.get(slot)
    return Group(
        slot=slot,
        facts=facts,
        numbers=numbers,
        ids=world.ids(of, slot),
        cause=None if cause is None else world.ids(of, cause),
        target=world.ids(of, Slot.SUBMITTED) if slot in _HAS_TARGET else None,
        obligation=_join(f"{PROGRAMME}:".encode(), item, b":", _hex(of), b":", unit),
        unit=unit,
        by=unit if slot in OF_OWER else issuer,
        issuer=issuer,
        to_unit=world.codes[level][(at + 1) % len(world.codes[level])],
        item=item,
        area=_cells(world.areas)[of % AREAS],
        period=_cells(world.periods)[world.period(of)],
    )


def _hex(numbers: Ints) -> Bytes:
    """Numbers as eight hex digits."""
    digits: Bytes = np.frombuffer(b"0123456789abcdef", np.uint8)
    made: Bytes = digits[numbers[:, None] >> np.arange(28, -1, -4) & 15]
    return made


def _join(*parts: Bytes | bytes) -> Bytes:
    rows = next(len(part) for part in parts if not isinstance(part, bytes))
    cells = [
        np.broadcast_to(np.frombuffer(part, np.uint8), (rows, len(part)))
        if isinstance(part, bytes)
        else part
        for part in parts
    ]
    return np.concatenate(cells, axis=1)


def event_of(group: Group, row: int) -> Event:
    """One of the facts as the contract's event."""
    slot, fact = group.slot, group.facts[row]
    told: dict[str, Any] = {**_SAID.get(slot, {})}
    told |= {name: _text(group, name, row) for name in ("obligation", "unit", "by")}
    if slot is Slot.OPENED:
        told |= {name: _text(group, name, row) for name in ("item", "area", "period", "issuer")}
    if slot is Slot.TRANSFERRED:
        told["to_unit"] = _text(group, "to_unit", row)
    if slot in _WITH_DAY:
        told["revise_before" if slot is Slot.RETURNED else "due_before"] = Day(int(fact["day"]))
    if group.cause is not None:
        told["causation_id"] = EventId(group.cause[row].tobytes())
    if group.target is not None:
        told["target"] = EventId(group.target[row].tobytes())
    if slot is Slot.CORRECTED:
        told["replacement"] = avro.encode(event_of(_replaced(group), row))
    return _TYPES[slot](
        event_id=EventId(group.ids[row].tobytes()),
        recorded_at=Instant(int(fact["recorded_at"])),
        effective_at=Instant(int(fact["effective_at"])),
        effective_is_day=bool(fact["is_day"]) and slot is Slot.SUBMITTED,
        source_seq=int(group.numbers[row]),
        source=SOURCE,
        programme=PROGRAMME,
        **told,
    )


def _text(group: Group, name: str, row: int) -> str:
    cells: Bytes = getattr(group, name)
    return bytes(cells[row]).decode()


def _replaced(group: Group) -> Group:
    """What the corrections of a group put in place: what was sent, at another instant."""
    assert group.target is not None  # corrections have one
    facts = group.facts.copy()
    facts["recorded_at"], facts["effective_at"] = facts["sent_at"], facts["truly"]
    return group._replace(
        slot=Slot.SUBMITTED,
        facts=facts,
        numbers=np.zeros_like(group.numbers),
        ids=group.target,
        target=None,
    )


class Values(NamedTuple):
    """The values of a group, a row each, behind the byte that makes them a leaf (RFC 6962);
    where their content and the obligation's text begin."""

    cells: Bytes
    content_at: int
    obligation_at: int


def values_of(group: Group) -> Values:
    """The values of a group. Raises ValueError where the contract encodes the events otherwise."""
    made = np.frombuffer(b"\x00" + avro.encode(event_of(group, 0)), np.uint8)
    cells = np.repeat(made[None, :], len(group.numbers), axis=0)
    sheet = _Sheet(cells)
    facts, slot = group.facts, group.slot
    sheet.skip(1 + avro.HEADER_BYTES)
    sheet.put(_varints(facts["recorded_at"], INSTANT_BYTES))
    content_at = sheet.at
    sheet.put(group.ids)
    sheet.put(_varints(facts["effective_at"], INSTANT_BYTES))
    sheet.put((facts["is_day"] & (slot is Slot.SUBMITTED)).astype(np.uint8)[:, None])
    sheet.put(_varints(group.numbers, int(_varint_bytes(group.numbers[:1])[0])))
    sheet.skip(1)  # no correlation
    sheet.skip(1)
    if group.cause is not None:
        sheet.put(group.cause)
    sheet.skip(1)
    sheet.text(group.obligation)
    obligation_at = sheet.at - group.obligation.shape[1]
    sheet.text(group.unit)
    sheet.text(group.by)
    sheet.skip(1 + len(SOURCE) + 2 + len(PROGRAMME))
    _put_effect(sheet, group)
    if cells[0].tobytes() != made.tobytes():
        raise ValueError(f"the layout of {_TYPES[slot].type} has changed")
    return Values(cells, content_at, obligation_at)


def _put_effect(sheet: _Sheet, group: Group) -> None:
    match group.slot:
        case Slot.OPENED:
            sheet.skip(1 + len("report"))
            sheet.text(group.item)
            for texts in (group.area, group.period):
                sheet.skip(1)
                sheet.text(texts)
            sheet.skip(1)
            sheet.put(_varints(group.facts["day"], DAY_BYTES))
            sheet.skip(1 + len("sent"))
            sheet.text(group.issuer)
        case Slot.EXTENDED | Slot.RETURNED:
            sheet.skip(1)
            sheet.put(_varints(group.facts["day"], DAY_BYTES))
        case Slot.TRANSFERRED:
            sheet.text(group.to_unit)
        case Slot.CORRECTED | Slot.VOIDED:
            assert group.target is not None  # corrections have one
            sheet.put(group.target)
            sheet.skip(1)
            if group.slot is Slot.CORRECTED:
                right = values_of(_replaced(group)).cells[:, 1:]
                sheet.skip(1 + len(varint(right.shape[1])))
                sheet.put(right)


class _Sheet:
    """Rows of bytes that are written over from left to right."""

    def __init__(self, cells: Bytes) -> None:
        self._cells = cells
        self.at = 0

    def skip(self, width: int) -> None:
        self.at += width

    def put(self, cells: Bytes) -> None:
        self._cells[:, self.at : self.at + cells.shape[1]] = cells
        self.at += cells.shape[1]

    def text(self, cells: Bytes) -> None:
        """Texts behind their length, which is the same for all."""
        self.skip(len(varint(cells.shape[1])))
        self.put(cells)


def _varint_bytes(numbers: Any) -> Ints:
    """How many bytes numbers from 0 on take on the wire."""
    bounds = 2 ** (7 * np.arange(1, 9) - 1)
    return np.searchsorted(bounds, np.asarray(numbers), side="right") + 1


def _varints(numbers: Any, width: int) -> Bytes:
    """Numbers that all take so many bytes, as they stand on the wire."""
    rest = np.asarray(numbers).astype(np.int64) << 1
    sevens = (rest[:, None] >> (7 * np.arange(width))) & 0x7F
    sevens[:, :-1] |= 0x80
    return sevens.astype(np.uint8)

"""Programmes as their events tell them, in any order: content items, and which are in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.avro import content_hash, encode
from schemas.event import Event
from schemas.events.programme import (
    Item,
    ProgrammeAmended,
    ProgrammeClosed,
    ProgrammeIssued,
    Provision,
    ReportingRuleEstablished,
    Terms,
)
from schemas.measures import CONTENT, Slice, Step
from schemas.times import Instant

ProgrammeEvent = ProgrammeIssued | ReportingRuleEstablished | ProgrammeAmended | ProgrammeClosed
_RANK = (ProgrammeIssued, ReportingRuleEstablished, ProgrammeAmended, ProgrammeClosed)
CONTENT_KIND = "content"
"""The kind under which items that make no obligation are shown."""


class Programme(NamedTuple):
    """One programme as known. `closed_at` None: in force for ever."""

    id: str
    unit: str
    issued: ProgrammeIssued
    closed_at: Instant | None

    @property
    def name(self) -> str:
        """Number and title; the title only where it can be read."""
        title = self.issued.title
        return f"{self.issued.number} · {title}" if isinstance(title, str) else self.issued.number


class Programmes:
    """All programmes known. `version` is the offset + 1 of the last event told."""

    def __init__(self, events: Mapping[int, ProgrammeEvent], known: Instant | None = None) -> None:
        self._events = dict(events)
        self.version = max(self._events, default=-1) + 1
        kept: dict[bytes, ProgrammeEvent] = {}
        for event in sorted(self._events.values(), key=_recorded):
            if known is None or event.recorded_at <= known:
                kept.setdefault(event.event_id, event)
        self._ordered = sorted(kept.values(), key=_place)
        self.all = self._read()

    @classmethod
    def of(cls, events: Iterable[tuple[int, Event]], known: Instant | None = None) -> Programmes:
        """From (offset, event) pairs in any order; events of other types are passed over."""
        return cls({at: event for at, event in events if isinstance(event, ProgrammeEvent)}, known)

    def with_events(self, events: Iterable[tuple[int, Event]]) -> Programmes:
        """These and more."""
        more = {at: event for at, event in events if isinstance(event, ProgrammeEvent)}
        return Programmes({**self._events, **more})

    def as_known(self, known: Instant) -> Programmes:
        """As they were known at an instant."""
        return Programmes(self._events, known)

    def offsets(self) -> dict[bytes, int]:
        """Event id -> the offset at which it was told first."""
        told = sorted(self._events.items(), reverse=True)
        return {event.event_id: offset for offset, event in told}

    def _read(self) -> dict[str, Programme]:
        found: dict[str, Programme] = {}
        for event in self._ordered:
            name = event.programme or ""
            if isinstance(event, ProgrammeIssued) and name not in found:
                found[name] = Programme(name, event.unit, event, None)
        for event in self._ordered:
            held = found.get(event.programme or "")
            if isinstance(event, ProgrammeClosed) and held and held.closed_at is None:
                found[held.id] = held._replace(closed_at=event.effective_at)
        return found

    def closed(self, at: Instant) -> frozenset[str]:
        """The programmes no longer in force; an unknown one, and none, count as in force."""
        return frozenset(
            held.id
            for held in self.all.values()
            if held.closed_at is not None and held.closed_at <= at
        )

    def revision_days(self, programme: str | None) -> int | None:
        """The days that a returned report has where nobody set a day; None: no such rule."""
        held = self.all.get(programme or "")
        return held.issued.revision_days if held else None

    def name(self, programme: str) -> str | None:
        """Number and title, as far as they may be read; None for one that nobody issued."""
        held = self.all.get(programme)
        return held.name if held else None

    def titles(self, programme: str) -> dict[str, str]:
        """The titles of a programme's items and reporting rules, as last set, by their ids."""
        found: dict[str, str] = {}
        for event in self._ordered:
            if event.programme != programme:
                continue
            if isinstance(event, ReportingRuleEstablished):
                if isinstance(event.title, str):
                    found[event.rule] = event.title
                continue
            for item in _items(event)[1]:
                if isinstance(item.title, str):
                    found[item.id] = item.title
        return found

    def items(self, programme: str, at: Instant) -> list[Item]:
        """The rows of a programme as they stand at an instant, in the document's order."""
        held = self.all.get(programme)
        found: dict[str, Item] = {}
        for event in self._ordered:
            issued_twice = isinstance(event, ProgrammeIssued) and held and event is not held.issued
            if event.programme != programme or event.effective_at > at or issued_twice:
                continue
            gone, come = _items(event)
            for dropped in gone:
                found.pop(dropped, None)
            found.update({item.id: item for item in come})
        return list(found.values())

    def terms(self, programme: str) -> dict[str, Terms]:
        """What the rows of a programme say of who does them and when, as far as it was told."""
        held = self.all.get(programme)
        told = held.issued.terms if held else None
        return {one.item: one for one in told or ()}

    def provisions(self, programme: str) -> tuple[Provision, ...]:
        """What a programme lays down beside its rows, as far as it was told."""
        held = self.all.get(programme)
        return (held.issued.provisions if held else None) or ()

    def content_steps(self) -> list[Step]:
        """Items that make no obligation, as steps of the issuing unit."""
        steps: list[Step] = []
        held: dict[tuple[str, str], Slice] = {}
        for event in self._ordered:
            programme = self.all.get(event.programme or "")
            if programme is None or (
                isinstance(event, ProgrammeIssued) and event is not programme.issued
            ):
                continue
            # An amendment told before its programme takes effect with it.
            at = max(event.effective_at, programme.issued.effective_at)
            gone, come = _items(event)
            for dropped in (*gone, *(item.id for item in come)):
                cut = held.pop((programme.id, dropped), None)
                if cut is not None:
                    steps.append(Step(at, programme.unit, cut, CONTENT, -1))
            for item in come:
                if not item.counted:
                    cut = Slice(CONTENT_KIND, item.area, programme.id, item.id, None, None)
                    held[programme.id, item.id] = cut
                    steps.append(Step(at, programme.unit, cut, CONTENT, 1))
        return steps


def _items(event: ProgrammeEvent) -> tuple[tuple[str, ...], tuple[Item, ...]]:
    """Ids of the items that an event takes away, and the items that it sets."""
    match event:
        case ProgrammeIssued():
            return (), tuple(event.items)
        case ProgrammeAmended():
            return tuple(event.items_dropped), tuple(event.items_set)
        case _:
            return (), ()


def _recorded(event: ProgrammeEvent) -> tuple[int, bytes]:
    # One id, two contents, recorded at once: the content breaks the tie, as it does among facts.
    return (event.recorded_at, content_hash(encode(event)))


def _place(event: ProgrammeEvent) -> tuple[int, int, int, bytes]:
    return (event.effective_at, _RANK.index(type(event)), event.recorded_at, event.event_id)

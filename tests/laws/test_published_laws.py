"""Laws of published boards: made many at a time, each has the bytes of one made alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections import published
from projections.ask import Ask, UnknownUnit
from projections.boards import Boards
from projections.facts import Fact
from projections.published import boards_of
from schemas.event import Effect, Event
from schemas.events.programme import Item, ProgrammeClosed, ProgrammeIssued
from schemas.times import DAY_MS, Day, Instant, midnight
from tests.worlds_of_boards import DAYS, FIRST, OWERS, World, days, instants, many_facts, reforms

UNITS = (*OWERS, "nobody")
NOTES = ("urged", "reminded", "criticised")


@st.composite
def programmes(draw: st.DrawFn) -> list[tuple[int, Event]]:
    """A programme with an item that makes no obligation; it may close."""
    unit = draw(st.sampled_from(OWERS))
    since, until = draw(days), draw(st.none() | days)
    told: list[Event] = [
        ProgrammeIssued(
            **_context(unit, since, 1),
            number="1",
            title="P",
            items=(Item(id="1", kind="content", title="x"),),
        )
    ]
    if until is not None:
        told.append(ProgrammeClosed(**_context(unit, until, 2)))
    return list(enumerate(told))


def _context(unit: str, on: Day, number: int) -> dict[str, Any]:
    at = midnight(on)
    return {
        "event_id": bytes([number]) * 16,
        "effective_at": at,
        "recorded_at": at,
        "source": "x",
        "source_seq": number,
        "unit": unit,
        "by": unit,
        "programme": "p",
    }


@st.composite
def letters(draw: st.DrawFn) -> list[Fact]:
    """One document about several obligations, and maybe another: each counts once per group."""
    document = draw(st.sampled_from((b"d" * 16, b"e" * 16)))
    made = []
    for ower in draw(st.sets(st.sampled_from(OWERS), min_size=1)):
        common: dict[str, Any] = {"obligation": f"letter:{ower}", "unit": ower, "by": "root"}
        opens = {"kind": "report", "item": "1", "issuer": "root", "done_when": "sent"}
        at, note = draw(instants), draw(st.sampled_from(NOTES))
        made.append(
            Fact(
                effective_at=midnight(FIRST),
                recorded_at=0,
                event_id=f"o{ower:15}".encode(),
                effect=Effect.OPENS,
                **common,
                **opens,
            )
        )
        made.append(
            Fact(
                effective_at=at,
                recorded_at=at,
                event_id=draw(st.binary(min_size=16, max_size=16)),
                correlation_id=document,
                effect=Effect.NOTES,
                note=note,
                **common,
            )
        )
    return made


facts = st.tuples(many_facts, letters(), letters()).map(
    lambda parts: [f for part in parts for f in part]
)
worlds = st.builds(World, facts, st.lists(reforms(), max_size=3))
nows = instants | days.map(midnight) | st.just(Instant(midnight(FIRST) + 370 * DAY_MS))


def alone(boards: Boards, unit: str, now: Instant) -> bytes | None:
    try:
        return boards.board(unit, Ask(), now).encode()
    except UnknownUnit:
        return None


def told(boards: Boards, units: Sequence[str], now: Instant) -> dict[str, bytes | None]:
    """All of them, pass after pass, in their order."""
    found: dict[str, bytes | None] = {}
    while left := [unit for unit in units if unit not in found]:
        made = boards_of(boards, left, now)
        assert list(made) == left[: len(made)]
        found |= {unit: board and board.encode() for unit, board in made.items()}
    return found


@settings(max_examples=150, deadline=None)
@given(worlds, programmes() | st.just([]), nows, st.permutations(UNITS), st.integers(1, len(UNITS)))
def test_boards_made_at_once_have_the_bytes_of_boards_made_one_by_one(
    world: World, told_of: list[tuple[int, Event]], now: Instant, units: list[str], count: int
) -> None:
    world.boards.tell_programmes(told_of)
    some = units[:count]
    expected = {unit: alone(world.boards, unit, now) for unit in some}

    assert told(world.boards, some, now) == expected


@pytest.mark.parametrize(
    ("units_max", "places_max", "each"), [(3, 100, [3, 3]), (100, 4, [1, 2, 3]), (100, 1, [1] * 6)]
)
def test_a_pass_ends_with_its_units_and_with_the_places_below_them(
    monkeypatch: pytest.MonkeyPatch, units_max: int, places_max: int, each: list[int]
) -> None:
    monkeypatch.setattr(published, "UNITS_MAX", units_max)
    monkeypatch.setattr(published, "PLACES_MAX", places_max)
    boards, now = World([], []).boards, Instant(midnight(FIRST) + DAYS * DAY_MS)
    left, found = list(OWERS[:-1]), []
    while left:
        found.append(len(boards_of(boards, left, now)))
        del left[: found[-1]]

    assert found == each

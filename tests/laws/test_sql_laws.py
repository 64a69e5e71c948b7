"""Laws of the second engine: SQL counts what the plain fold counts, in any world, at any T, K."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.second import Second, places
from ops.sql import engine
from projections.facts import Fact
from schemas import avro
from schemas.board import ZERO, Counts
from schemas.event import Effect, Event, EventId
from schemas.events.programme import ProgrammeIssued
from schemas.measures import MEASURES
from schemas.times import DAY_MS, Day, Instant, end_of_day, midnight
from tests import worlds_of_boards as boards
from tests import worlds_of_events as crowded
from tests.sql_worlds import both, opened, tell_facts, told, told_apart

FIRST = midnight(Day(crowded.BASE))
"""When the crowded worlds begin."""


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    with opened() as made:
        yield made


def apart(number: int, events: list[Event]) -> list[Event]:
    """The events of a world under obligations of its own, so that many are counted at once."""
    found = []
    for event in events:
        changed: dict[str, Any] = {"obligation": f"{number}:{event.obligation}"}
        if getattr(event, "replacement", None) is not None:
            value = avro.decode(event.replacement)  # type: ignore[attr-defined]
            corrected = dataclasses.replace(value, obligation=f"{number}:{value.obligation}")
            changed["replacement"] = avro.encode(corrected)
        found.append(dataclasses.replace(event, **changed))
    return found


@st.composite
def programmes(draw: st.DrawFn) -> list[Event]:
    """Programme p, issued up to two times, with or without days for a revision."""
    found: list[Event] = []
    for number in range(draw(st.integers(0, 2))):
        at = Instant(FIRST + draw(st.integers(0, 8)) * DAY_MS)
        issued = ProgrammeIssued(
            event_id=EventId(bytes([number]) * 16),
            effective_at=at,
            recorded_at=Instant(at + draw(st.sampled_from((0, 3 * DAY_MS)))),
            unit="66",
            by="66",
            source="s",
            programme="p",
            number="1/KH",
            title="Kế hoạch",
            items=(),
            revision_days=draw(st.sampled_from((None, 2, 5))),
        )
        found.append(issued)
        if draw(st.integers(0, 2)) == 0:
            # The same id with another content, now and then recorded at the same instant.
            again = Instant(issued.recorded_at + draw(st.sampled_from((-1, 0, 0))))
            found.append(dataclasses.replace(issued, recorded_at=again, revision_days=3))
    return draw(st.permutations(found))


many = st.lists(crowded.events(), min_size=1, max_size=12).map(
    lambda worlds: list(chain(*(apart(number, world) for number, world in enumerate(worlds))))
)


@settings(max_examples=15, deadline=None)
@given(many, programmes(), st.integers(0, 14 * 8))
def test_sql_counts_every_cell_of_crowded_worlds_as_known_at_any_time(
    second: Second, events: list[Event], issued: list[Event], eighths: int
) -> None:
    gathered = told(second, [*issued, *events])
    for known in (None, FIRST + eighths * DAY_MS // 8):
        ours, theirs = both(second, gathered, known)

        assert ours == theirs


@st.composite
def tangled(draw: st.DrawFn) -> list[Fact]:
    """Facts whose causes lie anywhere, in circles too, and whose places are mostly the same."""
    ids = [bytes([number]) * 16 for number in range(draw(st.integers(2, 9)))]
    order = draw(st.permutations(ids))
    causes = st.sampled_from((None, *ids, b"absent".ljust(16)))
    return [
        draw(boards.facts("o", Effect.OPENS if at == 0 else draw(effects)))._replace(
            event_id=event_id,
            causation_id=draw(causes),
            effective_at=midnight(Day(boards.FIRST + draw(st.integers(0, 3)))),
            effective_is_day=draw(st.booleans()),
            recorded_at=midnight(boards.FIRST) + draw(st.integers(0, 1)),
            by=draw(st.sampled_from(("root", *boards.OWERS[1:4]))),
            issuer=draw(st.sampled_from(("root", "a", None))),
        )
        for at, event_id in enumerate(order)
    ]


@st.composite
def long_lives(draw: st.DrawFn) -> list[Fact]:
    """An opening and up to twelve facts, each later than the one before, and all answers named."""
    found: list[Fact] = []
    sent = None
    for number in range(draw(st.integers(4, 13))):
        made = draw(boards.facts("o", draw(answering) if number else Effect.OPENS))
        answers = made.effect in (Effect.ACCEPTS, Effect.RETURNS)
        at = midnight(Day(boards.FIRST + number)) + draw(st.sampled_from((0, 1, 50_000_000)))
        made = made._replace(
            event_id=bytes([number]) * 16,
            causation_id=draw(st.sampled_from((None, sent, b"absent".ljust(16))))
            if answers
            else None,
            effective_at=at,
            recorded_at=at,
            by=draw(st.sampled_from(("root", found[0].unit if found else "root"))),
        )
        if made.effect == Effect.MEETS:
            sent = draw(st.sampled_from((sent, made.event_id)))
        found.append(made)
    return found


answering = st.sampled_from(
    (*list(Effect)[1:9], *(Effect.MEETS, Effect.RETURNS, Effect.ACCEPTS, Effect.MOVES) * 2)
)
effects = st.sampled_from((*list(Effect)[:9], Effect.MEETS, Effect.RETURNS, Effect.ACCEPTS))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(tangled(), long_lives()), min_size=1, max_size=12))
def test_sql_orders_and_answers_facts_as_the_fold_does_whatever_caused_them(
    second: Second, worlds: list[list[Fact]]
) -> None:
    facts = told_apart(worlds)
    ours, theirs = both(second, tell_facts(second, facts), None)

    assert ours == theirs


@settings(max_examples=8, deadline=None)
@given(
    st.lists(boards.many_facts, min_size=1, max_size=4),
    st.lists(boards.reforms(), max_size=3),
    st.one_of(st.none(), boards.instants),
)
def test_sql_shows_every_unit_on_every_day_what_the_fold_shows(
    second: Second, parts: list[list[Fact]], reforms: list[Any], known: Instant | None
) -> None:
    facts = told_apart(parts)
    tell_facts(second, facts)
    engine.know_programmes(second.connection, known)
    world = boards.World(facts, reforms)
    for number in range(0, boards.DAYS + 2, 5):
        on = end_of_day(Day(boards.FIRST + number))
        tree = world.day_tree(on, known)
        engine.set_paths(second.connection, places(tree))
        ours = engine.boards(second.connection, on, known)
        own, subtrees = world.own(on, known), world.subtrees(on, known)
        zero = (0,) * len(MEASURES)

        assert {u: Counts(ours.get((u, "subtree"), zero)) for u in tree.preorder} == subtrees
        assert {u: Counts(ours.get((u, "own"), zero)) for u in tree.preorder} == {
            u: own.get(u, ZERO) for u in tree.preorder
        }

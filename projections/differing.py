"""Differing: what tells two states of one board apart, obligation by obligation and unit by unit.

A state is (T, K). Both are read by columns; what changed is found by comparing the measures of each
obligation, and the sums of these must make the two boards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from projections.ask import Ask
from projections.boards import Boards
from projections.explaining import as_asked, below, check_known, standing_view, tree_of
from projections.life import Life
from projections.listing import LIVES_MAX, Lives, Wanted, one_listed, split
from projections.standings import Asked, check
from projections.steps import held_measures, steps
from projections.view import View
from schemas.board import Counts
from schemas.measures import MEASURES
from schemas.refusal import Reason, Refused
from schemas.times import Instant
from schemas.tree import DayTree
from schemas.unit_facts import UnitFact

OBLIGATIONS_MAX = 300_000
"""Most obligations of one state that are compared: about a second's work."""
UNITS_SHOWN = 200
"""Most units that came or went which one answer names; it counts all of them."""


class State(NamedTuple):
    """One of the two: the unit in the tree of T as known at K (None: now), and what it shows."""

    view: View
    on: Instant
    known: Instant | None
    units: frozenset[str]
    board: Counts

    def has(self, at: int, recorded_at: int) -> bool:
        """Whether it can rest on a fact of this instant, recorded then."""
        return at <= self.on and (self.known is None or recorded_at <= self.known)


class Changed(NamedTuple):
    """An obligation that other measures count now: bits 1 << measure, and its lives as known."""

    obligation: str
    before: int
    after: int
    lives: tuple[Life | None, Life | None]


class MovedUnit(NamedTuple):
    """A unit that stands below the unit in one state alone; the unit event that brought it about.

    `came`: in the second. `fact` None: none was found, as where an end was taken back.
    """

    unit: str
    name: str
    came: bool
    fact: UnitFact | None


class Differing(NamedTuple):
    """`total` obligations differ, of which `changed` is a page; `sums` are those of all of them."""

    states: tuple[State, State]
    total: int
    changed: tuple[Changed, ...]
    sums: tuple[Counts, Counts]
    units_total: int
    units: tuple[MovedUnit, ...]


def differing(
    boards: Boards, lives: Lives, code: str, asks: tuple[Ask, Ask], page: slice, now: Instant
) -> Differing:
    """What differs between two states of the unit's board, and a page of it.

    Raises UnknownUnit, and Refused where the unit did not stand in either, where nothing had
    happened or been recorded by then, and for too large a list.
    """
    first, second = (_state(boards, lives, code, ask, now) for ask in asks)
    states = (first, second)
    before, after = (_measured(lives, one, ask) for one, ask in zip(states, asks, strict=True))
    names = sorted(before.keys() | after.keys())
    differ = [name for name in names if before.get(name, 0) != after.get(name, 0)]
    changed = tuple(
        Changed(
            name,
            before.get(name, 0),
            after.get(name, 0),
            (lives.life(name, first.known), lives.life(name, second.known)),
        )
        for name in differ[page]
    )
    moved = sorted(first.units ^ second.units)
    return Differing(
        states,
        len(differ),
        changed,
        (_sum(before), _sum(after)),
        len(moved),
        tuple(_moved(unit, first, second) for unit in moved[:UNITS_SHOWN]),
    )


def _sum(measured: Mapping[str, int]) -> Counts:
    """By measure how many obligations it counts."""
    bits = np.fromiter(measured.values(), np.uint32, len(measured))
    return Counts(tuple(int(((bits >> np.uint32(at)) & 1).sum()) for at in range(len(MEASURES))))


def by_the_clock(life: Life, first: State, second: State) -> bool:
    """Whether a due, or the time for a revision, passed between the two and changed a measure."""
    turns = {turn.at for turn in life.turns}
    after, until = sorted((first.on, second.on))
    return any(after < step.at <= until and step.at not in turns for step in steps(life))


def by_the_tree(one: Changed, first: State, second: State) -> bool:
    """Whether who owes it stands below the unit in one of the two states alone."""
    owers = [
        None if life is None or (standing := life.standing_at(state.on)) is None else standing.ower
        for life, state in zip(one.lives, (first, second), strict=True)
    ]
    return any(
        ower is not None and (ower in first.units) != (ower in second.units) for ower in owers
    )


def _state(boards: Boards, lives: Lives, code: str, ask: Ask, now: Instant) -> State:
    on, known = as_asked(ask, now)
    view = standing_view(tree_of(boards, known), code, ask, now)
    counts = boards.board(code, ask, now).subtree.counts
    if not counts:
        check_known(lives, view, on, known)
    return State(view, on, known, below(view), counts)


def _measured(lives: Lives, state: State, ask: Ask) -> dict[str, int]:
    """Each obligation that any measure counts, with these as bits. Raises Refused."""
    wanted = Wanted(
        at=state.on,
        known=state.known,
        units=state.units,
        programme=ask.programme,
        period=ask.period,
        whole=len(state.units) == len(state.view.day),
    )
    asked = Asked(wanted.at, wanted.known, wanted.units, wanted.whole, wanted.soon_days)
    measured: dict[str, int] = {}
    derived = 0
    for found in lives.standings(asked, LIVES_MAX):
        exact, rest = split(found, wanted)
        derived += len(rest)
        check(derived, LIVES_MAX)
        counted = np.flatnonzero(exact.measures)
        if len(measured) + len(counted) > OBLIGATIONS_MAX:
            raise Refused(
                Reason.TOO_LARGE,
                f"more than {OBLIGATIONS_MAX} obligations would have to be compared; "
                "ask for a unit further down, or for one programme or period",
                "unit",
            )
        ids = (found.shard.ids[number].decode() for number in exact.number[counted].tolist())
        measured.update(zip(ids, exact.measures[counted].tolist(), strict=True))
        for name in rest:
            one = one_listed(name, lives, wanted)
            if one is not None and one.state != "transferred" and one.life.opening is not None:
                measured[name] = held_measures(one.life.opening.kind, one.standing, state.on)
    return measured


def _moved(unit: str, first: State, second: State) -> MovedUnit:
    came = unit in second.units
    inside = second if came else first
    fact = None
    for day in (second.view.day, first.view.day):
        fact = fact or _cause(unit, day, first, second)
    return MovedUnit(unit, inside.view.day.name(unit), came, fact)


def _cause(unit: str, day: DayTree, first: State, second: State) -> UnitFact | None:
    """The fact by which the unit, or the next one above it, came to stand there between the two."""
    if unit not in day:
        return None
    for above in reversed(day.path(unit)):
        stands = day.tree.units[above].stands
        for stand in reversed(stands):
            fact = day.tree.cause(above, stand.day)
            if fact is None:
                continue
            at, recorded = fact.effective_at, fact.recorded_at
            if first.has(at, recorded) != second.has(at, recorded):
                return fact
    return None

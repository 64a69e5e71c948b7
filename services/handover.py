"""The hand-over: what units that have ended still have open goes to those who take over from them.

The plan rests on the tree and on what the read side holds open; the command holds it against the
ledger's own facts, so that telling it twice, or after a crash, adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.event import Event, EventId
from schemas.times import Day, Instant, day_of, midnight
from schemas.tree import Tree
from schemas.unit_facts import DISSOLVED, MERGED, SPLIT
from services.command import Command, Seen, named
from services.owed import Owed, owed_of
from services.reform import BY_DISSOLUTION, BY_MERGER, BY_SPLIT, TO_THE_UNIT_ABOVE
from services.unit_handover import transfer_type

_RULES = {MERGED: BY_MERGER, SPLIT: BY_SPLIT, DISSOLVED: BY_DISSOLUTION}


class Open(NamedTuple):
    """An obligation that its unit has open, without a break since an instant.

    `since` is its opening, its last return, or when it came to the unit, whichever is latest.
    """

    obligation: str
    unit: str
    kind: str
    programme: str | None
    due_before: Day | None
    since: Instant


class Leg(NamedTuple):
    """From `at` on another unit owes it, by a rule (services.reform.RULES).

    `cause` is the event that ended `unit`, and `by` who decided that.
    """

    unit: str
    to_unit: str
    rule: str
    at: Instant
    cause: EventId
    by: str


class Handover(NamedTuple):
    """One obligation and its way: more than one leg where a receiver has ended since, too."""

    open: Open
    legs: tuple[Leg, ...]

    @property
    def receiver(self) -> str:
        """Who owes it in the end."""
        return self.legs[-1].to_unit

    @property
    def rule(self) -> str:
        """By which rule it leaves the unit that has it."""
        return self.legs[0].rule


class Plan(NamedTuple):
    """What is to be handed over, and what nobody can receive: its unit stands in no tree."""

    handovers: tuple[Handover, ...]
    nobody: tuple[Open, ...]


def plan(tree: Tree, day: Day, opened: Iterable[Open]) -> Plan:
    """Whose of the open obligations go where, as of a day; those of open units stay.

    Each goes on the day of the ending, or later where it was opened or returned later.
    """
    handovers: list[Handover] = []
    nobody: list[Open] = []
    for one in opened:
        if one.unit not in tree.units:
            nobody.append(one)
        elif legs := _legs(tree, day, one):
            handovers.append(Handover(one, legs))
    return Plan(tuple(handovers), tuple(nobody))


def _legs(tree: Tree, day: Day, one: Open) -> tuple[Leg, ...]:
    """Ends: who receives stands open on that day, so that it can only have ended on a later one."""
    legs: list[Leg] = []
    unit, since = one.unit, one.since
    while True:
        history = tree.units[unit]
        if history.closed is None or history.closed > day:
            return tuple(legs)
        at = max(since, midnight(history.closed))
        receiver = tree.receiver(unit, day_of(at))
        assert receiver is not None  # it stands on every day from its establishment on
        assert history.ended_by is not None  # it has ended
        cause = EventId(history.ended_by.event_id)
        heir = tree.heir(unit, day_of(at))
        rule = TO_THE_UNIT_ABOVE if heir is None else _RULES[history.ended_by.what]
        legs.append(Leg(unit, receiver, rule, at, cause, history.ended_by.by))
        unit, since = receiver, at


@dataclass(frozen=True, kw_only=True)
class HandOver(Command):
    """Obligations of ended units go where a plan says, as far as those units still have them open.

    `by` has it carried out; the transfers name who decided the endings.
    """

    handovers: tuple[Handover, ...]

    def streams(self, seen: Seen) -> Sequence[str]:
        return [one.open.obligation for one in self.handovers]

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        out: list[Event] = []
        for one in self.handovers:
            owed = owed_of(seen[one.open.obligation])
            if _has_it_open(owed, one.open.unit, now):
                out += [_transfer(self, owed, one.open.obligation, leg, now) for leg in one.legs]
        return out


def _has_it_open(owed: Owed, unit: str, now: Instant) -> bool:
    """By the ledger, which may know more by now than what the plan was made from."""
    over = owed.opening is None or owed.dropped is not None or owed.done
    return not over and owed.ower_at(now) == unit


def _transfer(command: HandOver, owed: Owed, obligation: str, leg: Leg, now: Instant) -> Event:
    assert owed.opening is not None  # it is open
    fields = {
        **command.envelope(now),
        "effective_at": leg.at,
        "by": leg.by,
        "unit": leg.unit,
        "obligation": obligation,
        "programme": owed.opening.programme,
        "causation_id": leg.cause,
        "correlation_id": leg.cause,
    }
    return named(transfer_type(owed)(**fields, to_unit=leg.to_unit, reason=leg.rule))

"""The ladder on any duty: urge before the due, remind after it, criticise when a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never, cast

from schemas.event import OBLIGATION_KINDS, Event, Notes, Text
from schemas.events.ladder import CriticismIssued, ReminderIssued, UrgingSent
from schemas.times import Instant
from services import rules
from services.command import Command, Seen, broken, named
from services.owed import Owed, owed_of
from services.report import correlated

SYSTEM_ROLE = "system"
"""The actor role of what no person decided."""


@dataclass(frozen=True, kw_only=True)
class _OnDuties(Command):
    """One document about one duty or several."""

    obligations: tuple[str, ...]
    text: Text | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        return self.obligations

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        command = cast("LadderCommand", self)
        found = [
            event
            for obligation in dict.fromkeys(self.obligations)
            for event in decide(owed_of(seen[obligation]), obligation, command, now)
        ]
        return correlated(found)


@dataclass(frozen=True, kw_only=True)
class Urge(_OnDuties):
    """Push before the due."""


@dataclass(frozen=True, kw_only=True)
class Remind(_OnDuties):
    """After the due was missed. May be issued by the system on behalf of the standing agency."""


@dataclass(frozen=True, kw_only=True)
class Criticise(_OnDuties):
    """A document that a person decided on, after a reminder."""


LadderCommand: TypeAlias = Urge | Remind | Criticise


def decide(owed: Owed, obligation: str, command: LadderCommand, now: Instant) -> list[Event]:
    """The events that follow for one duty; [] where the same document said so. Raises Refused."""
    opened = rules.opening(owed, obligation, OBLIGATION_KINDS, "duty")
    at = command.at(now)
    ower = owed.ower_at(at)
    if command.by == ower:
        raise broken(f"{ower} owes it and does not press itself", "by")
    if owed.done:
        raise broken(f"{obligation} is done; there is nothing to press for", "obligations")
    fields: dict[str, Any] = {
        **command.envelope(now),
        "obligation": obligation,
        "unit": ower,
        "programme": opened.programme,
        "text": command.text,
    }
    match command:
        case Urge():
            if owed.due_passed(at):
                raise broken("urging comes before the due; after it, remind", "effective_at")
            return _unless_said(owed, UrgingSent(**fields))
        case Remind():
            _missed(owed, at)
            before = [note for note in owed.notes if isinstance(note, ReminderIssued)]
            return _unless_said(owed, ReminderIssued(**fields, nth=len(before) + 1))
        case Criticise():
            _missed(owed, at)
            _by_a_person(command)
            if not any(isinstance(note, ReminderIssued) for note in owed.notes):
                raise broken("criticism follows a reminder", "obligations")
            return _unless_said(owed, CriticismIssued(**fields))
        case _:
            assert_never(command)


def _missed(owed: Owed, at: Instant) -> None:
    if not owed.due_passed(at):
        raise broken("the due has not passed; before it, urge", "effective_at")


def _by_a_person(command: Criticise) -> None:
    if command.actor_role in (None, SYSTEM_ROLE):
        raise broken("criticism is decided by a person; name the role that decided", "actor_role")
    if command.document is None:
        raise broken("criticism is issued as a document; name its number", "document")


def _unless_said(owed: Owed, event: Notes) -> list[Event]:
    for note in owed.notes:
        same_paper = event.document is not None and note.document == event.document
        if note.type == event.type and (same_paper or note.effective_at == event.effective_at):
            return []
    return [named(event)]

"""A steering committee: strengthened again when its head or members change (domain row 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemas.event import Event, Text
from schemas.events.committee import CommitteeReconstituted
from schemas.times import Instant
from services import rules, unit_state
from services.command import Command, Seen, broken, named
from services.unit_state import Decision


@dataclass(frozen=True, kw_only=True)
class ReconstituteCommittee(Command):
    """Head, standing agency and members of a committee from this day on, by their roles."""

    from_midnight: ClassVar[bool] = True

    unit: str
    head: str
    members: tuple[str, ...]
    standing: str | None = None
    reason: Text | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        return unit_state.needs([self.unit, *([self.standing] if self.standing else [])], seen)

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        return decide(seen, self, now)


def decide(seen: Seen, command: ReconstituteCommittee, now: Instant) -> list[Event]:
    """The event that follows; [] where it stood like this already. Raises Refused."""
    about = Decision(seen, command.at(now))
    event = CommitteeReconstituted(
        **command.envelope(now),
        unit=command.unit,
        head=command.head,
        standing=command.standing,
        members=command.members,
        reason=command.reason,
    )
    earlier = [
        one
        for one in seen[unit_state.stream(command.unit)]
        if isinstance(one, CommitteeReconstituted) and one.effective_at <= event.effective_at
    ]
    last = max(earlier, key=lambda one: (one.effective_at, one.recorded_at), default=None)
    if last is not None and rules.same_words(last, event):
        return []
    about.standing(command.unit, "unit")
    if command.standing is not None:
        about.standing(command.standing, "standing")
    about.by_a_superior(command.by, (command.unit,))
    if not command.members:
        raise broken("a committee has members; name their roles", "members")
    roles = (command.head, *command.members)
    if len(set(roles)) != len(roles):
        raise broken("each role in a committee is named once", "members")
    return [named(event)]

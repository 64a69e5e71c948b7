"""What a command is: who decides, about which streams, and the events that follow from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from schemas.event import Document, Event, EventId, Opens, id_of
from schemas.refusal import Reason, Refused
from schemas.times import Instant, day_of, midnight

UNNAMED = EventId(bytes(16))
"""The id of an event that `named` has not named yet."""
HERE = "?"
"""The source of an event until the ledger puts its own."""

Seen = Mapping[str, Sequence[Event]]
"""Stream -> its events as recorded, in that order."""
_E = TypeVar("_E", bound=Event)


@dataclass(frozen=True, kw_only=True)
class Command(ABC):
    """Somebody decides something. `effective_at` absent means: now; `by` is the acting unit.

    What bears on the tree or on classes of units holds for whole days (`from_midnight`): there
    absent means today's midnight.
    """

    from_midnight: ClassVar[bool] = False

    by: str
    effective_at: Instant | None = None
    effective_is_day: bool = False
    document: Document | None = None
    actor_role: str | None = None
    correlation_id: EventId | None = None

    @abstractmethod
    def streams(self, seen: Seen) -> Sequence[str]:
        """The streams that the decision needs, given those seen so far.

        Asked again until it names nothing new, so that one stream may lead to the next.
        """

    @abstractmethod
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        """The events that follow; [] where all is so already. Raises Refused by a rule."""

    def at(self, now: Instant) -> Instant:
        """When the decision takes effect."""
        if self.effective_at is not None:
            return self.effective_at
        return midnight(day_of(now)) if self.from_midnight else now

    def envelope(self, now: Instant) -> dict[str, Any]:
        """The fields that every event of this command carries."""
        return {
            "event_id": UNNAMED,
            "effective_at": self.at(now),
            "effective_is_day": self.effective_is_day,
            "by": self.by,
            "source": HERE,
            "document": self.document,
            "actor_role": self.actor_role,
            "correlation_id": self.correlation_id,
        }


@dataclass(frozen=True, kw_only=True)
class OnObligation(Command):
    """A command about one obligation."""

    obligation: str

    def streams(self, seen: Seen) -> Sequence[str]:
        return with_programmes([self.obligation], seen, getattr(self, "programme", None))


@dataclass(frozen=True, kw_only=True)
class OnProgramme(Command):
    """A command about one programme."""

    programme: str

    def streams(self, seen: Seen) -> Sequence[str]:
        return (f"programme:{self.programme}",)


def with_programmes(
    obligations: Sequence[str], seen: Seen, programme: str | None = None
) -> list[str]:
    """The streams of obligations, and of the programmes by which they were opened, once seen."""
    found = {} if programme is None else {f"programme:{programme}": None}
    for obligation in obligations:
        for event in seen.get(obligation, ()):
            if isinstance(event, Opens) and event.programme is not None:
                found[f"programme:{event.programme}"] = None
    return [*obligations, *found]


def named(event: _E) -> _E:
    """The event with the id that follows from its content (UUIDv8): the same fact, the same id."""
    return replace(event, event_id=id_of(repr(event).encode()))


def broken(rule: str, where: str = "") -> Refused:
    """A refusal by a rule; the sentence names the rule."""
    return Refused(Reason.RULE, rule, where)

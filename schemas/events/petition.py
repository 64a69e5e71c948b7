"""Events of a petition: subject area and way only; nothing here can hold a person's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from schemas.event import (
    Drops,
    HandsOver,
    Meets,
    Moves,
    ObligationKind,
    OneOf,
    Opens,
    Text,
    event,
)

PETITION_CHANNELS = ("post", "in_person", "electronic", "telephone", "inspection", "other")
PETITION_OUTCOMES = ("accepted", "explained", "rejected", "other")


@event("petition.received.v1")
@dataclass(frozen=True, kw_only=True)
class PetitionReceived(Opens):
    """A unit received a petition and owes its settlement (row 47; S1:159, S2:79).

    `area` is what it is about, `item` the number under which the unit keeps it.
    """

    kind: ObligationKind = "petition_settlement"
    channel: Annotated[str, OneOf(PETITION_CHANNELS)] = "other"


@event("petition.due_determined.v1")
@dataclass(frozen=True, kw_only=True)
class PetitionDueDetermined(Moves):
    """A day was set for the settlement; not an extension."""

    condition: Text | None = None


@event("petition.settled.v1")
@dataclass(frozen=True, kw_only=True)
class PetitionSettled(Meets):
    """The holder settled the petition (row 50; S1:25, 62)."""

    outcome: Annotated[str, OneOf(PETITION_OUTCOMES)]


@event("petition.withdrawn.v1")
@dataclass(frozen=True, kw_only=True)
class PetitionWithdrawn(Drops):
    """The petition was taken back; nothing is owed any longer."""

    reason: Text | None = None


@event("petition.transferred.v1")
@dataclass(frozen=True, kw_only=True)
class PetitionTransferred(HandsOver):
    """The holder passed the petition to the competent agency (row 48; S1:62)."""

    reason: Text | None = None


@event("petition.escalated.v1")
@dataclass(frozen=True, kw_only=True)
class PetitionEscalated(HandsOver):
    """The holder passed the petition up to the people's committee (row 49; S1:159)."""

    reason: Text | None = None

"""A petition: received by a unit, settled by who holds it, or passed on; no person is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never, cast

from schemas.event import Event, Opens, Text
from schemas.events.petition import (
    PetitionDueDetermined,
    PetitionEscalated,
    PetitionReceived,
    PetitionSettled,
    PetitionTransferred,
    PetitionWithdrawn,
)
from schemas.times import Day, Instant
from services import rules
from services.command import OnObligation, Seen, broken
from services.owed import Owed, owed_of
from services.unit_state import Units, needs

_PERSON = re.compile(r"@|\d{9}|\b0\d{2,3}[ .]\d{3}[ .]\d{3,4}\b")
"""An address, or a number as long as those of telephones and identity cards."""


@dataclass(frozen=True, kw_only=True)
class _OnPetition(OnObligation):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        return decide(owed_of(seen[self.obligation]), cast("PetitionCommand", self), now)


@dataclass(frozen=True, kw_only=True)
class ReceivePetition(_OnPetition):
    """`by` received a petition; its id is `<code of by>:<number>`. No text, and no person."""

    area: str
    channel: str = "other"
    programme: str | None = None
    due_before: Day | None = None


@dataclass(frozen=True, kw_only=True)
class DeterminePetitionDue(_OnPetition):
    """A day is set for the settlement, by another unit than the one that holds it."""

    due_before: Day
    condition: Text | None = None


@dataclass(frozen=True, kw_only=True)
class SettlePetition(_OnPetition):
    """The unit that holds it settled it."""

    outcome: str


@dataclass(frozen=True, kw_only=True)
class WithdrawPetition(_OnPetition):
    """It was taken back; the unit that holds it records this."""


@dataclass(frozen=True, kw_only=True)
class _OnPassing(_OnPetition):
    to_unit: str
    reason: Text | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        return (self.obligation, *needs((self.by, self.to_unit), seen))

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        units = Units(seen, self.at(now))
        if units.closed(self.to_unit):
            raise broken(f"{self.to_unit} is closed; name the unit in its place", "to_unit")
        up = isinstance(self, EscalatePetition)
        # Units that another system keeps are not in this ledger; then nothing can be said.
        if up and units[self.by].established and self.to_unit not in units.above(self.by):
            raise broken(f"{self.to_unit} does not stand above {self.by}; transfer it", "to_unit")
        return super().decide(seen, now)


@dataclass(frozen=True, kw_only=True)
class TransferPetition(_OnPassing):
    """Not within the holder's competence: it goes to the competent agency (S1:62)."""


@dataclass(frozen=True, kw_only=True)
class EscalatePetition(_OnPassing):
    """Beyond the holder's competence: it goes up, to the people's committee (S1:159)."""


PetitionCommand: TypeAlias = (
    ReceivePetition
    | DeterminePetitionDue
    | SettlePetition
    | WithdrawPetition
    | TransferPetition
    | EscalatePetition
)


def decide(owed: Owed, command: PetitionCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    if isinstance(command, ReceivePetition):
        return rules.open_once(owed, _received(command, now))
    if isinstance(command, WithdrawPetition) and owed.dropped is not None:
        return []
    opened = rules.opening(owed, command.obligation, ("petition_settlement",), "petition")
    fields = rules.about(command, owed, opened, now)
    match command:
        case DeterminePetitionDue():
            rules.never_the_ower(owed, opened, command, now, "determine")
            fields |= {"due_before": command.due_before, "condition": command.condition}
            _no_person(command.condition, "condition")
            return rules.determine(owed, PetitionDueDetermined(**fields))
        case SettlePetition():
            rules.ower_only(owed, command, now, "settle")
            _after_receipt(opened, command, now)
            return rules.meet(owed, opened, PetitionSettled(**fields, outcome=command.outcome))
        case WithdrawPetition():
            rules.ower_only(owed, command, now, "record the withdrawal of")
            return rules.drop(owed, PetitionWithdrawn(**fields))
        case TransferPetition() | EscalatePetition():
            return _passed(owed, opened, fields, command, now)
        case _:
            assert_never(command)


def _received(command: ReceivePetition, now: Instant) -> PetitionReceived:
    body, _, number = command.obligation.partition(":")
    if body != command.by or not number:
        raise broken(
            f"the id of a petition is {command.by}:<number>, by the unit that received it",
            "obligation",
        )
    return PetitionReceived(
        **command.envelope(now),
        obligation=command.obligation,
        unit=command.by,
        programme=command.programme,
        item=number,
        area=command.area,
        due_before=command.due_before,
        done_when="declared",
        issuer=command.by,
        channel=command.channel,
    )


def _passed(
    owed: Owed,
    opened: Opens,
    fields: dict[str, Any],
    command: TransferPetition | EscalatePetition,
    now: Instant,
) -> list[Event]:
    told = owed.owers[-1][1] == command.to_unit and len(owed.owers) > 1
    if told and command.by == owed.owers[-2][1]:
        return []
    rules.ower_only(owed, command, now, "pass on")
    _after_receipt(opened, command, now)
    _no_person(command.reason, "reason")
    fields |= {"to_unit": command.to_unit, "reason": command.reason}
    if isinstance(command, TransferPetition):
        return rules.hand_over(owed, PetitionTransferred(**fields))
    if command.reason is None:
        raise broken("a petition goes up with the reason why it is beyond you", "reason")
    return rules.hand_over(owed, PetitionEscalated(**fields))


def _after_receipt(opened: Opens, command: OnObligation, now: Instant) -> None:
    if command.at(now) < opened.effective_at:
        raise broken("it was not received yet at that time", "effective_at")


def _no_person(text: Text | None, where: str) -> None:
    if isinstance(text, str) and _PERSON.search(text):
        raise broken("petitions name no person: no address, telephone or identity number", where)

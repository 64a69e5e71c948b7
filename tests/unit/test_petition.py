"""What may be decided about a petition: by whom, which way, and that it names no person."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.jsonl import Defaults, parse_line
from schemas.refusal import Reason, Refused
from services.command import Command
from services.owed import owed_of
from services.petition import (
    DeterminePetitionDue,
    EscalatePetition,
    ReceivePetition,
    SettlePetition,
    TransferPetition,
    WithdrawPetition,
)
from tests.given_when_then import Office, fields
from tests.office import at, day, established
from tests.story import line

COMMUNE, DISTRICT, PROVINCE, AGENCY = "66.643.c", "66.643", "66", "66.so-tnmt"
PETITION = f"{COMMUNE}:kn-12"


def receive(**given: Any) -> ReceivePetition:
    base: dict[str, Any] = {"obligation": PETITION, "by": COMMUNE, "area": "petitions"}
    return ReceivePetition(**{**base, "channel": "post", **given})


def settle(by: str = COMMUNE, **given: Any) -> SettlePetition:
    return SettlePetition(obligation=PETITION, by=by, outcome="explained", **given)


def transfer(by: str = COMMUNE, to: str = AGENCY, **given: Any) -> TransferPetition:
    return TransferPetition(obligation=PETITION, by=by, to_unit=to, **given)


def escalate(by: str = COMMUNE, to: str = PROVINCE, **given: Any) -> EscalatePetition:
    given.setdefault("reason", "Vượt thẩm quyền cấp xã")
    return EscalatePetition(obligation=PETITION, by=by, to_unit=to, **given)


def office(*commands: Command) -> Office:
    """A commune under a district under a province with an agency, and a petition received."""
    made = Office(
        established("centre", None),
        established(PROVINCE),
        established(AGENCY, PROVINCE),
        established(DISTRICT, PROVINCE),
        established(COMMUNE, DISTRICT),
    )
    for command in (receive(), *commands):
        made.when(command)
    return made


def test_receiving_opens_the_settlement_for_who_received_it() -> None:
    (event,) = Office().when(receive(due_before=day("2020-07-01")))

    assert fields(event, "type", "unit", "issuer", "item", "kind", "area", "channel") == (
        *("petition.received.v1", COMMUNE, COMMUNE, "kn-12"),
        *("petition_settlement", "petitions", "post"),
    )


@pytest.mark.parametrize(
    "command",
    [
        DeterminePetitionDue(obligation=PETITION, by=DISTRICT, due_before=day("2020-07-01")),
        settle(),
        WithdrawPetition(obligation=PETITION, by=COMMUNE),
        transfer(),
        escalate(),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_same_command_told_twice_says_nothing_the_second_time(command: Command) -> None:
    held = office()

    assert (1, 0) == (len(held.when(command)), len(held.when(command, now="2020-06-03 08:00")))


def test_who_got_it_settles_it_and_who_passed_it_on_may_not() -> None:
    held = office(transfer())

    assert "only 66.so-tnmt, which owes it, may settle it" in held.refuses(settle())
    assert held.says(settle(by=AGENCY)) == ["petition.settled.v1"]
    assert owed_of(held.streams[PETITION]).done


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (receive(by=DISTRICT), "the id of a petition is 66.643:<number>"),
        (receive(area="land"), "other terms"),
        (settle(by=DISTRICT), "only 66.643.c, which owes it"),
        (settle(effective_at=at("2020-06-01")), "not received yet"),
        (transfer(by=DISTRICT), "only 66.643.c, which owes it, may pass on it"),
        (escalate(to=AGENCY), "does not stand above"),
        (escalate(reason=None), "with the reason why it is beyond you"),
        (
            DeterminePetitionDue(obligation=PETITION, by=COMMUNE, due_before=day("2020-07-01")),
            "cannot determine its own due",
        ),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, rule: str) -> None:
    assert rule in office().refuses(command)


@pytest.mark.parametrize("reason", ["gọi 0912 345 678", "CMND 240123456", "a@vnn.vn"])
def test_a_reason_that_could_name_a_person_is_refused(reason: str) -> None:
    assert "petitions name no person" in office().refuses(escalate(reason=reason))


def test_a_petition_told_with_its_petitioner_or_its_text_is_refused() -> None:
    told = {"obligation": PETITION, "by": COMMUNE, "item": "kn-12", "issuer": COMMUNE}
    for name in ("petitioner", "text", "title"):
        more = {**told, name: "A"}
        spoken = line("petition.received.v1", COMMUNE, "2020-06-02 08:00", **more)
        with pytest.raises(Refused) as refused:
            parse_line(spoken, Defaults(source="66"))

        assert (Reason.EXTRA_FIELD, name) == (refused.value.reason, refused.value.where)


def test_a_task_is_no_petition_and_a_settled_one_is_not_passed_on() -> None:
    assert "stays with the unit that did it" in office(settle()).refuses(transfer())
    assert "was not assigned" in Office().refuses(settle())

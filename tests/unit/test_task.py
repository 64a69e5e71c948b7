"""What may be decided about a task, by whom, and when nothing is left to say."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.event import Document, Event
from schemas.events.ladder import RecordCorrected
from schemas.events.task import TaskDueExtended
from services.command import Command
from services.owed import owed_of
from services.task import (
    AcceptTaskCompletion,
    AmendTask,
    AssignTask,
    CancelTask,
    DeclareTaskCompletion,
    DetermineTaskDue,
    ExtendTaskDue,
    ReportTaskProgress,
    ReturnTaskCompletion,
    TransferTask,
)
from tests.given_when_then import Office, fields
from tests.office import OBLIGATION, assigned, at, day, declared, id_of

ISSUER, OWER = "87", "87.so-noi-vu"
PAPER = Document(number="9/QĐ-UBND")


def assign(**given: Any) -> AssignTask:
    base: dict[str, Any] = {
        "obligation": OBLIGATION,
        "by": ISSUER,
        "unit": OWER,
        "item": "9",
        "due_before": day("2021-01-01"),
    }
    return AssignTask(**{**base, **given})


def extend(by: str = ISSUER, until: str = "2021-07-01") -> ExtendTaskDue:
    return ExtendTaskDue(obligation=OBLIGATION, by=by, due_before=day(until), document=PAPER)


def declare(by: str = OWER, **given: Any) -> DeclareTaskCompletion:
    return DeclareTaskCompletion(obligation=OBLIGATION, by=by, **given)


def send_back(by: str = ISSUER, until: str | None = None) -> ReturnTaskCompletion:
    revise = day(until) if until else None
    return ReturnTaskCompletion(obligation=OBLIGATION, by=by, revise_before=revise)


def accept(by: str = ISSUER) -> AcceptTaskCompletion:
    return AcceptTaskCompletion(obligation=OBLIGATION, by=by)


def cancel(by: str = ISSUER) -> CancelTask:
    return CancelTask(obligation=OBLIGATION, by=by, document=PAPER)


def transfer(to: str, by: str = ISSUER, **given: Any) -> TransferTask:
    return TransferTask(obligation=OBLIGATION, by=by, to_unit=to, **given)


def test_assigning_opens_the_task_with_its_issuer_and_due() -> None:
    (event,) = Office().when(assign())

    assert event.type == "task.assigned.v1"
    assert fields(event, "unit", "by", "issuer", "due_before", "kind", "done_when") == (
        OWER,
        ISSUER,
        ISSUER,
        day("2021-01-01"),
        "task",
        "declared",
    )


def test_the_same_decision_makes_the_same_event_id() -> None:
    (one,) = Office().when(assign())
    (other,) = Office().when(assign())
    (third,) = Office().when(assign(item="10"))

    assert one.event_id == other.event_id != third.event_id


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ([], assign()),
        ([assigned()], AmendTask(obligation=OBLIGATION, by=ISSUER, title="Anew")),
        ([assigned()], extend()),
        (
            [assigned(due_before=None)],
            DetermineTaskDue(obligation=OBLIGATION, by=ISSUER, due_before=day("2021-01-01")),
        ),
        ([assigned()], ReportTaskProgress(obligation=OBLIGATION, by=OWER, done_part=0.5)),
        ([assigned()], declare()),
        ([assigned(), declared()], accept()),
        ([assigned(), declared()], send_back(until="2020-06-20")),
        ([assigned()], cancel()),
        ([assigned()], transfer("87.so-tu-phap")),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Command) else "",
)
def test_the_same_command_told_twice_says_nothing_the_second_time(
    before: list[Event], command: Command
) -> None:
    office = Office(*before)
    assert len(office.when(command)) == 1

    assert office.when(command, now="2020-06-03 08:00") == []


def test_assigning_again_with_other_terms_is_refused() -> None:
    assert "other terms" in Office(assigned()).refuses(assign(due_before=day("2021-02-01")))


def test_an_extension_moves_the_due_and_counts_as_one() -> None:
    office = Office(assigned())

    (event,) = office.when(extend())

    assert isinstance(event, TaskDueExtended)
    assert fields(event, "due_before", "extends", "unit") == (day("2021-07-01"), True, OWER)
    assert owed_of(office.streams[OBLIGATION]).due_before == day("2021-07-01")


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (extend(by=OWER), "cannot extend its own due"),
        (extend(by="87.so-tu-phap"), "only 87, which issued it, may extend"),
        (extend(until="2020-12-01"), "gives more time"),
        (
            DetermineTaskDue(obligation=OBLIGATION, by=ISSUER, due_before=day("2021-02-01")),
            "more time is an extension",
        ),
        (declare(by="87.so-tu-phap"), "only 87.so-noi-vu, which owes it"),
        (declare(effective_at=at("2020-01-20 08:00")), "before it is assigned"),
        (accept(), "after its completion was declared"),
        (send_back(), "nothing was sent"),
        (cancel(by=OWER), "only 87, which issued it, may cancel"),
        (transfer(OWER), "its own ower"),
        (transfer("87.so-tu-phap", by=OWER), "only 87, which issued it, may transfer"),
        (AmendTask(obligation=OBLIGATION, by=OWER, title="x"), "may amend"),
        (ReportTaskProgress(obligation=OBLIGATION, by=ISSUER, done_part=0.5), "report progress"),
        (ReportTaskProgress(obligation=OBLIGATION, by=OWER, done_part=2.5), "from 0 to 1"),
        (ReportTaskProgress(obligation=OBLIGATION, by=OWER, measured=-1.0), "0 or more"),
        (assign(target_value=0.0, target_unit="xa"), "a target is more than 0"),
        (assign(target_unit="xa"), "say how many"),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, rule: str) -> None:
    assert rule in Office(assigned()).refuses(command)


@pytest.mark.parametrize(
    "command", [extend(), declare(), accept(), send_back(), cancel(), transfer("87.so-tu-phap")]
)
def test_nothing_is_decided_on_what_nobody_assigned(command: Command) -> None:
    assert "was not assigned to anybody" in Office().refuses(command)


def test_a_report_is_no_task() -> None:
    assert "of kind report, no task" in Office(assigned(kind="report")).refuses(declare())


def test_a_return_names_the_submission_it_answers() -> None:
    office = Office(assigned(), declared())

    (event,) = office.when(send_back(until="2020-06-20"))

    assert event.causation_id == declared().event_id


def test_a_return_after_the_due_must_give_a_day() -> None:
    office = Office(assigned(due_before=day("2020-06-01")), declared())

    assert "must give a day for the revision" in office.refuses(send_back())
    assert "lies ahead" in office.refuses(send_back(until="2020-06-02"))
    assert office.says(send_back(until="2020-06-20")) == ["task.completion_returned.v1"]


def test_a_second_return_gives_another_day() -> None:
    office = Office(assigned(), declared())
    office.when(send_back(until="2020-06-20"))

    assert office.says(send_back(until="2020-06-23")) == ["task.completion_returned.v1"]
    assert office.says(send_back()) == []


def test_nothing_is_returned_after_acceptance() -> None:
    office = Office(assigned(), declared())
    office.when(accept())

    assert "accepted is not returned" in office.refuses(send_back(until="2020-06-20"))


def test_a_returned_completion_can_be_declared_again_and_accepted_only_then() -> None:
    office = Office(assigned(), declared())
    office.when(send_back(until="2020-06-20"))

    assert "sent again" in office.refuses(accept())
    assert office.says(declare(), now="2020-06-10 08:00") == ["task.completion_declared.v1"]
    assert office.says(accept(), now="2020-06-11 08:00") == ["task.completion_accepted.v1"]


def test_a_due_is_not_moved_while_the_task_is_done() -> None:
    assert "it is done" in Office(assigned(), declared()).refuses(extend())


def test_a_cancelled_task_is_not_taken_up_again() -> None:
    office = Office(assigned())
    office.when(cancel())

    assert "a new duty has a new id" in office.refuses(declare())
    assert "what is done is not cancelled" in Office(assigned(), declared()).refuses(cancel())


def test_after_a_transfer_the_new_unit_declares_and_the_old_one_may_not() -> None:
    office = Office(assigned())
    office.when(transfer("87.so-tu-phap", effective_at=at("2020-07-01")))

    assert "only 87.so-tu-phap" in office.refuses(declare(), now="2020-07-02 08:00")
    assert office.says(declare(by="87.so-tu-phap")) == ["task.completion_declared.v1"]


def test_a_completion_from_before_the_transfer_is_still_the_old_units() -> None:
    office = Office(assigned(), now="2020-07-10 08:00")
    office.when(transfer("87.so-tu-phap", effective_at=at("2020-07-01")))

    before = declare(effective_at=at("2020-06-28 09:00"))

    assert office.says(before) == ["task.completion_declared.v1"]


def test_what_an_authority_laid_upon_itself_is_moved_by_another() -> None:
    office = Office(assigned(unit=ISSUER, issuer=ISSUER))

    assert "cannot extend its own due" in office.refuses(extend())
    assert office.says(extend(by="centre")) == ["task.due_extended.v1"]


def test_facts_decide_by_their_place_not_by_their_arrival() -> None:
    first = declared(event_id=id_of("1"), effective_at=at("2020-05-01 09:00"))
    again = declared(event_id=id_of("2"), effective_at=at("2020-05-20 09:00"))
    office = Office(assigned(), first)
    office.when(send_back(until="2020-06-20"), now="2020-05-10 08:00")
    facts = [*office.streams[OBLIGATION], again]

    assert owed_of(facts) == owed_of(reversed(facts))
    assert owed_of(facts).submission == again


def test_what_names_a_submission_that_was_taken_back_accepts_nothing() -> None:
    office = Office(assigned(), declared(event_id=id_of("1")))
    office.when(accept())
    facts = office.streams[OBLIGATION]
    void = RecordCorrected(
        event_id=id_of("void"),
        effective_at=facts[-1].effective_at,
        obligation=OBLIGATION,
        unit=OWER,
        by=OWER,
        source="87",
        target=id_of("1"),
        void=True,
    )

    assert owed_of(facts).done
    assert not owed_of([*facts, void]).done


def test_an_answer_follows_what_it_answers_whatever_the_clocks_say() -> None:
    resent = declared(effective_at=at("2020-06-13 09:10"))
    office = Office(assigned(), resent, now="2020-06-13 09:00")

    office.when(send_back(until="2020-06-20"))

    assert owed_of(office.streams[OBLIGATION]).returned is not None


def test_a_decision_carries_its_document_and_role() -> None:
    paper = Document(number="71/QĐ-UBND", date=day("2020-01-21"))

    (event,) = Office().when(assign(document=paper, actor_role="chair"))

    assert fields(event, "document", "actor_role") == (paper, "chair")


def test_progress_is_measured_in_the_unit_of_the_target() -> None:
    office = Office()
    (event,) = office.when(assign(target_value=50.0, target_unit="xa"))

    def progress(counted_in: str | None) -> ReportTaskProgress:
        about = {"obligation": OBLIGATION, "by": OWER, "measured": 12.0}
        return ReportTaskProgress(**about, measured_unit=counted_in)

    assert fields(event, "target_value", "target_unit") == (50.0, "xa")
    assert "the target is counted in xa" in office.refuses(progress("percent"))
    assert office.says(progress(None)) == ["task.progress_reported.v1"]

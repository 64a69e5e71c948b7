"""Bad input of the domain: what a command refuses, and what the same claim comes to when published.

Each refusal is one sentence that names the rule, and records nothing. Published facts are counted,
held or noted (events.md section 2), alike by the columns and by the plain reference. Sheets filled
in by hand have their own page: tests/unit/test_sheet_form.py.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from projections.facts import fact_of_value
from projections.life import What
from projections.programmes import Programmes
from schemas.event import Event
from schemas.events.ladder import CriticismIssued
from schemas.events.programme import ProgrammeClosed, ProgrammeIssued
from schemas.events.report import (
    ReportAccepted,
    ReportDueExtended,
    ReportExpected,
    ReportReturned,
    ReportSubmitted,
)
from schemas.refusal import Refused
from schemas.times import format_day
from services.calendar import openings
from services.command import Command
from services.ladder import Criticise, Remind
from services.ledger import Ledger
from services.programme import CloseProgramme, IssueProgramme, SetClassMembers, programme_of
from services.publish import publish_events
from services.report import (
    AcceptReport,
    ExpectReport,
    ExtendReportDue,
    ReturnReport,
    SubmitReport,
)
from services.reporting_rule import EstablishReportingRule
from services.task import AssignTask, DeclareTaskCompletion
from tests.laws.test_engine_laws import Board, new_engine, reference, run
from tests.office import Clock, at, day, id_of
from tests.unit.test_calendar_plan import issued, members_set, owed, rule, standing_of, told
from tests.worlds_of_events import record

ISSUER, OWER = "66.so-noi-vu", "66.so-a"
OPEN, ACCEPTED, OVERDUE = (f"guidance:5.1:2012-Q{n}:{OWER}" for n in (3, 2, 1))
OF_CLOSED, TASK = f"old:5.1:2012-Q2:{OWER}", f"guidance:9:{OWER}"
BY_QUARTER = json.dumps(
    {
        "kind": "recurring",
        "period": "quarter",
        "due": {"position": "last_month_of_period", "before_day": 8},
    }
)
LATER = BY_QUARTER.replace("8", "15")


def expect(obligation: str, due: str) -> ExpectReport:
    programme = obligation.partition(":")[0]
    terms: dict[str, Any] = {"unit": OWER, "programme": programme, "item": "5.1"}
    return ExpectReport(by=ISSUER, obligation=obligation, due_before=day(due), **terms)


def issue(programme: str, number: str = "125/SNV") -> IssueProgramme:
    return IssueProgramme(programme=programme, by=ISSUER, number=number, title="Hướng dẫn")


def establish(**given: Any) -> EstablishReportingRule:
    words: dict[str, Any] = {"programme": "guidance", "by": ISSUER, "rule": "R9", "title": "Quý"}
    words |= {"period_kinds": ("quarter",), "owers": (OWER,), "due_rule": BY_QUARTER, "item": "5.1"}
    return EstablishReportingRule(**words | given)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """In July 2012: a report that is open, one accepted, one overdue, and a closed programme."""
    clock = Clock(at("2012-03-01 08:00"))
    folder = tmp_path_factory.mktemp("bad")
    made = Ledger.open(f"sqlite:{folder / 'ledger.sqlite'}", clock=clock, source="66")
    for command in (
        *(issue("guidance"), issue("old"), establish(rule="R1", valid_from=day("2012-03-01"))),
        *(expect(OVERDUE, "2012-03-08"), expect(ACCEPTED, "2012-06-08")),
        *(expect(OPEN, "2012-09-08"), expect(OF_CLOSED, "2012-06-08")),
    ):
        made.execute(command)
    clock.set("2012-06-01 08:00")
    made.execute(SubmitReport(by=OWER, obligations=(ACCEPTED,)))
    made.execute(AcceptReport(by=ISSUER, obligation=ACCEPTED))
    made.execute(Remind(by=ISSUER, obligations=(OVERDUE,)))
    made.execute(CloseProgramme(programme="old", by=ISSUER))
    clock.set("2012-07-01 08:00")
    yield made
    made.close()


REFUSED: dict[str, tuple[Command, str]] = {
    "an extension by the ower": (
        ExtendReportDue(by=OWER, obligation=OPEN, due_before=day("2012-10-01")),
        f"{OWER} owes it and cannot extend its own due; ask {ISSUER}",
    ),
    "a return after acceptance": (
        ReturnReport(by=ISSUER, obligation=ACCEPTED, revise_before=day("2012-08-01")),
        "it was accepted; what is accepted is not returned",
    ),
    "a completion before any assignment": (
        DeclareTaskCompletion(by=OWER, obligation=TASK),
        f"{TASK} was not assigned to anybody; a duty is opened before it is decided on",
    ),
    "a submission for a closed programme": (
        SubmitReport(by=OWER, obligations=(OF_CLOSED,)),
        "old is closed since 2012-06-01; what is still owed is waived, not sent",
    ),
    "a criticism without a person": (
        Criticise(by=ISSUER, obligations=(OVERDUE,)),
        "criticism is decided by a person; name the role that decided",
    ),
    "a criticism by the system": (
        Criticise(by=ISSUER, obligations=(OVERDUE,), actor_role="system"),
        "criticism is decided by a person; name the role that decided",
    ),
    "a class with no members": (
        SetClassMembers(by="66", unit_class="66.all", members=()),
        "a class has members; a duty of nobody is withdrawn",
    ),
    "overlapping rules": (
        establish(valid_from=day("2012-05-01")),
        "rules of one duty do not overlap; R1 holds for 5.1: "
        "withdraw it, or let this one begin later",
    ),
    "a rule whose validity ends before it begins": (
        establish(item="5.2", valid_from=day("2012-05-01"), valid_to=day("2012-04-01")),
        "a rule ends after it begins; 2012-04-01 lies before 2012-05-01",
    ),
    "two programmes with one id": (
        issue("guidance", number="7/KH"),
        "guidance was issued already; amend it",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_command_refuses_it_by_the_rule_and_records_nothing(ledger: Ledger, what: str) -> None:
    command, sentence = REFUSED[what]
    before = ledger.max_notification()
    with pytest.raises(Refused) as refused:
        ledger.execute(command)

    assert refused.value.sentence == sentence
    assert ledger.max_notification() == before


def test_a_completion_dated_before_the_assignment_is_refused_too(tmp_path: Path) -> None:
    clock = Clock(at("2012-03-01 08:00"))
    made = Ledger.open(f"sqlite:{tmp_path / 'ledger.sqlite'}", clock=clock, source="66")
    made.execute(AssignTask(by=ISSUER, unit=OWER, obligation=TASK, item="9"))
    before = made.max_notification()
    early = DeclareTaskCompletion(by=OWER, obligation=TASK, effective_at=at("2012-02-28"))
    with pytest.raises(Refused) as refused:
        made.execute(early)

    assert refused.value.sentence == (
        "a task cannot be complete before it is assigned (2012-03-01)"
    )
    assert made.max_notification() == before
    made.close()


# The same claims, published as facts


def fact(cls: type[Event], on: str, **more: Any) -> Event:
    """A fact about the open report, as its units' systems published it."""
    fields: dict[str, Any] = {"obligation": OPEN, "unit": OWER, "by": ISSUER, "source": "66"}
    name = id_of(f"{cls.__name__} {on} {sorted(more)}")
    times = {"effective_at": at(on), "recorded_at": at(on)}
    return cls(event_id=name, programme="guidance", **times, **fields | more)


OPENED = fact(ReportExpected, "2012-07-01", item="5.1", due_before=day("2012-09-08"), issuer=ISSUER)
SENT = fact(ReportSubmitted, "2012-09-03", by=OWER)
CONTENT = fact(ReportAccepted, "2012-09-05", causation_id=SENT.event_id)


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Any]:
    """Facts -> the ledger -> what both folds make of them: counts in the end, and notes."""
    clock = Clock(at("2013-01-01"))
    made = Ledger.open(f"sqlite:{tmp_path / 'ledger.sqlite'}", clock=clock, source="66")

    def fold(*facts: Event) -> tuple[dict[str, int], list[What], set[tuple[str, str]]]:
        outcomes = publish_events([[one] for one in facts], made, history=True)
        assert {one.status for one in outcomes} <= {"accepted", "duplicate"}
        return folded(made.history(OPEN))

    yield fold
    made.close()


def folded(
    facts: Sequence[Event],
) -> tuple[dict[str, int], list[What], set[tuple[str, str]]]:
    """By the columns, which must say what the plain reference says."""
    engine, board = new_engine(), Board()
    records = [record(offset, one) for offset, one in enumerate(facts)]
    (batch,) = run(engine, board, records, [])
    cells, ladder = board.told()
    assert (cells, ladder) == reference(fact_of_value(one.value or b"") for one in records)
    assert batch.quarantined == []
    counts: Counter[str] = Counter()
    for (_, _, _, measure), count in cells.items():
        counts[measure] += count
    life = engine.life(OPEN)
    notes = [note.what for note in life.notes] if life else []
    return (
        {measure: count for measure, count in counts.items() if count},
        notes,
        {(one.note, one.ower) for one in ladder},
    )


def test_a_published_extension_by_the_ower_is_noted_and_moves_nothing(published: Any) -> None:
    longer = fact(ReportDueExtended, "2012-09-01", by=OWER, due_before=day("2013-01-01"))

    assert published(OPENED, longer) == (
        {"assigned": 1, "due": 1, "overdue": 1},
        [What.NO_AUTHORITY],
        set(),
    )


def test_a_published_return_after_acceptance_is_noted_and_it_stays_done(published: Any) -> None:
    back = fact(
        *(ReportReturned, "2012-09-06"),
        causation_id=SENT.event_id,
        revise_before=day("2012-09-20"),
    )
    counts, notes, _ = published(OPENED, SENT, CONTENT, back)

    assert notes == [What.RETURN_AFTER_ACCEPTANCE]
    assert (counts["completed"], counts["on_time"]) == (1, 1)
    assert not counts.keys() & {"in_revision", "overdue"}


def test_a_published_completion_before_its_assignment_is_held_and_counts_from_it(
    published: Any,
) -> None:
    early = fact(ReportSubmitted, "2012-06-20", by=OWER)

    assert published(early) == ({}, [What.WAITING], set())
    counts, notes, _ = published(OPENED)
    assert (counts["assigned"], counts["completed"], counts["on_time"]) == (1, 1, 1)
    assert What.WAITING not in notes


def test_a_published_submission_for_a_closed_programme_is_counted(published: Any) -> None:
    closed = ProgrammeClosed(
        event_id=id_of("closed"),
        effective_at=at("2012-08-01"),
        recorded_at=at("2012-08-01"),
        unit=ISSUER,
        by=ISSUER,
        source="66",
        programme="guidance",
    )
    counts, notes, _ = published(OPENED, closed, SENT)

    assert (counts["completed"], counts["on_time"], notes) == (1, 1, [])


def test_a_published_criticism_without_a_person_is_counted_and_changes_no_duty(
    published: Any,
) -> None:
    criticised = fact(CriticismIssued, "2012-10-01", actor_role=None)

    assert published(OPENED, criticised) == (
        {"assigned": 1, "due": 1, "overdue": 1},
        [],
        {("criticised", OWER)},
    )


def test_of_two_published_openings_of_one_duty_the_first_holds_and_the_other_is_noted(
    published: Any,
) -> None:
    other = fact(
        *(ReportExpected, "2012-07-02"), item="5.1", due_before=day("2013-06-01"), issuer=ISSUER
    )

    late = replace(OPENED, recorded_at=at("2012-07-03"))
    assert published(other, late) == (
        {"assigned": 1, "due": 1, "overdue": 1},
        [What.SECOND_OPENING],
        set(),
    )


# Of rules, classes and programmes the calendar and the boards make what can be meant


def test_a_published_class_without_members_owes_nothing_from_then_on() -> None:
    world = [*issued(rule()), members_set("2012-01-01", "66.a"), members_set("2012-03-15")]

    assert owed(world) == ["Q1 66.a"]


def test_of_published_rules_that_overlap_the_earlier_opens_each_duty_once() -> None:
    world = [*issued(rule(), rule("R2", due_rule=LATER)), members_set("2012-01-01", "66.a")]
    found = list(openings(standing_of(world), day("2012-06-01")))

    assert [format_day(one.opening.due_before or day("1970-01-01")) for one in found] == [
        *("2012-03-08", "2012-06-08")
    ]
    assert {one.rule.event.rule for one in found} == {"R1"}


def test_a_published_rule_that_ends_before_it_begins_opens_nothing() -> None:
    turned = rule(valid_from=day("2012-05-01"), valid_to=day("2012-04-01"))

    assert owed([*issued(turned), members_set("2012-01-01", "66.a")]) == []
    assert owed([*issued(rule()), members_set("2012-01-01", "66.a")]) != []


def test_of_two_published_programmes_with_one_id_the_first_holds_everywhere() -> None:
    first = told(ProgrammeIssued, "2012-01-01", number="1", title="Thứ nhất")
    second = told(ProgrammeIssued, "2012-02-01", number="2", title="Thứ hai", revision_days=9)
    rules = [rule(), members_set("2012-01-01", "66.a")]

    for world in ([first, second, *rules], [second, first, *rules]):
        boards = Programmes.of(enumerate(world))
        (of_calendar,) = standing_of(world).rules("guidance")
        assert boards.all["guidance"].issued is first
        assert boards.revision_days("guidance") is None
        assert of_calendar.issued is first
        assert programme_of(world).issued is first

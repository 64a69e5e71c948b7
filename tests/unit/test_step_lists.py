"""The exact step lists of the tricky lives (events.md section 3), by the fold and by SQL."""

from __future__ import annotations

from schemas.measures import MEASURES
from tests.given import (
    OWER,
    accepted,
    determined,
    dropped,
    extended,
    handed_over,
    met,
    opens,
    returned,
)
from tests.step_lines import when


def test_l1_returned_after_the_due_and_resent_before_the_revise_day(listed):
    life = (
        opens("2012-04-01", "2012-06-08"),
        met("2012-06-07 23:30"),
        returned("2012-06-11 10:00", "2012-06-15"),
        met("2012-06-13 09:00"),
    )

    assert listed(*life) == [
        "2012-04-01 A+1",
        "2012-06-07 23:30 C+1 Ce+1 N+1 No+1",
        "2012-06-08 D+1 Cd+1 Ce-1 Nd+1",
        "2012-06-11 10:00 C-1 Cd-1 R+1 N-1 Nd-1 No-1",
        "2012-06-13 09:00 C+1 Cd+1 R-1 N+1 Nd+1 No+1",
    ]


def test_l2_returned_before_the_due_and_resent_after_the_revise_day(listed):
    life = (
        opens("2012-04-01", "2012-06-08"),
        met("2012-05-20"),
        returned("2012-06-05", "2012-06-12"),
        met("2012-06-20"),
    )

    assert listed(*life) == [
        "2012-04-01 A+1",
        "2012-05-20 C+1 Ce+1 N+1 No+1",
        "2012-06-05 C-1 Ce-1 N-1 No-1",
        "2012-06-08 D+1 R+1",
        "2012-06-12 R-1 O+1",
        "2012-06-20 C+1 Cd+1 O-1 L+1",
    ]


def test_l3_extended_after_the_due(listed):
    life = (
        opens("2020-01-21", "2021-01-01"),
        extended("2021-01-10", "2021-07-01"),
        met("2021-06-20"),
    )

    assert listed(*life) == [
        "2020-01-21 A+1",
        "2021-01-01 D+1 O+1",
        "2021-01-10 D-1 O-1 ext+1",
        "2021-06-20 C+1 Ce+1 N+1",
        "2021-07-01 D+1 Cd+1 Ce-1 Nd+1",
    ]


def test_l3b_an_extension_of_what_is_completed_waits_for_a_return(listed):
    life = (
        opens("2020-01-21", "2021-01-01"),
        met("2021-01-05"),
        extended("2021-01-10", "2021-07-01"),
    )

    assert listed(*life) == [
        "2020-01-21 A+1",
        "2021-01-01 D+1 O+1",
        "2021-01-05 C+1 Cd+1 O-1 L+1",
    ]


def test_l4_what_is_overdue_moves_to_the_successor(listed):
    life = (
        opens("2012-04-01", "2012-06-08", unit="a"),
        handed_over("2012-07-01", "b", unit="a"),
        met("2012-07-10", unit="b", by="b"),
    )

    assert listed(*life, ower="a") == [
        "2012-04-01 A+1",
        "2012-06-08 D+1 O+1",
        "2012-07-01 A-1 D-1 O-1",
    ]
    assert listed(*life, ower="b") == [
        "2012-07-01 A+1 D+1 O+1",
        "2012-07-10 C+1 Cd+1 O-1 L+1",
    ]


def test_l4b_what_was_sent_before_the_transfer_never_went_over(listed):
    life = (
        opens("2012-04-01", "2012-06-08", unit="a"),
        handed_over("2012-07-01", "b", unit="a"),
        met("2012-06-28", recorded="2012-07-15", unit="a", by="a"),
    )

    assert listed(*life, ower="a") == [
        "2012-04-01 A+1",
        "2012-06-08 D+1 O+1",
        "2012-06-28 C+1 Cd+1 O-1 L+1",
    ]
    assert listed(*life, ower="b") == []


def test_l5_cancelled_after_the_due(listed):
    life = (opens("2012-04-01", "2012-06-01"), dropped("2012-06-15"))

    assert listed(*life) == [
        "2012-04-01 A+1",
        "2012-06-01 D+1 O+1",
        "2012-06-15 A-1 D-1 O-1 cancelled+1",
    ]


def test_l5_cancelled_as_of_a_day_before_the_due_takes_the_overdue_back(listed):
    life = (opens("2012-04-01", "2012-06-01"), dropped("2012-05-15", recorded="2012-06-20"))

    assert listed(*life) == ["2012-04-01 A+1", "2012-05-15 A-1 cancelled+1"]
    assert listed(*life, known="2012-06-19") == ["2012-04-01 A+1", "2012-06-01 D+1 O+1"]


def test_l6_a_finding_without_a_day_that_gets_one(listed):
    life = (
        opens("2020-03-12", None, kind="remedy", done_when="declared"),
        met("2020-03-20"),
        returned("2020-03-25"),
        determined("2020-04-01", "2020-04-15"),
        met("2020-04-16"),
    )

    assert listed(*life) == [
        "2020-03-12 no_due+1",
        "2020-03-20 no_due_done+1",
        "2020-03-25 no_due_done-1",
        "2020-04-01 A+1 no_due-1",
        "2020-04-15 D+1 O+1",
        "2020-04-16 C+1 Cd+1 O-1 L+1",
    ]


def test_l7_awaiting_acceptance_is_neither_completed_nor_overdue(listed):
    life = (
        opens("2012-04-01", "2012-06-01", kind="task", done_when="accepted"),
        met("2012-05-28"),
        accepted("2012-06-10"),
    )

    assert listed(*life) == [
        "2012-04-01 A+1",
        "2012-06-01 D+1 R+1",
        "2012-06-10 C+1 Cd+1 R-1 N+1 Nd+1 No+1",
    ]


def test_a_due_brought_forward_makes_late_from_the_decision_on_and_not_before(listed):
    late = (opens("2012-04-01", "2012-07-01"), determined("2012-06-15", "2012-06-01"))

    assert listed(*late) == ["2012-04-01 A+1", "2012-06-15 D+1 O+1"]
    assert listed(*late, met("2012-06-10")) == [
        "2012-04-01 A+1",
        "2012-06-10 C+1 Ce+1 N+1 No+1",
        "2012-07-01 D+1 Cd+1 Ce-1 Nd+1",
    ]


def test_a_return_after_the_due_without_a_day_is_in_revision_until_resent(listed):
    life = (
        opens("2012-04-01", "2012-06-08"),
        met("2012-06-05"),
        returned("2012-06-11"),
        met("2012-09-01"),
    )

    assert listed(*life) == [
        "2012-04-01 A+1",
        "2012-06-05 C+1 Ce+1 N+1 No+1",
        "2012-06-08 D+1 Cd+1 Ce-1 Nd+1",
        "2012-06-11 C-1 Cd-1 R+1 N-1 Nd-1 No-1",
        "2012-09-01 C+1 Cd+1 R-1 N+1 Nd+1 No+1",
    ]


def test_a_finding_is_open_until_it_is_closed(steps_of):
    found = steps_of([opens("2020-03-12", None, kind="remedy"), accepted("2020-03-12 10:00")])
    changes = [
        (when(step.at), MEASURES[step.measure], step.sign)
        for step in found
        if MEASURES[step.measure].startswith("findings")
    ]

    assert changes == [
        ("2020-03-12", "findings_open", 1),
        ("2020-03-12 10:00", "findings_open", -1),
        ("2020-03-12 10:00", "findings_closed", 1),
    ]


def test_an_inspection_is_conducted_once(steps_of):
    found = steps_of(
        [opens("2012-04-01", "2012-07-01", kind="inspection"), met("2012-05-02"), met("2012-05-09")]
    )
    changes = [
        (when(step.at), step.sign)
        for step in found
        if MEASURES[step.measure] == "inspections_conducted"
    ]

    assert changes == [("2012-05-02", 1)]


def test_a_moved_due_changes_the_month_under_which_it_is_counted(steps_of):
    found = steps_of([opens("2020-01-21", "2021-01-01"), extended("2020-12-20", "2021-07-01")])
    months = [
        (when(step.at), step.slice.due_month, step.sign)
        for step in found
        if MEASURES[step.measure] == "assigned"
    ]

    assert months == [
        ("2020-01-21", "2020-12", 1),
        ("2020-12-20", "2020-12", -1),
        ("2020-12-20", "2021-06", 1),
    ]


def test_an_answer_to_an_old_submission_changes_nothing(listed):
    first = met("2012-05-01")
    life = (
        opens("2012-04-01", "2012-06-08", done_when="accepted"),
        first,
        returned("2012-05-10", "2012-06-12"),
        met("2012-05-20"),
        accepted("2012-05-25", causation_id=first.event_id),
        returned("2012-05-26", "2012-06-20", causation_id=first.event_id),
    )

    assert listed(*life) == ["2012-04-01 A+1", "2012-06-08 D+1 R+1"]


def test_a_due_set_for_a_day_that_begins_keeps_a_return_without_a_day_open(listed):
    life = (
        opens("2012-04-01", "2012-06-08"),
        met("2012-06-05"),
        returned("2012-06-11"),
        determined("2012-06-20", "2012-06-20"),
    )

    assert listed(*life)[3:] == ["2012-06-11 C-1 Cd-1 R+1 N-1 Nd-1 No-1"]


def test_what_is_sent_and_returned_at_one_instant_is_returned(listed):
    life = (
        opens("2012-04-01", "2012-06-08"),
        met("2012-05-01"),
        returned("2012-05-01", "2012-05-20"),
    )

    assert listed(*life) == ["2012-04-01 A+1", "2012-06-08 D+1 O+1"]


def test_who_owes_cannot_extend_what_has_no_due_but_can_say_when_it_is_due(listed):
    opening = opens("2012-04-01", None)
    by_the_ower = extended("2012-05-01", "2012-07-01", by=OWER)

    assert listed(opening, by_the_ower) == ["2012-04-01 no_due+1"]
    assert listed(opening, determined("2012-05-01", "2012-07-01", by=OWER))[1] == (
        "2012-05-01 A+1 no_due-1"
    )

"""Order, dues, ends and transfers (events.md section 2), each rule by the case that needs it."""

from __future__ import annotations

from projections.life import What
from projections.obligation import derive
from projections.states import state
from tests.given import (
    OPENED,
    OWER,
    amended,
    at_end,
    determined,
    dropped,
    extended,
    handed_over,
    instant,
    met,
    noted,
    opens,
    returned,
    voided,
    whats,
)

# Order


def test_facts_known_by_their_day_stand_at_its_beginning_and_go_by_rank():
    sent = met("2012-06-11 15:00", effective_is_day=True, recorded="2012-06-14")
    back = returned(
        "2012-06-11 09:00", "2012-06-20", effective_is_day=True, recorded="2012-06-11 16:00"
    )
    life = derive([back, sent, OPENED])

    assert [turn.at for turn in life.turns[1:]] == [instant("2012-06-11")] * 2
    assert state(life, instant("2012-06-11 00:00")) == "in_revision"


def test_early_facts_count_from_the_opening_and_are_judged_by_their_own_instant():
    life = derive([opens("2012-04-01", "2012-03-31"), met("2012-03-30"), met("2012-03-31")])

    assert [turn.at for turn in life.turns] == [instant("2012-04-01")] * 3
    assert state(life, instant("2012-03-31")) is None
    assert state(life, instant("2012-04-01")) == "done_on_time"


def test_a_fact_caused_by_the_opening_is_still_judged_by_its_own_instant():
    opening = opens("2012-04-01", "2012-03-31")
    early = met("2012-03-30", causation_id=opening.event_id)

    assert at_end(opening, early) == "done_on_time"


def test_an_extension_dated_before_the_assignment_counts_from_it():
    life = derive([OPENED, extended("2012-03-31", "2012-07-01")])

    assert life.dues == ((instant("2012-04-01"), OPENED.due_before), (instant("2012-04-01"), 15522))
    assert state(life, instant("2012-06-20")) == "not_due"


def test_without_an_opening_all_facts_wait():
    life = derive([met("2012-06-01"), returned("2012-06-02")])

    assert life.opening is None
    assert life.turns == ()
    assert [note.what for note in life.notes] == [What.WAITING, What.WAITING]
    assert state(life, instant("2013-01-01")) is None


# Dues


def test_on_time_is_judged_by_the_due_then_in_force():
    facts = (OPENED, met("2012-06-09"), extended("2012-06-10", "2012-07-01"))

    assert at_end(*facts) == "done_late"
    assert whats(*facts) == [What.WAITING]


def test_a_move_that_finds_it_completed_acts_on_the_return():
    facts = (
        OPENED,
        met("2012-06-05"),
        extended("2012-06-06", "2012-07-01"),
        returned("2012-06-10"),
    )
    life = derive(facts)

    assert whats(*facts) == []
    assert life.dues == ((instant("2012-04-01"), 15499), (instant("2012-06-10"), 15522))
    assert state(life, instant("2012-06-30")) == "in_revision"
    assert at_end(*facts, met("2012-06-30")) == "done_on_time"


def test_a_due_brought_forward_is_late_from_the_decision_on():
    facts = (opens("2012-04-01", "2012-07-01"), determined("2012-06-15", "2012-06-01"))

    assert at_end(*facts, on="2012-06-14") == "not_due"
    assert at_end(*facts, on="2012-06-15") == "overdue"
    assert at_end(*facts, met("2012-06-10")) == "done_on_time"
    assert at_end(*facts, met("2012-06-16")) == "done_late"


def test_an_extension_leaves_the_original_due_and_a_determination_sets_it():
    for move, original in ((extended, 15499), (determined, 15522)):
        life = derive([OPENED, move("2012-05-01", "2012-07-01")])

        assert life.last is not None
        assert (life.last.due, life.last.original_due) == (15522, original)
        assert life.last.extended == (move is extended)


def test_what_had_no_due_is_determined_not_extended():
    life = derive([opens("2012-04-01", None), extended("2012-05-01", "2012-07-01")])

    assert life.last is not None
    assert (life.last.original_due, life.last.extended) == (15522, False)


def test_late_by_the_original_due_stays_late_by_it():
    life = derive(
        [
            OPENED,
            extended("2012-06-01", "2012-07-01"),
            met("2012-06-10"),
            returned("2012-06-12", "2012-06-20"),
            met("2012-06-15"),
        ]
    )

    assert life.last is not None
    assert (life.last.on_time, life.last.on_time_original) == (True, False)
    assert [s.on_time_original for s in life.submissions] == [False, True]


def test_a_move_without_a_day_moves_nothing():
    life = derive([OPENED, determined("2012-05-01", None)])

    assert len(life.turns) == 1


def test_an_ower_does_not_move_its_own_due():
    for facts in (
        (OPENED, extended("2012-05-01", "2012-07-01", by=OWER)),
        (OPENED, determined("2012-05-01", "2012-07-01", by=OWER)),
    ):
        assert at_end(*facts, on="2012-06-09") == "overdue"
        assert whats(*facts) == [What.NO_AUTHORITY]
        assert derive(facts).notes[0].is_conflict


def test_an_ower_that_issued_the_duty_itself_may_move_it():
    opening = opens("2012-04-01", "2012-06-08", issuer=OWER)
    move = extended("2012-05-01", "2012-07-01", by=OWER)

    assert at_end(opening, move, on="2012-06-09") == "not_due"


def test_an_ower_may_say_the_day_of_a_duty_without_one():
    facts = (opens("2012-04-01", None), determined("2012-05-01", "2012-07-01", by=OWER))

    assert at_end(*facts, on="2012-05-02") == "not_due"


def test_without_a_due_nothing_is_overdue():
    opening = opens("2012-04-01", None)

    assert at_end(opening, on="2032-01-01") == "no_due"
    assert at_end(opening, met("2030-01-01"), on="2032-01-01") == "done_on_time"


# Ends and transfers


def test_cancelling_ends_it_and_later_facts_are_noted():
    facts = (OPENED, dropped("2012-05-15"), met("2012-05-20"), noted("2012-05-21", "urged"))
    life = derive(facts)

    assert state(life, instant("2013-01-01")) == "cancelled"
    assert whats(*facts) == [What.AFTER_END, What.AFTER_END]
    assert life.ladder == ()


def test_a_wrong_cancellation_is_taken_back_by_a_correction():
    wrong = dropped("2012-05-15")
    facts = (OPENED, wrong, met("2012-05-20"), voided(wrong, "2012-05-22"))

    assert at_end(*facts) == "done_on_time"
    assert whats(*facts) == [What.VOIDED]
    assert state(derive(facts, instant("2012-05-21")), instant("2012-06-01")) == "cancelled"


def test_an_ower_does_not_cancel_its_own_duty():
    facts = (OPENED, dropped("2012-05-15", by=OWER))

    assert at_end(*facts) == "overdue"
    assert whats(*facts) == [What.NO_AUTHORITY]


def test_a_successor_owes_what_was_open():
    life = derive([OPENED, handed_over("2012-07-01", "b")])

    assert life.owers == ((instant("2012-04-01"), OWER), (instant("2012-07-01"), "b"))
    assert state(life, instant("2012-07-02")) == "overdue"
    assert state(life, instant("2012-07-02"), unit=OWER) == "transferred"
    assert state(life, instant("2012-06-30"), unit=OWER) == "overdue"
    assert state(life, instant("2012-06-30"), unit="b") == "overdue"


def test_a_transfer_that_finds_it_completed_waits_for_a_return():
    facts = (OPENED, met("2012-06-05"), handed_over("2012-07-01", "b"))

    assert [unit for _, unit in derive(facts).owers] == [OWER]
    assert whats(*facts) == [What.WAITING]
    assert derive((*facts, returned("2012-07-05", "2012-07-10"))).owers == (
        (instant("2012-04-01"), OWER),
        (instant("2012-07-05"), "b"),
    )


def test_the_first_opening_holds_and_others_are_conflicts():
    second = opens("2012-04-02", "2012-07-01")
    life = derive([second, OPENED])

    assert life.opening == OPENED
    assert life.conflicts[0].event_id == second.event_id
    assert [note.what for note in life.notes] == [What.SECOND_OPENING]


def test_an_amendment_changes_the_area():
    life = derive([OPENED, amended("2012-05-01", "modernisation"), amended("2012-05-02", None)])

    assert [turn.standing.area for turn in life.turns] == ["reporting", "modernisation"]

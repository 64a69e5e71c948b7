"""How facts of one obligation answer each other (events.md section 2), each rule by its case."""

from __future__ import annotations

from projections.life import Phase, What
from projections.obligation import derive
from projections.states import state
from tests.given import (
    OPENED,
    PROGRAMME,
    accepted,
    at_end,
    extended,
    instant,
    met,
    noted,
    opens,
    returned,
    whats,
)

# Answers follow what they answer


def test_a_return_follows_the_submission_it_names_whatever_the_clocks_say():
    first = met("2012-06-07")
    back = returned("2012-06-11 10:00", "2012-06-15", causation_id=first.event_id)
    again = met("2012-06-13 09:10", recorded="2012-06-13 08:50")
    again_back = returned("2012-06-13 09:00", "2012-06-16", causation_id=again.event_id)
    life = derive([OPENED, first, back, again, again_back])

    assert state(life, instant("2012-06-14")) == "in_revision"
    assert life.turns[-1].at == instant("2012-06-13 09:10")


def test_an_unnamed_return_answers_the_last_submission_before_it():
    life = derive([OPENED, met("2012-06-01"), returned("2012-06-02", "2012-06-05")])

    assert life.last is not None
    assert life.last.phase is Phase.RETURNED


def test_an_unnamed_return_waits_where_there_is_no_submission():
    assert whats(OPENED, returned("2012-06-02")) == [What.WAITING]
    assert at_end(OPENED, returned("2012-06-02"), on="2012-06-03") == "due_soon"


def test_a_named_return_waits_until_the_submission_is_there():
    first, second = met("2012-06-01"), met("2012-06-05")
    back = returned("2012-06-06", "2012-06-12", causation_id=second.event_id)

    assert whats(OPENED, first, back) == [What.WAITING]
    assert at_end(OPENED, first, back, on="2012-06-07") == "done_on_time"
    assert at_end(OPENED, first, back, second, on="2012-06-07") == "in_revision"


def test_a_return_of_a_supplement_returns_the_submission_that_stands():
    supplement = met("2012-06-03")
    back = returned("2012-06-06", "2012-06-12", causation_id=supplement.event_id)

    assert at_end(OPENED, met("2012-06-01"), supplement, back, on="2012-06-07") == "in_revision"


def test_an_answer_to_an_older_submission_changes_nothing_and_is_a_conflict():
    first, again = met("2012-06-01"), met("2012-06-04")
    back = returned("2012-06-03", "2012-06-12", causation_id=first.event_id)
    second_official = returned("2012-06-05", "2012-06-20", causation_id=first.event_id)
    late_yes = accepted("2012-06-06", causation_id=first.event_id)
    facts = [OPENED, first, back, again, second_official, late_yes]

    assert at_end(*facts) == "done_on_time"
    assert whats(*facts) == [What.OLD_ANSWER, What.OLD_ANSWER]
    assert [note.event_id for note in derive(facts).conflicts] == [
        second_official.event_id,
        late_yes.event_id,
    ]


def test_an_answer_to_a_supplement_of_an_older_submission_is_one_to_the_older():
    supplement = met("2012-06-02")
    facts = (
        OPENED,
        met("2012-06-01"),
        supplement,
        returned("2012-06-03", "2012-06-12"),
        met("2012-06-04"),
        returned("2012-06-05", "2012-06-20", causation_id=supplement.event_id),
    )

    assert whats(*facts) == [What.SUPPLEMENT, What.OLD_ANSWER]


def test_an_answer_takes_its_place_at_the_instant_of_what_it_answers():
    sent = met("2012-06-05 10:00")
    back = returned("2012-06-05 09:00", "2012-06-12", causation_id=sent.event_id)
    yes = accepted("2012-06-05 10:00")

    # Both are effective at 10:00, where acceptance ranks before return.
    assert whats(OPENED, sent, back, yes) == [What.RETURN_AFTER_ACCEPTANCE]


def test_a_chain_of_answers_follows_its_chain():
    first = met("2012-06-05 12:00")
    back = returned("2012-06-05 11:00", "2012-06-20", causation_id=first.event_id)
    again = met("2012-06-05 10:00", causation_id=back.event_id)
    yes = accepted("2012-06-05 09:00", causation_id=again.event_id)
    life = derive([yes, again, back, first, OPENED])

    assert [fact.effect for fact in life.facts] == [
        fact.effect for fact in (OPENED, first, back, again, yes)
    ]
    assert {turn.at for turn in life.turns[1:]} == {instant("2012-06-05 12:00")}
    assert state(life, instant("2012-06-06")) == "done_on_time"


def test_causes_in_a_circle_count_as_uncaused():
    one, two = b"1" * 16, b"2" * 16
    first = met("2012-06-02", event_id=one, causation_id=two)
    back = returned("2012-06-03", "2012-06-12", event_id=two, causation_id=one)
    itself = noted("2012-06-04", "urged", event_id=b"3" * 16, causation_id=b"3" * 16)
    behind = noted("2012-06-01", "reminded", causation_id=two)
    life = derive([behind, itself, back, first, OPENED])

    assert len(life.facts) == 5
    assert state(life, instant("2012-06-05")) == "in_revision"
    assert [(doc.note, doc.at) for doc in life.ladder] == [
        ("reminded", instant("2012-06-03")),
        ("urged", instant("2012-06-04")),
    ]


# Acceptance


def test_acceptance_without_a_submission_is_a_submission():
    life = derive([OPENED, accepted("2012-06-05")])

    assert state(life, instant("2012-06-06")) == "done_on_time"
    assert [s.event_id for s in life.submissions] == [accepted("2012-06-05").event_id]


def test_acceptance_of_what_was_returned_counts_as_sent_again():
    facts = (OPENED, met("2012-06-05"), returned("2012-06-09", "2012-06-12"))

    assert at_end(*facts, accepted("2012-06-11")) == "done_on_time"
    assert at_end(*facts, accepted("2012-06-13")) == "done_late"


def test_with_acceptance_required_the_submission_alone_awaits_it():
    opening = opens("2012-04-01", "2012-06-08", done_when="accepted")

    assert at_end(opening, met("2012-06-05")) == "awaiting_acceptance"
    assert at_end(opening, met("2012-06-05"), accepted("2012-09-01")) == "done_on_time"
    assert at_end(opening, met("2012-06-09"), accepted("2012-09-01")) == "done_late"
    assert at_end(opening, met("2012-06-05"), returned("2012-06-06")) == "overdue"


def test_a_second_submission_without_a_return_is_a_supplement():
    life = derive([OPENED, met("2012-06-05"), met("2012-06-20")])

    assert state(life, instant("2013-01-01")) == "done_on_time"
    assert [note.what for note in life.notes] == [What.SUPPLEMENT]
    assert life.submissions[0].supplements == (met("2012-06-20").event_id,)


def test_accepting_twice_says_nothing_the_second_time():
    life = derive([OPENED, met("2012-06-05"), accepted("2012-06-06"), accepted("2012-06-07")])

    assert [note.what for note in life.notes] == [What.REPEATED]
    assert life.conflicts == ()


# Returns


def test_a_return_while_returned_replaces_the_day():
    facts = (
        OPENED,
        met("2012-06-05"),
        returned("2012-06-09", "2012-06-12"),
        returned("2012-06-11", "2012-06-15"),
    )

    assert at_end(*facts, on="2012-06-14") == "in_revision"
    assert at_end(*facts, on="2012-06-15") == "overdue"
    assert at_end(*facts, met("2012-06-14")) == "done_on_time"


def test_a_return_after_acceptance_is_a_conflict():
    facts = (OPENED, met("2012-06-05"), accepted("2012-06-06"), returned("2012-06-07"))

    assert at_end(*facts) == "done_on_time"
    assert whats(*facts) == [What.RETURN_AFTER_ACCEPTANCE]


def test_a_return_before_the_due_without_a_day_leaves_the_due():
    facts = (OPENED, met("2012-06-01"), returned("2012-06-02"))

    assert at_end(*facts, on="2012-06-07") == "in_revision"
    assert at_end(*facts, on="2012-06-08") == "overdue"
    assert at_end(*facts, met("2012-06-07")) == "done_on_time"
    assert at_end(*facts, met("2012-06-08")) == "done_late"


def test_a_return_after_the_due_without_a_day_is_never_overdue_and_flagged():
    facts = (OPENED, met("2012-06-07"), returned("2012-06-10"))

    assert at_end(*facts, on="2020-01-01") == "in_revision"
    assert at_end(*facts, met("2020-01-01"), on="2020-01-02") == "done_on_time"
    assert whats(*facts) == [What.NO_REVISE_DAY]


def test_a_return_after_the_due_without_a_day_leaves_late_what_was_late():
    facts = (OPENED, met("2012-06-09"), returned("2012-06-10"), met("2012-06-11"))

    assert at_end(*facts) == "done_late"


def test_a_return_after_the_due_without_a_day_uses_the_programmes_revision_days():
    life = derive(
        [OPENED, met("2012-06-07"), returned("2012-06-10 10:00")],
        revision_days={PROGRAMME: 3, "another": 9}.get,
    )

    assert state(life, instant("2012-06-13 23:59")) == "in_revision"
    assert state(life, instant("2012-06-14")) == "overdue"
    assert [note.what for note in life.notes] == [What.NO_REVISE_DAY]


def test_a_due_moved_ahead_ends_a_return_without_a_day():
    facts = (
        OPENED,
        met("2012-06-07"),
        returned("2012-06-10"),
        extended("2012-06-11", "2012-07-01"),
    )

    assert at_end(*facts, on="2012-06-12") == "in_revision"
    assert at_end(*facts, on="2012-07-01") == "overdue"


def test_a_second_return_with_a_day_ends_a_return_without_one():
    facts = (
        OPENED,
        met("2012-06-07"),
        returned("2012-06-10"),
        returned("2012-06-11", "2012-06-15"),
    )

    assert at_end(*facts, met("2012-06-14")) == "done_on_time"
    assert at_end(*facts, met("2012-06-16")) == "done_late"


def test_each_round_of_revision_has_its_own_day():
    first_round = (OPENED, met("2012-06-07"), returned("2012-06-10", "2012-06-15"))
    open_round = (OPENED, met("2012-06-07"), returned("2012-06-10"))

    facts = (*first_round, met("2012-06-12"), returned("2012-06-13"))
    assert at_end(*facts, on="2012-06-20") == "in_revision"
    facts = (*open_round, met("2012-06-12"), returned("2012-06-13", "2012-06-15"))
    assert at_end(*facts, met("2012-06-16")) == "done_late"


def test_late_once_is_late_for_ever():
    facts = (OPENED, met("2012-06-09"), returned("2012-06-10", "2012-06-20"), met("2012-06-12"))

    assert at_end(*facts) == "done_late"

"""Corrections, repeats and what was known when (events.md section 2), each rule by its case."""

from __future__ import annotations

from itertools import permutations

import pytest

from projections.facts import Fact
from projections.life import What
from projections.obligation import derive
from projections.states import state
from schemas.refusal import Reason, Refused
from tests.given import (
    OPENED,
    OWER,
    at_end,
    corrected,
    dropped,
    handed_over,
    instant,
    met,
    noted,
    voided,
    whats,
)

# Corrections


def test_a_corrected_fact_reads_as_corrected_once_known():
    typed = met("2012-06-17")
    correction, value = corrected(typed, "2012-06-20", met("2012-06-07"))
    facts = (OPENED, typed, correction)

    def read(value_bytes: bytes) -> Fact:
        assert value_bytes == correction.replacement
        return value

    life = derive(facts, read=read)
    assert state(life, instant("2012-06-08")) == "done_on_time"
    assert state(derive(facts, instant("2012-06-19"), read=read), instant("2012-06-18")) == (
        "done_late"
    )
    # The better instant was claimed only by the correction, long after the due.
    assert [note.what for note in life.notes] == [What.CORRECTED, What.CLAIMED_LATE]


def test_the_last_correction_holds():
    typed = met("2012-06-17")
    first, first_value = corrected(typed, "2012-06-18", met("2012-06-16"))
    second, second_value = corrected(typed, "2012-06-19", met("2012-06-15"))
    values = {first.replacement: first_value, second.replacement: second_value}

    for facts in permutations((OPENED, typed, first, second)):
        life = derive(facts, read=lambda value: values[value])
        assert [s.at for s in life.submissions] == [instant("2012-06-15")]


def test_a_correction_after_a_voiding_brings_the_fact_back():
    typed = met("2012-06-17")
    again, value = corrected(typed, "2012-06-19", met("2012-06-07"))
    life = derive([OPENED, typed, voided(typed, "2012-06-18"), again], read=lambda _: value)

    assert state(life, instant("2012-06-08")) == "done_on_time"


def test_a_corrected_instant_is_claimed_by_the_correction():
    typed = met("2012-06-09", recorded="2012-06-09")
    moved, value = corrected(typed, "2012-06-20", met("2012-06-07"))
    back, same = corrected(typed, "2012-06-21", typed)
    values = {moved.replacement: value, back.replacement: same}

    one = derive([OPENED, typed, moved], read=lambda v: values[v])
    both = derive([OPENED, typed, moved, back], read=lambda v: values[v])
    assert [note.what for note in one.notes] == [What.CORRECTED, What.CLAIMED_LATE]
    assert [note.what for note in both.notes] == [What.CORRECTED]


def test_a_correction_waits_for_its_target():
    typed = met("2012-06-17")

    assert whats(OPENED, voided(typed, "2012-06-20")) == [What.WAITING]


def test_a_replacement_that_is_no_value_of_the_same_event_is_a_conflict():
    typed = met("2012-06-07")
    other_effect, value = corrected(typed, "2012-06-20", dropped("2012-06-07"))

    def refuses(_: bytes) -> Fact:
        raise Refused(Reason.NOT_AVRO, "these bytes are no event")

    for read in (refuses, lambda _: value):
        life = derive((OPENED, typed, other_effect), read=read)
        assert [note.what for note in life.notes] == [What.BAD_CORRECTION]
        assert life.conflicts != ()
        assert state(life, instant("2012-06-08")) == "done_on_time"


def test_a_replacement_stays_with_its_obligation():
    typed = met("2012-06-07")
    elsewhere, value = corrected(typed, "2012-06-20", met("2012-06-09", obligation="another"))
    life = derive((OPENED, typed, elsewhere), read=lambda _: value)

    assert [note.what for note in life.notes] == [What.BAD_CORRECTION]


# Repeats, backdating, knowledge


def test_of_one_id_with_two_contents_the_earlier_record_holds_whichever_came_first():
    one = met("2012-06-05", event_id=b"x" * 16, recorded="2012-06-06")
    other = met("2012-06-09", event_id=b"x" * 16, recorded="2012-06-05")

    for facts in permutations((OPENED, one, other)):
        assert state(derive(facts), instant("2013-01-01")) == "done_late"


def test_of_one_id_and_one_instant_the_smaller_hash_holds():
    one = met("2012-06-05", event_id=b"x" * 16, recorded="2012-06-09")._replace(content=b"1")
    other = met("2012-06-09", event_id=b"x" * 16, recorded="2012-06-09")._replace(content=b"2")

    for facts in permutations((OPENED, one, other)):
        assert state(derive(facts), instant("2013-01-01")) == "done_on_time"


def test_a_submission_claimed_days_later_across_the_due_is_counted_and_flagged():
    paper = met("2012-06-07", recorded="2012-06-12")

    assert at_end(OPENED, paper) == "done_on_time"
    assert whats(OPENED, paper) == [What.CLAIMED_LATE]
    assert whats(OPENED, met("2012-06-07", recorded="2012-06-09")) == []
    assert whats(OPENED, met("2012-05-07", recorded="2012-06-07")) == []


def test_only_what_was_recorded_by_then_is_known():
    facts = (OPENED, met("2012-06-05", recorded="2012-06-09"))

    assert state(derive(facts, instant("2012-06-08")), instant("2012-06-08")) == "overdue"
    assert state(derive(facts, instant("2012-06-09")), instant("2012-06-08")) == "done_on_time"


def test_the_ladder_counts_documents_of_the_unit_that_owes():
    letter = b"l" * 16
    life = derive(
        [
            OPENED,
            noted("2012-06-08", "received"),
            noted("2012-06-09", "reminded", correlation_id=letter),
            handed_over("2012-06-10", "b"),
            noted("2012-06-11", "criticised"),
        ]
    )

    assert [(doc.note, doc.ower) for doc in life.ladder] == [
        ("reminded", OWER),
        ("criticised", "b"),
    ]
    assert life.ladder[0].document == letter
    assert life.ladder[1].document == noted("2012-06-11", "criticised").event_id


def test_a_life_with_an_imported_fact_says_so():
    assert not derive([OPENED, met("2012-06-05")]).imported
    assert derive([OPENED, met("2012-06-05", imported=True)]).imported


# States


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("2012-03-31 23:59", None),
        ("2012-04-01", "not_due"),
        ("2012-05-31 23:59", "not_due"),
        ("2012-06-01", "due_soon"),
        ("2012-06-07 23:59", "due_soon"),
        ("2012-06-08", "overdue"),
    ],
)
def test_the_clock_alone_makes_it_due_soon_and_overdue(on: str, code: str | None):
    assert at_end(OPENED, on=on) == code

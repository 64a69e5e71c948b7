"""What the system may remind of: by which agency, once, and never more than that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.event import Event
from schemas.events.ladder import ReminderIssued
from schemas.times import Day, Instant, day_of
from services.ladder import SYSTEM_ROLE, Remind
from services.reminding import (
    MISSED_DAYS_MAX,
    Missed,
    RemindOfMissed,
    agency_of,
    is_time,
    reminders,
    time_of,
)
from services.report import ReturnReport, TransferReport, WaiveReport
from services.working_days import is_working
from tests.given_when_then import Office
from tests.office import at, day, expected, submitted

Q2, HALF = "r:5.1:2012-Q2:66.so-a", "r:5.2:2012-H1:66.so-a"
SNV, OWER = "66.so-noi-vu", "66.so-a"
MONDAY = "2012-06-11 08:00"


def office(*more: Event, now: str = MONDAY) -> Office:
    half = expected(HALF, item="5.2", period="2012-H1", via=SNV, issuer="66")
    return Office(expected(Q2, via=SNV), half, *more, now=now)


def remind(*obligations: str, **given: Any) -> RemindOfMissed:
    base = {"by": SNV, "unit": OWER, "effective_at": at(MONDAY)}
    return RemindOfMissed(obligations=obligations or (Q2, HALF), **(base | given))


def test_one_document_names_all_that_one_ower_has_missed() -> None:
    first, second = office().when(remind())

    assert {type(first), type(second)} == {ReminderIssued}
    assert first.correlation_id == second.correlation_id is not None
    assert (first.actor_role, first.by, first.effective_at) == (SYSTEM_ROLE, SNV, at(MONDAY))


def test_parts_of_it_that_are_recorded_apart_are_the_same_document() -> None:
    (first,), (second,) = office().when(remind(Q2)), office().when(remind(HALF))

    assert first.correlation_id == second.correlation_id


def test_what_was_reminded_of_is_not_reminded_of_again_by_the_system() -> None:
    desk = office()
    desk.when(remind())

    assert desk.when(remind()) == []
    next_day = remind(effective_at=at("2012-06-12 08:00"))
    assert desk.when(next_day, now="2012-06-12 08:00") == []
    assert desk.says(Remind(by=SNV, obligations=(Q2,)), now="2012-06-18 09:00") == [
        "reminder.issued.v1"
    ]


MEANWHILE = {
    "sent": submitted(Q2, effective_at=at("2012-06-11 07:30")),
    "waived": WaiveReport(by=SNV, obligation=Q2),
    "handed over": TransferReport(by=SNV, obligation=Q2, to_unit="66.so-b"),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_is_owed_no_longer_is_left_out_and_the_rest_goes_out(what: str) -> None:
    desk = office(now="2012-06-11 07:00")
    done = MEANWHILE[what]
    if isinstance(done, Event):
        desk.keep([done])
    else:
        desk.when(done)

    assert [event.obligation for event in desk.when(remind(), now=MONDAY)] == [HALF]


def test_what_was_returned_is_missed_from_the_day_for_sending_it_again() -> None:
    desk = office(submitted(Q2), now="2012-06-11 07:00")
    back = day("2012-06-15")
    desk.when(ReturnReport(obligation=Q2, by=SNV, revise_before=back, reasons=("figures",)))

    assert desk.when(remind(Q2), now=MONDAY) == []
    later = remind(Q2, effective_at=at("2012-06-15 08:00"))
    assert len(desk.when(later, now="2012-06-15 08:00")) == 1


def missed(since: str, reminded: str | None = None) -> Missed:
    return Missed(Q2, OWER, day(since), None if reminded is None else at(reminded))


def test_the_first_working_day_and_the_days_after_it_until_a_month_has_passed() -> None:
    saturday = missed("2012-06-09")

    assert [n for n in range(60) if is_time(saturday, Day(saturday.since + n))][:3] == [2, 3, 4]
    last = max(n for n in range(60) if is_time(saturday, Day(saturday.since + n)))
    assert last <= MISSED_DAYS_MAX
    assert not is_time(saturday, day("2012-06-11"), {day("2012-06-11")})
    assert is_time(saturday, day("2012-06-12"), {day("2012-06-11")})


def test_a_reminder_of_an_earlier_due_does_not_count_for_a_later_one() -> None:
    today = day("2012-07-02")

    assert not is_time(missed("2012-07-01", "2012-07-01 09:00"), today)
    assert is_time(missed("2012-07-01", "2012-06-11 08:00"), today)


def test_the_standing_agency_that_the_duty_names_reminds_or_by_setting_who_issued_it() -> None:
    assert agency_of(expected(via="66.x"), everything=False) == "66.x"
    assert agency_of(expected(), everything=False) is None
    assert agency_of(expected(), everything=True) == SNV


def test_nobody_presses_itself() -> None:
    assert reminders([(missed("2012-06-08"), OWER)], day("2012-06-11")) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([Q2, HALF]),
            st.sampled_from([OWER, "66.so-b"]),
            st.integers(0, 40),
            st.none() | st.integers(-5, 45),
            st.sampled_from([SNV, OWER, "66"]),
        ),
        max_size=4,
    ),
    st.integers(0, 45),
)
def test_whatever_was_missed_the_system_reminds_on_working_days_and_never_criticises(
    told: list[tuple[str, str, int, int | None, str]], ahead: int
) -> None:
    due, today = day("2012-06-08"), Day(day("2012-06-08") + ahead)
    pairs = [
        (
            Missed(name, unit, Day(due + n), None if last is None else time_of(Day(due + last))),
            by,
        )
        for name, unit, n, last, by in told
    ]
    desk = office()
    now = Instant(time_of(today))
    for command in reminders([pair for pair in pairs if is_time(pair[0], today)], today):
        desk.now = now
        for event in desk.when(command):
            assert isinstance(event, ReminderIssued)
            assert (event.actor_role, event.effective_at) == (SYSTEM_ROLE, now)
            assert is_working(day_of(event.effective_at))
            assert event.by != event.unit == OWER

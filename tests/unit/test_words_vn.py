"""Days and periods are read as offices write them, and refused with what is wrong about them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.periods import YEAR_MAX, YEAR_MIN, Period, PeriodKind, format_period
from schemas.times import Day, format_day, parse_day
from schemas.words_vn import read_day, read_period, write_day, write_period

DAYS = st.integers(parse_day("1900-01-01"), parse_day("9998-12-31")).map(Day)
COUNTS = {"year": 1, "half_year": 2, "quarter": 4, "month": 12}


@st.composite
def any_period(draw: st.DrawFn) -> Period:
    kind = draw(st.sampled_from(list(PeriodKind)))
    return Period(
        kind, draw(st.integers(YEAR_MIN, YEAR_MAX)), draw(st.integers(1, COUNTS[kind.value]))
    )


PERIODS = {
    "Quý II năm 2020": "2020-Q2",
    "quý 2/2020": "2020-Q2",
    "QUÝ IV/2010": "2010-Q4",
    "quý I, năm 2007": "2007-Q1",
    "Q3/2012": "2012-Q3",
    "quy iii nam 2008": "2008-Q3",
    "6 tháng đầu năm 2020": "2020-H1",
    "Sáu tháng cuối năm 2012": "2012-H2",
    "nửa đầu năm 2012": "2012-H1",
    "năm 2020": "2020",
    "Cả năm 2020": "2020",
    "tháng 6/2020": "2020-06",
    "tháng 06 năm 2020": "2020-06",
    "12/2006": "2006-12",
    "2020": "2020",
    "2020-H1": "2020-H1",
    "2020-q2": "2020-Q2",
    "2020-06": "2020-06",
}


@pytest.mark.parametrize("text", PERIODS)
def test_a_period_is_read_in_every_form_of_the_offices(text: str) -> None:
    assert PERIODS[text] == format_period(read_period(text))


DAY_TEXTS = {
    "08/6/2012": "2012-06-08",
    "8/6/2012": "2012-06-08",
    "ngày 08/6/2012": "2012-06-08",
    "Ngày 30 tháng 6 năm 2010": "2010-06-30",
    "30-6-2010": "2010-06-30",
    "29/02/2012": "2012-02-29",
    "2012-06-08": "2012-06-08",
}


@pytest.mark.parametrize("text", DAY_TEXTS)
def test_a_day_is_read_with_the_day_before_the_month(text: str) -> None:
    assert DAY_TEXTS[text] == format_day(read_day(text))


def test_case_accents_and_spaces_do_not_matter() -> None:
    decomposed = unicodedata.normalize("NFD", " QUÝ\u00a0II   NĂM 2020 ")

    assert "2020-Q2" == format_period(read_period(decomposed))
    assert parse_day("2012-06-08") == read_day(unicodedata.normalize("NFD", "ngày 08/6/2012"))


BAD_DAYS = {
    "32/13/2020": "no month 13",
    "13/32/2020": "no month 32",
    "30/02/2012": "1 to 29, no 30",
    "29/02/2011": "1 to 28, no 29",
    "0/6/2012": "1 to 30, no 0",
    "08/06/12": "is not a day",
    "tháng 6/2012": "is not a day",
    "08/06/0012": "year must lie",
    "2012-02-30": "day is out of range",
    "٠٨/٠٦/٢٠١٢": "is not a day",
    "": "is not a day",
}


@pytest.mark.parametrize("text", BAD_DAYS)
def test_an_impossible_day_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ValueError, match=BAD_DAYS[text]):
        read_day(text)


BAD_PERIODS = {
    "Quý V năm 2020": "a year has 1 to 4",
    "quý 0/2020": "a year has 1 to 4",
    "quý IIII/2020": "a year has 1 to 4",
    "tháng 13/2020": "a year has 1 to 12",
    "9 tháng đầu năm 2020": "is not a period",
    "quý II": "is not a period",
    "năm 20": "is not a period",
    "năm 0020": "year must lie",
    "08/06/2012": "is not a period",
    "năm " * 1000: "is not a period",
}


@pytest.mark.parametrize("text", BAD_PERIODS)
def test_an_impossible_period_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ValueError, match=BAD_PERIODS[text]):
        read_period(text)


@given(any_period())
def test_what_is_written_is_read_as_the_same_period(period: Period) -> None:
    assert period == read_period(write_period(period)) == read_period(str(period))


@given(DAYS)
def test_what_is_written_is_read_as_the_same_day(day: Day) -> None:
    assert day == read_day(write_day(day)) == read_day(f"ngày {write_day(day)}")


@given(st.text(max_size=80))
def test_any_text_is_read_as_a_day_that_exists_or_refused(text: str) -> None:
    try:
        found = read_day(text)
    except ValueError:
        return

    assert found == read_day(format_day(found))

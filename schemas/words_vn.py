"""Days and periods as Vietnamese offices write them: a small grammar of our own, read and written.

General parsers of dates fail on "Quý II năm 2020" and turn 08/06 round. Here case, accents and
spaces do not matter, the day stands before the month, and whatever is not one of the forms is
refused with what is wrong about it. The forms of the contract (`2012-06-08`, `2012-Q2`) are read
as well, so that one function serves wherever a person writes.
"""

from __future__ import annotations

import calendar
import re

from schemas.derivation import plain_text
from schemas.periods import YEAR_MAX, YEAR_MIN, Period, PeriodKind, parse_period
from schemas.times import Day, day, parse_day, to_date

ROMAN = ("I", "II", "III", "IV")
"""Quarters are numbered so; arabic numbers are read as well."""
DAY_FORMS = "08/06/2012, ngày 08/6/2012 or 2012-06-08"
PERIOD_FORMS = "năm 2020, 6 tháng đầu năm 2020, Quý II năm 2020, tháng 6/2020 or 2020-Q2"
WHEN_CHARS_MAX = 60
"""Longest text that is looked at; every form is much shorter."""

_YEAR = r"(?P<year>[0-9]{4})"
_OF = r"(?: ?[/-] ?| nam | ?, ?nam )"
_DAY = re.compile(
    rf"(?:ngay )?(?P<day>[0-9]{{1,2}})(?: ?[/.-] ?| thang )(?P<month>[0-9]{{1,2}})"
    rf"(?: ?[/.-] ?| nam ){_YEAR}\Z"
)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_QUARTER = re.compile(rf"(?:quy ?|q)(?P<number>[0-9]+|[ivx]+){_OF}{_YEAR}\Z")
_HALF = re.compile(rf"(?:(?:6|sau) thang|nua) (?P<half>dau|cuoi) nam {_YEAR}\Z")
_MONTH = re.compile(rf"(?:thang )?(?P<number>[0-9]{{1,2}}){_OF}{_YEAR}\Z")
_WHOLE = re.compile(rf"(?:ca )?nam {_YEAR}\Z")


def read_day(text: str) -> Day:
    """`08/6/2012`, `ngày 08 tháng 6 năm 2012` or `2012-06-08` -> day. Raises ValueError."""
    plain = _plain(text)
    if _ISO_DAY.match(plain):
        return parse_day(plain)
    match = _DAY.match(plain)
    if match is None:
        raise ValueError(f"{text[:WHEN_CHARS_MAX]!r} is not a day; write {DAY_FORMS}")
    year, month, of_month = int(match["year"]), int(match["month"]), int(match["day"])
    _check_year(text, year)
    if not 1 <= month <= 12:
        raise ValueError(f"{text!r}: there is no month {month}; the day stands before the month")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= of_month <= last:
        raise ValueError(f"{text!r}: {month:02d}/{year} has the days 1 to {last}, no {of_month}")
    return day(year, month, of_month)


def read_period(text: str) -> Period:
    """`Quý II năm 2020`, `6 tháng đầu năm 2020`, `tháng 6/2020`, `năm 2020` or a form of the
    contract such as `2020-Q2` -> period. Raises ValueError."""
    plain = _plain(text)
    if match := _QUARTER.match(plain):
        return _numbered(text, PeriodKind.QUARTER, _number(match["number"]), int(match["year"]))
    if match := _HALF.match(plain):
        half = 1 if match["half"] == "dau" else 2
        return _numbered(text, PeriodKind.HALF_YEAR, half, int(match["year"]))
    if match := _MONTH.match(plain):
        return _numbered(text, PeriodKind.MONTH, int(match["number"]), int(match["year"]))
    if match := _WHOLE.match(plain):
        return _numbered(text, PeriodKind.YEAR, 1, int(match["year"]))
    try:
        return parse_period(plain.upper())
    except ValueError as error:
        sentence = f"{text[:WHEN_CHARS_MAX]!r} is not a period; write {PERIOD_FORMS}"
        raise ValueError(str(error) if "between" in str(error) else sentence) from error


def write_period(period: Period) -> str:
    """The period as a letter writes it: `Quý II năm 2020`; read_period is the inverse."""
    match period.kind:
        case PeriodKind.YEAR:
            return f"năm {period.year:04d}"
        case PeriodKind.HALF_YEAR:
            half = "đầu" if period.number == 1 else "cuối"
            return f"6 tháng {half} năm {period.year:04d}"
        case PeriodKind.QUARTER:
            return f"Quý {ROMAN[period.number - 1]} năm {period.year:04d}"
        case PeriodKind.MONTH:
            return f"tháng {period.number}/{period.year:04d}"


def write_day(value: Day) -> str:
    """The day as a letter writes it, `08/06/2012`; read_day is the inverse."""
    return to_date(value).strftime("%d/%m/%Y")


def _plain(text: str) -> str:
    """Without accents, capitals, no-break spaces and spaces that are too many."""
    return " ".join(plain_text(text[: WHEN_CHARS_MAX + 1]).split())


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    roman = text.upper()
    return ROMAN.index(roman) + 1 if roman in ROMAN else 0


_MOST = {PeriodKind.YEAR: 1, PeriodKind.HALF_YEAR: 2, PeriodKind.QUARTER: 4, PeriodKind.MONTH: 12}


def _numbered(text: str, kind: PeriodKind, number: int, year: int) -> Period:
    _check_year(text, year)
    if not 1 <= number <= _MOST[kind]:
        word = "quarter" if kind is PeriodKind.QUARTER else "month"
        raise ValueError(f"{text!r}: there is no such {word}; a year has 1 to {_MOST[kind]}")
    return Period(kind, year, number)


def _check_year(text: str, year: int) -> None:
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise ValueError(f"{text!r}: the year must lie between {YEAR_MIN} and {YEAR_MAX}")

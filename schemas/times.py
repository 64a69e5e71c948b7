"""Instants and days: one clock face, +07:00 all year, and the only text forms that are read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NewType

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z."""

Day = NewType("Day", int)
"""Days since 1970-01-01 of the local calendar (Asia/Ho_Chi_Minh)."""

DAY_MS = 86_400_000
LOCAL_OFFSET_MS = 7 * 3_600_000
LOCAL = timezone(timedelta(milliseconds=LOCAL_OFFSET_MS))
EPOCH = date(1970, 1, 1)
EPOCH_ORDINAL = EPOCH.toordinal()

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(?P<offset>Z|[+-]\d{2}:\d{2})?\Z"
)


def midnight(day: Day) -> Instant:
    """The instant at which the local day begins."""
    return Instant(day * DAY_MS - LOCAL_OFFSET_MS)


def day_of(instant: Instant) -> Day:
    """The local day on which the instant falls."""
    return Day((instant + LOCAL_OFFSET_MS) // DAY_MS)


def end_of_day(day: Day) -> Instant:
    """The last millisecond of the local day: what a day means where an instant is asked for."""
    return Instant(midnight(Day(day + 1)) - 1)


def day(year: int, month: int, day_of_month: int) -> Day:
    """The day with this calendar date. Raises ValueError where there is none."""
    return Day(date(year, month, day_of_month).toordinal() - EPOCH_ORDINAL)


def to_date(value: Day) -> date:
    """The calendar date of a day."""
    return date.fromordinal(value + EPOCH_ORDINAL)


def from_date(value: date) -> Day:
    """The day of a calendar date."""
    return Day(value.toordinal() - EPOCH_ORDINAL)


def parse_day(text: str) -> Day:
    """`YYYY-MM-DD` -> day. Raises ValueError for any other form and for impossible dates."""
    if not _DAY.match(text):
        raise ValueError(f"{text!r} is not a day; write YYYY-MM-DD")
    return from_date(date.fromisoformat(text))


def format_day(value: Day) -> str:
    """Day -> `YYYY-MM-DD`."""
    return to_date(value).isoformat()


def day_or_none(value: int | None) -> str | None:
    """The day as text; None for none, as in JSON."""
    return None if value is None else format_day(Day(value))


def instant_or_none(value: Instant | None) -> str | None:
    """The instant as text; None for none, as in JSON."""
    return None if value is None else format_instant(value)


def parse_instant(text: str) -> Instant:
    """RFC 3339 text with an offset -> instant, milliseconds kept, finer digits cut.

    Raises ValueError for other forms and OffsetMissing where only the offset is missing.
    """
    match = _INSTANT.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not an instant; write YYYY-MM-DDThh:mm:ss+07:00")
    if match["offset"] is None:
        raise OffsetMissing(f"{text!r} has no offset; write {text}+07:00 if local time is meant")
    moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return Instant(delta // timedelta(milliseconds=1))


def format_instant(value: Instant) -> str:
    """Instant -> RFC 3339 in local time; milliseconds only where there are any."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    spec = "milliseconds" if value % 1000 else "seconds"
    return moment.astimezone(LOCAL).isoformat(timespec=spec)


class OffsetMissing(ValueError):
    """An instant was given without an offset, so nobody can say which instant it is."""


def as_of(text: str) -> Instant:
    """A day or an instant -> the instant meant: a day means its last millisecond."""
    if _DAY.match(text):
        return end_of_day(parse_day(text))
    return parse_instant(text)


def since(text: str) -> Instant:
    """The same where a beginning is asked for: a day means its first millisecond."""
    return midnight(parse_day(text)) if _DAY.match(text) else parse_instant(text)

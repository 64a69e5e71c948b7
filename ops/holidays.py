"""The file of holidays: days on which offices do not work, one a line."""

from __future__ import annotations

import re
from pathlib import Path

from ops.settings import BrokenEnvironment, Settings
from schemas.times import Day, day, parse_day

FILE = "holidays.txt"
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")


def holidays(settings: Settings) -> frozenset[Day]:
    """The days off of an installation; none where there is no file and no setting names one.

    Raises BrokenEnvironment where a file that is named cannot be read, or a line is no day.
    """
    path = Path(settings.holidays) if settings.holidays else settings.home / FILE
    if not settings.holidays and not path.is_file():
        return frozenset()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenEnvironment(f"The holidays in {path} cannot be read: {error}.") from error
    written = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1)]
    return frozenset(_day(text, f"{path}, line {number}") for number, text in written if text)


def _day(text: str, where: str) -> Day:
    found = _DAY.match(text)
    try:
        if found:
            day_of_month, month, year = map(int, found.groups())
            return day(year, month, day_of_month)
        return parse_day(text)
    except ValueError as error:
        raise BrokenEnvironment(
            f"{where}: {text!r} is no day; write 30/04/2026 or 2026-04-30."
        ) from error

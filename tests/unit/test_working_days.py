"""Working days: Monday to Friday without the days of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.holidays import FILE, holidays
from ops.settings import BrokenEnvironment, Settings
from services.working_days import first_working_day, is_working
from tests.office import day

HOLIDAYS = frozenset({day("2012-04-30"), day("2012-05-01")})
FIRST = {
    "2012-04-26": "2012-04-26",  # a Thursday
    "2012-04-28": "2012-05-02",  # Saturday, Sunday, then two holidays
    "2012-05-01": "2012-05-02",
    "2012-05-06": "2012-05-07",  # a Sunday
}


@pytest.mark.parametrize("asked", FIRST)
def test_the_first_working_day_is_the_day_itself_or_the_next_one(asked: str) -> None:
    found = first_working_day(day(asked), HOLIDAYS)

    assert found == day(FIRST[asked])
    assert is_working(found, HOLIDAYS)
    assert is_working(day(asked), HOLIDAYS) == (found == day(asked))


def settings(home: Path, **more: str) -> Settings:
    return Settings.load({}, home=home, **more)


def test_holidays_are_read_one_a_line_in_either_form(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("30/4/2012  # Giải phóng\n\n2012-05-01\n# Tết\n", encoding="utf-8")

    assert holidays(settings(tmp_path)) == HOLIDAYS


def test_without_a_file_no_day_is_off(tmp_path: Path) -> None:
    assert holidays(settings(tmp_path)) == frozenset()


@pytest.mark.parametrize("text", ["31/04/2012", "2012-4-30", "thứ hai"])
def test_a_line_that_is_no_day_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "off.txt"
    file.write_text(f"2012-05-01\n{text}\n", encoding="utf-8")

    with pytest.raises(BrokenEnvironment, match=r"off\.txt, line 2: .* is no day"):
        holidays(settings(tmp_path, holidays=str(file)))


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BrokenEnvironment, match="cannot be read"):
        holidays(settings(tmp_path, holidays=str(tmp_path / "none.txt")))

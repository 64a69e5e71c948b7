"""The page of what the documents leave open names every test and command, and only real ones."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import yaml

from ops.cli import lienthong
from services.programme_reading import builtin_programmes
from tests.programme_files import with_conventions

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "ambiguities.md").read_text(encoding="utf-8")
ROWS = {
    int(cells[0]): cells
    for line in PAGE.splitlines()
    if (cells := [one.strip() for one in line.strip("|").split("|")])[0].isdecimal()
}
FIELDS = ("number", "open", "default", "setting", "tests")
CALLED = re.compile(r"`((?:programme|report|task|unit|inspection) [a-z-]+)((?: --[a-z-]+)*)[^`]*`")
CONVENTION = re.compile(r"`(?:conventions\.)([a-z_]+)(?:: [^`]+)?`")


def numbered() -> dict[str, int]:
    """Tests named by the number of an ambiguity, as they are called from the folder of tests."""
    found = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        for name in re.finditer(r"^def (test_ambiguity_(\d\d)_\w+)", text, re.M):
            place = file.relative_to(ROOT / "tests").as_posix()
            found[f"{place}::{name[1]}"] = int(name[2])
    return found


def named(text: str) -> set[str]:
    return set(re.findall(r"`([a-z_/0-9]+\.py::test_\w+)`", text))


def test_each_of_the_35_has_a_row_with_a_default_and_a_setting_or_why_there_is_none() -> None:
    assert list(ROWS) == list(range(1, 36))
    for number, cells in ROWS.items():
        row = dict(zip(FIELDS, cells, strict=True))

        assert row["open"], number
        assert row["default"], number
        assert "`" in row["setting"] or row["setting"].startswith("not a choice: "), number


def test_every_test_of_a_number_stands_in_its_row_and_each_row_has_one() -> None:
    tests = numbered()

    assert set(tests.values()) == set(range(1, 36))
    for number, cells in ROWS.items():
        assert {name for name, of in tests.items() if of == number} <= named(cells[4]), number


def test_every_test_on_the_page_is_there() -> None:
    for one in sorted(named(PAGE)):
        place, name = one.split("::")

        assert f"def {name}(" in (ROOT / "tests" / place).read_text(encoding="utf-8"), one


@pytest.mark.parametrize("called", sorted({one[0] for one in CALLED.finditer(PAGE)}))
def test_every_command_on_the_page_is_there_with_its_options(called: str) -> None:
    found = CALLED.fullmatch(called)
    assert found is not None
    command: click.Command | None = lienthong
    for word in found[1].split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None, called

    options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    assert set(found[2].split()) <= options


def test_every_convention_on_the_page_is_read_from_a_file() -> None:
    given = dict.fromkeys(set(CONVENTION.findall(PAGE)), "[]")
    given |= {"shifts_to_working_day": "true", "revision_days": "5"}
    given.pop("before_is_exclusive")  # It stands in the file already.
    (file,) = [one for one in builtin_programmes() if one.stem.startswith("dak-lak")]
    shipped = yaml.safe_load(file.read_text(encoding="utf-8"))["conventions"]

    assert with_conventions(file.stem, *(f"{one}: {value}" for one, value in given.items()))
    assert given.keys() == {
        *("replaces", "done_when_accepted", "revision_days", "shifts_to_working_day")
    }
    assert "before_is_exclusive" in shipped

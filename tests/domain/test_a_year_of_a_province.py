"""A simulated year of one province: every unit's figures of every day, counted by hand too."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from ops.cli import main
from ops.verify import Check
from ops.year_world import count, plain
from ops.year_world.by_sql import HARD
from ops.year_world.characters import Character, character_of
from ops.year_world.command import counted, sampled, told
from ops.year_world.laws import broken, checks
from ops.year_world.plain import Duty
from ops.year_world.plain import counted as held
from ops.year_world.year import Year, year_of
from schemas.board import Counts
from schemas.checks import check, check_future
from schemas.event import Event, Opens
from schemas.events.unit import LEVELS, UnitEstablished
from schemas.jsonl import Defaults, parse_line, to_line
from schemas.times import as_of, parse_instant
from tests import lives

pytest.importorskip("vietnamadminunits", reason="the extra vn-units is not installed")

PROVINCE, SEED = "66", 1
CLOSELY = 12


@cache
def year() -> Year:
    return year_of(PROVINCE, SEED)


@cache
def found() -> dict[str, Check]:
    return {one.name: one for one in checks(year(), sampled(year(), CLOSELY))}


# The laws


def test_every_board_of_every_day_says_what_the_plain_count_says() -> None:
    one = found()["boards of every unit and day = plain count"]

    assert [] == one.lines()[1:]
    assert 366 * len(year().codes) == one.compared


@pytest.mark.parametrize(
    "name",
    [
        "identities and rates of domain 7.3",
        "subtree = own + subtrees of children = sum of levels",
        "boards as asked for, taken apart, on sampled days",
        "every obligation in one state, on sampled days",
        "boards as known on the day = plain count of what was recorded",
    ],
)
def test_of_every_unit_and_day_this_holds(name: str) -> None:
    assert [] == found()[name].lines()[1:]
    assert found()[name].compared >= 4 * len(year().codes)


def test_nothing_is_compared_that_no_test_names() -> None:
    assert 6 == len(found())


# The year is what it should be


def test_units_of_every_level_owe_something_and_of_every_character_there_are_many() -> None:
    level = {one.unit: one.level for one in year().units if isinstance(one, UnitEstablished)}
    owing = Counter(level[one.unit] for one in year().told if isinstance(one, Opens))
    characters = Counter(character_of(SEED, unit) for unit in year().codes)

    assert set(LEVELS) == set(owing)
    assert {"centre": 2, "province": 18, "district": 15, "commune": 180} == Counter(level.values())
    assert set(Character) == set(characters)
    assert min(characters.values()) > 15


def test_everything_happens_that_is_hard_to_count() -> None:
    happened = counted(year())

    assert happened["duties"] > 1_700
    for what in ("repeated", "sent more than once", "sent early", "sent late", "duties never sent"):
        assert happened[what] > 100, what
    for what in HARD:
        assert happened[what] > 30, what
    types = {event.type for event in year().told}
    assert types >= {
        "report.consolidated.v1",
        "report.included.v1",
        "finding.recorded.v1",
        "remedy.reported.v1",
        "task.amended.v1",
        "task.due_determined.v1",
        "task.transferred.v1",
    }


def test_the_same_seed_tells_the_same_year_and_every_event_keeps_the_contract() -> None:
    assert year() == year_of(PROVINCE, SEED)
    assert year().told != year_of(PROVINCE, SEED + 1).told
    for event in year().history():
        check(event)
        check_future(event, event.recorded_at)


# Who counts by hand counts right


@pytest.mark.parametrize("life", lives.LIVES, ids=lambda life: f"{life.name}-{life.known}")
def test_the_plain_count_gives_the_step_lists_of_the_tricky_lives(life: lives.Life) -> None:
    lines = [line for line in life.lines if '"unit.' not in line]
    heard = [event for line in lines for event in parse_line(line, Defaults(source="elsewhere"))]
    known = None if life.known is None else as_of(life.known)
    for wanted in lives.wanted(life):
        at = parse_instant(wanted.on) if "T" in wanted.on else as_of(wanted.on)
        here = [event for event in heard if known is None or event.recorded_at <= known]

        assert wanted.counts == counts_of(here, wanted.unit, at)


def counts_of(events: list[Event], unit: str, at: int) -> Counts:
    (stand,) = Duty(events).stands([at])  # type: ignore[list-item]
    if stand is None or stand.ower != unit:
        return Counts.of()
    return Counts.of(**dict.fromkeys(held(stand, at), 1))  # type: ignore[arg-type]


@pytest.mark.parametrize("module", [plain, count], ids=["plain", "count"])
def test_the_plain_count_takes_nothing_from_the_read_side(module: ModuleType) -> None:
    source = Path(str(module.__file__)).read_text(encoding="utf-8")

    assert "from projections" not in source


def test_a_broken_identity_and_a_wrong_sum_are_seen() -> None:
    assert broken(Counts.of(assigned=1, due=1))
    assert broken(Counts.of(assigned=1, completed=1, completed_early=1))
    assert not broken(Counts.of(assigned=1, due=1, overdue=1))


# The command


def test_the_command_says_what_happened_and_that_nothing_differs() -> None:
    lines = list(told(year(), list(found().values())))

    assert "Province 66, 2012, seed 1" == lines[0]
    assert f"  {'duties':<24}{counted(year())['duties']:>7}" in lines
    assert 6 == sum(line.endswith(" compared, 0 differ") for line in lines)


def test_the_year_can_be_written_as_lines_for_a_home(tmp_path: Path) -> None:
    file = tmp_path / "year.jsonl"
    code = main(["soak", "year", "--seed", str(SEED), "--lines", str(file)])
    lines = file.read_text(encoding="utf-8").splitlines()

    assert 0 == code
    assert lines == [to_line(event) for event in year().history()]


def test_days_are_sampled_evenly_and_all_are_every_day() -> None:
    assert year().days == sampled(year(), None) == sampled(year(), 366)
    assert [year().days[182], year().days[365]] == sampled(year(), 2)


def test_the_command_refuses_a_province_that_has_no_year(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["soak", "year", "--province", "99"])

    assert "invalid choice: '99'" in capsys.readouterr().err

"""Random worlds whose tree changes: live = batch, each unit once, one national total."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.cli import main
from ops.tree_worlds import run
from ops.tree_worlds.compare import Broken, is_right
from ops.tree_worlds.desk import DAYS_MAX, FIRST, ROOT, UNITS_MAX, Shape, shape_of
from ops.tree_worlds.laws import Failure, failure_of, hold
from ops.tree_worlds.world import World, world
from projections.ask import Ask
from schemas.board import Board, Counts, Figures
from schemas.checks import check, check_future
from schemas.times import end_of_day

SEEDS = st.integers(0, 2**32)
SMALL = st.builds(Shape, st.integers(1, 10), st.integers(1, 12), st.integers(0, 14))
LARGE = Shape(UNITS_MAX, DAYS_MAX, 60)
CROWDED = Shape(UNITS_MAX, 12, 90)
MIDDLE = Shape(12, 12, 20)


@pytest.mark.parametrize("part", range(6))
@settings(max_examples=48)
@given(seed=SEEDS, shape=SMALL)
def test_in_a_small_world_every_law_holds(part: int, seed: int, shape: Shape) -> None:
    assert failure_of(seed, shape) is None


@pytest.mark.parametrize("seed", range(4))
def test_in_a_world_of_thirty_units_and_sixty_days_every_law_holds(seed: int) -> None:
    assert failure_of(seed, LARGE) is None


@pytest.mark.parametrize("seed", range(8))
def test_in_a_crowded_world_every_law_holds(seed: int) -> None:
    assert failure_of(seed, CROWDED) is None


# The worlds are what they should be


def test_a_world_follows_from_its_seed_and_its_shape_and_is_lawful() -> None:
    made = world(3, MIDDLE)
    for event in (*made.units, *made.duties):
        check(event)
        check_future(event, event.recorded_at)

    assert made == world(3, MIDDLE)
    assert made.duties != world(4, MIDDLE).duties
    assert world(3).shape == shape_of(3)


def test_large_worlds_hold_everything_that_happens_to_units_and_facts_told_late() -> None:
    made = [world(seed, LARGE) for seed in range(4)]
    told = {event.type for one in made for event in (*one.units, *one.duties)}
    endings = [one.standing[-1].closed for one in made]
    late = [e for one in made for e in one.duties if e.recorded_at > e.effective_at + 10**9]

    assert {f"unit.{verb}.v1" for verb in ("moved", "merged", "split", "dissolved")} <= told
    assert {"unit.level_ended.v1", "reform.enacted.v1", "record.corrected.v1"} <= told
    assert {f"{noun}.transferred.v1" for noun in ("report", "task", "finding")} <= told
    assert all(len(ended) > 3 for ended in endings)
    assert all(len(one.standing) == DAYS_MAX for one in made)
    assert max(len(one.standing[-1].parent) for one in made) == UNITS_MAX
    assert len(late) > 100


# The laws bite


def broken(made: World) -> str:
    with pytest.raises(Broken) as found:
        hold(made)
    return str(found.value)


def test_a_unit_that_stands_elsewhere_than_meant_is_told() -> None:
    made = world(5, MIDDLE)
    last = made.standing[-1]
    unit = next(code for code in last.parent if code != ROOT)
    wrong = last._replace(parent={**last.parent, unit: "elsewhere"})
    said = broken(made._replace(standing=[*made.standing[:-1], wrong]))

    assert f"{unit} stands under" in said
    assert said.endswith("but was meant to stand under elsewhere")


def test_a_unit_lost_from_the_national_total_is_told() -> None:
    made = world(5, MIDDLE)
    owed = {event.unit for event in made.duties}
    kept = [event for event in made.flat if event.unit not in owed or event.unit == ROOT]

    assert "with all reforms: the national total is" in broken(made._replace(flat=kept))


def board_of(counts: Counts) -> Board:
    figures = Figures(counts=counts)
    head = {"unit": "u1", "name": "u1", "level": "commune", "closed": False}
    on = end_of_day(FIRST)
    rest = {"known": None, "tree_version": 1, "position": "", "version": 1}
    return Board(on=on, own=figures, subtree=figures, **head, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (Counts.of(assigned=1, due=1), "due = completed_of_due + in_revision + overdue"),
        (Counts.of(overdue=1, due=1), "overdue <= due <= assigned"),
        (Counts.of(assigned=1, no_due=-1), "no count below 0"),
        (
            Counts.of(assigned=1, completed=2, completed_early=2, on_time=2),
            "completion_rate is 200%",
        ),
    ],
)
def test_a_board_that_cannot_be_is_told(counts: Counts, said: str) -> None:
    with pytest.raises(Broken, match=said.replace("+", r"\+")):
        is_right(board_of(counts), Ask(on=end_of_day(FIRST)))


# The command


def test_the_command_judges_worlds_from_the_seed_on(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--worlds", "4", "--seed", "7", "--units", "4", "--days", "3", "--jobs", "2"]
    code = main(["soak", "worlds", *asked])

    assert code == 0
    assert capsys.readouterr().out == "4 worlds from seed 7 on: every law holds\n"


def test_a_failing_world_is_told_so_that_it_comes_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def judge(seed: int, shape: Shape | None) -> Failure | None:
        return Failure(seed, shape or MIDDLE, "is wrong") if seed == 8 else None

    code = run(["--worlds", "3", "--seed", "7", "--days", "3", "--jobs", "1"], judge)
    first, again, *rest = capsys.readouterr().out.splitlines()

    assert code == 1
    assert first == "seed 8: is wrong"
    assert again.startswith("  again: lienthong soak worlds --worlds 1 --seed 8 --units ")
    assert "--days 3 --duties" in again
    assert rest[-1] == "1 of the worlds fail"

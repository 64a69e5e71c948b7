"""What the bench of boards as known earlier folds and asks; how fast it is, is not tested here."""

from __future__ import annotations

from collections import Counter

import pytest

from ops.bench import copies, known, measuring
from ops.bench.memory import empty
from ops.bench.worlds import tree
from ops.settings import BrokenEnvironment
from projections.ask import Ask
from projections.steps import steps
from schemas.measures import MEASURES


def test_a_world_with_copies_counts_what_its_lives_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MADE_MAX", 40)
    units, told = tree(1), list[int]()
    engine, boards = empty(units, known.NOW, copies.Copying())
    assert isinstance(engine, copies.Copying)
    copies.fold_copies(engine, boards, units, 120, told.append)
    summed: Counter[int] = Counter()
    for name in engine.obligations():
        life = engine.life(name)
        assert life is not None
        for step in steps(life):
            summed[step.measure] += step.sign if step.at <= known.NOW else 0

    assert [40, 80, 120] == told
    assert {"obligations": 120, "facts": 480}.items() <= engine.counts().items()
    assert {
        m: n for m, n in enumerate(boards.board("centre", Ask(), known.NOW).subtree.counts) if n
    } == {m: n for m, n in summed.items() if n}
    assert 3 < len([n for n in summed.values() if n]) <= len(MEASURES)


def test_copies_begin_on_other_days_of_the_same_years() -> None:
    engine, boards = empty(tree(1), known.NOW, copies.Copying())
    assert isinstance(engine, copies.Copying)
    copies.fold(engine, boards, tree(1), 50)
    list(engine.copies(3))
    begun = {
        life.turns[0].at for name in engine.obligations() if (life := engine.life(name)) is not None
    }

    assert 150 < len(begun)
    assert all(copies.FIRST_DAY <= copies.local_days(at) < known.LAST_DAY for at in begun)


def test_the_bench_asks_of_a_k_after_which_something_was_told() -> None:
    told = list[int]()
    found = known.measure(600, 1, told.append)

    assert 600 == told[-1] == found["obligations"]
    assert 0 < found["told_since"] < 600
    assert all(0 < found[name]["cpu_worst"] for name in ("province_first", "centre_again"))


def test_a_measurement_of_its_own_process_brings_its_figures() -> None:
    found = measuring.figures_of("known", obligations=200, provinces=1)

    assert 200 == found["obligations"]


def test_a_measurement_that_fails_says_its_last_words() -> None:
    with pytest.raises(BrokenEnvironment, match="bench known failed: TypeError"):
        measuring.figures_of("known", wrong=1)


def test_a_measurement_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(BrokenEnvironment, match=r"bench known took more than 0\.01 s"):
        measuring.figures_of("known", seconds_max=0.01, obligations=200, provinces=1)

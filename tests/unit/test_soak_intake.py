"""What a soak does all the while: how its intake and its looks are counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ops import wiring
from ops.bench.worlds import established, tree
from ops.settings import Settings
from ops.soak_intake import Intake, Look, longest_gap
from ops.soak_reform import Load
from schemas.event import Event


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings.load({}, home=tmp_path, source="soak")
    with wiring.ledger(made) as ledger:
        ledger.record([*established(tree(1))], history=True)
    return made


def test_the_intake_keeps_its_rate_and_counts_what_it_opens(settings: Settings) -> None:
    load = Load(["00", "00.00"], seed=1)
    with Intake(settings, load.page, rate=100) as intake:
        time.sleep(1.0)

    with wiring.ledger(settings) as ledger:
        recorded = [one.event_name for one in ledger.events()]
    assert intake.accepted == len(recorded) - len(tree(1))
    assert 0 < intake.opened == recorded.count("report.expected.v1") < intake.accepted
    assert 0 == intake.refused


def test_the_intake_counts_what_the_ledger_refuses(settings: Settings) -> None:
    load = Load(["00"], seed=1)

    def page(count: int) -> Sequence[Event]:
        good, *_ = load.openings(1, wiring.now())
        return [good, *(replace(good, effective_at=good.effective_at + 1) for _ in range(2))]

    with Intake(settings, page, rate=100) as intake:
        time.sleep(0.3)

    assert 0 < intake.accepted
    assert 2 * intake.accepted == intake.refused


def test_an_old_answer_is_no_answer() -> None:
    looks = [Look(0.0, 5), Look(1.0, 6), Look(1.5, 4), Look(2.0, 5), Look(2.5, 6), Look(2.6, 7)]

    assert 1.5 == pytest.approx(longest_gap(looks, since=0.5, now=2.7))
    assert 2.4 == pytest.approx(longest_gap(looks, since=0.5, now=5.0))

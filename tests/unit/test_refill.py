"""Refill: the relay begins at the first event, and what is live is built anew, as the newer one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ops import home as homes
from ops import wiring
from ops.refill import Refilled, refill
from ops.settings import BrokenEnvironment, Settings
from services.ledger import RelayState
from tests.office import assigned, declared


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    given = {}
    if request.param == "postgres":
        given["read_model"] = request.getfixturevalue("postgres")
    made = Settings.load({}, home=tmp_path / "home", log="sqlite", **given)
    with wiring.ledger(made) as ledger:
        ledger.record([assigned(), declared()])
        ledger.set_relay_state(RelayState(position=2, sent=2, topic_ids={"lienthong.events": "1"}))
    return made


def test_everything_is_sent_again_into_a_read_model_of_a_later_generation(home: Settings) -> None:
    with wiring.read_model(home, create=True) as model:
        model.renew(1)
        model.note("lienthong.units", "gone", [(0, b"x")], [])

    found = refill(home)

    assert found.events == 2
    assert "before_" in found.aside
    with wiring.ledger(home) as ledger:
        assert ledger.relay_state() == RelayState()
    with pytest.raises(BrokenEnvironment), wiring.read_model(home):
        pass
    with wiring.read_model(home, create=True) as model:
        assert model.generation > 1
        assert model.positions() == []


def test_where_nothing_was_counted_nothing_is_set_aside(home: Settings) -> None:
    assert refill(home) == Refilled(2, "")


def test_a_home_that_runs_is_not_refilled(home: Settings) -> None:
    with homes.held(home.home):
        running = homes.Running(os.getpid(), "", "sqlite", "", "")
        (home.home / homes.RUNNING).write_text(json.dumps(running._asdict()))
        with pytest.raises(BrokenEnvironment, match="stop"):
            refill(home)
    with wiring.ledger(home) as ledger:
        assert ledger.relay_position() == 2

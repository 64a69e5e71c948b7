"""The process of the relay: it ends with a sentence where somebody else writes its topics."""

from __future__ import annotations

import shutil
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ops import run_relay, wiring
from ops.embedded import SqliteLog
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import log_file
from schemas.topics import TOPICS
from services.relay import Relay
from tests.office import assigned, declared


def test_the_relay_of_a_copied_home_stops_when_the_other_home_has_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_relay, "LOOK_AGAIN_SECONDS", 0.1)
    home = Settings.load({}, home=tmp_path / "home", log="sqlite")
    with wiring.ledger(home) as ledger:
        ledger.record([assigned()])
    with closing(SqliteLog(log_file(home.home))) as log, wiring.ledger(home) as ledger:
        log.create(TOPICS, home.topic_prefix)
        relay = Relay(ledger, log, prefix=home.topic_prefix)
        relay.step()
    copied = shutil.copy(home.home / "ledger.sqlite", tmp_path / "copy.sqlite")
    copy = replace(home, ledger=f"sqlite:{copied}")
    said: list[str] = []

    def run() -> None:
        try:
            run_relay._relaying(copy, threading.Event())
        except BrokenEnvironment as error:
            said.append(str(error))

    running = threading.Thread(target=run)
    running.start()
    with closing(SqliteLog(log_file(home.home))) as log, wiring.ledger(home) as ledger:
        ledger.record([declared()])
        Relay(ledger, log, prefix=home.topic_prefix).step()
        running.join(timeout=30)

    assert not running.is_alive()
    assert "the ledger does not hold it" in said[0]

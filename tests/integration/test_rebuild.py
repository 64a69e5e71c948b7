"""A read model is built anew beside the one that serves: compared, switched to, back, cancelled."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops import builds, run_verify, verification
from ops.build_remains import remains
from ops.settings import python
from ops.supervisor import Part, our_parts
from tests import story
from tests.home import WAIT_SECONDS, Home, Said

CHANGED = """
import sys
from dataclasses import replace
from ops import run_worker
from ops.settings import Settings
from projections import parts
settings, messages = Settings.load(), parts.messages
def doubled(frames):
    return messages([replace(one, counts=one.counts * 2) for one in frames])
if settings.build > 1:
    parts.messages = doubled
sys.exit(run_worker.run(settings))
"""
CANCELS = 10
VERIFY_SECONDS = 5


class Recording:
    """Reports are opened over HTTP and the board is asked for, all the time, in threads."""

    def __init__(self, home: Home) -> None:
        self.accepted: list[str] = []
        self.others: list[object] = []
        self.gaps: list[float] = []
        self._home = home
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._record, self._ask)]

    def __enter__(self) -> Recording:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _record(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            told = json.loads(story.expected("66.x"))
            del told["recorded_at"]
            told["obligation"] += f":{number}"
            status, answer = self._home.post(json.dumps(told))
            good = status == 200 and answer["lines"][0]["status"] == "accepted"
            (self.accepted if good else self.others).append((status, answer))

    def _ask(self) -> None:
        last = time.monotonic()
        while not self._stop.is_set():
            self._home.get("/api/units/66/board")
            self.gaps.append(time.monotonic() - last)
            last = time.monotonic()
            time.sleep(0.01)


@pytest.fixture(scope="module", params=["kafka", "postgres"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """A running home with the worked example, for all stories on it, verified all the while.

    One is on Kafka and keeps files; one keeps all in PostgreSQL, over the log in SQLite.
    """
    bootstrap = request.getfixturevalue("kafka").bootstrap if request.param == "kafka" else ""
    folder = tmp_path_factory.mktemp(request.param) / "home"
    home = Home(folder, bootstrap, f"t{uuid.uuid4().hex[:12]}.", our_parts("verify"))
    home.settings = replace(home.settings, verify_seconds=VERIFY_SECONDS)
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        ledger, model = server.database(), server.database()
        home.settings = replace(home.settings, ledger=ledger, read_model=model)
    yield from told(home)


@pytest.fixture
def home(running: Home) -> Iterator[Home]:
    """It with one build, as each story finds and leaves it."""
    yield running
    if beside(running):
        assert running("rebuild", "cancel").code == 0


@pytest.fixture
def changed_home(tmp_path: Path) -> Iterator[Home]:
    """One whose next build counts everything twice."""
    relay = [part for part in our_parts() if part.name == "relay"]
    parts = [*relay, Part("worker", (python(), "-c", CHANGED))]
    yield from told(Home(tmp_path / "home", "", "t.", parts))


def told(home: Home) -> Iterator[Home]:
    home.start()
    try:
        assert home.publish(story.quarter(), "--history").code == 0
        home.wait()
        yield home
    finally:
        home.stop()


def serving(home: Home) -> int:
    return builds.answering(home.settings.home)


def beside(home: Home) -> int:
    return builds.of(home.settings.home).beside


def caught_up(home: Home) -> list[dict[str, Any]]:
    """How far the builds are, once the one beside has all that is on the log."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        found: list[dict[str, Any]] = home.asked("rebuild", "status")
        if len(found) == 2 and found[1]["applied"] and not found[1]["behind"]:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.05)


def wait_until_ready(home: Home) -> None:
    """Until the worker has its partitions: a group takes seconds to give them out."""
    until = time.monotonic() + WAIT_SECONDS
    while not is_ready(home):
        assert time.monotonic() < until, "it is not ready"
        time.sleep(0.1)


def is_ready(home: Home) -> bool:
    try:
        urllib.request.urlopen(f"{home.url}/readyz").close()
    except urllib.error.HTTPError as error:
        error.close()
        return False
    return True


def assigned(home: Home) -> int:
    """What all units below the province owe or owed, as the read model has it."""
    found: int = home.asked("board", "66", "--all")["subtree"]["assigned"]
    return found


def seconds_of(said: Said) -> float:
    assert said.code == 0, said
    return float(said.out.split(" after ")[1].split()[0])


def verified(home: Home) -> int:
    """How much there is to verify beside the home; none of it may differ."""
    with run_verify.opened(builds.named(home.settings)) as beside:
        found = [beside.compared(one, 0) for one in range(beside.partitions())]
    assert [(0, "")] * len(found) == [(one.differing, one.remark) for one in found]
    return sum(one.compared for one in found)


def wait_for_verdict(home: Home) -> None:
    """Until the process beside the home, which has the lowest priority, has compared something."""
    until = time.monotonic() + WAIT_SECONDS
    while not (found := verification.read(home.settings.home))["compared"]:
        assert time.monotonic() < until, found
        time.sleep(0.1)
    assert 0 == found["differing"]


def test_readers_change_over_to_an_equal_build_and_back_while_everything_is_recorded(
    home: Home,
) -> None:
    old, before = serving(home), assigned(home)
    with Recording(home) as recording:
        assert home("rebuild", "start").code == 0
        new = beside(home)
        caught_up(home)
        early = home("rebuild", "switch")
        compared = home.asked("rebuild", "diff")
        there = seconds_of(home("rebuild", "switch"))
        served = serving(home)
        # The one that served until now can be held as well, whoever drove it.
        since = time.monotonic()
        again = home.asked("rebuild", "diff")
        took = time.monotonic() - since
        back = seconds_of(home("rebuild", "back"))
        last = home.asked("rebuild", "diff")

    assert (1, new, old) == (early.code, served, serving(home))
    assert "were not compared yet" in early.err
    for one in (compared, again, last):
        assert [0, 0] == [check["differing"] for check in one["checks"]]
        assert one["checks"][0]["compared"] > 10
    assert 11 < compared["events"] < again["events"] < last["events"]
    # Under a second on a quiet machine; a test says only that nobody waits long.
    assert max(there, back) < 10
    assert took < 20
    assert [] == recording.others
    assert len(recording.accepted) > 10
    assert max(recording.gaps) < 5
    home.wait()
    assert before + len(recording.accepted) == assigned(home)
    assert verified(home) > 11 + len(recording.accepted)


def test_of_ten_builds_that_are_cancelled_nothing_is_left(home: Home) -> None:
    first = builds.of(home.settings.home).last + 1
    for number in range(first, first + CANCELS):
        assert home("rebuild", "start").code == 0
        if number == first:
            caught_up(home)
        else:
            time.sleep(0.05 * (number % 7))
        assert home("rebuild", "cancel").code == 0
        assert [] == remains(home.settings, number)

    assert [serving(home)] == [one["number"] for one in home.asked("rebuild", "status")]
    assert home("verify").code == 0


def test_a_build_that_counts_otherwise_is_named_and_serves_only_where_that_is_accepted(
    changed_home: Home,
) -> None:
    home = changed_home
    home("rebuild", "start")
    caught_up(home)

    said = home("rebuild", "diff")
    refused = home("rebuild", "switch")

    assert (1, 1) == (said.code, refused.code)
    assert (
        "66.so-a on 2012-04-01 (report, reporting, dak-lak-guidance-2012, 5.1, 2012-Q2, 2012-06): "
        "assigned changes by 1 in the build that serves, by 2 in the one beside it" in said.out
    )
    assert "66: assigned is 4 in the build that serves, 8 in the one beside it" in said.out
    assert "figures differ; look at them, then switch --accept-differences" in refused.err
    seconds_of(home("rebuild", "switch", "--accept-differences"))
    assert 8 == home.get("/api/units/66/board?all=true")["subtree"]["assigned"]
    seconds_of(home("rebuild", "back"))
    assert 4 == home.get("/api/units/66/board?all=true")["subtree"]["assigned"]


def test_what_cannot_be_done_now_is_refused_in_a_sentence(home: Home) -> None:
    none = [home("rebuild", step) for step in ("diff", "switch", "back", "cancel")]
    home("rebuild", "start")
    second, back = home("rebuild", "start"), home("rebuild", "back")

    assert [1] * 6 == [said.code for said in (*none, second, back)]
    assert all("there is no build beside the one that serves" in said.err for said in none)
    number = beside(home)
    assert f"build {number} is beside the one that serves; first" in second.err
    assert f"build {number} is newer than the one that serves" in back.err


def test_the_old_build_goes_and_the_new_one_serves_on_after_a_start(home: Home) -> None:
    old = serving(home)
    compared = verified(home)
    home("rebuild", "start")
    new = beside(home)
    caught_up(home)
    assert home("rebuild", "diff").code == 0
    seconds_of(home("rebuild", "switch"))
    before = home.board("66")["subtree"]

    assert home("rebuild", "cancel").code == 0
    assert [] == remains(home.settings, old)
    home.stop()
    home.start()
    home.wait()
    wait_until_ready(home)

    assert before == home.board("66")["subtree"]
    assert [(new, True, 0)] == [
        (one["number"], one["serves"], one["behind"]) for one in home.asked("rebuild", "status")
    ]
    assert compared == verified(home)
    wait_for_verdict(home)
    assert home("verify").code == 0

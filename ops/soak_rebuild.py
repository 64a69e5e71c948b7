"""`lienthong soak rebuild`: builds begun, cancelled, compared, switched to and back under load.

Units go on recording at a fixed rate all the while, and the board of the centre is asked for all
the time. Each step is the command of that name, in a process of its own, as an operator gives it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ops import builds, proof, rebuild, waiting, wiring
from ops.bench.worlds import established, paged, tree
from ops.build_remains import remains
from ops.settings import BrokenEnvironment, Settings, inherited, python
from ops.soak_intake import Intake, Looks
from ops.soak_reform import SOURCE, Load
from ops.supervisor import Supervisor
from ops.verify import Check, Differences
from services.openings import CENTRE

PROVINCES = 4
PAGE = 1_000
LOOK_SECONDS = 0.2
WAIT_SECONDS = 600.0
CATCH_UP_EACH = 5
"""One in so many of the builds that are cancelled has caught up before."""
BEFORE_CANCEL_SECONDS_MAX = 4.0
CALM_SECONDS = 2.0
"""Looks go on so long after a change of builds before its seconds are counted."""
SWITCH_SECONDS_MAX = 1.0
BOARD = f"/api/units/{CENTRE}/board?all=true"

Told = Callable[[str], None]


class Home:
    """A running home whose commands are given one after the other."""

    def __init__(self, settings: Settings, looks: Looks, told: Told) -> None:
        self.settings = settings
        self._looks = looks
        self._told = told
        self._environment = inherited() | settings.environment()

    def rebuild(self, *step: str) -> str:
        """What a step printed. Raises BrokenEnvironment where it was refused or failed."""
        command = [python(), "-m", "ops.cli", "--language", "en", "rebuild", *step]
        started = time.monotonic()
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False
        )
        # What differs is told by exit code 1, too, and printed.
        if done.returncode and not done.stdout:
            raise BrokenEnvironment(f"rebuild {' '.join(step)} failed: {done.stderr.strip()}")
        self._told(f"rebuild {step[0]}: {time.monotonic() - started:.1f} s")
        return done.stdout

    def diff(self, name: str) -> list[Check]:
        """The comparison of both builds."""
        found = json.loads(self.rebuild("diff", "-o", "json", "--timeout", str(WAIT_SECONDS)))
        remark = f"after {found['events']} records of the log"
        return [_check(f"{name}: {one['name']}", one, remark) for one in found["checks"]]

    def change(self, step: str, *options: str) -> Check:
        """`switch` or `back`, and how long readers got no answer or an old one."""
        since = time.monotonic()
        said = self.rebuild(step, *options).strip()
        time.sleep(CALM_SECONDS)
        gap = self._looks.longest_gap(since)
        found = Differences()
        if gap > SWITCH_SECONDS_MAX:
            found.add(f"{gap:.3f} s without an answer, or with an old one")
        remark = f"longest time without an answer, or with an old one: {gap:.3f} s; {said}"
        return found.check(step, self._looks.since(since), [remark])

    def catch_up(self, behind: int) -> None:
        """Wait until the build beside is at most so many records behind."""
        until = time.monotonic() + WAIT_SECONDS
        while not any(
            one.applied and not one.serves and one.behind <= behind
            for one in rebuild.status(self.settings)
        ):
            if time.monotonic() > until:
                raise BrokenEnvironment("The build beside did not catch up in time.")
            time.sleep(LOOK_SECONDS)


class Plan(NamedTuple):
    """How a run goes: events a second, for at least so many seconds, builds that are cancelled.

    `history` obligations are there before it begins.
    """

    rate: int
    seconds: float
    cancels: int
    history: int
    seed: int


def run_rebuild(settings: Settings, plan: Plan, told: Told = print) -> Iterator[Check]:
    """Start everything on an empty home, run the plan, stop; each check as soon as it is made.

    Raises BrokenEnvironment where something does not start, is refused or does not come in time.
    """
    units = tree(PROVINCES)
    load = Load([unit.code for unit in units if unit.level != "centre"], plan.seed)
    with Supervisor(settings, quiet=True) as running:
        told(f"{running.broker}; {len(units)} units, seed {plan.seed}")
        with wiring.ledger(settings) as ledger:
            ledger.record([*established(units)], history=True)
            for page in paged(load.openings(plan.history, wiring.now()), PAGE):
                ledger.record(page)
        _wait(settings)
        intake = Intake(settings, load.page, plan.rate)
        with Looks(running.settings.port, BOARD) as looks:
            home = Home(running.settings, looks, told)
            with intake:
                ends = time.monotonic() + plan.seconds
                yield _cancelled(home, plan)
                yield from _switched(home, plan.rate)
                time.sleep(max(0.0, ends - time.monotonic()))
            yield _intake(intake)
            _wait(settings)
            # Looks show what is told over HTTP, so the last one comes after all of it.
            shown = looks.next()
        yield _nothing_lost(plan.history + intake.opened, shown)
        yield from proof.verified(running.settings, WAIT_SECONDS, lambda count: None)


def _cancelled(home: Home, plan: Plan) -> Check:
    found, rng = Differences(), Random(plan.seed)
    for count in range(plan.cancels):
        home.rebuild("start")
        number = builds.of(home.settings.home).beside
        if count % CATCH_UP_EACH == CATCH_UP_EACH - 1:
            home.catch_up(plan.rate)
        else:
            time.sleep(rng.uniform(0, BEFORE_CANCEL_SECONDS_MAX))
        home.rebuild("cancel")
        for thing in remains(home.settings, number):
            found.add(f"of build {number} is left: {thing}")
    return found.check("builds cancelled, nothing left", plan.cancels)


def _switched(home: Home, rate: int) -> Iterator[Check]:
    """A build is finished, compared, switched to, compared, and back; then it is removed."""
    home.rebuild("start")
    home.catch_up(rate)
    before = home.diff("before the switch")
    yield from before
    options = () if all(check.holds for check in before) else ("--accept-differences",)
    yield home.change("switch", *options)
    yield from home.diff("after the switch")
    yield home.change("back")
    home.rebuild("cancel")


def _check(name: str, told: dict[str, Any], remark: str) -> Check:
    return Check(
        name=name,
        compared=told["compared"],
        differing=told["differing"],
        differences=tuple(told["differences"]),
        remarks=(*told["remarks"], remark),
    )


def _intake(intake: Intake) -> Check:
    """Nothing refused, nothing recorded late; how many events a second in fact."""
    found = Differences()
    for what, count in (("refused", intake.refused), ("recorded late", intake.late)):
        if count:
            found.add(f"{count} events were {what}")
    slowest, mean = intake.rates()
    remark = (
        f"events a second: {mean:.0f} on average, {slowest} in the slowest second; "
        f"at most {intake.late_seconds_max:.2f} s behind the plan"
    )
    return found.check("intake", intake.accepted, [remark])


def _nothing_lost(opened: int, shown: int) -> Check:
    found = Differences()
    if opened != shown:
        found.add(f"{opened} obligations were opened, the board of the centre shows {shown}")
    return found.check("opened = on the board", opened)


def _wait(settings: Settings) -> None:
    if not waiting.wait(settings, WAIT_SECONDS):
        raise BrokenEnvironment("The projections did not catch up in time.")


def run(arguments: Sequence[str], settings: Settings) -> int:
    """`lienthong soak rebuild`; exit code 0 where everything holds, else 1.

    Runs in a home of its own, removed afterwards.
    """
    asked = _arguments().parse_args(list(arguments))
    plan = Plan(asked.rate, asked.seconds, asked.cancels, asked.history, asked.seed)
    with tempfile.TemporaryDirectory(prefix="lienthong-soak-") as folder:
        log = asked.log or settings.log
        soaked = Settings.load({}, home=Path(folder), log=log, port=0, source=SOURCE)
        holds = True
        for check in run_rebuild(soaked, plan):
            print(*check.lines(), sep="\n", flush=True)
            holds &= check.holds
    return 0 if holds else 1


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lienthong soak rebuild",
        description="Builds begun, cancelled, compared, switched to and back, under load.",
    )
    parser.add_argument("--rate", type=int, default=500, help="events a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="the load lasts at least")
    parser.add_argument("--cancels", type=int, default=10, help="builds begun and cancelled")
    parser.add_argument("--history", type=int, default=2_000, help="obligations before it begins")
    parser.add_argument("--log", choices=("kafka", "sqlite"), help="default: LIENTHONG_LOG")
    parser.add_argument("--seed", type=int, default=1)
    return parser

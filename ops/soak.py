"""Soaks: workers killed and stopped again and again, poison in the stream; every count is checked.

The workers are processes of their own on a real Kafka. What they must have counted is folded anew
from the topics by the plain fold (ops.replay) and compared cell by cell (ops.verify).
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ops import (
    mutants,
    soak_archive,
    soak_rebuild,
    soak_reform,
    tree_worlds,
    wiring,
    year_world,
)
from ops.broker import Broker
from ops.kafka import KafkaLog
from ops.log import Outgoing
from ops.poison import poisons
from ops.replay import derived, from_log, gather
from ops.settings import BrokenEnvironment, Settings, inherited, python
from ops.simulate import generate
from ops.verify import Check, Differences, identities, kept_of, live_is_replay, live_of
from schemas import avro
from schemas.topics import EVENTS, FRAMES, TOPICS

PLACES = ("fold", "commit", "send", "sent", "seek")
"""Where a worker may kill itself (ops.soak_worker); beside these it is killed at random."""
FACTS_EACH = 4
OWERS = 300
AGAIN = 0.1
"""Share of the events that are delivered twice."""
PAGE = 10_000
LOOK_SECONDS = 0.2
DEATH_SECONDS_MAX = 90.0
STOP_SECONDS_MAX = 10.0

Told = Callable[[str], None]


class Message(NamedTuple):
    """What is put on the events topic; `reason` where it must end in quarantine."""

    key: bytes | None
    value: bytes | None
    reason: str | None = None


class Soak:
    """Topics of its own, a read model, and any number of worker processes.

    `settings` names a running Kafka, an unused prefix and group, and a read model of its own.
    """

    def __init__(self, settings: Settings, log: KafkaLog, seed: int = 1) -> None:
        log.create(TOPICS, settings.topic_prefix)
        self.settings = settings
        self.log = log
        self.rng = random.Random(seed)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.poisoned: Counter[str] = Counter()
        self._events = EVENTS.full(settings.topic_prefix)
        self._frames = FRAMES.full(settings.topic_prefix)

    def start(self, at: str | None = None, after: int = 0) -> subprocess.Popen[bytes]:
        """One more worker; with `at` it kills itself there."""
        command = [python(), "-m", "ops.soak_worker", json.dumps({"at": at, "after": after})]
        worker = subprocess.Popen(command, env=inherited() | self.settings.environment())
        self.workers.append(worker)
        return worker

    def stop(self, worker: subprocess.Popen[bytes]) -> int:
        """SIGTERM; the exit code. Raises subprocess.TimeoutExpired after STOP_SECONDS_MAX."""
        worker.terminate()
        return worker.wait(STOP_SECONDS_MAX)

    def tell(self, messages: Sequence[Message]) -> None:
        """Put messages on the events topic."""
        for start in range(0, len(messages), PAGE):
            page = messages[start : start + PAGE]
            self.log.append([Outgoing(self._events, m.key, m.value) for m in page])
        self.poisoned.update(m.reason for m in messages if m.reason is not None)

    def wait(self, seconds: float = 60.0) -> None:
        """Until everything on the log is durable, frames included.

        Raises TimeoutError after this long without any progress, and RuntimeError where no
        worker is left.
        """
        deadline, before = time.monotonic() + seconds, -1
        while (left := self._left()) != 0:
            if left != before:
                deadline, before = time.monotonic() + seconds, left
            if time.monotonic() > deadline:
                raise TimeoutError(f"{left} records and messages were left for {seconds:g} s")
            if all(worker.poll() is not None for worker in self.workers):
                code = self.workers[-1].returncode
                raise RuntimeError(f"the last worker left with exit code {code}")
            time.sleep(LOOK_SECONDS)

    def _left(self) -> int:
        """Records not durable yet and messages not sent yet; -1 before there is a model."""
        try:
            with wiring.read_model(self.settings) as model:
                found = {(p.topic, p.partition): p.next_offset for p in model.positions()}
                unsent = model.unsent()
        except BrokenEnvironment:
            return -1
        return unsent + sum(
            end - found.get((topic, number), 0)
            for topic in (self._events, self._frames)
            for number, (_, end) in enumerate(self.log.ends(topic))
        )

    def checks(self) -> list[Check]:
        """What the model's facts and frames say against the plain fold of the topics."""
        replayed = derived(gathered := gather(from_log(self.log, self.settings.topic_prefix)))
        revision_days = gathered.all_programmes().revision_days
        with wiring.read_model(self.settings) as model:
            live = live_of(model, self._frames, FRAMES.partitions)
            kept = kept_of(model, self._events, EVENTS.partitions, revision_days)
            quarantine = model.quarantine_counts()
        return [
            live_is_replay(live, replayed),
            live_is_replay(kept, replayed, "kept facts = replay"),
            identities(live.cells),
            _quarantine(quarantine, self.poisoned),
        ]

    def close(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait()


def events(rng: random.Random, count: int) -> list[Message]:
    """At least this many events of random lives, some delivered twice, shuffled."""
    owers = [f"u{number}" for number in range(OWERS)]
    made = generate(rng.randrange(1 << 30), owers, max(1, count // FACTS_EACH), FACTS_EACH)
    told = [Message(event.key.encode(), avro.encode(event)) for event in made]
    told += rng.sample(told, int(len(told) * AGAIN))
    rng.shuffle(told)
    return told


def run_kills(
    settings: Settings,
    log: KafkaLog,
    *,
    count: int = 300_000,
    kills: int = 30,
    terms: int = 30,
    seed: int = 1,
    told: Told = print,
) -> list[Check]:
    """Kill and terminate a worker again and again while it folds `count` events; then check."""
    soak = Soak(settings, log, seed)
    messages = events(soak.rng, count)
    rounds = ["kill"] * kills + ["term"] * terms
    soak.rng.shuffle(rounds)
    share = len(messages) // (len(rounds) + 1) + 1
    try:
        for number, what in enumerate(rounds):
            soak.tell(messages[number * share : (number + 1) * share])
            told(f"{number + 1}/{len(rounds)}: {_end_one(soak, what)}")
        soak.tell(messages[len(rounds) * share :])
        worker = soak.start()
        soak.wait()
        told(f"stopped with exit code {soak.stop(worker)}")
        return soak.checks()
    finally:
        soak.close()


def _end_one(soak: Soak, what: str) -> str:
    """Start a worker and end it: by itself at a place, at random, or by SIGTERM."""
    place = soak.rng.choice((*PLACES, None)) if what == "kill" else None
    worker = soak.start(place, soak.rng.randrange(3) if place != "seek" else 0)
    if place is not None:
        worker.wait(DEATH_SECONDS_MAX)
        return f"SIGKILL at {place}"
    time.sleep(soak.rng.uniform(1.0, 8.0))
    if what == "kill":
        worker.kill()
        worker.wait()
        return "SIGKILL at random"
    code = soak.stop(worker)
    if code not in (0, -signal.SIGTERM):
        raise RuntimeError(f"a terminated worker left with exit code {code}")
    return "SIGTERM"


def run_poison(
    settings: Settings,
    log: KafkaLog,
    *,
    count: int = 100_000,
    every: int = 1_000,
    seed: int = 1,
) -> list[Check]:
    """Poison of every kind, one record in `every`: the stream goes on, quarantine is exact."""
    soak = Soak(settings, log, seed)
    messages = with_poison(events(soak.rng, count), soak.rng, every)
    try:
        soak.tell(messages)
        worker = soak.start()
        soak.wait()
        soak.stop(worker)
        return soak.checks()
    finally:
        soak.close()


def with_poison(messages: Sequence[Message], rng: random.Random, every: int) -> list[Message]:
    """The messages with a poisoned one after each `every` of them, kind after kind."""
    kinds: Iterator[Message] = _poison(rng)
    out: list[Message] = []
    for number, message in enumerate(messages, start=1):
        out.append(message)
        if number % every == 0:
            out.append(next(kinds))
    return out


def _poison(rng: random.Random) -> Iterator[Message]:
    owers = [f"u{number}" for number in range(OWERS)]
    while True:
        for event in generate(rng.randrange(1 << 40), owers, 10, 1, source="poison"):
            for poison in poisons(event, rng):
                yield Message(poison.key, poison.value, poison.reason.value)


def run(arguments: Sequence[str], settings: Settings) -> int:
    """`lienthong soak kills|poison|reform|rebuild|worlds|year|archive|mutants`; 0: all is right.

    All but the last four run on a broker and in a home of their own, removed afterwards.
    """
    if list(arguments[:1]) == ["worlds"]:
        return tree_worlds.run(arguments[1:])
    if list(arguments[:1]) == ["year"]:
        return year_world.run(arguments[1:])
    if list(arguments[:1]) == ["archive"]:
        return soak_archive.run(arguments[1:])
    if list(arguments[:1]) == ["mutants"]:
        return mutants.run(arguments[1:])
    if list(arguments[:1]) == ["reform"]:
        return soak_reform.run(arguments[1:], settings)
    if list(arguments[:1]) == ["rebuild"]:
        return soak_rebuild.run(arguments[1:], settings)
    asked = _arguments().parse_args(list(arguments))
    with tempfile.TemporaryDirectory(prefix="lienthong-soak-") as folder:
        place = Path(folder)
        with Broker(replace(settings, home=place, kafka_port=0)) as broker:
            soaked = Settings.load(
                {}, home=place, kafka=broker.bootstrap, topic_prefix="soak.", group="soak"
            )
            log = KafkaLog.of(soaked)
            print(f"Apache Kafka {broker.version}, seed {asked.seed}")
            if asked.what == "kills":
                checks = run_kills(
                    soaked,
                    log,
                    count=asked.events,
                    kills=asked.kills,
                    terms=asked.terms,
                    seed=asked.seed,
                )
            else:
                checks = run_poison(soaked, log, count=asked.events, seed=asked.seed)
            log.close()
    for check in checks:
        print(*check.lines(), sep="\n")
    return 0 if all(check.holds for check in checks) else 1


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lienthong soak",
        epilog=(
            "Random worlds whose tree changes need no broker: lienthong soak worlds --help. "
            "Nor does a simulated year of a province: lienthong soak year --help, "
            "an archive that is spoilt: lienthong soak archive --help, "
            "or an engine with one changed place: lienthong soak mutants --help. "
            "A reform on a running home, every board counted again: lienthong soak reform --help. "
            "Builds of the read model under load: lienthong soak rebuild --help"
        ),
    )
    parser.add_argument("what", choices=("kills", "poison"))
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--terms", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _quarantine(found: dict[str, int], expected: Counter[str]) -> Check:
    differences = Differences()
    for reason in sorted(found.keys() | expected.keys()):
        if found.get(reason, 0) != expected[reason]:
            differences.add(
                f"{reason}: {found.get(reason, 0)} records in quarantine, {expected[reason]} sent"
            )
    return differences.check("quarantine", sum(expected.values()))

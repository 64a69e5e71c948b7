"""`lienthong bench`: runs every measurement in a process of its own and prints the figures."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from ops.bench import archive, worlds, yardsticks
from ops.bench.live import settings_of
from ops.bench.measuring import figures_of
from ops.broker import Broker
from ops.kafka import KafkaLog
from ops.log import Outgoing
from ops.settings import BrokenEnvironment, Settings
from schemas import avro
from schemas.topics import EVENTS, TOPICS, UNITS

PIECES = (
    "bare",
    "live",
    "faust",
    "duckdb",
    "memory",
    "latency",
    "reform",
    "opening",
    "lists",
    "known",
    "archive",
)
PAGE = 20_000
MB = 1_000_000
FAUST_BLOCK = 250
"""Lives that overlap on the topic of the plain Faust agents."""
LISTED_PROVINCES = 6
"""Among them the openings are spread for the lists: about 17,000 for each."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A figure that issue and design ask for."""

    name: str
    value: float
    bound: float
    at_least: bool
    unit: str = ""

    @property
    def reached(self) -> bool:
        """Whether the figure is on the right side of its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def line(self) -> str:
        """One line for people."""
        sign = ">=" if self.at_least else "<="
        said = "reached" if self.reached else "NOT reached"
        value = f"{self.value:,.2f}".rstrip("0").rstrip(".")
        return f"  {self.name:<58} {value:>10} {self.unit:<4} {sign} {self.bound:g}  {said}"


def run(arguments: Sequence[str], settings: Settings) -> int:
    """Measure; exit code 1 where a target is missed. Uses a Kafka and homes of its own."""
    asked = _arguments().parse_args(list(arguments))
    chosen = [piece for piece in PIECES if piece in (asked.only or PIECES)]
    found: dict[str, Any] = {"settings": _said(asked)}
    for line in _lines(found["settings"]):
        print(line)
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-") as folder:
        place = Path(folder)
        if {"bare", "live", "faust"} & set(chosen):
            _on_kafka(asked, settings, place, chosen, found)
        if "duckdb" in chosen:
            found["duckdb"] = figures_of(
                "duckdb",
                folder=folder,
                seed=1,
                obligations=_lives(asked),
                provinces=asked.provinces,
            )
            _show("duckdb", found["duckdb"])
        if "memory" in chosen:
            found["memory"] = figures_of(
                "memory", obligations=asked.obligations, provinces=asked.provinces
            )
            _show("memory", found["memory"])
        if "latency" in chosen:
            found["latency"] = figures_of(
                "latency",
                home=str(place / "home"),
                history=asked.history,
                boards=asked.boards,
                rate=asked.rate,
                seconds=asked.seconds,
            )
            _show("latency", found["latency"])
        if "reform" in chosen:
            found["reform"] = figures_of(
                "reform",
                home=str(place / "reform"),
                obligations=asked.obligations,
                rate=asked.reform_rate,
            )
            _show("reform", found["reform"])
        _without_home(asked, folder, chosen, found)
    targets = _targets(found)
    print("Targets")
    for target in targets:
        print(target.line())
    if asked.output:
        text = json.dumps(found, indent=1, ensure_ascii=False)
        Path(asked.output).write_text(text, encoding="utf-8")
    return 0 if all(target.reached for target in targets) else 1


def _without_home(
    asked: argparse.Namespace, folder: str, chosen: Sequence[str], found: dict[str, Any]
) -> None:
    """What needs no installation that runs."""
    if "opening" in chosen:
        found["opening"] = figures_of("opening", folder=folder, openings=asked.openings)
        _show("opening", found["opening"])
    if "lists" in chosen:
        found["lists"] = figures_of(
            "lists", obligations=asked.openings, provinces=LISTED_PROVINCES, asked=asked.boards
        )
        _show("lists", found["lists"])
    if "known" in chosen:
        found["known"] = figures_of(
            "known", obligations=asked.obligations, provinces=asked.provinces
        )
        _show("known", found["known"])
    if "archive" in chosen:
        place = Path(asked.archive) if asked.archive else Path(folder) / "archive"
        for name, piece, given in archive.pieces(place, asked.seed, asked.events, asked.provinces):
            found[name] = figures_of(piece, seconds_max=archive.SECONDS_MAX, **given)
            _show(name, found[name])


def _on_kafka(
    asked: argparse.Namespace,
    settings: Settings,
    place: Path,
    chosen: Sequence[str],
    found: dict[str, Any],
) -> None:
    """The bare loop and the live path in turn, so that both meet the same machine; then Faust."""
    broker_settings = replace(settings, home=place / "broker", kafka_port=0)
    with Broker(broker_settings) as broker:
        print(f"Apache Kafka {broker.version}, events on the topic: {asked.events:,}")
        shared: dict[str, Any] = {"kafka": broker.bootstrap, "provinces": asked.provinces}
        for repeat in range(asked.repeats if {"bare", "live"} & set(chosen) else 0):
            # Topics of its own for each repeat: the frames of one live run are not the next one's.
            prefix = f"bench{repeat}."
            _make_topics(asked, settings_of(place / "live", broker.bootstrap, prefix))
            shared["topic"] = EVENTS.full(prefix)
            if "bare" in chosen:
                _add(found, "bare", figures_of("bare", events=asked.events, **shared))
            if "live" in chosen:
                given = {"kafka": broker.bootstrap, "prefix": prefix, "events": asked.events}
                again = str(place / f"live-{repeat}")
                _add(found, "live", figures_of("live", home=again, **given))
        if "faust" in chosen:
            events = min(asked.events, asked.faust_events)
            plain = settings_of(place / "plain", broker.bootstrap, "plain.")
            try:
                faust_figures(plain, events, asked.provinces, found)
            except BrokenEnvironment as error:
                # The other figures do not depend on it.
                print(f"faust\n  not measured: {error}")


def _make_topics(asked: argparse.Namespace, settings: Settings) -> None:
    log = KafkaLog.of(settings)
    log.create(TOPICS, settings.topic_prefix)
    _fill(log, settings.topic_prefix, asked)
    log.close()


def faust_figures(settings: Settings, events: int, provinces: int, found: dict[str, Any]) -> None:
    """The plain Faust agents, one after the other, on an events topic of their own.

    Its lives overlap little: a plain agent sees a small part of what the live path sees, and at
    the start of that log there are only openings, which cost it most.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    topic = EVENTS.full(settings.topic_prefix)
    owers = [unit.code for unit in worlds.tree(provinces)]
    lives = max(1, events // worlds.FACTS_EACH)
    found["faust_settings"] = yardsticks.FAUST_SETTINGS | _faust_extras()
    _show("faust_settings", found["faust_settings"])
    with closing(KafkaLog.of(settings)) as log:
        log.create([EVENTS], settings.topic_prefix)
        _append(log, topic, worlds.messages(1, owers, lives, block=FAUST_BLOCK))
        for agent, name in yardsticks.FAUST_AGENTS.items():
            app = f"{topic}-{agent}"
            log.create(yardsticks.changelogs(app, agent, EVENTS.partitions), "")
            found[name] = figures_of(
                "faust",
                kafka=settings.kafka,
                topic=topic,
                events=lives * worlds.FACTS_EACH,
                partitions=EVENTS.partitions,
                provinces=provinces,
                app=app,
                agent=agent,
                folder=str(settings.home),
            )
            _show(name, found[name])


def _faust_extras() -> dict[str, str]:
    """Faust's faster parts, which are used where they are installed."""
    return {
        "json": "orjson" if find_spec("orjson") else "json",
        "loop": "uvloop" if find_spec("uvloop") else "asyncio",
    }


def _fill(log: KafkaLog, prefix: str, asked: argparse.Namespace) -> None:
    units = worlds.tree(asked.provinces)
    topic = UNITS.full(prefix)
    for page in worlds.paged(worlds.established(units), PAGE):
        log.append([Outgoing(topic, e.key.encode(), avro.encode(e)) for e in page])
    owers = [unit.code for unit in units]
    _append(log, EVENTS.full(prefix), worlds.messages(1, owers, _lives(asked)))


def _append(log: KafkaLog, topic: str, told: Iterable[worlds.Message]) -> None:
    for messages in worlds.paged(told, PAGE):
        log.append([Outgoing(topic, m.key, m.value) for m in messages])


def _lives(asked: argparse.Namespace) -> int:
    return max(1, int(asked.events) // worlds.FACTS_EACH)


def _add(found: dict[str, Any], name: str, figures: dict[str, Any]) -> None:
    found.setdefault(name, []).append(figures)
    _show(name, figures)


def _show(name: str, figures: dict[str, Any]) -> None:
    shown = dict(figures)
    if "events" in shown and shown.get("seconds"):
        shown["per_second"] = round(shown["events"] / shown["seconds"])
    print(name)
    for line in _lines(shown):
        print(line)


def _lines(figures: dict[str, Any], indent: str = "  ") -> list[str]:
    lines = []
    for key, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", *_lines(value, indent + "  ")]
        else:
            counted = isinstance(value, int | float) and not isinstance(value, bool)
            text = f"{value:,}" if counted else str(value)
            lines.append(f"{indent}{key:<40} {text}")
    return lines


def _said(asked: argparse.Namespace) -> dict[str, Any]:
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "python": platform.python_version(),
        **{key: value for key, value in vars(asked).items() if value is not None},
    }


def _targets(found: dict[str, Any]) -> list[Target]:
    """The targets whose measurements are there; rates as medians of the repeats."""
    targets = []
    live = (
        median(r["counts"]["facts"] / r["seconds"] for r in found["live"]) if "live" in found else 0
    )
    if live and "bare" in found:
        bare = median(r["events"] / r["seconds"] for r in found["bare"])
        name = "live path / bare aiokafka + fastavro + dict loop"
        targets.append(Target(name=name, value=live / bare, bound=0.6, at_least=True, unit="x"))
    if live and "faust" in found:
        faust = found["faust"]["events"] / found["faust"]["seconds"]
        name = "live path / plain Faust agent with tables"
        targets.append(Target(name=name, value=live / faust, bound=60, at_least=True, unit="x"))
    if "memory" in found:
        for key, what in (("engine_bytes", "state"), ("process_bytes", "process with boards")):
            million = found["memory"][key] / MB * 1_000_000 / found["memory"]["obligations"]
            name = f"memory of 1 M obligations x 4 facts, {what}"
            targets.append(Target(name=name, value=million, bound=1_500, at_least=False, unit="MB"))
    if "latency" in found:
        boards, visible = found["latency"]["boards"], found["latency"]["visible"]
        name = "board over HTTP, 99th percentile"
        targets.append(Target(name=name, value=boards["p99"], bound=10, at_least=False, unit="ms"))
        name = f"recorded -> visible at {visible['rate']:,} events/s, 99th percentile"
        targets.append(
            Target(name=name, value=visible["p99"], bound=250, at_least=False, unit="ms")
        )
    if "reform" in found:
        name = f"new boards after the reform, {found['reform']['recorded_per_second']:,} events/s"
        seen = found["reform"]["new_provinces_seconds"]
        targets.append(Target(name=name, value=seen, bound=5, at_least=False, unit="s"))
    if "opening" in found:
        targets += _of_opening(found["opening"])
    if "lists" in found:
        name = "slowest list or board of a province, 99th percentile"
        p99 = found["lists"]["worst_p99"]
        targets.append(Target(name=name, value=p99, bound=100, at_least=False, unit="ms"))
    if "known" in found:
        name = "board of a province as known 30 days ago, first time"
        worst = found["known"]["province_first"]["wall_worst"]
        targets.append(Target(name=name, value=worst, bound=1_000, at_least=False, unit="ms"))
    if archive.EACH_CORE in found:
        targets += [Target(**one) for one in archive.targets(found)]
    return targets


def _of_opening(found: dict[str, Any]) -> list[Target]:
    rate = found["events"] / found["seconds"]
    grown = (found["last_page_bytes"] - found["first_page_bytes"]) / MB
    name = "obligations opened a second, ledger in SQLite"
    more = f"memory grown over {found['events']:,} openings"
    return [
        Target(name=name, value=rate, bound=10_000, at_least=True),
        Target(name=more, value=grown, bound=50, at_least=False, unit="MB"),
    ]


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lienthong bench", description=run.__doc__)
    parser.add_argument(
        "--only", action="append", choices=PIECES, help="one measurement, repeatable"
    )
    parser.add_argument("--events", type=int, default=300_000, help="events on the topic")
    parser.add_argument("--repeats", type=int, default=3, help="of the bare loop and the live path")
    parser.add_argument(
        "--faust-events", type=int, default=20_000, help="for each plain Faust agent"
    )
    parser.add_argument("--provinces", type=int, default=worlds.PROVINCES, help="of the tree")
    parser.add_argument(
        "--obligations", type=int, default=1_000_000, help="of memory, reform, known"
    )
    parser.add_argument("--history", type=int, default=40_000, help="events before the latencies")
    parser.add_argument("--boards", type=int, default=1_000, help="boards asked for over HTTP")
    parser.add_argument("--rate", type=int, default=1_000, help="events a second while probing")
    parser.add_argument("--seconds", type=float, default=30.0, help="of probing")
    parser.add_argument(
        "--reform-rate", type=int, default=2_000, help="events a second while the reform comes"
    )
    parser.add_argument("--openings", type=int, default=100_000, help="obligations to open")
    parser.add_argument("--seed", type=int, default=1, help="of the archive")
    parser.add_argument("--archive", help="folder of the archive; kept, and used where it is there")
    parser.add_argument("--output", help="file for all figures as JSON")
    return parser

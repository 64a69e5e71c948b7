"""Any order and number of deliveries, units last: one answer, on a real Kafka; and one move."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from ops import readside, wiring
from ops.broker import Broker
from ops.kafka import KafkaLog
from ops.log import Outgoing
from ops.replay import Logged, gather
from ops.replay_boards import boards_of
from ops.settings import Settings
from ops.supervisor import our_parts
from projections.ask import Ask
from projections.boards import Boards
from projections.runner import PlainRunner
from schemas import avro
from schemas.board import ZERO, Counts
from schemas.event import Event
from schemas.jsonl import Defaults, parse_line
from schemas.times import Day, as_of, format_day, parse_day
from schemas.topics import TOPICS, UNITS
from tests import lives, story
from tests.home import Home

Json = Mapping[str, Any]
ReadBoard = Callable[[str, str], Json]
DELIVERIES_MAX = 3
SEEDS = (1, 2, 3)
DAYS = ("2012-05-25", "2012-06-11", "2012-06-30", "2012-07-01", "2012-07-31", "2021-01-05")
FIRST, LAST = parse_day("2012-03-31"), parse_day("2012-07-31")
MOVED_ON, DUE, REPORTED = map(parse_day, ("2012-07-01", "2012-06-08", "2012-07-10"))
UNSAME = ("tree_version", "position", "positions", "version", "restated")


def world() -> list[Event]:
    """All stories at once: every step list, the worked example, its extension, the move."""
    lines = [
        *story.quarter(),
        *lives.lines_of(recorded=True)[1:],
        *lives.lines_of(recorded=False),
        *story.task_9(),
        *lives.moved(),
    ]
    return [one for line in lines for one in parse_line(line, Defaults(source="66"))]


EVENTS_OF_ALL = world()
CODES = sorted({one.unit for one in EVENTS_OF_ALL})


def in_order() -> Boards:
    """The plain fold of everything, told once and in order."""
    records = (Logged(e.topic, e.key.encode(), avro.encode(e), "story") for e in EVENTS_OF_ALL)
    return boards_of(gather(records), wiring.now())


def deliveries(seed: int, prefix: str) -> tuple[list[Outgoing], list[Outgoing]]:
    """(everything but the units, the units): each event up to three times, in any order."""
    dice = random.Random(seed)
    told = [one for one in EVENTS_OF_ALL for _ in range(dice.randint(1, DELIVERIES_MAX))]
    dice.shuffle(told)
    messages = [Outgoing(prefix + e.topic, e.key.encode(), avro.encode(e)) for e in told]
    units = [one for one in messages if one.topic == UNITS.full(prefix)]
    return [one for one in messages if one.topic != UNITS.full(prefix)], units


def answers(board: ReadBoard) -> dict[tuple[str, str], Json]:
    """Every unit on chosen days, the root on every day of the story of the move."""
    asked = [(code, day) for code in CODES for day in DAYS]
    asked += [("centre", format_day(Day(day))) for day in range(FIRST, LAST + 1)]
    found = {}
    for code, day in asked:
        told = board(code, day)
        found[code, day] = {key: value for key, value in told.items() if key not in UNSAME}
    return found


def of_boards(boards: Boards) -> ReadBoard:
    def board(code: str, day: str) -> Json:
        return boards.board(code, Ask(on=as_of(day)), wiring.now()).to_json()

    return board


@pytest.fixture(scope="module")
def expected() -> dict[tuple[str, str], Json]:
    return answers(of_boards(in_order()))


@pytest.mark.parametrize("seed", SEEDS)
def test_any_order_and_number_of_deliveries_gives_one_answer(
    kafka_log: KafkaLog,
    kafka_settings: Settings,
    expected: dict[tuple[str, str], Json],
    seed: int,
) -> None:
    kafka_log.create(TOPICS, kafka_settings.topic_prefix)
    first, units = deliveries(seed, kafka_settings.topic_prefix)
    with wiring.read_model(kafka_settings, create=True) as model:
        side = readside.live(kafka_settings, kafka_log, model)
        runner = PlainRunner(kafka_log, side.parts.workers, wiring.now, side.parts.context)
        runner.open()
        kafka_log.append(first)
        runner.drain()
        assert side.parts.boards.tree.codes == ()
        kafka_log.append(units)
        runner.drain()

        assert expected == answers(of_boards(side.parts.boards))


@pytest.fixture(scope="module")
def shuffled(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A worker process behind Faust that was told everything in any order, units last."""
    worker = [part for part in our_parts() if part.name == "worker"]
    home = Home(tmp_path_factory.mktemp("shuffled"), kafka.bootstrap, "shuffled.", worker)
    first, units = deliveries(SEEDS[-1] + 1, home.settings.topic_prefix)
    home.start()
    log = home.log()
    with wiring.ledger(home.settings):
        pass  # made empty: nothing of this came through it
    try:
        log.append(first)
        home.wait()
        log.append(units)
        home.wait()
        yield home
    finally:
        log.close()
        home.stop()


def test_a_worker_behind_faust_gives_the_same_answer(
    shuffled: Home, expected: dict[tuple[str, str], Json]
) -> None:
    assert expected == answers(lambda code, day: shuffled.get(f"/api/units/{code}/board?on={day}"))


def test_a_unit_that_is_overdue_moves_and_then_reports_takes_its_count_along(
    shuffled: Home,
) -> None:
    def subtrees(code: str, days: Iterable[int]) -> dict[int, Counts]:
        path = f"/api/units/{code}/board?on="
        found = {day: shuffled.get(path + format_day(Day(day)))["subtree"] for day in days}
        return {day: Counts.read(figures) for day, figures in found.items()}

    days = range(parse_day("2012-04-01"), LAST + 1)
    carried = {day: lives.counts_of(_carried(day)) for day in days}

    assert {d: carried[d] if d < MOVED_ON else ZERO for d in days} == subtrees("m1", days)
    assert {d: ZERO if d < MOVED_ON else carried[d] for d in days} == subtrees("m2", days)


def _carried(day: int) -> str:
    if day < DUE:
        return "A+1"
    return "A+1 D+1 O+1" if day < REPORTED else "A+1 D+1 C+1 Cd+1 L+1"


def test_no_count_is_below_0_and_no_identity_is_broken_anywhere_on_any_day(
    shuffled: Home,
) -> None:
    broken = []
    for day in range(FIRST, LAST + 1):
        found = shuffled.get(f"/api/units/centre/board?by=child&on={format_day(Day(day))}")
        groups = [found["own"], found["subtree"], *found["by_level"].values(), *found["rows"]]
        broken += [(day, one) for group in groups for one in Counts.read(group).broken_identities()]

    assert broken == []

"""The worked examples and every step list, from a unit's inbox to every way of reading a board."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ops import reading, readside, wiring
from ops.broker import Broker
from ops.embedded import SqliteLog
from ops.kafka import KafkaLog
from ops.log import Outgoing
from ops.replay import Gathered, from_ledger, from_log, gather
from ops.replay_boards import boards_of
from ops.settings import Settings
from ops.supervisor import log_file
from projections.ask import Ask
from projections.runner import PlainRunner
from schemas.board import ZERO, Counts
from schemas.jsonl import Defaults
from schemas.times import as_of
from schemas.topics import INBOX, TOPICS
from services.intake import Intake
from services.publish import publish
from services.relay import Relay
from tests import lives, story
from tests.home import Home, wire

Json = Mapping[str, Any]
UNSAME = ("tree_version", "position", "positions", "version", "restated")
"""What a board says of its own making and of later changes; two ways need not agree on it."""
WAYS = ("server", "read model", "ledger", "kafka", "plain runner")
QUARTER = {
    "2012-06-07T12:00:00+07:00": ("A+2 C+1 Ce+1 N+1 No+1", "A+2", 0),
    "2012-06-08T00:00:00+07:00": (
        "A+2 D+2 C+1 Cd+1 O+1 N+1 Nd+1 No+1",
        "A+2 D+2 C+1 Cd+1 O+1 N+1 Nd+1 No+1",
        0,
    ),
    "2012-06-08T12:00:00+07:00": (
        "A+2 D+2 C+2 Cd+2 N+1 Nd+1 No+1 L+1",
        "A+2 D+2 C+1 Cd+1 O+1 N+1 Nd+1 No+1",
        1,
    ),
    "2012-06-12T00:00:00+07:00": ("A+2 D+2 C+2 Cd+2 N+1 Nd+1 No+1 L+1", "A+2 D+2 R+1 O+1", 1),
    "2012-06-14T00:00:00+07:00": (
        "A+2 D+2 C+2 Cd+2 N+1 Nd+1 No+1 L+1",
        "A+2 D+2 C+1 Cd+1 O+1 N+1 Nd+1 No+1",
        1,
    ),
    "2012-06-21T00:00:00+07:00": (
        "A+2 D+2 C+2 Cd+2 N+1 Nd+1 No+1 L+1",
        "A+2 D+2 C+2 Cd+2 N+1 Nd+1 No+1 L+1",
        1,
    ),
}
"""Instant -> the departments (A, B), the districts (X, Y), and how many reminders."""


class Question(NamedTuple):
    unit: str
    on: str
    known: str | None = None


Answers = Mapping[Question, Json]
EXTENDED = Question("87.so-noi-vu", "2021-01-15")
BEFORE = Question("87.so-noi-vu", "2021-01-15", "2020-12-19")
EXAMPLES = (*(Question("66", on) for on in QUARTER), EXTENDED, BEFORE)
"""These are asked of the command line itself in every way; the others in its process."""
QUESTIONS = (
    *EXAMPLES,
    *(Question(w.unit, w.on, w.known) for life in lives.LIVES for w in lives.wanted(life)),
)


def recorded() -> list[str]:
    """Lines whose times of recording matter."""
    return [*lives.lines_of(recorded=True), *story.task_9()]


def sent() -> list[str]:
    """Lines that unit systems send to the inbox."""
    return [*story.quarter()[1:], *lives.lines_of(recorded=False)]


@pytest.fixture(scope="module")
def answers(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answers]:
    """Way of reading -> every question's board."""
    home = Home(tmp_path_factory.mktemp("worked"), kafka.bootstrap, "worked.")
    home.start()
    try:
        assert home.publish(recorded(), "--history").code == 0
        home.send(wire(sent()))
        home.take_in()
        found = {"server": {one: asked(home, "board", one) for one in QUESTIONS}}
        assert verified(home) == []
    finally:
        home.stop()
    found["read model"] = from_model(home)
    Path(home.settings.read_model.removeprefix("sqlite:")).unlink()
    for way in ("ledger", "kafka"):
        found[way] = replayed(home, way)
    found["plain runner"] = plainly(tmp_path_factory.mktemp("plain"))
    return found


def asked(home: Home, command: str, one: Question, *options: str) -> Json:
    known = ("--known", one.known) if one.known else ()
    found: Json = home.asked(command, one.unit, "--on", one.on, *known, *options)
    return found


def verified(home: Home) -> list[str]:
    """What `verify` says besides ok."""
    said = home("verify")
    assert said.code == 0, said
    return [line for line in said.out.splitlines() if not line.startswith("ok ")]


def from_model(home: Home) -> Answers:
    with reading.of(home.settings) as reader:
        found = {one: reader.board(one.unit, on=one.on, known=one.known) for one in QUESTIONS}
    return found | {one: asked(home, "board", one) for one in EXAMPLES}


def replayed(home: Home, way: str) -> Answers:
    if way == "ledger":
        with wiring.ledger(home.settings, create=False) as ledger:
            gathered = gather(from_ledger(ledger))
    else:
        log = KafkaLog.of(home.settings)
        gathered = gather(from_log(log, home.settings.topic_prefix))
        log.close()
    found = {one: replay(gathered, one) for one in QUESTIONS}
    return found | {one: asked(home, "replay", one, "--from", way) for one in EXAMPLES}


def replay(gathered: Gathered, one: Question) -> Json:
    ask = ask_of(one)
    return boards_of(gathered, wiring.now(), ask.known).board(one.unit, ask, wiring.now()).to_json()


def ask_of(one: Question) -> Ask:
    return Ask(on=as_of(one.on), known=as_of(one.known) if one.known else None)


def plainly(folder: Path) -> Answers:
    """The same lines through intake, ledger, relay and plain runner over the log in SQLite."""
    settings = Settings.load({}, home=folder, log="sqlite")
    log = SqliteLog(log_file(folder))
    log.create(TOPICS, settings.topic_prefix)
    with wiring.ledger(settings) as ledger, wiring.read_model(settings, create=True) as model:
        side = readside.live(settings, log, model)
        runner = PlainRunner(log, side.parts.workers, wiring.now, side.parts.context)
        runner.open()
        outcomes = publish(recorded(), ledger, Defaults(source="home"), history=True)
        assert {one.status for one in outcomes} == {"accepted"}
        inbox = INBOX.full(settings.topic_prefix)
        log.append([Outgoing(inbox, None, value) for value in wire(sent())])
        intake, relay = Intake(ledger, log, clock=wiring.now), Relay(ledger, log)
        while intake.step().records:
            pass
        while relay.step():
            pass
        runner.drain()
        found = {one: side.query.board(one.unit, ask_of(one)) for one in QUESTIONS}
    log.close()
    return found


def figures(counts: Counts, reminded: int = 0) -> dict[str, Any]:
    """A group of figures as the contract writes it, its rates by hand."""
    n = {name: counts[name] for name in lives.SHORT.values()}
    inspections = {
        "conducted": 0,
        "findings_open": n.pop("findings_open"),
        "findings_closed": n.pop("findings_closed"),
    }
    return {
        **n,
        "content": 0,
        "inspections": inspections,
        "completion_rate": n["completed"] / n["assigned"] if n["assigned"] else None,
        "due_completion_rate": n["completed_of_due"] / n["due"] if n["due"] else None,
        "on_time_rate": n["on_time_of_due"] / n["due"] if n["due"] else None,
        "ladder": {"urged": 0, "reminded": reminded, "criticised": 0},
    }


def columns(this_year: Counts, carried_over: Counts) -> dict[str, Any]:
    found = {"due_this_year": figures(this_year), "carried_over": figures(carried_over)}
    for column in found.values():
        del column["ladder"]
    return found


def whole(counts: Counts, this_year: Counts, carried: Counts, reminded: int = 0) -> dict[str, Any]:
    return figures(counts, reminded) | columns(this_year, carried)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("on", QUARTER)
def test_the_quarterly_report_of_four_units(answers: dict[str, Answers], way: str, on: str) -> None:
    departments, districts, reminded = QUARTER[on]
    a_b, x_y = lives.counts_of(departments), lives.counts_of(districts)
    board = answers[way][Question("66", on)]

    assert {
        "unit": "66",
        "name": "Đắk Lắk",
        "level": "province",
        "closed": False,
        "on": on,
        "known": None,
        "own": whole(ZERO, ZERO, ZERO),
        "subtree": whole(a_b + x_y, a_b + x_y, ZERO, reminded),
        "by_level": {"province": figures(a_b), "district": figures(x_y, reminded)},
        "by_unit_kind": {"department": figures(a_b), "people_committee": figures(x_y, reminded)},
    } == {key: value for key, value in board.items() if key not in UNSAME}


@pytest.mark.parametrize("way", WAYS)
def test_the_extension_of_task_9_is_unknown_the_day_before(
    answers: dict[str, Answers], way: str
) -> None:
    open_ = lives.counts_of("A+1 ext+1")
    overdue = lives.counts_of("A+1 D+1 O+1")

    assert whole(open_, open_, ZERO) == answers[way][EXTENDED]["own"]
    assert whole(overdue, ZERO, overdue) == answers[way][BEFORE]["own"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("life", lives.LIVES, ids=lambda life: f"{life.name}-{life.known}")
def test_a_step_list_at_each_of_its_instants(
    answers: dict[str, Answers], way: str, life: lives.Life
) -> None:
    wanted = lives.wanted(life)
    boards = {w: answers[way][Question(w.unit, w.on, w.known)] for w in wanted}

    assert [whole(w.counts, w.this_year, w.carried_over) for w in wanted] == [
        boards[w]["own"] for w in wanted
    ]


@pytest.mark.parametrize("way", WAYS[1:])
def test_all_ways_give_the_same_boards(answers: dict[str, Answers], way: str) -> None:
    def told(board: Json) -> Json:
        return {key: value for key, value in board.items() if key not in UNSAME}

    assert [told(answers["server"][q]) for q in QUESTIONS] == [
        told(answers[way][q]) for q in QUESTIONS
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_merged_unit_is_closed_from_that_day_and_its_successor_answers_for_both(
    answers: dict[str, Answers], way: str
) -> None:
    days = [Question("l4.a", "2012-06-30"), Question("l4.a", "2012-07-01")]
    late = answers[way][Question("l4b.b", "2012-07-15")]

    assert [False, True] == [answers[way][day]["closed"] for day in days]
    assert not late["closed"]
    # What was sent before the transfer stays the former unit's own, below the successor.
    assert (0, 1) == (late["own"]["completed"], late["subtree"]["completed"])

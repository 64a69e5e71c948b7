"""Query over a whole small home: boards, lists, units and outlets of the worked example."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import readside
from ops.embedded import SqliteLog
from ops.settings import Settings
from ops.supervisor import log_file
from projections.ask import Ask, UnknownUnit
from projections.query import Query
from projections.readmodel_sqlite import SqliteModel
from projections.runner import PlainRunner
from schemas.board import Board, Counts
from schemas.jsonl import Defaults
from schemas.obligation_state import ObligationState
from schemas.times import Instant, as_of
from schemas.topics import TOPICS
from services.ledger import Ledger
from services.publish import publish
from services.relay import Relay
from tests import story

NOW = as_of("2012-07-01T08:00:00+07:00")
STRANGER = story.line(
    "report.expected.v1",
    "99.nobody",
    "2012-06-25 00:00",
    obligation="x:1:99.nobody",
    kind="report",
    item="1",
    done_when="sent",
    due_before="2012-06-08",
    issuer="66",
    by="66",
)


class SmallRead:
    """A home told the worked example and one obligation of a unit that nobody established."""

    def __init__(self, folder: Path) -> None:
        settings = Settings.load({}, home=folder, log="sqlite", source="66")
        self.ledger = Ledger.open(settings.ledger, clock=lambda: NOW, source="66")
        self.log = SqliteLog(log_file(folder))
        self.log.create(TOPICS, settings.topic_prefix)
        for outcome in publish(
            [*story.quarter(), STRANGER], self.ledger, Defaults(source="66"), history=True
        ):
            assert outcome.status == "accepted", outcome
        relay = Relay(self.ledger, self.log, prefix=settings.topic_prefix)
        while relay.step():
            pass
        file = Path(settings.read_model.removeprefix("sqlite:"))
        self.model = SqliteModel(file, generation=1)
        side = readside.live(settings, self.log, self.model, lambda: NOW)
        self.runner = PlainRunner(self.log, side.parts.workers, lambda: NOW, side.parts.context)
        self.runner.open()
        self.runner.drain()
        self.query = side.query
        self.settings = settings

    def topic(self, name: str) -> dict[bytes | None, bytes]:
        """The last value of each key."""
        full = self.settings.topic_prefix + name
        found: dict[bytes | None, bytes] = {}
        for partition, (start, end) in enumerate(self.log.ends(full)):
            for record in self.log.read(full, partition, start, max(1, end - start)):
                assert record.value is not None
                found[record.key] = record.value
        return found


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallRead]:
    made = SmallRead(tmp_path_factory.mktemp("home"))
    yield made
    made.model.close()
    made.log.close()
    made.ledger.close()


@pytest.fixture(scope="module")
def query(read: SmallRead) -> Query:
    return read.query


WORKED_EXAMPLE = {
    "2012-06-07T12:00:00+07:00": (4, 0, 1, 0, 0, 0, 1, 0),
    "2012-06-08T00:00:00+07:00": (4, 4, 2, 2, 0, 2, 2, 0),
    "2012-06-08T12:00:00+07:00": (4, 4, 3, 3, 0, 1, 2, 1),
    "2012-06-12T00:00:00+07:00": (4, 4, 2, 2, 1, 1, 1, 1),
    "2012-06-14T00:00:00+07:00": (4, 4, 3, 3, 0, 1, 2, 1),
    "2012-06-21T00:00:00+07:00": (4, 4, 4, 4, 0, 0, 2, 2),
}
SHOWN = (
    "assigned",
    "due",
    "completed",
    "completed_of_due",
    "in_revision",
    "overdue",
    "on_time",
    "late",
)


@pytest.mark.parametrize("on", WORKED_EXAMPLE)
def test_the_worked_example_is_right_at_every_instant(query: Query, on: str) -> None:
    counts = query.figures("66", Ask(on=as_of(on))).subtree.counts

    assert tuple(counts[name] for name in SHOWN) == WORKED_EXAMPLE[on]


def test_the_ladder_counts_from_its_instant(query: Query) -> None:
    def reminded(on: str) -> int:
        ladder = query.figures("66", Ask(on=as_of(on))).subtree.ladder
        assert ladder is not None
        return ladder.reminded

    assert reminded("2012-06-08T09:59:59+07:00") == 0
    assert reminded("2012-06-08T10:00:00+07:00") == 1


def test_units_are_found_without_diacritics_and_by_parent(query: Query) -> None:
    assert [unit["unit"] for unit in query.units("huyen x", None, None, 5)] == ["66.x"]
    assert [unit["unit"] for unit in query.units("", "66", None, 9)] == [
        "66.x",
        "66.y",
        "66.so-a",
        "66.so-b",
        "66.so-noi-vu",
    ]
    assert [unit["unit"] for unit in query.units("so", "66", None, 9)] == [
        "66.so-a",
        "66.so-b",
        "66.so-noi-vu",
    ]
    assert [unit["unit"] for unit in query.units("", None, None, 5)] == ["centre"]


def test_a_unit_tells_its_way_from_the_root(query: Query) -> None:
    unit = query.unit("66.x", None)

    assert unit["name"] == "Huyện X"
    assert [step["unit"] for step in unit["path"]] == ["centre", "66", "66.x"]  # type: ignore[attr-defined]
    (stand,) = unit["parents"]  # type: ignore[misc]
    assert (stand["since"], stand["parent"], stand["closed"]) == ("2012-01-01", "66", False)
    assert unit["conflicts"] == []


def test_the_list_is_in_the_order_of_dues_with_states(query: Query) -> None:
    on = as_of("2012-06-12T00:00:00+07:00")
    listed = query.obligations("66", Ask(on=on))
    rows = listed["obligations"]

    assert listed["total"] == 4
    assert {row["unit"]: row["state"] for row in rows} == {  # type: ignore[attr-defined]
        "66.so-a": "done_on_time",
        "66.so-b": "done_late",
        "66.x": "in_revision",
        "66.y": "overdue",
    }
    overdue = query.obligations("66", Ask(on=on), "overdue")["obligations"]
    assert [(row["unit_name"], row["days_overdue"]) for row in overdue] == [  # type: ignore[attr-defined]
        ("Huyện Y", 5)
    ]


def test_an_ower_that_nobody_established_waits(query: Query) -> None:
    waiting = query.waiting()

    assert waiting["total"] == 1
    assert waiting["owers"][0]["unit"] == "99.nobody"  # type: ignore[index]
    assert query.figures("centre", Ask()).subtree.counts["assigned"] == 4


def test_unknown_units_are_said_to_be_unknown(query: Query) -> None:
    for ask in (lambda: query.board("nobody", Ask()), lambda: query.unit("nobody", None)):
        with pytest.raises(UnknownUnit):
            ask()


def test_the_boards_topic_says_what_the_query_says(read: SmallRead) -> None:
    told = {key: Board.decode(value) for key, value in read.topic("boards").items()}
    province = told[b"66"]

    assert set(told) == {code.encode() for code in story.UNITS}
    assert province.subtree == read.query.figures("66", Ask(on=province.on)).subtree
    assert province.by_level["district"].counts == Counts.of(
        assigned=2,
        due=2,
        completed=2,
        completed_of_due=2,
        on_time=1,
        on_time_of_due=1,
        on_time_original_due=1,
        late=1,
    )


def test_the_obligations_topic_tells_each_life(read: SmallRead) -> None:
    told = {key: ObligationState.decode(value) for key, value in read.topic("obligations").items()}
    x = told[b"dak-lak-guidance-2012:5.1:2012-Q2:66.x"]

    assert len(told) == 5
    assert (x.phase, x.unit, x.submissions, x.on_time) == ("done", "66.x", 2, True)
    assert x.completed_at == as_of("2012-06-13T09:00:00+07:00")
    assert told[b"dak-lak-guidance-2012:5.1:2012-Q2:66.y"].reminded == 1


def test_the_read_model_alone_answers_the_same(read: SmallRead) -> None:
    model = SqliteModel(Path(read.settings.read_model.removeprefix("sqlite:")))
    alone = readside.from_model(read.settings, model, lambda: NOW)
    asks = [Ask(), Ask(on=as_of("2012-06-12")), Ask(known=Instant(as_of("2012-06-07")))]

    for ask in asks:
        for code in story.UNITS:
            ours, theirs = alone.figures(code, ask), read.query.figures(code, ask)
            assert (ours.own, ours.subtree) == (theirs.own, theirs.subtree)
    model.close()

"""Which records a board rests on: said by the board, in a header of its record, and once alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import readside
from ops.at_positions import AtPositions, PositionsWentBack, kept
from projections.ask import Ask
from projections.query import Query
from schemas.cloudevents import LEDGER_HEADER
from schemas.positions import HEADER, Positions
from schemas.times import as_of
from schemas.topics import BOARDS, EVENTS, UNITS
from tests import story
from tests.unit.test_restatements_outlet import LATE, NOW, Home

ON = as_of("2012-06-30")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    made.tell(*story.established(), story.expected("66.x"), story.expected("66.y"))
    yield made
    made.close()


def positions(query: Query) -> Positions:
    found = query.figures("centre", Ask(on=ON)).positions
    assert found is not None
    return found


def told(home: Home) -> Positions:
    """Where the topics end now."""
    name = home.prefix + EVENTS.name
    ends = [end for _, end in home.log.ends(name)]
    while ends[-1] == 0:
        ends.pop()
    units = home.log.ends(home.prefix + UNITS.name)[0][1]
    return Positions(units, 0, {home.log.topic_id(name): tuple(ends)})


def test_a_board_stands_where_the_topics_end_once_all_is_folded(home: Home) -> None:
    before = positions(home.query)
    assert before == told(home)

    home.tell(*LATE)

    assert positions(home.query) == told(home) != before


def test_the_read_model_alone_stands_where_the_workers_do(home: Home) -> None:
    alone = readside.from_model(home.settings, home.model, lambda: NOW)

    assert positions(alone) == positions(home.query)


def test_a_record_of_the_boards_topic_bears_the_positions_of_its_board(home: Home) -> None:
    topic = home.prefix + BOARDS.name
    headers = [
        record.headers
        for partition, (_, end) in enumerate(home.log.ends(topic))
        for record in home.log.read(topic, partition, 0, 100)
        if end
    ]

    assert Positions.of(headers[-1]) == positions(home.query)
    assert [[name for name, _ in one] for one in headers] == [[HEADER]] * len(headers)
    assert Positions.of([(LEDGER_HEADER, b"x:1:1")]) is None


def test_what_lies_before_positions_is_counted_and_what_lies_behind_is_not(home: Home) -> None:
    before = positions(home.query)
    home.tell(*LATE)
    log = kept(home.log, home.prefix)
    walk = AtPositions(log)
    shown = []
    for at in (before, positions(home.query)):
        walk.move(at)
        figures = walk.figures(ON)
        shown.append((figures.subtree("66")[:3], figures.own("66.x")[:3]))

    # assigned, due, completed: both reports were expected; they were sent, and told of, later.
    assert shown == [((2, 2, 0), (1, 1, 0)), ((2, 2, 2), (1, 1, 1))]
    with pytest.raises(PositionsWentBack, match="events/"):
        walk.move(before)

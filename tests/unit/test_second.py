"""The second engine over a log: boards by SQL, and what of a log it does not count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.mutants.worlds import issued
from ops.replay import Gathered, derived, from_ledger, gather
from ops.replay_boards import boards_of
from ops.second import SQL_AND_FOLD, Second, SecondSteps, boards_are_the_folds, places, sample
from ops.sql import engine
from ops.verify import Live, live_is_replay
from projections.ask import Ask
from schemas.event import EventId
from schemas.events.report import ReportExpected, ReportReturned, ReportSubmitted
from schemas.jsonl import Defaults
from schemas.times import as_of, end_of_day, parse_day
from services.ledger import Ledger
from services.publish import publish
from tests import given, story
from tests.given import instant
from tests.sql_worlds import both, opened, tell_facts, told

FIRST_OF_JUNE = parse_day("2012-06-01")
NOW = as_of("2012-07-01T08:00:00+07:00")


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    with opened() as made:
        yield made


@pytest.fixture
def gathered(tmp_path: Path, second: Second) -> Iterator[Gathered]:
    ledger = Ledger.open(f"sqlite:{tmp_path / 'ledger.db'}", clock=lambda: NOW, source="66")
    for _ in publish(story.quarter(), ledger, Defaults(source="66"), history=True):
        pass
    yield gather(second.through(from_ledger(ledger)))
    ledger.close()


@pytest.mark.parametrize("known", [None, "2012-06-12"])
@pytest.mark.parametrize("on", ["2012-06-12", "2012-06-08T08:00:00+07:00"])
def test_a_board_by_sql_is_the_folds_on_a_day_and_inside_it(
    second: Second, gathered: Gathered, on: str, known: str | None
) -> None:
    ask = Ask(on=as_of(on), known=None if known is None else as_of(known))
    counted = second.counted(ask.known)
    ours = boards_of(gathered, NOW, ask.known, counted, SecondSteps(second))

    assert ours.board("66", ask, NOW) == boards_of(gathered, NOW, ask.known).board("66", ask, NOW)
    assert ours.board("66", ask, NOW).subtree.counts["assigned"] == 4


def test_the_boards_of_all_units_agree_and_one_changed_cell_is_told(
    second: Second, gathered: Gathered
) -> None:
    days = [parse_day(text) for text in ("2012-06-07", "2012-06-08", "2012-06-21")]
    result = derived(gathered)
    boards = boards_of(gathered, NOW, result=result)
    second.counted()

    assert boards_are_the_folds(second, boards, days, NOW).holds
    (cell, *_) = result.cells
    other = result.cells | {cell: result.cells[cell] + result.cells[cell]}
    broken = boards_of(gathered, NOW, result=result._replace(cells=other))
    check = boards_are_the_folds(second, broken, days, NOW)

    assert not check.holds
    assert "by SQL" in check.differences[0]


def test_cells_that_differ_are_told_by_the_names_of_both_engines(
    second: Second, gathered: Gathered
) -> None:
    result = derived(gathered)
    none = Live({}, result.ladder)
    check = live_is_replay(none, result, "SQL = fold", SQL_AND_FOLD)

    assert check.differing > 0
    assert "by 0 by SQL, by 1 by the fold" in check.differences[0]


def test_parts_of_a_log_are_counted_one_after_the_other(second: Second, gathered: Gathered) -> None:
    engine.know_programmes(second.connection)
    whole = engine.cells(second.connection)
    parts = [f"(SELECT * FROM facts WHERE bucket % 2 = {half})" for half in (0, 1)]
    on = end_of_day(parse_day("2012-06-12"))
    engine.set_paths(second.connection, places(gathered.tree().at(parse_day("2012-06-12"))))

    assert engine.cells(second.connection, None, parts) == whole
    assert engine.boards(second.connection, on, None, parts) == engine.boards(second.connection, on)


def test_a_record_under_another_key_is_not_counted(second: Second, tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:{tmp_path / 'other.db'}", clock=lambda: NOW, source="66")
    for _ in publish(story.quarter(), ledger, Defaults(source="66"), history=True):
        pass
    records = [record._replace(key=b"other") for record in from_ledger(ledger)]
    told = gather(second.through([*records, records[0]._replace(value=None)]))
    ledger.close()

    assert second.counted().cells == {} == derived(told).cells


def test_too_many_facts_of_one_obligation_are_left_out_by_both(
    second: Second, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("ops.replay", "ops.sql.order"):
        monkeypatch.setattr(f"{module}.FACTS_PER_OBLIGATION_MAX", 2)
    facts = [given.opens(), given.extended("2012-05-01", "2012-07-01")]
    late = given.met("2012-06-01")
    ours, theirs = both(second, tell_facts(second, [*facts, late]), None)

    assert ours == theirs
    assert {measure for nets in ours.cells.values() for measure in nets} == {0, 1, 6, 11}


def test_a_sample_has_the_first_and_the_last() -> None:
    assert sample(range(100), 5) == [0, 24, 49, 74, 99]
    assert sample(range(3), 5) == [0, 1, 2]


@pytest.mark.parametrize("days", [None, 5, 10])
def test_of_two_contents_of_one_programme_recorded_at_once_both_engines_take_the_same(
    second: Second, days: int | None
) -> None:
    first, other = (
        issued("p", number, instant("2012-03-01"), EventId(b"p" * 16)) for number in (days, 9)
    )
    life = [
        ReportExpected(**_told(0, "2012-04-01"), item="1", issuer="66", due_before=FIRST_OF_JUNE),
        ReportSubmitted(**_told(1, "2012-05-20")),
        ReportReturned(**_told(2, "2012-06-05")),
    ]
    for order in ([first, other], [other, first]):
        ours, theirs = both(second, told(second, [*order, *life]), None)

        assert ours == theirs


def _told(number: int, at: str) -> dict[str, Any]:
    return {
        "event_id": EventId(bytes([number]) * 16),
        "effective_at": instant(at),
        "recorded_at": instant(at),
        "obligation": "p:1:66.a",
        "unit": "66.a",
        "by": "66",
        "source": "s",
        "programme": "p",
    }

"""The bench's archive is one that `archive write` could have made, and is counted alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ops import duck
from ops.archive.checking import verify
from ops.archive.reading import heads_of, records_of
from ops.archive.relations import Relations
from ops.bench import archive
from ops.bench.archive_made import make
from ops.bench.archive_story import Slot, days_of, told
from ops.bench.archive_values import World, event_of, grouped, values_of
from ops.replay import gather, logged
from ops.replay_boards import boards_of
from ops.second import groups_of
from projections.ask import Ask
from schemas import avro
from schemas.measures import CONTENT
from schemas.times import Instant, day_of

EVENTS, PROVINCES, SEGMENT = 2_500, 1, 1_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("bench") / "archive"
    return folder, make(str(folder), 7, EVENTS, PROVINCES, SEGMENT)


def test_every_value_is_what_the_contract_makes_of_the_event() -> None:
    world = World(7, PROVINCES)
    slots = set()
    for facts in told(7, 20_000):
        for _, group in grouped(world, facts, 60):
            slots.add(group.slot)
            cells = values_of(group).cells
            for row in range(len(cells)):
                assert avro.encode(event_of(group, row)) == cells[row, 1:].tobytes()

    assert set(Slot) == slots


def test_it_is_told_in_the_order_of_recording_and_from_its_seed_alone() -> None:
    pages = list(told(7, EVENTS))
    instants = [at for page in pages for at in page["recorded_at"].tolist()]

    assert EVENTS == len(instants)
    assert sorted(instants) == instants
    assert [page.tobytes() for page in pages] == [page.tobytes() for page in told(7, EVENTS)]
    assert [page.tobytes() for page in pages] != [page.tobytes() for page in told(8, EVENTS)]
    assert (400, 3_650) == (days_of(EVENTS), days_of(50_000_000))


def test_a_check_of_the_archive_finds_nothing(made: tuple[Path, dict[str, Any]]) -> None:
    folder, figures = made
    verdict = verify(folder)

    assert [] == verdict.faults
    assert 4 == verdict.segments
    assert EVENTS + len(World(7, PROVINCES).units) + 1 == verdict.records
    assert verdict.heads[-1].hash() == figures["head"]


def test_its_buckets_hold_every_record_of_the_topic_once(
    made: tuple[Path, dict[str, Any]],
) -> None:
    relations = Relations(made[0], heads_of(made[0]))
    found: list[int] = []
    with duck.opened(threads=1) as connection:
        for source in relations.buckets():
            found += (
                n for (n,) in connection.execute(f"SELECT notification FROM {source}").fetchall()
            )

    first = len(World(7, PROVINCES).units) + 2
    assert list(range(first, first + EVENTS)) == sorted(found)


def test_the_boards_by_sql_are_those_of_the_fold(made: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = made
    records = [logged(one.value, str(one.notification)) for one in records_of(folder)]
    with duck.opened(threads=1) as connection:
        on = archive.last_day(connection, Relations(folder, heads_of(folder)))
    parts = [archive.counted(folder, list(range(at, 16, 2)), 1, 500).figures for at in range(2)]
    figures = archive.summed(parts)
    boards = boards_of(gather(records), Instant(on))

    compared = 0
    for unit in boards.tree.at(day_of(on)).preorder:
        for name, counts in groups_of(boards.board(unit, Ask(on=on), Instant(on))).items():
            by_sql = figures.get((unit, name), (0,) * len(counts))
            assert without_content(by_sql) == without_content(counts), (unit, name)
            compared += sum(counts)
    assert compared > EVENTS


def without_content(counts: tuple[int, ...]) -> tuple[int, ...]:
    return (*counts[:CONTENT], *counts[CONTENT + 1 :])


def test_polars_opens_as_many_obligations(made: tuple[Path, dict[str, Any]]) -> None:
    pytest.importorskip("polars")
    figures = archive.summed([archive.counted(made[0], list(range(16)), 1, 500).figures])

    assert archive.polars_states(str(made[0]))["opened"] == archive.opened_of(figures)

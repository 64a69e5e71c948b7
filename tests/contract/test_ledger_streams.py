"""What a ledger knows of one stream, and which streams may keep something back."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.ledger import Ledger
from tests.office import Clock, assigned, at, declared
from tests.secrets import planned

HAS_INDEX = {
    "rowid": "SELECT name FROM sqlite_master WHERE name = 'planned_inspections'",
    "notification_id": "SELECT indexname FROM pg_indexes WHERE indexname = 'planned_inspections'",
}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'ledger.db'}"
    found: str = request.getfixturevalue("postgres")
    return found


def opened(url: str, *, create: bool = True) -> Ledger:
    return Ledger.open(url, clock=Clock(at("2020-06-02 08:00")), source="87", create=create)


def test_the_records_of_a_stream_have_the_numbers_of_the_log(url: str) -> None:
    ledger = opened(url)
    ledger.record([assigned("a"), assigned("b"), declared("a")])
    log, of_one, of_none = ledger.notifications(), ledger.stream("a"), ledger.stream("nothing")
    ledger.close()

    assert ([log[0], log[2]], []) == (of_one, of_none)


def test_events_of_some_types_are_read_alone_and_in_their_order(url: str) -> None:
    ledger = opened(url)
    ledger.record([assigned("a"), declared("a"), planned("b"), assigned("c")])
    log = ledger.notifications()
    of_two = list(ledger.events(names={log[0].event_name, log[2].event_name}))
    later = list(ledger.events(log[0].id, (log[0].event_name,)))
    ledger.close()

    assert ([log[0], log[2], log[3]], [log[3]]) == (of_two, later)


def test_the_streams_of_planned_inspections_are_found_in_an_old_ledger_too(url: str) -> None:
    old = opened(url)
    with old._store.writing() as tables:
        tables.run("DROP INDEX planned_inspections")
    old.record([assigned("a"), planned("b"), planned("c", "periodic")])
    old.close()
    again = opened(url, create=False)
    found = again.planned()
    with again._store.reading() as tables:
        indexed = tables.rows(HAS_INDEX[again._store.number])
    again.close()

    assert (frozenset({"b", "c"}), 1) == (found, len(indexed))

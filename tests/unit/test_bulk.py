"""Recording by the million: page by page, and again after it broke off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import cli, wiring
from ops.settings import Settings
from schemas.event import Event
from schemas.times import parse_day
from services.batch import Status
from services.bulk import record_stream
from services.ledger import Ledger
from services.loader import load, named_units
from services.programme_reading import builtin_programmes, read_programme
from tests.office import Clock, assigned, at

PAGE = 200
CLASSES = ("so-ban-nganh", "ubnd-huyen")


class PowerCut(Exception):
    """What breaks a load off."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(
        f"sqlite:{tmp_path / 'ledger.db'}", clock=Clock(at("2026-01-05")), source="66"
    )
    yield made
    made.close()


def openings() -> Iterator[Event]:
    """What the Đắk Lắk guidance of 2012 opens for ten units of each of its classes."""
    (path,) = (one for one in builtin_programmes() if "dak-lak" in one.name)
    members = {name: [f"66.{name}.{number}" for number in range(10)] for name in CLASSES}
    return load(read_programme(path), members, source="66")


def stopped(events: Iterator[Event], after: int) -> Iterator[Event]:
    for number, event in enumerate(events):
        if number == after:
            raise PowerCut
        yield event


def test_no_more_of_the_stream_is_held_than_a_page(ledger: Ledger) -> None:
    taken = 0

    def counted() -> Iterator[Event]:
        nonlocal taken
        for event in openings():
            taken += 1
            yield event

    for recorded, _ in enumerate(record_stream(counted(), ledger, PAGE), start=1):
        assert taken == ledger.max_notification() <= recorded * PAGE
    assert taken > 2 * PAGE


def test_a_load_that_broke_off_leaves_whole_pages_and_is_finished_by_another(
    ledger: Ledger,
) -> None:
    broken = stopped(openings(), 2 * PAGE + 50)
    with pytest.raises(PowerCut):
        list(record_stream(broken, ledger, PAGE))
    left = ledger.max_notification()
    again = [one.status for page in record_stream(openings(), ledger, PAGE) for one in page]

    assert 2 * PAGE == left == again.count(Status.DUPLICATE)
    assert len(again) - left == again.count(Status.ACCEPTED)
    assert len(again) == ledger.max_notification()


def test_a_fact_with_a_number_of_its_own_is_the_same_fact_whatever_the_number(
    ledger: Ledger,
) -> None:
    (first,) = ledger.record([assigned(source_seq=7)])
    (again,) = ledger.record([assigned(source_seq=300_000)])

    assert (Status.ACCEPTED, Status.DUPLICATE) == (first.status, again.status)


def test_the_command_loads_a_file_once_however_often_it_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = (one for one in builtin_programmes() if "dak-lak" in one.name)
    with wiring.ledger(Settings.load({}, home=tmp_path)) as made:
        made.record(named_units([read_programme(path)], parse_day("2001-01-01"), source="66"))
    told = []
    for _ in range(2):
        arguments = ["--home", str(tmp_path), "programme", "load", str(path), "-o", "json"]

        assert cli.main([*arguments, "--without", "ubnd-huyen"]) == 0
        told.append(json.loads(capsys.readouterr().out))

    assert told[0]["recorded"] > 0 == told[0]["before"] == told[0]["refused"]
    assert (0, told[0]["recorded"]) == (told[1]["recorded"], told[1]["before"])

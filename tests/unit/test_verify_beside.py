"""Verifying beside live: a healthy home is left in peace, a spoilt one is found and named."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ops import run_verify, verification
from ops.metrics import Reading, samples
from ops.verification import DIFFERS, HOLDS, OFF, Compared, verdict
from schemas.times import Day, format_day
from tests.changed_home import FIRST, ISSUER, SECOND, assigned, extended, told
from tests.http_home import Home, valid
from tests.story import established
from tests.verified_home import VerifiedHome


@pytest.fixture
def home(tmp_path: Path) -> Iterator[VerifiedHome]:
    made = VerifiedHome(tmp_path)
    made.tell([*established(), assigned(FIRST), assigned(SECOND)])
    made.tell([extended(FIRST, "2012-05-10 09:00", "2012-07-01")])
    made.runner.drain()
    yield made
    made.close()


LATER = "2012-06-01 08:00"
MANY = 300
"""Cells and facts of one partition: reached by some dozens of steps under load."""


def opened(obligation: str) -> str:
    fields = {"item": "1", "issuer": ISSUER, "due_before": "2012-06-01", "title": "Việc"}
    return told(obligation, "task.assigned.v1", "2012-04-01 00:00", LATER, **fields)


def a_round(home: VerifiedHome, turn: int = 0) -> list[Compared]:
    return [home.beside.compared(one, turn) for one in range(home.beside.partitions())]


def test_a_healthy_home_differs_in_nothing(home: VerifiedHome) -> None:
    found = a_round(home)

    assert [0] * len(found) == [one.differing for one in found]
    assert [""] * len(found) == [one.remark for one in found]
    assert 5 < sum(one.compared for one in found)


def test_what_is_still_under_way_is_no_difference(home: VerifiedHome) -> None:
    home.tell([extended(SECOND, "2012-05-20 09:00", "2012-08-01")])
    for _ in range(6):
        home.runner.step()

        assert not any(one.differing for one in a_round(home))


def test_a_spoilt_figure_is_named_with_unit_measure_day_and_first_event(
    home: VerifiedHome,
) -> None:
    partition = home.partition_of(FIRST)
    right = home.spoil_figures(partition, "overdue")
    found = home.beside.compared(partition, 0)
    one = found.differences[0]

    assert 1 == found.differing
    assert (right.units[right.ower[0]], "overdue") == (one.unit, one.measure)
    assert format_day(Day(int(right.day[0]))) == one.day
    assert 1 == one.live - one.fold
    assert one.obligation == FIRST
    assert one.event_id in {event.event_id.hex() for event in home.ledger.history(FIRST)}


def test_facts_that_the_read_model_lost_are_named(home: VerifiedHome) -> None:
    home.lose_facts(FIRST)
    home.lose_facts(SECOND)
    found = [one for part in a_round(home) for one in part.differences]
    lost = {event.event_id.hex() for key in (FIRST, SECOND) for event in home.ledger.history(key)}

    assert lost == {one.event_id for one in found}
    assert {"facts"} == {one.measure for one in found}


def test_of_a_large_partition_each_round_looks_at_other_units(home: VerifiedHome) -> None:
    partition = home.partition_of(FIRST)
    home.spoil_figures(partition, "due")
    narrow = replace(home.beside, records_at_once=1)
    found = [narrow.compared(partition, turn) for turn in range(2)]

    assert ["1/2", "2/2"] == [one.units for one in found]
    assert [0, 1] == sorted(one.differing for one in found)


def test_what_is_too_much_for_one_look_is_told_and_looked_at_in_smaller_parts(
    home: VerifiedHome,
) -> None:
    partition = home.partition_of(FIRST)
    for limit in ("cells_max", "records_max"):
        narrow = replace(home.beside, **{limit: 0}, _parts={})
        found = [narrow.compared(partition, turn) for turn in range(2)]

        assert ["1/1", "2/2"] == [one.units for one in found]
        assert "fewer units are looked at in one go from now on" in found[0].remark
        assert 0 == found[0].compared


def test_a_partition_whose_cells_are_too_large_is_left_out_and_told(home: VerifiedHome) -> None:
    partition = home.partition_of(FIRST)
    home.write_out(partition)
    assert 0 < home.beside.compared(partition, 0).compared
    narrow = replace(home.beside, snapshot_bytes_max=1)
    found = narrow.compared(partition, 0)
    figures = list(samples(Reading(verification=verdict(1, [found], ended=True))))

    assert (0, 0) == (found.compared, found.differing)
    assert "compared are up to 1" in found.remark
    assert ("lienthong_verify_left_out", (partition,), 1) in figures


def test_verifying_ends_for_a_build_that_serves_no_more(home: VerifiedHome) -> None:
    run_verify.rounds(home.settings, home.beside, threading.Event(), serves=lambda: False)

    assert 1 == len(verification.read(home.settings.home)["partitions"])


def test_a_round_writes_down_its_verdict(home: VerifiedHome) -> None:
    folder = home.settings.home
    assert OFF == verification.read(folder)["state"]

    run_verify.rounds(home.settings, home.beside, threading.Event(), most=1)
    assert HOLDS == verification.read(folder)["state"]

    home.spoil_figures(home.partition_of(SECOND), "assigned")
    run_verify.rounds(home.settings, home.beside, threading.Event(), most=1)
    verdict = verification.read(folder)

    assert (DIFFERS, 1) == (verdict["state"], verdict["differing"])
    assert "66.x" == verdict["differences"][0]["unit"]


def test_http_tells_the_verdict_as_documented(home: VerifiedHome) -> None:
    served = Home(verification=lambda: verification.read(home.settings.home))
    valid("Verification", served.ask("/api/verification").json())

    home.spoil_figures(home.partition_of(SECOND), "assigned")
    run_verify.rounds(home.settings, home.beside, threading.Event(), most=1)
    answer = served.ask("/api/verification").json()

    valid("Verification", answer)
    assert "66.x" == answer["differences"][0]["unit"]


def test_a_home_under_load_raises_no_false_alarm(home: VerifiedHome) -> None:
    found: list[Compared] = []
    stop = threading.Event()

    def verify() -> None:
        with run_verify.opened(home.settings) as beside:
            while max((one.compared for one in found), default=0) < MANY:
                found.extend(beside.compared(one, 0) for one in range(beside.partitions()))
        stop.set()

    verifying = threading.Thread(target=verify)
    verifying.start()
    number = 0
    while not stop.is_set() and verifying.is_alive():
        ids = [f"load:{number + one}:66.so-a" for one in range(20)]
        home.tell([opened(one) for one in ids])
        home.tell([extended(one, "2012-05-20 09:00", "2012-08-01", LATER) for one in ids[::2]])
        home.runner.step()
        number += len(ids)
    verifying.join()

    assert stop.is_set()
    assert 0 == sum(one.differing for one in found)
    assert MANY <= max(one.compared for one in found)

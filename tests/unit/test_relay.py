"""The relay: in order, nothing skipped, at least once, and never into another ledger's topics."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import quarantine
from schemas.cloudevents import ledger_mark
from schemas.quarantine import Place, quarantined
from schemas.refusal import Reason, Refused
from services import relay as relay_module
from services.batch import Claim
from services.ledger import Ledger
from services.log import Outgoing
from services.relay import Relay, RelayStopped
from tests.office import Clock, Crash, MemoryLog, assigned, at, declared, established

CLOCK = Clock(at("2020-06-02 08:00"))


def opened(folder: Path, name: str = "ledger") -> Ledger:
    return Ledger.open(f"sqlite:{folder / f'{name}.db'}", clock=CLOCK, source="87")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = opened(tmp_path)
    yield made
    made.close()


def send_all(relay: Relay) -> int:
    total = 0
    while count := relay.step():
        total += count
    return total


def numbers(log: MemoryLog, name: str = "events") -> list[int]:
    marks = [ledger_mark(record.headers) for record in log.all(name)]
    return [mark.notification for mark in marks if mark is not None]


def test_every_event_goes_to_its_topic_under_its_key_with_the_ledgers_mark(ledger: Ledger) -> None:
    ledger.record([assigned(), established(), declared()])
    log = MemoryLog()

    assert send_all(Relay(ledger, log)) == 3

    events, units = log.all("events"), log.all("units")
    stored = ledger.notifications()
    assert [record.value for record in events] == [stored[0].value, stored[2].value]
    assert {record.key for record in events} == {(assigned().obligation or "").encode()}
    assert [(record.key, record.value) for record in units] == [(b"87", stored[1].value)]
    headers = dict(events[1].headers)
    assert headers["lienthong-ledger"] == f"{ledger.id}:1:3".encode()
    assert headers["ce_type"] == b"task.completion_declared.v1"


def test_a_second_run_sends_only_what_is_new(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.record([assigned()])
    send_all(Relay(ledger, log))
    ledger.record([declared()])

    assert send_all(Relay(ledger, log)) == 1
    assert numbers(log) == [1, 2]


def test_the_position_moves_only_after_the_log_has_answered(ledger: Ledger) -> None:
    ledger.record([assigned(), declared()])
    log = MemoryLog(crashes=[-1])
    relay = Relay(ledger, log)

    with pytest.raises(Crash):
        relay.step()

    assert ledger.relay_position() == 0
    assert send_all(Relay(ledger, log)) == 2
    assert numbers(log) == [1, 2, 1, 2]


@settings(max_examples=25, deadline=None)
@given(
    crashes=st.lists(st.one_of(st.none(), st.integers(-1, 4)), max_size=8),
    page=st.integers(1, 5),
)
def test_whatever_the_relay_dies_of_each_obligation_arrives_in_order_and_whole(
    tmp_path_factory: pytest.TempPathFactory, crashes: list[int | None], page: int
) -> None:
    ledger = opened(tmp_path_factory.mktemp("relay"))
    for turn in range(4):
        ledger.record([assigned(f"o{turn}"), declared(f"o{turn}")])
    log = MemoryLog(crashes=list(crashes))
    before, relay_module.RELAY_PAGE = relay_module.RELAY_PAGE, page
    try:
        while True:
            try:
                send_all(Relay(ledger, log))
                break
            except Crash:
                continue
    finally:
        relay_module.RELAY_PAGE = before
        ledger.close()

    for partition in log.kept.values():
        first_seen = list(dict.fromkeys(r.value for r in partition))
        marks = [m.notification for r in partition if (m := ledger_mark(r.headers))]
        assert list(dict.fromkeys(marks)) == sorted(set(marks))
        assert len(first_seen) == len(set(marks))
    assert sorted(set(numbers(log))) == list(range(1, 9))


def test_refused_records_go_to_the_quarantine_topic_once(ledger: Ledger) -> None:
    place = Place("lienthong.inbox", "id", 3, 14)
    record = quarantined(Refused(Reason.NOT_AVRO, "no"), place, b"abc", CLOCK.now)
    ledger.record([], refused=[record])
    log = MemoryLog()

    assert send_all(Relay(ledger, log)) == 1
    assert send_all(Relay(ledger, log)) == 0

    (sent,) = log.all("quarantine")
    assert sent.key == b"lienthong.inbox/3/14"
    assert quarantine.decode(sent.value) == record


def test_another_ledgers_topics_are_not_written(ledger: Ledger, tmp_path: Path) -> None:
    log = MemoryLog()
    other = opened(tmp_path, "other")
    other.record([assigned()])
    send_all(Relay(other, log))
    other.close()
    ledger.record([assigned("mine")])

    with pytest.raises(RelayStopped, match="was sent by ledger"):
        Relay(ledger, log).step()
    assert len(log.all("events")) == 1


def test_a_record_that_no_relay_sent_stops_it(ledger: Ledger) -> None:
    log = MemoryLog()
    log.append([Outgoing("lienthong.events", b"k", b"v")])

    with pytest.raises(RelayStopped, match="bears no ledger's mark"):
        Relay(ledger, log).step()


def test_an_older_copy_of_the_ledger_stops_before_it_sends(ledger: Ledger, tmp_path: Path) -> None:
    log = MemoryLog()
    ledger.record([assigned("a")])
    copy = tmp_path / "copy.db"
    copy_ledger(tmp_path / "ledger.db", copy)
    ledger.record([assigned("b")])
    send_all(Relay(ledger, log))

    stale = opened(tmp_path, "copy")
    stale.record([Claim(assigned("c"))])
    with pytest.raises(RelayStopped, match="older copy"):
        Relay(stale, log).step()
    stale.close()


def test_a_topic_made_anew_stops_it_until_a_person_asks_for_a_refill(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.record([assigned(), established()])
    send_all(Relay(ledger, log))
    log.make_anew("lienthong.events")

    relay = Relay(ledger, log)
    with pytest.raises(RelayStopped, match="made anew"):
        relay.step()
    relay.refill()

    assert send_all(relay) == 2
    assert numbers(log) == [1]


def test_a_log_that_lost_its_last_records_stops_it(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.record([assigned(), declared()])
    send_all(Relay(ledger, log))
    for partition in log.kept.values():
        del partition[1:]

    with pytest.raises(RelayStopped, match="has lost records"):
        Relay(ledger, log).step()


def copy_ledger(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)
    one.close()
    other.close()

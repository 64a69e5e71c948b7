"""Restoring: what only the topics hold comes back under its own numbers, whatever the database."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.event import Event
from schemas.topics import EVENTS, PROGRAMMES, UNITS
from services.batch import Status
from services.ledger import Ledger
from services.relay import Relay, RelayStopped
from services.restoring import RestoreStopped, TakenBack, lay_out, take_back
from tests.office import Clock, Crash, Kept, MemoryLog, assigned, at, declared, established
from tests.secrets import SECRET, conducted, planned, postponed

CLOCK = Clock(at("2020-06-02 08:00"))


class Office:
    """One ledger in a database that can be copied, and the log that it is sent to."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.log = folder, url, MemoryLog()
        self.ledger = self._opened()

    def tell(self, *events: Event) -> None:
        assert all(one.status is Status.ACCEPTED for one in self.ledger.record(events))

    def send(self) -> None:
        relay = Relay(self.ledger, self.log)
        while relay.step():
            pass

    def save(self) -> None:
        """Take a backup as the database's own tools do."""
        self.ledger.close()
        if self.url.startswith("sqlite:"):
            shutil.copy(self.url.removeprefix("sqlite:"), self.folder / "copy")
        else:
            _run("pg_dump", self.url, "-Fc", f"--file={self.folder / 'copy'}")
        self.ledger = self._opened()

    def lose(self) -> TakenBack:
        """The ledger is lost; the backup takes its place, and takes back what it lacks."""
        self.ledger.close()
        if self.url.startswith("sqlite:"):
            shutil.copy(self.folder / "copy", self.url.removeprefix("sqlite:"))
        else:
            _run("pg_restore", self.url, "--clean", str(self.folder / "copy"))
        taken = take_back(self.url, self.sent())
        self.ledger = self._opened()
        return taken

    def sent(self) -> list[Kept]:
        names = (UNITS.name, PROGRAMMES.name, EVENTS.name)
        return [record for name in names for record in self.log.all(name)]

    def values(self) -> dict[int, bytes]:
        return _values(self.ledger)

    def _opened(self) -> Ledger:
        return Ledger.open(self.url, clock=CLOCK, source="87")


def _run(program: str, url: str, *arguments: str) -> None:
    subprocess.run([program, f"--dbname={url}", *arguments], check=True, capture_output=True)


@pytest.fixture(params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    url = f"sqlite:{tmp_path / 'ledger.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres")
    made = Office(tmp_path, url)
    yield made
    made.ledger.close()


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> str:
    """Where no ledger is yet, in a database of the same sort."""
    if office.url.startswith("sqlite:"):
        return f"sqlite:{tmp_path / 'fresh.db'}"
    return str(request.getfixturevalue("postgres_server").database())


def test_what_was_recorded_after_the_backup_comes_back_and_is_known(office: Office) -> None:
    office.tell(established(), assigned("a"))
    office.send()
    office.save()
    later = [declared("a"), assigned("b"), established("87.1", "87")]
    office.tell(*later)
    office.send()
    before, counters = office.values(), office.ledger.source_counters()

    taken = office.lose()

    assert taken == TakenBack(office.ledger.id, 2, [3, 4, 5], [])
    assert (before, counters) == (office.values(), office.ledger.source_counters())
    assert office.ledger.epoch == 2
    assert [one.status for one in office.ledger.record(later)] == [Status.DUPLICATE] * 3
    assert [e.effect.name for e in office.ledger.history("a")] == ["OPENS", "MEETS"]


def test_after_it_the_relay_goes_on_and_sends_nothing_twice(office: Office) -> None:
    office.tell(assigned("a"))
    office.save()
    office.tell(declared("a"))
    office.send()
    office.lose()
    office.tell(assigned("b"))
    office.send()

    assert [1, 2, 3] == sorted(_numbers(office.sent()))


def test_the_ledger_that_was_replaced_is_known_as_the_older_one(tmp_path: Path) -> None:
    office = Office(tmp_path, f"sqlite:{tmp_path / 'ledger.db'}")
    office.tell(assigned("a"))
    office.save()
    office.send()
    shutil.copy(tmp_path / "copy", tmp_path / "old.db")
    office.lose()
    office.tell(declared("a"))
    office.send()
    old = Ledger.open(f"sqlite:{tmp_path / 'old.db'}", clock=CLOCK, source="87")

    with closing(office.ledger), closing(old), pytest.raises(RelayStopped, match="restored ledger"):
        Relay(old, office.log).step()


def test_what_was_never_sent_is_named_as_missing(office: Office) -> None:
    office.tell(assigned("a"))
    office.save()
    office.tell(planned(), assigned("b"), established())
    office.send()

    taken = office.lose()

    assert taken.numbers == [3, 4]
    assert taken.missing == [2]
    assert sorted(office.values()) == [1, 3, 4]
    office.tell(assigned("c"))
    assert max(office.values()) == 5


def test_a_hole_on_the_topics_is_sent_again(office: Office) -> None:
    office.tell(assigned("a"), planned(), declared("a"), conducted())
    office.save()
    office.log.crashes = [1]
    with pytest.raises(Crash):
        office.send()
    office.lose()
    office.send()

    assert {1, 2, 3, 4} == set(_numbers(office.sent()))


def test_topics_of_another_ledger_are_left_alone(office: Office, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Office(tmp_path / "other", f"sqlite:{tmp_path / 'other' / 'ledger.db'}")
    other.tell(assigned("a"))
    other.send()
    other.ledger.close()
    office.save()
    office.log = other.log

    with pytest.raises(RestoreStopped, match="not sent by ledger"):
        office.lose()
    assert (office.ledger.epoch, _epoch(office)) == (1, 1)


def test_two_copies_that_went_on_are_told_apart(office: Office, tmp_path: Path) -> None:
    office.tell(assigned("a"))
    office.save()
    office.tell(declared("a"))
    office.send()
    theirs = office.sent()
    office.log = MemoryLog()
    office.lose()
    office.log = MemoryLog()
    office.tell(assigned("z"))
    Relay(office.ledger, office.log).refill()
    office.send()
    mixed = [*theirs, *(r._replace(value=(r.value or b"")[:-1] + b"?") for r in theirs)]

    with pytest.raises(RestoreStopped, match="two copies"):
        _again(office, mixed)


def _again(office: Office, records: Iterable[Kept]) -> None:
    office.ledger.close()
    if office.url.startswith("sqlite:"):
        shutil.copy(office.folder / "copy", office.url.removeprefix("sqlite:"))
    else:
        _run("pg_restore", office.url, "--clean", str(office.folder / "copy"))
    take_back(office.url, records)


def _epoch(office: Office) -> int:
    with closing(Ledger.open(office.url, clock=CLOCK, source="87")) as opened:
        return opened.epoch


def _numbers(records: Iterable[Kept]) -> list[int]:
    return [int(dict(one.headers)["lienthong-ledger"].rsplit(b":", 1)[1]) for one in records]


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from("abcdefgh"), max_size=24),
    st.integers(0, 24),
    st.integers(0, 24),
)
def test_nothing_that_reached_the_topics_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str], saved: int, sent: int
) -> None:
    folder = tmp_path_factory.mktemp("office")
    office = Office(folder, f"sqlite:{folder / 'ledger.db'}")
    office.save()
    for number, key in enumerate(keys):
        office.tell(assigned(f"{key}{number}"))
        if number == sent:
            office.send()
        if number == saved:
            office.save()
    before = office.values()
    reached = set(_numbers(office.sent()))
    kept = min(saved + 1, len(keys)) if saved < len(keys) else 0

    office.lose()

    assert {n: v for n, v in before.items() if n <= kept or n in reached} == office.values()
    office.send()
    assert set(_numbers(office.sent())) >= set(office.values())
    office.ledger.close()


def test_a_ledger_made_again_from_its_records_is_the_same_ledger(
    office: Office, fresh_url: str
) -> None:
    told = [established(), assigned("a"), declared("a"), assigned("b"), established("87.1", "87")]
    office.tell(*told)
    before, counters = office.values(), office.ledger.source_counters()
    lay_out(fresh_url, office.ledger.id, office.ledger.epoch, before.items())
    taken = take_back(fresh_url, ())

    with closing(Ledger.open(fresh_url, clock=CLOCK, source="87", create=False)) as again:
        assert taken == TakenBack(office.ledger.id, 2, [], [])
        assert (before, counters) == (_values(again), again.source_counters())
        assert [one.status for one in again.record(told)] == [Status.DUPLICATE] * len(told)
        assert [e.effect.name for e in again.history("a")] == ["OPENS", "MEETS"]
        assert again.relay_state().position == 0
        assert [one.notification for one in again.record([assigned("c")])] == [6]
        with pytest.raises(RestoreStopped, match="there is a ledger"):
            lay_out(fresh_url, office.ledger.id, 1, before.items())


def test_what_was_told_late_stands_in_its_stream_where_it_was_recorded(
    office: Office, fresh_url: str
) -> None:
    office.tell(planned(), assigned("a"), postponed(), conducted(), declared("a"))
    values, stream = office.values(), office.ledger.stream(SECRET)
    late = [(number, values[number]) for number in (2, 5, 1, 3, 4)]
    lay_out(fresh_url, office.ledger.id, 1, late)

    with closing(Ledger.open(fresh_url, clock=CLOCK, source="87", create=False)) as again:
        assert (values, stream) == (_values(again), again.stream(SECRET))


def test_what_the_archive_lacked_and_the_topics_hold_comes_back_to_its_place(
    office: Office, fresh_url: str
) -> None:
    office.tell(planned(), assigned("a"), planned("66.ban:kt-08"), declared("a"))
    seen = {number: value for number, value in office.values().items() if number in (2, 4)}
    office.tell(conducted())
    office.send()
    before, stream = office.values(), office.ledger.stream(SECRET)
    lay_out(fresh_url, office.ledger.id, 1, seen.items())
    taken = take_back(fresh_url, office.sent())

    assert taken == TakenBack(office.ledger.id, 2, [1, 5], [3])
    with closing(Ledger.open(fresh_url, clock=CLOCK, source="87", create=False)) as again:
        assert stream == again.stream(SECRET)
        assert {n: value for n, value in before.items() if n != 3} == _values(again)


def test_what_is_broken_off_leaves_no_ledger(office: Office, fresh_url: str) -> None:
    office.tell(assigned("a"), declared("a"))

    def torn() -> Iterator[tuple[int, bytes]]:
        yield from office.values().items()
        raise Crash

    with pytest.raises(Crash):
        lay_out(fresh_url, office.ledger.id, 1, torn())
    lay_out(fresh_url, office.ledger.id, 1, office.values().items())
    with closing(Ledger.open(fresh_url, clock=CLOCK, source="87", create=False)) as again:
        assert office.values() == _values(again)


def _values(ledger: Ledger) -> dict[int, bytes]:
    return {one.id: one.value for one in ledger.events()}

"""Whatever the order, the repetition and the crashes: one answer, and it is the plain fold's."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ops import readside
from ops.embedded import SqliteLog
from ops.log import Outgoing
from ops.replay import Logged, derived, from_log, gather
from ops.settings import Settings
from ops.verify import kept_of, live_is_replay, live_of
from ops.worlds import faulty, world
from projections.ask import Ask
from projections.readmodel_sqlite import SqliteModel
from projections.runner import PlainRunner
from schemas import avro
from schemas.board import Board
from schemas.event import Event
from schemas.jsonl import Defaults, parse_line
from schemas.obligation_state import ObligationState
from schemas.times import Instant, day, midnight
from schemas.topics import EVENTS, FRAMES, TOPICS

NOW = midnight(day(2026, 1, 1))
PREFIX = "w."
DEFAULTS = Defaults(source="test", root="centre")


class Home:
    """A log and a model on disk, and the process that works on them, which may die."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.load({}, home=folder, topic_prefix=PREFIX)
        self.log = SqliteLog(folder / "log.sqlite")
        self.log.create(TOPICS, PREFIX)
        self.folder = folder
        self.now = NOW
        self.start()

    def start(self) -> None:
        self.model = SqliteModel(self.folder / "model.sqlite", generation=1)
        self.live = readside.live(self.settings, self, self.model, lambda: self.now)
        parts = self.live.parts
        self.runner = PlainRunner(self, parts.workers, lambda: self.now, parts.context)
        self.runner.open()

    def restart(self) -> None:
        self.model.close()
        self.start()

    def append(self, messages: Sequence[Any]) -> None:
        self.log.append([Outgoing(*message) for message in messages])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)

    def tell(self, records: Sequence[Logged]) -> None:
        self.append([Outgoing(PREFIX + r.topic, r.key, r.value) for r in records])

    def boards(self, units: Sequence[str]) -> list[dict[str, Any]]:
        boards = self.live.parts.boards
        return [replace(boards.board(u, Ask(), self.now), version=0).to_json() for u in units]

    def newest(self, topic: str) -> dict[bytes, bytes]:
        """The newest value of each key of an out-topic."""
        found: dict[bytes, bytes] = {}
        for partition, (start, end) in enumerate(self.log.ends(topic)):
            for record in self.log.read(topic, partition, start, end - start):
                assert record.key is not None
                assert record.value is not None
                found[record.key] = record.value
        return found

    def close(self) -> None:
        self.model.close()
        self.log.close()


def logged(event: Event) -> Logged:
    return Logged(event.topic, event.key.encode(), avro.encode(event), "")


def units_of(events: Sequence[Event]) -> list[Event]:
    """The owers of a world, established under one province and a centre."""
    head = '"kind":"people_committee","effective_at":"2000-01-01T00:00:00+07:00"'
    rows = [("centre", "centre", "null"), ("p", "province", '"centre"')]
    rows += [(code, "commune", '"p"') for code in sorted({event.unit for event in events})]
    return [
        parse_line(
            f'{{"type":"unit.established.v1","unit":"{code}","name":"{code}","level":"{level}",'
            f'"parent":{parent},{head}}}',
            DEFAULTS,
        )[0]
        for code, level, parent in rows
    ]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), crashes=st.integers(0, 3), units_last=st.booleans())
def test_any_delivery_gives_the_figures_of_the_plain_fold(
    seed: int, crashes: int, units_last: bool
) -> None:
    rng = random.Random(seed)
    events = world(seed)
    units = units_of(events)
    records = faulty([logged(event) for event in events], events, rng)
    context = [logged(unit) for unit in units]
    cuts = sorted(rng.randrange(len(records) + 1) for _ in range(crashes))
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        if not units_last:
            home.tell(context)
        for start, end in zip([0, *cuts], [*cuts, len(records)], strict=True):
            home.tell(records[start:end])
            home.runner.step()
            home.restart()
        if units_last:
            home.tell(context)
        home.runner.drain()
        replayed = derived(gathered := gather(from_log(home.log, PREFIX)))
        names = [PREFIX + topic.name for topic in (FRAMES, EVENTS)]
        live = live_of(home.model, names[0], FRAMES.partitions)
        kept = kept_of(
            home.model, names[1], EVENTS.partitions, gathered.all_programmes().revision_days
        )
        codes = [unit.unit for unit in units]
        before = home.boards(codes)
        told = home.newest(PREFIX + "boards")
        obligations = home.newest(PREFIX + "obligations")
        home.restart()
        after = home.boards(codes)
        home.close()

    assert live_is_replay(live, replayed).differences == ()
    assert live_is_replay(kept, replayed).differences == ()
    assert before == after
    assert sorted(told) == sorted(code.encode() for code in codes)
    decoded = [Board.decode(told[code.encode()]) for code in codes]
    assert [b.subtree.counts for b in decoded] == [
        home.live.parts.boards.board(code, Ask(), NOW).subtree.counts for code in codes
    ]
    assert sorted(obligations) == sorted(key.encode() for key in gathered.facts)
    assert {ObligationState.decode(v).obligation.encode() for v in obligations.values()} == set(
        obligations
    )


OPENING = (
    '{"type":"report.expected.v1","obligation":"p1:5.1:2012-Q2:u0","unit":"u0","programme":'
    '"p1","area":"reporting","period":"2012-Q2","kind":"report","item":"5.1","done_when":'
    '"sent","due_before":"2012-06-08","issuer":"p","effective_at":"2012-04-01T00:00:00+07:00"}'
)


def recorded(line: str) -> Event:
    return replace(parse_line(line, DEFAULTS)[0], recorded_at=Instant(NOW - 1_000))


def test_a_rule_of_revision_that_comes_last_folds_anew_what_it_bears_on(tmp_path: Path) -> None:
    sent = (
        '{"type":"report.submitted.v1","obligation":"p1:5.1:2012-Q2:u0","unit":"u0",'
        '"effective_at":"2012-06-05T09:00:00+07:00"}'
    )
    returned = (
        '{"type":"report.returned.v1","obligation":"p1:5.1:2012-Q2:u0","unit":"u0","by":"p",'
        '"reasons":["figures"],"effective_at":"2012-06-11T10:00:00+07:00"}'
    )
    issued = (
        '{"type":"programme.issued.v1","programme":"p1","unit":"p","number":"1/CT","title":"P1",'
        '"revision_days":5,"effective_at":"2012-01-01T00:00:00+07:00"}'
    )
    events = [recorded(line) for line in (OPENING, sent, returned, issued)]
    home = Home(tmp_path)
    home.tell([logged(event) for event in (*units_of(events[:1]), *events[:3])])
    home.runner.drain()
    early = home.boards(["u0"])[0]["own"]
    home.tell([logged(events[3])])
    home.runner.drain()
    late = home.boards(["u0"])[0]["own"]
    live = live_of(home.model, f"{PREFIX}frames", FRAMES.partitions)
    replayed = derived(gather(from_log(home.log, PREFIX)))
    home.close()

    assert (early["in_revision"], early["overdue"]) == (1, 0)
    assert (late["in_revision"], late["overdue"]) == (0, 1)
    assert live_is_replay(live, replayed).differences == ()


def test_at_midnight_boards_change_without_any_event(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.now = Instant(midnight(day(2012, 6, 8)) - 1)
    opening = replace(recorded(OPENING), recorded_at=Instant(home.now - 1_000))
    home.tell([logged(event) for event in (*units_of([opening]), opening)])
    home.runner.drain()
    before = overdue(home)
    home.now = midnight(day(2012, 6, 8))
    home.runner.drain()
    after = overdue(home)
    home.close()

    assert before == {"centre": 0, "p": 0, "u0": 0}
    assert after == {"centre": 1, "p": 1, "u0": 1}
    assert home.live.parts.fold.stats.events == 1


def overdue(home: Home) -> dict[str, int]:
    """Overdue in the subtree of each unit, as the topic `boards` tells it."""
    told = home.newest(f"{PREFIX}boards")
    return {
        key.decode(): Board.decode(value).subtree.counts["overdue"]
        for key, value in sorted(told.items())
    }

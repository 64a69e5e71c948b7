"""Replay and verification over a real ledger and log: the figures again, and what is found out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ops.embedded import SqliteLog
from ops.log import Outgoing
from ops.replay import Cell, Derived, derived, frame_of, from_ledger, from_log, gather
from ops.verify import (
    Numbered,
    identities,
    ledger_is_on_topics,
    live_is_replay,
    numbered,
    sources,
    summed,
)
from schemas.frame import LadderEntry, Version
from schemas.jsonl import Defaults
from schemas.measures import MEASURES, OVERDUE
from schemas.refusal import Reason
from schemas.times import Instant, as_of, parse_day
from schemas.topics import TOPICS
from services.ledger import Ledger
from services.publish import publish
from services.relay import Relay
from tests import story

PREFIX = "t."
NOW = as_of("2012-07-01T08:00:00+07:00")
ROW = ("assigned", "due", "completed", "in_revision", "overdue", "on_time", "late")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(f"sqlite:{tmp_path / 'ledger.db'}", clock=lambda: NOW, source="66")
    outcomes = list(publish(story.quarter(), made, Defaults(source="66"), history=True))
    assert {outcome.status for outcome in outcomes} == {"accepted"}
    yield made
    made.close()


@pytest.fixture
def log(tmp_path: Path, ledger: Ledger) -> Iterator[SqliteLog]:
    made = SqliteLog(tmp_path / "log.sqlite")
    made.create(TOPICS, PREFIX)
    relay = Relay(ledger, made, prefix=PREFIX)
    while relay.step():
        pass
    yield made
    made.close()


def row(result: Derived, on: str) -> list[int]:
    """The counts of all units together at the end of a day."""
    sums: Counter[int] = Counter()
    for cell, changes in result.cells.items():
        if cell.day <= parse_day(on):
            sums.update(changes)
    return [sums[MEASURES.index(name)] for name in ROW]


def known(text: str) -> Instant:
    return as_of(f"{text}+07:00")


def test_the_figures_come_from_the_ledger_alone(ledger: Ledger) -> None:
    heard: list[int] = []
    result = derived(gather(from_ledger(ledger), heard.append))

    assert row(result, "2012-06-07") == [4, 0, 2, 0, 0, 2, 0]
    assert row(result, "2012-06-08") == [4, 4, 3, 0, 1, 2, 1]
    assert row(result, "2012-06-12") == [4, 4, 2, 1, 1, 1, 1]
    assert row(result, "2012-06-21") == [4, 4, 4, 0, 0, 2, 2]
    assert [(e.note, e.ower) for e in result.ladder] == [("reminded", "66.y")]
    assert heard == [ledger.max_notification()]


def test_what_was_recorded_later_was_not_known(ledger: Ledger) -> None:
    gathered = gather(from_ledger(ledger))

    assert row(derived(gathered, known("2012-06-12T00:00:00")), "2012-06-21") == [
        4,
        4,
        2,
        0,
        2,
        1,
        1,
    ]


def test_the_log_says_what_the_ledger_says(ledger: Ledger, log: SqliteLog) -> None:
    ours, theirs = gather(from_ledger(ledger)), gather(from_log(log, PREFIX))

    assert derived(theirs) == derived(ours)
    assert theirs.tree().codes == ours.tree().codes == tuple(sorted(story.UNITS))
    assert theirs.tree().version == ours.tree().version


def test_the_ledger_can_be_replayed_up_to_a_number(ledger: Ledger) -> None:
    units = len(story.UNITS)

    assert gather(from_ledger(ledger, upto=units + 1)).records == units + 1


def test_repeats_on_the_log_change_nothing(ledger: Ledger, log: SqliteLog) -> None:
    once = derived(gather(from_log(log, PREFIX)))
    ledger.set_relay_position(0)
    relay = Relay(ledger, log, prefix=PREFIX)
    while relay.step():
        pass

    assert derived(gather(from_log(log, PREFIX))) == once


def test_what_is_no_event_is_listed_as_refused(log: SqliteLog) -> None:
    log.append([Outgoing(f"{PREFIX}events", b"key", b"not avro", [])])
    refused = gather(from_log(log, PREFIX)).refused

    assert [one.reason for one in refused] == [Reason.NOT_AVRO]
    assert refused[0].place.startswith("events/")


def test_a_frame_of_the_replay_sums_to_the_replay(ledger: Ledger) -> None:
    result = derived(gather(from_ledger(ledger)))
    live = summed([frame_of(result, 18)])

    assert live.cells == result.cells
    assert live_is_replay(live, result).holds
    assert live_is_replay(live, result).compared == len(result.cells) + 1


def test_the_last_value_of_a_cell_counts_and_sources_are_added(ledger: Ledger) -> None:
    result = derived(gather(from_ledger(ledger)))
    old = frame_of(result, 1)
    emptied = replace(frame_of(result, 2), counts=np.zeros_like(old.counts))
    other = replace(old, version=Version("replay", 0, "log", 1, 1))

    assert summed([emptied, old]).cells == {}
    assert summed([old, emptied, other]).cells == result.cells
    assert summed([old, other]).cells == {
        cell: Counter({m: 2 * n for m, n in changes.items()})
        for cell, changes in result.cells.items()
    }


def test_a_document_taken_back_is_held_no_longer(ledger: Ledger) -> None:
    result = derived(gather(from_ledger(ledger)))
    entry = next(iter(result.ladder))
    taken_back = replace(frame_of(result, 2), ladder=(entry._replace(held=False),))

    assert summed([frame_of(result, 1)]).ladder == {entry}
    assert summed([frame_of(result, 1), taken_back]).ladder == set()


def test_a_wrong_cell_is_named(ledger: Ledger) -> None:
    result = derived(gather(from_ledger(ledger)))
    live = summed([frame_of(result, 18)])
    cell = next(c for c in result.cells if c.ower == "66.y" and c.day == parse_day("2012-06-08"))
    live.cells[cell][OVERDUE] += 1
    live.ladder.add(LadderEntry("urged", b"u" * 16, "66.y", parse_day("2012-06-09")))
    check = live_is_replay(live, result)

    assert (check.holds, check.differing) == (False, 2)
    assert check.differences == (
        "66.y on 2012-06-08 (report, reporting, dak-lak-guidance-2012, 5.1, 2012-Q2, 2012-06): "
        "overdue changes by 2 live, by 1 in the replay",
        f"66.y on 2012-06-09: document {'75' * 16} (urged) is there only live",
    )


def test_identities_hold_for_every_cut_and_a_broken_one_is_named(ledger: Ledger) -> None:
    cells = derived(gather(from_ledger(ledger))).cells
    check = identities(cells)

    assert (check.holds, check.compared) == (True, len(cells))

    cell = next(c for c in cells if c.ower == "66.y" and c.day == parse_day("2012-06-20"))
    cells[cell][OVERDUE] = 0
    broken = identities(cells)

    assert broken.differing == 1
    assert "due = completed_of_due + in_revision + overdue does not hold" in broken.differences[0]


def test_ledger_and_topics_agree(ledger: Ledger, log: SqliteLog) -> None:
    check = ledger_is_on_topics(ledger.id, ledger, ledger.relay_position(), log, PREFIX)

    assert (check.holds, check.compared) == (True, ledger.max_notification())


def test_strangers_on_a_topic_and_lost_records_are_found(ledger: Ledger, log: SqliteLog) -> None:
    stranger = [Outgoing(f"{PREFIX}units", b"66", b"value", [])]
    log.append(stranger)
    check = ledger_is_on_topics(ledger.id, ledger, ledger.relay_position(), log, PREFIX)

    assert check.differences == ("t.units/0/7 was not sent by this ledger's relay",)

    list(publish([story.expected("66")], ledger, Defaults(source="66")))
    check = ledger_is_on_topics(ledger.id, ledger, ledger.max_notification(), log, PREFIX)

    assert f"number {ledger.max_notification()} of the ledger is on no topic" in check.differences


def test_numbers_of_a_source_have_neither_gaps_nor_doubles(ledger: Ledger) -> None:
    recorded = list(numbered(one.value for one in ledger.notifications()))

    assert len(recorded) == ledger.max_notification()
    assert sources(recorded) == sources(reversed(recorded))
    assert sources(recorded).holds
    assert sources(recorded).remarks == ()


def test_a_missing_number_is_remarked_unless_it_was_refused() -> None:
    one, two, five, six = (Numbered("87", n, bytes([n]) * 16) for n in (1, 2, 5, 6))

    assert sources([one, five]).remarks == ("87: numbers 2 to 4 never arrived",)
    assert sources([one, two, five]).remarks == ("87: numbers 3 to 4 never arrived",)
    assert sources([one, six], refused=[two, five]).remarks == ("87: numbers 3 to 4 never arrived",)
    assert sources([two]).remarks == ("87: number 1 never arrived",)


def test_one_number_for_two_events_is_a_copied_home() -> None:
    check = sources([Numbered("87", 1, b"a" * 16), Numbered("87", 1, b"b" * 16)])

    assert check.differing == 1
    assert "two copies of one home write" in check.differences[0]


def test_cells_know_their_place(ledger: Ledger) -> None:
    cells = derived(gather(from_ledger(ledger))).cells

    assert {cell.ower for cell in cells} == {"66.so-a", "66.so-b", "66.x", "66.y"}
    assert all(isinstance(cell, Cell) and cell.slice.due_month == "2012-06" for cell in cells)

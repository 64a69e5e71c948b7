"""Comparison: ledger, topics and read model of a home held against each other, check by check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ops import duck
from ops.replay import (
    Derived,
    Gathered,
    Progress,
    ReadableLog,
    derived,
    from_ledger,
    gather,
)
from ops.replay_boards import boards_of
from ops.second import SQL_AND_FOLD, Second, boards_are_the_folds
from ops.verify import (
    Check,
    Differences,
    Model,
    identities,
    kept_of,
    ledger_is_on_topics,
    live_is_replay,
    live_of,
    numbered,
    sources,
    subtrees,
)
from projections.readmodel import Position
from schemas.quarantine import Quarantined
from schemas.times import Day, Instant, day_of
from schemas.topics import EVENTS, FRAMES, Topic
from services.ledger import Notification
from services.withheld import Recorded

ATTEMPTS_MAX = 5
"""How often live figures are compared anew while the read model moves under the comparison."""
REFUSED_PAGE = 1_000
"""Quarantined records read at once."""


class Refusal(Protocol):
    """A refused record in the ledger's outbox."""

    @property
    def id(self) -> int: ...
    @property
    def record(self) -> Quarantined: ...


class ComparedLedger(Recorded, Protocol):
    """What the comparison needs of a ledger."""

    id: str

    def events(self, after: int = 0) -> Iterator[Notification]: ...

    def relay_position(self) -> int: ...

    def refusals(self, after: int = 0, limit: int = REFUSED_PAGE) -> Sequence[Refusal]: ...


class ComparedModel(Model, Protocol):
    """What the comparison needs of a read model."""

    def positions(self) -> list[Position]: ...

    def quarantined(
        self, after: int = 0, limit: int = REFUSED_PAGE
    ) -> list[tuple[int, Quarantined]]: ...


@dataclass(frozen=True)
class Parts:
    """What is held against each other. `log` is None where no broker runs."""

    ledger: ComparedLedger
    model: ComparedModel
    log: ReadableLog | None
    prefix: str
    frames: Topic = FRAMES


def compared(parts: Parts, now: Instant, progress: Progress | None = None) -> Iterator[Check]:
    """Replay the ledger and compare everything with it, each check as it is done.

    Nothing is written. Raises Refused where the read model keeps bytes that are no frame.
    """
    with duck.opened() as connection:
        second = Second(connection)
        checks, gathered, result = _live(parts, second, progress)
        yield from checks
        yield _readable(gathered)
        yield identities(result.cells)
        boards = boards_of(gathered, now, result=result)
        yield subtrees(boards, now, now)
        yield live_is_replay(second.counted(), result, "SQL = fold", SQL_AND_FOLD)
        yield boards_are_the_folds(second, boards, _days(result, now), now)
    ledger = parts.ledger
    if parts.log is not None:
        upto = ledger.relay_position()
        yield ledger_is_on_topics(ledger.id, ledger, upto, parts.log, parts.prefix)
    recorded = numbered(one.value for one in ledger.events())
    refused = numbered(record.original for record in _refused(parts))
    yield sources(recorded, refused)


def _days(result: Derived, now: Instant) -> set[Day]:
    """The days on which anything changes, and today; none that lies ahead."""
    today = day_of(now)
    return {today, *(cell.day for cell in result.cells if cell.day < today)}


def _live(
    parts: Parts, second: Second, progress: Progress | None
) -> tuple[list[Check], Gathered, Derived]:
    """The read model against a replay of what was sent; again, while it moves."""
    attempt = 0
    while True:
        attempt += 1
        before = parts.model.positions()
        sent = from_ledger(parts.ledger, parts.ledger.relay_position())
        gathered = gather(second.through(sent), progress)
        result = derived(gathered)
        checks = [_figures(parts, result), _facts(parts, gathered, result)]
        still = parts.model.positions() == before
        if all(check.holds for check in checks) or still or attempt == ATTEMPTS_MAX:
            checks[0] = _remarked(checks[0], parts, still)
            return checks, gathered, result


def _figures(parts: Parts, result: Derived) -> Check:
    topic = parts.frames.full(parts.prefix)
    live = live_of(parts.model, topic, _partitions(parts, parts.frames))
    return live_is_replay(live, result)


def _facts(parts: Parts, gathered: Gathered, result: Derived) -> Check:
    kept = kept_of(
        parts.model,
        EVENTS.full(parts.prefix),
        _partitions(parts, EVENTS),
        gathered.all_programmes().revision_days,
    )
    return live_is_replay(kept, result, "kept facts = replay")


def _remarked(check: Check, parts: Parts, still: bool) -> Check:
    remarks = []
    if not check.holds and not still:
        remarks.append("the read model moved while it was compared; verify again when it is quiet")
    behind = _behind(parts)
    if behind:
        remarks.append(f"the read model is {behind} records behind the topics; wait for it first")
    return replace(check, remarks=(*check.remarks, *remarks))


def _behind(parts: Parts) -> int:
    """Records on the topics that the read model has not applied yet."""
    if parts.log is None:
        return 0
    at = {(p.topic, p.partition): p.next_offset for p in parts.model.positions()}
    behind = 0
    for topic in (EVENTS.full(parts.prefix), parts.frames.full(parts.prefix)):
        for partition, (start, end) in enumerate(parts.log.ends(topic)):
            behind += max(0, end - at.get((topic, partition), start))
    return behind


def _partitions(parts: Parts, topic: Topic) -> int:
    if parts.log is None:
        return topic.partitions
    return len(parts.log.ends(topic.full(parts.prefix)))


def _readable(gathered: Gathered) -> Check:
    found = Differences()
    for refused in gathered.refused:
        found.add(f"{refused.place}: {refused.reason}: {refused.sentence}")
    return found.check("every recorded event can be read", gathered.records)


def _refused(parts: Parts) -> Iterator[Quarantined]:
    after = 0
    while refusals := parts.ledger.refusals(after, REFUSED_PAGE):
        yield from (refusal.record for refusal in refusals)
        after = refusals[-1].id
    after = 0
    while rows := parts.model.quarantined(after, REFUSED_PAGE):
        yield from (record for _, record in rows)
        after = rows[-1][0]

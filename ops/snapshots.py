"""Snapshots: every board that was shown, held against the log at the positions that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ops.at_positions import AtPositions, Kept, PositionsWentBack
from ops.log import Log, all_records
from ops.tree_worlds.batch import NOTHING, Row
from ops.tree_worlds.compare import Broken, is_right
from ops.verify import Check, Differences
from projections.ask import Ask
from schemas.board import Board, Counts
from schemas.measures import MEASURES
from schemas.positions import Positions
from schemas.times import Instant, as_of, format_instant
from schemas.topics import BOARDS

SUBTREE, OWN = "subtree", "own"


class Snapshot(NamedTuple):
    """One board as shown. `figures` are (unit, own or subtree, counts): its own, then its rows.

    `place` says to people where it was seen; `total` is the subtree of its unit.
    """

    place: str
    unit: str
    on: Instant
    tree_version: int
    positions: Positions | None
    figures: Sequence[tuple[str, str, Row]]
    broken: str = ""

    @property
    def total(self) -> Row:
        return next(row for unit, group, row in self.figures if (unit, group) == self.head)

    @property
    def head(self) -> tuple[str, str]:
        return (self.unit, SUBTREE)


def of_record(place: str, value: bytes, headers: Iterable[tuple[str, bytes]]) -> Snapshot:
    """A record of the topic `boards`; the identities and groups of the board are checked, too."""
    board = Board.decode(value)
    broken = ""
    try:
        is_right(board, Ask(on=board.on))
    except Broken as error:
        broken = str(error)
    own, subtree = board.own.counts.values, board.subtree.counts.values
    figures = [(board.unit, OWN, own), (board.unit, SUBTREE, subtree)]
    positions = Positions.of(headers)
    return Snapshot(place, board.unit, board.on, board.tree_version, positions, figures, broken)


def of_answer(place: str, said: Mapping[str, Any]) -> Snapshot:
    """A board over HTTP, taken apart `by=child`: with what it says of the units right below."""
    unit = said["unit"]
    figures = [(unit, group, Counts.read(said[group]).values) for group in (OWN, SUBTREE)]
    rows = {row["key"]: Counts.read(row).values for row in said["rows"]}
    figures += [(key, OWN if key == unit else SUBTREE, row) for key, row in rows.items()]
    total = tuple(map(sum, zip(NOTHING, *rows.values(), strict=True)))
    broken = "" if total == figures[1][2] else f"its rows add up to {total}"
    positions = Positions.read(said["positions"])
    return Snapshot(
        place, unit, as_of(said["on"]), said["tree_version"], positions, figures, broken
    )


def published(log: Log, prefix: str) -> Iterator[Snapshot]:
    """Every record of the topic `boards`, from its start; a place without a record is an error.

    Raises LookupError there: then compaction has begun, and not every board can be seen.
    """
    topic = BOARDS.full(prefix)
    for partition, (start, end) in enumerate(log.ends(topic)):
        expected = start
        for record in all_records(log, topic, partition, start, end):
            place = f"{BOARDS.name}/{partition}/{record.offset}"
            if record.offset != expected:
                raise LookupError(f"nothing is at {BOARDS.name}/{partition}/{expected}")
            expected += 1
            yield of_record(place, record.value or b"", record.headers)


def compared(name: str, snapshots: Iterable[Snapshot], log: Kept) -> Check:
    """Each snapshot against the plain fold of what lies before its positions."""
    found, count = Differences(), 0
    placed: list[tuple[Positions, Snapshot]] = []
    for one in snapshots:
        count += 1
        if one.broken:
            found.add(f"{one.place}, {one.unit}: {one.broken}")
        if one.positions is None:
            found.add(f"{one.place}, {one.unit}: it does not say at which positions it stands")
        else:
            placed.append((one.positions, one))
    if placed:
        placed.sort(key=lambda pair: (_so_far(pair[0]), pair[1].on))
        _compare(placed, AtPositions(log), found)
    kinds = {(_so_far(at), one.tree_version) for at, one in placed}
    versions = {one.tree_version for _, one in placed}
    remark = f"at {len(kinds)} different positions, by {len(versions)} versions of the tree"
    return found.check(name, count, [remark])


def _compare(
    placed: Sequence[tuple[Positions, Snapshot]], walk: AtPositions, found: Differences
) -> None:
    key: tuple[Positions, Instant] | None = None
    wanted = walk.figures(Instant(0))
    for positions, one in placed:
        if key != (positions, one.on):
            try:
                walk.move(positions)
            except PositionsWentBack as error:
                found.add(f"{one.place}, {one.unit}: {error}")
                continue
            key, wanted = (positions, one.on), walk.figures(one.on)
        for unit, group, shown in one.figures:
            counted = wanted.own(unit) if group == OWN else wanted.subtree(unit)
            for measure, ours, theirs in zip(MEASURES, shown, counted, strict=True):
                if ours != theirs:
                    found.add(
                        f"{one.place}, {one.unit} at {format_instant(one.on)}: {group} of {unit} "
                        f"has {measure} {ours}, the log at these positions {theirs}"
                    )


def _so_far(positions: Positions) -> int:
    """How many records these positions cover: those of one reader only grow."""
    events = (offset for offsets in positions.events.values() for offset in offsets)
    return positions.units + positions.programmes + sum(events)

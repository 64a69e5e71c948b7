"""The second engine over a log: the same figures as the plain fold's, by SQL and nothing of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ops.archive.columns import COLUMNS, NAME, Table, row
from ops.replay import Cell, Logged
from ops.sql import engine
from ops.verify import Check, Differences, Live, Sides
from projections.ask import Ask, Owers
from projections.boards import Boards
from projections.life import LadderDocument
from projections.since import Since, nothing
from projections.sources import Numbering
from schemas.board import Board
from schemas.event import key_on
from schemas.frame import LadderEntry, Version
from schemas.measures import CONTENT, MEASURES, Slice, Step
from schemas.times import Day, Instant, day_of, end_of_day
from schemas.tree import DayTree

PAGE = 20_000
"""Rows that are loaded at once."""
BOARD_DAYS = 5
"""Days on which the boards of all units are compared, spread over the days of change."""
BOARD_UNITS_MAX = 400
"""Most units whose boards are compared on one day."""

SQL_AND_FOLD = Sides("by SQL", "by the fold")

_NOTHING = (0,) * len(MEASURES)
_PLACES = {name: at for at, (name, _) in enumerate(COLUMNS)}


class Second:
    """A log as the relation `facts` in a connection of its own, and what SQL makes of it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def through(self, records: Iterable[Logged]) -> Iterator[Logged]:
        """Pass the records of a log on while the relation is made of them, anew each time."""
        self.connection.execute(f"DROP TABLE IF EXISTS {NAME}")
        self._load([])
        page: list[tuple[Any, ...]] = []
        for number, record in enumerate(records, 1):
            one = _row(number, record)
            if one is not None:
                page.append(one)
            if len(page) == PAGE:
                self._load(page)
                page = []
            yield record
        self._load(page)

    def _load(self, page: list[tuple[Any, ...]]) -> None:
        columns = [list(column) for column in zip(*page, strict=True)] or [[] for _ in COLUMNS]
        engine.load(self.connection, Table(columns))

    def counted(self, known: Instant | None = None) -> Live:
        """All counts by cell and the documents of the ladder, as known at an instant."""
        engine.know_programmes(self.connection, known)
        cells = {}
        for ower, kind, area, programme, item, period, month, day, *counts in engine.cells(
            self.connection, known
        ):
            nets = Counter({measure: count for measure, count in enumerate(counts) if count})
            if nets:
                cut = Slice(kind, area, programme, item, period, month)
                cells[Cell(ower, cut, Day(day))] = nets
        documents = (document for _, document in self.ladder())
        entries = {
            LadderEntry(d.note, d.document, d.ower, day_of(Instant(d.at))) for d in documents
        }
        return Live(cells, entries)

    def ladder(self) -> list[tuple[str, LadderDocument]]:
        """The documents of the ladder by obligation, as known when it was last counted."""
        rows = self.connection.execute("SELECT * FROM ladder ORDER BY ALL").fetchall()
        return [(obligation, LadderDocument(*told)) for obligation, *told in rows]

    def steps(self, after: Instant, until: Instant) -> list[Step]:
        """The steps in (after, until], as known when it was last counted."""
        query = f'SELECT * FROM ({engine.STEPS}) WHERE "at" > {after} AND "at" <= {until}'
        return [
            Step(at, ower, Slice(*cut), measure, sign)
            for _, ower, *cut, at, measure, sign in self.connection.execute(query).fetchall()
        ]


def _row(number: int, record: Logged) -> tuple[Any, ...] | None:
    """The row of a record; None where the record is not what its topic and key say."""
    if record.value is None:
        return None
    one = row(number, record.value)
    names = ("topic", "unit", "programme", "obligation")
    topic, unit, programme, obligation = (one[_PLACES[name]] for name in names)
    key = key_on(topic, unit or "", programme, obligation).encode()
    return one if (topic, key) == (record.topic, record.key) else None


class SecondSteps:
    """The obligations behind a replay by SQL, for an instant inside a day."""

    def __init__(self, second: Second) -> None:
        self._second = second

    def revision(self) -> int:
        """A replay does not change."""
        return 0

    def told(self, version: Version) -> None:
        """A replay tells everything at once."""

    def steps_after(self, at: Instant, owers: Owers | None = None) -> Iterable[Step]:
        """The steps later than `at` on its local day."""
        return self._second.steps(at, end_of_day(day_of(at)))

    def ladder_between(
        self, after: Instant, until: Instant, owers: Owers | None = None
    ) -> Iterator[tuple[str, LadderDocument]]:
        """The documents of the ladder in (after, until], by obligation."""
        return ((name, one) for name, one in self._second.ladder() if after < one.at <= until)

    def since(self, known: Instant, names: Numbering, owers: Owers | None) -> Since:
        """Nothing: what was recorded later is not in this replay."""
        return nothing(names)


def places(day: DayTree) -> list[engine.Place]:
    """Which units stand under which on a day: the one thing that SQL does not derive itself."""
    return [
        engine.Place(unit, ancestor, day.level(unit), day.kind(unit))
        for unit in day.preorder
        for ancestor in day.path(unit)
    ]


def boards_are_the_folds(
    second: Second, boards: Boards, days: Iterable[Day], now: Instant
) -> Check:
    """The boards of all units (at most BOARD_UNITS_MAX) by SQL against those of the fold."""
    found = Differences()
    compared = 0
    for day in sample(sorted(set(days)), BOARD_DAYS):
        on, tree = end_of_day(day), boards.tree.at(day)
        figures = figures_of(second, tree, on)
        for unit in sample(tree.preorder, BOARD_UNITS_MAX):
            board = boards.board(unit, Ask(on=on, everything=True), now)
            compared += len(groups_of(board))
            for sentence in unlike_boards(figures.get(unit, {}), board, SQL_AND_FOLD):
                found.add(sentence)
    return found.check("boards: SQL = fold", compared)


Groups = dict[str, tuple[int, ...]]
"""own, subtree, level.… and kind.… -> one count a measure."""


def figures_of(
    second: Second, tree: DayTree, on: Instant, *, anew: bool = True
) -> dict[str, Groups]:
    """The figures of every unit's board by SQL; groups of which nothing is counted are not there.

    All is known, or, where it is not counted `anew`, what was known when it was last counted. The
    programmes must be known (see engine.know_programmes).
    """
    engine.set_paths(second.connection, places(tree))
    made = engine.boards if anew else engine.boards_of_derived
    found: dict[str, Groups] = {}
    for (unit, group), counts in made(second.connection, on).items():
        found.setdefault(unit, {})[group] = counts
    return found


def groups_of(board: Board) -> Groups:
    """The counts that a board shows, under the names that SQL gives them."""
    groups = {"own": board.own, "subtree": board.subtree}
    groups |= {f"level.{key}": each for key, each in board.by_level.items()}
    groups |= {f"kind.{key}": each for key, each in board.by_unit_kind.items()}
    return {name: each.counts.values for name, each in groups.items()}


def unlike_boards(ours: Groups, board: Board, sides: Sides) -> Iterator[str]:
    """What a board says otherwise than SQL, a sentence a measure.

    Content items are not compared: they are no obligations.
    """
    theirs = groups_of(board)
    for group in sorted(ours.keys() | theirs.keys()):
        pairs = zip(ours.get(group, _NOTHING), theirs.get(group, _NOTHING), strict=True)
        for measure, (our, their) in enumerate(pairs):
            if measure != CONTENT and our != their:
                yield (
                    f"{board.unit} at {board.on}, {group}: {MEASURES[measure]} is {our} "
                    f"{sides.ours}, {their} {sides.theirs}"
                )


def sample(things: Iterable[Any], most: int) -> list[Any]:
    """At most so many of the things, the first and the last among them, evenly spread."""
    found = list(things)
    if len(found) <= most:
        return found
    return [found[at * (len(found) - 1) // (most - 1)] for at in range(most)]

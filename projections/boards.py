"""Boards: own figures of every unit from frames, rolled up by the tree of any day.

A subtree's figure at T is the sum, over the units that stand in the subtree in the tree of T, of
their own steps up to T. Nothing is kept per subtree, so a reform needs no recomputation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.answer import Answer, Question
from projections.as_known import Known, owers_among
from projections.ask import Ask, ObligationSource
from projections.extra import Extra, extra_of
from projections.groupings import Groupings
from projections.growing import Growing, Numbers, distinct
from projections.ladder import LadderColumns
from projections.ladder_view import differences
from projections.part import Matrix, Part, dense, units_below
from projections.programmes import Programmes
from projections.series import Series
from projections.since import nothing
from projections.sources import Deltas, Ints, Sources
from projections.view import NONE, succession_of, view_of
from projections.whole import Whole
from schemas import frame
from schemas.board import Board, Counts
from schemas.derivation import ABSENT
from schemas.event import Event
from schemas.events.unit import LEVELS
from schemas.frame import Frame
from schemas.measures import MEASURES
from schemas.positions import Positions
from schemas.times import Day, Instant, day_of, end_of_day, to_date
from schemas.tree import DayTree, Tree
from schemas.unit_facts import unit_fact

Clock = Callable[[], Instant]
KNOWN_KEPT = 8
"""Most instants K whose differences to the present are kept."""


class Boards:
    """The figures of all units. Days and instants are arguments; `clock` is asked for nothing
    but the day whose boards are published.

    Without `obligations` figures are of whole days: an instant counts as the end of its day, and
    the past is shown as known now.
    """

    def __init__(self, clock: Clock, obligations: ObligationSource | None = None) -> None:
        self.obligations = obligations
        self.position: Callable[[], str] = str
        """Says, as a token of the ledger, how far the events are that these figures rest on."""
        self.positions: Callable[[], Positions | None] = self._positions
        self.tree = Tree.of([])
        self.programmes = Programmes({})
        self.groupings = Groupings({})
        self._clock = clock
        self._tree_changed = False
        self.clear()

    # Being told

    def clear(self) -> None:
        """Forgets all frames; units and programmes stay."""
        self.sources = Sources()
        self._whole = Whole()
        self._own = Series()
        self._yearly = Series()
        self._groups = Numbers()
        self._group_owers = Growing(np.int32)
        self._group_programmes = Growing(np.int32)
        self._group_years = Growing(np.int16)
        self._changed: set[int] = set()
        self._known: OrderedDict[tuple[int, int, Instant], Known] = OrderedDict()
        self._ower_of: tuple[Tree, int, Ints] | None = None
        self._content: Extra | None = None
        self._last_extra: tuple[tuple[object, ...], Extra] | None = None

    @property
    def changes(self) -> int:
        """A number that differs whenever any board may differ without the clock."""
        told = self.tree.version + self.programmes.version + self.groupings.version
        return self.sources.revision + told

    def _positions(self) -> Positions:
        told = max(self.tree.version, self.groupings.version), self.programmes.version
        return Positions(*told, self.sources.offsets())

    def apply(self, value: bytes) -> None:
        """Takes the cells of a frame, unless a newer frame of its source is known.

        Raises Refused where the bytes are no frame.
        """
        self.apply_frame(frame.decode(value))

    def apply_frame(self, told: Frame) -> None:
        """Takes a decoded frame; of one told in parts nothing shows before all of them are here."""
        for one in self._whole.take(told):
            self._apply(one)

    @property
    def torn(self) -> bool:
        """Whether of a frame only some parts have come, which no snapshot holds."""
        return bool(self._whole)

    def _apply(self, told: Frame) -> None:
        deltas = self.sources.apply(told)
        if deltas is None:
            return
        if self.obligations and told.part == told.parts - 1:
            self.obligations.told(told.version)
        self._changed.update(distinct(deltas.ower).tolist())
        self._changed.update(map(self.sources.names.ower, {e.ower for e in told.ladder}))
        self._own.add(deltas.ower, deltas.day, deltas.rows)
        self._add_yearly(deltas)

    def _add_yearly(self, deltas: Deltas) -> None:
        """Counts by (ower, programme, year of the due) what has a due."""
        cuts = self.sources.names.cut_rows[deltas.cut]
        dated = np.flatnonzero(cuts["due_year"])
        cuts, owers = cuts[dated], deltas.ower[dated]
        known = len(self._groups)
        keys = (owers << 40) | (cuts["programme"].astype(np.int64) << 16) | cuts["due_year"]
        groups = self._groups.of(keys).astype(np.int64)
        new = self._groups.by_number.rows[known:]
        self._group_owers.extend(new >> 40)
        self._group_programmes.extend((new >> 16) & 0xFFFFFF)
        self._group_years.extend(new & 0xFFFF)
        self._yearly.add(groups, deltas.day[dated], deltas.rows[dated])

    def tell_units(self, events: Iterable[tuple[int, Event]]) -> None:
        """Takes (offset, event) pairs of the topic `units`, in any order."""
        events = list(events)
        self.groupings = self.groupings.with_events(events)
        facts = [(at, fact) for at, event in events if (fact := unit_fact(event)) is not None]
        if facts:
            before, self.tree = self.tree, self.tree.with_facts(facts)
            # Parts of a reform that nobody has enacted yet change no board.
            self._tree_changed |= not self.tree.stands_like(before)

    def tell_programmes(self, events: Iterable[tuple[int, Event]]) -> None:
        """Takes (offset, event) pairs of the topic `programmes`, in any order."""
        before = self.programmes.version
        self.programmes = self.programmes.with_events(events)
        if self.programmes.version != before:
            self._content = None
            # Any unit may have items, and a programme that closes changes every column.
            self._tree_changed = True

    def mark(self, value: bytes) -> None:
        """The owers of a frame count as changed, whether or not its cells are known already."""
        told = frame.decode(value)
        self._changed.update(map(self.sources.names.ower, told.units))

    def snapshot(self) -> Iterator[tuple[bytes, Callable[[], bytes]]]:
        """Per source, when it is its turn: a name, and what makes the frame that holds its cells.

        It may be made in another thread while frames go on coming.
        """
        for version, made in self.sources.frames():
            yield f"{version.cluster}/{version.partition}".encode(), made

    # What to publish

    def changed(self) -> Collection[str]:
        """Units whose board of today may differ since the last call; of all of them, highest first.

        A reform changes every board, and more people look at the highest ones."""
        today = self.tree.at(day_of(self._clock()))
        if self._tree_changed:
            self._tree_changed = False
            self._changed.clear()
            return from_the_top(today)
        owers = [self.sources.names.owers[number] for number in self._changed]
        self._changed.clear()
        return with_superiors(today, owers)

    def changed_between(self, after: Day, until: Day) -> set[str]:
        """Units whose board differs between the ends of two days although nothing was told."""
        today, before = self.tree.at(until), self.tree.at(after)
        if today.arrays is not before.arrays or to_date(after).year != to_date(until).year:
            return set(today.preorder)
        numbers = self._own.changed_between(after, until).tolist()
        return with_superiors(today, [self.sources.names.owers[number] for number in numbers])

    # Answering

    def board(self, unit: str, ask: Ask, now: Instant) -> Board:
        """The board of a unit. Raises UnknownUnit where nobody established it, as known then."""
        question = self.question(ask, now)
        tree = question.known.tree if question.known else self.tree
        view = view_of(tree, unit, ask, now)
        day = view.day
        head = self.head(day, unit, question, forecast=question.on > now)
        if not view.heads:
            head["succession"] = succession_of(view, {}) if ask.tree == "succession" else None
            return Board(own=NONE, subtree=NONE, by=ask.by, **head)
        units = units_below(day, view.heads)
        # Before the part: a unit that only has content gets its number here.
        question = question._replace(owers=owers_among(tree, units))
        extra = self.extra(question)
        part = Part(day, unit, units, self.ower_numbers(tree), view.heads)
        answer = Answer(self, part, question, extra)
        if ask.tree == "succession":
            head["succession"] = succession_of(view, answer.pasts(answer.matrix()))
        return Board(**head, **answer.groups())

    def head(
        self, day: DayTree, unit: str, question: Question, *, forecast: bool = False
    ) -> dict[str, Any]:
        """What the unit's board says beside figures, by the names of its fields."""
        return {
            "unit": unit,
            "name": day.name(unit),
            "level": day.level(unit),
            "closed": unit in day and day.closed(unit),
            "on": question.on,
            "known": question.ask.known,
            "tree_version": day.version,
            "position": self.position(),
            "version": self.changes,
            "positions": self.positions(),
            "forecast": forecast,
        }

    def own_of_all(self, ask: Ask, now: Instant) -> Matrix:
        """Own figures of every unit that ever stood as known, in the order of Tree.codes."""
        question = self.question(ask, now)
        tree = question.known.tree if question.known else self.tree
        extra = self.extra(question)
        part = Part.all(tree.at(question.day), "", self.ower_numbers(tree))
        out = np.zeros((len(tree.codes), len(MEASURES)), np.int64)
        out[part.units[part.place]] = Answer(self, part, question, extra).matrix()
        return out

    def question(self, ask: Ask, now: Instant) -> Question:
        """What is asked, with what was known then."""
        on = now if ask.on is None else ask.on
        return Question(ask, on, day_of(on), self._as_known(ask.known, now))

    def extra(self, question: Question) -> Extra:
        """What is to be added to the cells up to the end of the day."""
        told = self.obligations.revision() if self.obligations and question.known else 0
        known = question.ask.known if question.known else None
        key = (self.changes, told, question.on, known, question.owers)
        if self._last_extra is None or self._last_extra[0] != key:
            self._last_extra = (key, self._find_extra(question))
        return self._last_extra[1]

    def _find_extra(self, question: Question) -> Extra:
        on, owers = question.on, question.owers
        extra = self._contents(question.known).until(on)
        if question.known:
            extra += question.known.since(owers).steps.until(on)
        if self.obligations and on != end_of_day(question.day):
            extra += -extra_of(self.sources.names, self.obligations.steps_after(on, owers))
        return extra

    def waiting(self, on: Instant, known: Instant | None = None) -> dict[str, Counts]:
        """Owers that stand in no tree of the day, with what they owe; they are in no total."""
        then = self._as_known(known, self._clock())
        day = (then.tree if then else self.tree).at(day_of(on))
        owers = self.sources.names.owers
        absent = np.array([n for n, code in enumerate(owers) if code not in day], np.int64)
        rows = self._own.at(absent, day_of(on))
        if then:
            since = then.since(None).steps.until(end_of_day(day_of(on))).of(absent).deltas()
            rows = rows + dense(since.rows, np.searchsorted(absent, since.ower), len(absent))
        told = zip(absent.tolist(), rows.tolist(), strict=True)
        counts = {owers[number]: Counts(tuple(row)) for number, row in told}
        return {code: counts[code] for code in sorted(counts) if counts[code]}

    def ower_numbers(self, tree: Tree) -> Ints:
        """By unit number of the tree the number of the ower; -1 for units that never owed."""
        owers = self.sources.names.owers
        kept = self._ower_of
        if kept is None or kept[0] is not tree or kept[1] != len(owers):
            numbers = self.sources.names.ower_numbers
            of = np.array([numbers.get(code, -1) for code in tree.codes], np.int64)
            kept = self._ower_of = (tree, len(owers), of)
        return kept[2]

    def _as_known(self, known: Instant | None, now: Instant) -> Known | None:
        """What was known at K; None where that is what is known now."""
        if known is None or known >= now:
            return None
        told = self.obligations.revision() if self.obligations else 0
        key = (self.changes, told, known)
        if key not in self._known:
            self._known[key] = self._find_known(known)
            while len(self._known) > KNOWN_KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _find_known(self, known: Instant) -> Known:
        source, names = self.obligations, self.sources.names
        return Known(
            self.tree.as_known(known) if self.tree.recorded_after(known) else self.tree,
            self.programmes.as_known(known),
            lambda owers: source.since(known, names, owers) if source else nothing(names),
        )

    def _contents(self, known: Known | None) -> Extra:
        """The items of programmes that make no obligation."""
        if known:
            return extra_of(self.sources.names, known.programmes.content_steps())
        if self._content is None:
            self._content = extra_of(self.sources.names, self.programmes.content_steps())
        return self._content

    def ladder_columns(self, question: Question, owers: Ints) -> LadderColumns:
        """The ladder's entries of owers (ascending), and maybe more, up to the instant asked."""
        known = question.known.since(question.owers).ladder if question.known else None
        gone, come = differences(self.obligations, question.on, known, question.owers)
        return self.sources.ladder.until(question.day, owers, gone, come)

    def own_figures(self, units: Sequence[str], days: Iterable[int]) -> Iterator[Matrix]:
        """Own figures of units at the end of each day, one row each; zeros for who never owed."""
        numbers = self.sources.names.ower_numbers
        owers = np.array([numbers.get(unit, -1) for unit in units], np.int64)
        here = np.flatnonzero(owers >= 0)
        here = here[np.argsort(owers[here])]
        for day in days:
            found = np.zeros((len(owers), len(MEASURES)), np.int64)
            found[here] = self._own.at(owers[here], Day(day))
            yield found

    def totals(self, owers: Ints, day: Day) -> Matrix:
        """Own figures of owers at the end of a day."""
        return self._own.at(owers, day)

    def year_totals(
        self, owers: Ints, day: Day, is_open: NDArray[np.bool_], totals: Matrix
    ) -> tuple[Matrix, Matrix]:
        """By ower the figures of what is due in the day's year, and of what was due before.

        `totals` are those of the owers. `is_open` says, by number of its name, which programme
        is in force; others are left out. Of the second only what is open (due, and not
        completed) is meaningful.
        """
        year = to_date(day).year
        years = self._group_years.rows
        this = self._of_years(owers, np.flatnonzero(years == year), day, is_open)
        if is_open.all():
            # What is open and due has a year up to this one, so the rest is from before.
            return this, totals - this
        return this, self._of_years(owers, np.flatnonzero(years < year), day, is_open)

    def _of_years(self, owers: Ints, groups: Ints, day: Day, is_open: NDArray[np.bool_]) -> Matrix:
        inside = np.zeros(len(self.sources.names.owers), np.bool_)
        inside[owers] = True
        groups = groups[inside[self._group_owers.rows[groups]]]
        if not is_open.all():
            groups = groups[is_open[self._group_programmes.rows[groups]]]
        place = np.searchsorted(owers, self._group_owers.rows[groups])
        return dense(self._yearly.at(groups, day), place, len(owers))


def from_the_top(day: DayTree) -> list[str]:
    """All units that stand, level by level, the highest first."""
    names, of_unit = day.tree.levels
    known = {level: rank for rank, level in enumerate(reversed(LEVELS))}
    rank = np.array([known.get(name, len(known)) for name in names], np.int64)
    order = day.arrays.order
    ordered = order[np.argsort(rank[of_unit[order]], kind="stable")]
    return [day.tree.codes[number] for number in ordered.tolist()]


def with_superiors(day: DayTree, units: Iterable[str]) -> set[str]:
    """The units that stand, and all above them."""
    tree, parent = day.tree, day.arrays.parent
    numbers = [number for unit in units if (number := tree.numbers.get(unit)) is not None]
    rank = distinct(np.array(numbers, np.int64))
    rank = rank[parent[rank] != ABSENT]
    found = np.zeros(len(tree.codes), np.bool_)
    while len(rank):
        found[rank] = True
        rank = distinct(parent[rank])
        rank = rank[(rank >= 0) & ~found[rank]]
    return {tree.codes[number] for number in np.flatnonzero(found).tolist()}

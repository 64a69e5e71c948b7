"""Query: every question that a reader asks of the read side, answered as plain JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from projections import left_open
from projections.ask import EVERYTHING, NOW, Ask, Chosen, Clocks, NotYet, UnknownUnit
from projections.boards import Boards
from projections.differing import Differing, differing
from projections.explaining import Explanation, Figure, explained
from projections.late import Entered
from projections.life import Life
from projections.listing import NONE, Lives, Wanted, listed, row, single
from projections.past import Past, UnknownEvent
from projections.places import Place
from projections.programmes import Programme
from projections.restatements import LISTED
from projections.review import Span, review, review_by_parts
from projections.unit_life import unit_life
from projections.view import view_of
from schemas.board import Board
from schemas.order_vn import place
from schemas.refusal import Reason, Refused
from schemas.times import Instant, day_of, day_or_none, format_day
from schemas.tree import DayTree, Tree

Json = Mapping[str, object]
WAITING_MAX = 500
"""Most unopened obligations that one answer lists; the metric counts all of their facts."""


class Query:
    """The facade behind HTTP, the command line and SSE. `lives` None: boards only.

    Calls take milliseconds, in the thread that folds, so that each sees whole batches.
    """

    def __init__(
        self,
        boards: Boards,
        lives: Lives | None,
        clock: Callable[[], Instant],
        past: Past | None = None,
    ) -> None:
        self.boards = boards
        self._lives = lives
        self._clock = clock
        self._past = past

    def changes(self) -> int:
        """A number that differs whenever any live board may differ."""
        return self.boards.changes

    def now(self) -> Instant:
        """The instant that a question without one means."""
        return self._clock()

    def units(
        self,
        text: str,
        parent: str | None,
        on: Instant | None,
        limit: int,
        known: Instant | None = None,
    ) -> Sequence[Json]:
        """Units whose code or a name, ever, holds the text, or the children of one.

        Without text and parent: the root. None where the parent does not stand, as known.
        Children stand in the order of their names.
        """
        day = self._day(on, known)
        if parent is not None:
            children = day.children(parent) if parent in day else ()
            held = self._found(text, day.tree) if text else frozenset()
            found = [code for code in children if not text or code in held]
            found.sort(key=lambda code: place(day.name(code)))
        elif text:
            found = [code for code in day.tree.search(text, len(day.tree.codes)) if code in day]
        else:
            found = [day.root] if day.root is not None else []
        return [_unit(code, day) for code in found[:limit]]

    def _found(self, text: str, tree: Tree) -> frozenset[str]:
        return frozenset(tree.search(text, len(tree.codes)))

    def unit(self, code: str, on: Instant | None, known: Instant | None = None) -> Json:
        """One unit: where it stands, from the root to it, and what happened to it."""
        day = self._day(on, known)
        path = day.path(code) if self._known(code, day.tree) in day else (code,)
        return {
            **_unit(code, day),
            "path": [{"unit": one, "name": day.name(one), "level": day.level(one)} for one in path],
            **unit_life(code, day),
        }

    def review(self, code: str, span: Span) -> Json:
        """The years of a unit, as then, as now and in succession, and why these differ.

        Raises UnknownUnit, and Refused where the years cannot be.
        """
        return review(self.boards, code, span, self._clock())

    def review_by_parts(self, code: str, span: Span) -> Iterator[Json | None]:
        """The same with None after each of its rows: all of them take up to a second."""
        return review_by_parts(self.boards, code, span, self._clock())

    def figures(self, code: str, ask: Ask) -> Board:
        """The board itself, of zeros where the unit did not stand yet. Raises UnknownUnit."""
        return self.boards.board(code, ask, self._clock())

    def explained(self, code: str, ask: Ask, figure: Figure, page: slice) -> Explanation:
        """What a figure of the board is made of; see explaining.explained, which says the errors.

        Raises Refused where no obligations are kept.
        """
        return explained(self.boards, self._kept(), code, ask, figure, page, self._clock())

    def differing(self, code: str, asks: tuple[Ask, Ask], page: slice) -> Differing:
        """What differs between two states of a board; see differing.differing."""
        return differing(self.boards, self._kept(), code, asks, page, self._clock())

    def life(self, obligation: str, known: Instant | None) -> Life | None:
        """The life of an obligation as known; None where it is not known here."""
        return None if self._lives is None else self._lives.life(obligation, known)

    def places(self, obligation: str) -> Mapping[bytes, Place]:
        """Where the records of its facts stand on the topic `events`, by event id."""
        return {} if self._lives is None else self._lives.places(obligation)

    def programme_places(self) -> Mapping[bytes, Place]:
        """The same of programmes, on the topic `programmes`."""
        offsets = self.boards.programmes.offsets()
        return {event_id: Place(0, offset) for event_id, offset in offsets.items()}

    def _kept(self) -> Lives:
        if self._lives is None:
            sentence = "this process knows no obligations; ask one that does"
            raise Refused(Reason.RULE, sentence, "path")
        return self._lives

    def check_stands(self, code: str, ask: Ask) -> None:
        """Raises UnknownUnit where nobody established the unit by T, as known.

        A unit that has ended stands, closed. By the tree of now it is that tree which counts, and
        in succession the predecessors stand in its place.
        """
        if ask.tree != "then":
            return
        day = self._day(ask.on, ask.known)
        if self._known(code, day.tree) not in day:
            raise NotYet(code, day.day, day.tree.units[code].established)

    def board(self, code: str, ask: Ask) -> Json:
        """The board of design.md section 7; with `ask.by` also its rows. Raises UnknownUnit.

        Where a day that has ended is asked for, as known now, and late facts have changed its
        figures since, `restated` says how many did, and when the last of them was recorded.
        """
        self.check_stands(code, ask)
        board = self.figures(code, ask).to_json()
        restated = self._restated(code, ask)
        return board if restated is None else {**board, "restated": restated}

    def _restated(self, code: str, ask: Ask) -> Json | None:
        cut = (ask.known, ask.programme, ask.period)
        if self._past is None or ask.on is None or ask.tree != "then" or cut != (None,) * 3:
            return None
        day = day_of(ask.on)
        return self._past.annotation(code, day) if day < day_of(self._clock()) else None

    def restatements(
        self,
        unit: str | None = None,
        since: Instant | None = None,
        obligation: str | None = None,
        limit: int = LISTED,
        clocks: Clocks = NOW,
    ) -> Json:
        """`restatements` of a unit's figures (None: of all), the last recorded first, and `more`.

        `since`: because of what was recorded from then on; of `clocks` K: until then, T: only
        those that changed figures of its day. Raises UnknownUnit.
        """
        if self._past is None:
            return {"restatements": [], "more": False}
        return self._past.listed(unit, since, obligation, limit, self._unit_name, clocks)

    def restatement(self, event_id: bytes) -> Json:
        """What one event has restated, and of what. Raises UnknownEvent."""
        if self._past is None:
            raise UnknownEvent(event_id.hex())
        return self._past.explained(event_id, self._unit_name)

    def _unit_name(self, code: str) -> str:
        return _name(code, self._day(None))

    def obligations(
        self,
        code: str,
        ask: Ask,
        state: str | None = None,
        offset: int = 0,
        limit: int = 500,
        subtree: bool = True,
        chosen: Chosen = EVERYTHING,
    ) -> Json:
        """`total` and `obligations`, a page of what the unit and all below it owe, or owed.

        `states` are the counts of the whole list by state; `subtree` False: the unit's own alone.

        Raises UnknownUnit, also where the unit did not stand yet, and Refused where too many lives
        would have to be derived.
        """
        self.check_stands(code, ask)
        return self.owed(code, ask, state, offset, limit, subtree, chosen)

    def owed(
        self,
        code: str,
        ask: Ask,
        state: str | None = None,
        offset: int = 0,
        limit: int = 500,
        subtree: bool = True,
        chosen: Chosen = EVERYTHING,
    ) -> Json:
        """The same list, empty where the unit did not stand yet: for what looks back at a year."""
        now = self._clock()
        on = now if ask.on is None else ask.on
        known = None if ask.known is None or ask.known >= now else ask.known
        view = view_of(self._tree(known, now), code, ask, now)
        day = view.day
        below = frozenset(view.codes()) if subtree else frozenset({code, *view.heads})
        wanted = Wanted(
            at=on,
            known=known,
            units=below,
            state=state,
            programme=ask.programme,
            period=ask.period,
            whole=len(below) == len(day),
            chosen=chosen,
        )
        total, states, found = listed(self._lives, wanted, offset, limit) if self._lives else NONE
        rows = [row(x, on, _name(x.unit, day)) for x in found]
        return {"total": total, "states": states, "obligations": rows}

    def entered_late(self, code: str, ask: Ask, days: int) -> Sequence[Entered]:
        """Facts about what the unit and all below it owe, entered so many days late or more."""
        now = self._clock()
        on, known = (now if one is None else one for one in (ask.on, ask.known))
        view = view_of(self._tree(ask.known, now), code, ask, now)
        below = sorted(view.codes())
        owers = None if len(below) == len(view.day) else below
        return () if self._lives is None else self._lives.entered_late(owers, on, known, days)

    def obligation(self, name: str, on: Instant, known: Instant | None) -> Json | None:
        """One obligation as on a list; None where it is not opened at that time as known."""
        life = None if self._lives is None else self._lives.life(name, known)
        one = None if life is None else single(name, life, on)
        return None if one is None else row(one, on, _name(one.unit, self._day(on)))

    def waiting(self, on: Instant | None = None, known: Instant | None = None) -> Json:
        """What is held: it counts nowhere until the fact it waits for is there.

        `owers` are not established by any unit event, `obligations` (at most WAITING_MAX) not
        opened, `unit_events` name a parent or unit that is not established; all as known.
        """
        now = self._clock()
        known = None if known is None or known >= now else known
        held = self.boards.waiting(now if on is None else on, known)
        tree = self._tree(known, now)
        return {
            "total": len(held),
            "owers": [{"unit": code, **counts.plain()} for code, counts in held.items()],
            "unit_events": [
                {"unit": fact.unit, "event_id": fact.event_id.hex(), "parent": fact.parent}
                for fact in tree.waiting
            ],
            "obligations": [
                {"obligation": one, "facts": count}
                for one, count in (self._lives.unopened(WAITING_MAX, known) if self._lives else ())
            ],
        }

    def handover(self, after: int = -1, rows: int = 500) -> Json:
        """A page of `obligations` that units which have ended by today still have open.

        `next` is what to give as `after` for the page after it, None after the last one; both are
        numbers of this process alone. A page may hold fewer rows than asked for.
        """
        now = self._clock()
        ended = self.boards.tree.at(day_of(now)).ended
        if self._lives is None or not ended:
            return {"obligations": [], "next": None}
        ids, further = self._lives.left_open(ended, now, after, rows)
        lives = ((one, self._lives.life(one)) for one in ids)
        found = (left_open.row(one, life, now) for one, life in lives if life is not None)
        owers = frozenset(ended)
        kept = [one for one in found if one is not None and one["unit"] in owers]
        return {"obligations": kept, "next": further}

    def open_counts(self) -> Json:
        """`units`: how many obligations each unit has open after everything recorded."""
        return {"units": {} if self._lives is None else self._lives.open_counts()}

    def conflicts(self) -> Sequence[Json]:
        """All facts about units that another one overruled."""
        return [
            {
                "unit": conflict.unit,
                "on": format_day(conflict.day),
                "reason": conflict.reason,
                "event_id": conflict.event_id.hex(),
                "sentence": conflict.sentence,
            }
            for conflict in self.boards.tree.conflicts
        ]

    def programmes(self, on: Instant | None = None, known: Instant | None = None) -> Sequence[Json]:
        """The programmes known, with the titles of their items and rules.

        With `on` only those issued by then; `in_force` is of that instant.
        """
        at = self._clock() if on is None else on
        programmes = self.boards.programmes
        if known is not None and known < self._clock():
            programmes = programmes.as_known(known)
        closed = programmes.closed(at)
        return [
            _programme(held, held.id not in closed, programmes.titles(held.id))
            for held in sorted(programmes.all.values(), key=lambda held: held.id)
            if on is None or held.issued.effective_at <= on
        ]

    def _tree(self, known: Instant | None, now: Instant) -> Tree:
        tree = self.boards.tree
        return tree if known is None or known >= now else tree.as_known(known)

    def _day(self, on: Instant | None, known: Instant | None = None) -> DayTree:
        now = self._clock()
        return self._tree(known, now).at(day_of(now if on is None else on))

    def _known(self, code: str, tree: Tree) -> str:
        if code not in tree.units:
            raise UnknownUnit(code, tree.known)
        return code


def _unit(code: str, day: DayTree) -> dict[str, Any]:
    stands = code in day
    return {
        "unit": code,
        "name": day.name(code),
        "level": day.level(code),
        "kind": day.kind(code),
        "parent": day.parent(code) if stands else None,
        "closed": stands and day.closed(code),
    }


def _name(code: str, day: DayTree) -> str:
    return day.name(code) if code in day.tree.units else code


def _programme(held: Programme, in_force: bool, titles: Mapping[str, str]) -> Json:
    issued = held.issued
    title = issued.title if isinstance(issued.title, str) else ""
    return {
        "programme": held.id,
        "name": held.name,
        "unit": held.unit,
        "number": issued.number,
        "title": title,
        "covers_from": day_or_none(issued.covers_from),
        "covers_to": day_or_none(issued.covers_to),
        "date_inferred": issued.date_inferred,
        "in_force": in_force,
        "items": dict(titles),
    }

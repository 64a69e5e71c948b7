"""Boards in memory over the reference fold: small and real, for tests of the surfaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ops.http_service import Ask, Json, UnknownUnit
from projections import left_open
from projections.ask import EVERYTHING, Chosen
from projections.facts import Fact
from projections.life import Life, Phase
from projections.obligation import derive
from projections.states import state
from projections.steps import steps
from schemas.board import Board, Counts, Figures, Ladder, Row
from schemas.measures import MEASURES, Step
from schemas.times import DAY_MS, Instant, day_of, format_day, format_instant


class Unit(NamedTuple):
    code: str
    name: str
    level: str
    kind: str
    parent: str | None
    closed: bool = False


class Owed(NamedTuple):
    id: str
    facts: Sequence[Fact]


class World:
    """Units and the facts of obligations; every answer is derived anew when asked."""

    def __init__(self, units: Iterable[Unit], owed: Iterable[Owed], clock: Callable[[], Instant]):
        self.by_code = {unit.code: unit for unit in units}
        self.owed = list(owed)
        self.clock = clock
        self.version = 0
        self.restated: dict[tuple[str, str], Json] = {}
        """By unit and day, YYYY-MM-DD, what its board says of later changes."""
        self._lives: dict[tuple[str, int, Instant | None], tuple[Life, tuple[Step, ...]]] = {}

    def add(self, owed: Owed) -> None:
        """Puts an obligation in the place of the one with its id, or beside the others."""
        self.owed = [other for other in self.owed if other.id != owed.id] + [owed]
        self.version += 1

    def changes(self) -> int:
        return self.version

    def units(self, text: str, parent: str | None, on: Instant | None, limit: int) -> list[Json]:
        wanted = text.lower()
        found = [
            self._row(unit)
            for unit in self.by_code.values()
            if (wanted in unit.code or wanted in unit.name.lower())
            and parent in (None, unit.parent)
        ]
        return found[:limit]

    def unit(self, code: str, on: Instant | None, known: Instant | None = None) -> Json:
        unit = self._find(code)
        path = [unit]
        while path[0].parent is not None:
            path.insert(0, self.by_code[path[0].parent])
        steps_up = [{"unit": one.code, "name": one.name, "level": one.level} for one in path]
        return self._row(unit) | {"path": steps_up}

    def board(self, code: str, ask: Ask) -> Json:
        unit = self._find(code)
        on = self.clock() if ask.on is None else ask.on
        below = self._below(code)
        held = [step for step in self._steps(ask) if step.at <= on and step.ower in below]
        under = [self.by_code[one] for one in below if one != code]
        year = format_day(day_of(on))[:4]

        def where(keep: Callable[[Unit], bool]) -> Figures:
            return figures([step for step in held if keep(self.by_code[step.ower])], year)

        board = Board(
            unit=unit.code,
            name=unit.name,
            level=unit.level,
            closed=unit.closed,
            on=on,
            known=ask.known,
            tree_version=len(self.by_code),
            position=f"memory:{self.version}",
            version=self.version,
            own=where(lambda one: one.code == code),
            subtree=figures(held, year),
            by_level={
                name: where(lambda u, n=name: u.level == n)  # type: ignore[misc]
                for name in sorted({one.level for one in under})
            },
            by_unit_kind={
                name: where(lambda u, n=name: u.kind == n)  # type: ignore[misc]
                for name in sorted({one.kind for one in under})
            },
            by=ask.by,
            rows=[] if ask.by is None else self._rows(code, ask.by, held, year),
        )
        restated = self.restated.get((code, format_day(day_of(on))))
        return board.to_json() | ({} if restated is None else {"restated": restated})

    def obligations(
        self,
        code: str,
        ask: Ask,
        wanted: str | None,
        offset: int,
        limit: int,
        subtree: bool = True,
        chosen: Chosen = EVERYTHING,
    ) -> Json:
        self._find(code)
        on = self.clock() if ask.on is None else ask.on
        below = self._below(code)
        rows = []
        for owed in self.owed:
            life, _ = self._life(owed, ask.known)
            standing, word = life.standing_at(on), state(life, on)
            if standing is None or word is None or standing.ower not in below:
                continue
            if not subtree and standing.ower != code:
                continue
            if chosen.item not in (None, owed.facts[0].item):
                continue
            if wanted in (None, word):
                rows.append(self._listed(owed, life, on, word))
        rows.sort(key=lambda row: (row["due_before"] or "9", row["obligation"]))
        states = dict(Counter(str(row["state"]) for row in rows))
        page = rows[offset : offset + limit]
        return {"total": len(rows), "states": states, "obligations": page}

    def handover(self, after: int, rows: int) -> Json:
        """What closed units have open, by the place of the obligation."""
        now = self.clock()
        found = []
        for place, owed in enumerate(self.owed):
            row = left_open.row(owed.id, self._life(owed, None)[0], now)
            if place > after and row is not None and self.by_code[row["unit"]].closed:
                found.append((place, row))
        further = found[rows - 1][0] if len(found) > rows else None
        return {"obligations": [row for _, row in found[:rows]], "next": further}

    def open_counts(self) -> Json:
        now = self.clock()
        rows = [left_open.row(owed.id, self._life(owed, None)[0], now) for owed in self.owed]
        return {"units": Counter(row["unit"] for row in rows if row is not None)}

    def _listed(self, owed: Owed, life: Life, on: Instant, word: str) -> dict[str, object]:
        standing = life.standing_at(on)
        assert standing is not None
        first = owed.facts[0]
        late = (on - (standing.due * DAY_MS - 7 * 3_600_000)) // DAY_MS if standing.due else 0
        done = standing.phase is Phase.DONE and life.submissions
        return {
            "obligation": owed.id,
            "unit": standing.ower,
            "unit_name": self.by_code[standing.ower].name,
            "kind": first.kind,
            "item": first.item,
            "area": first.area,
            "programme": first.programme,
            "period": first.period,
            "state": word,
            "due_before": None if standing.due is None else format_day(standing.due),
            "days_overdue": late + 1 if word == "overdue" else None,
            "completed_at": format_instant(life.submissions[-1].at) if done else None,
        }

    def _rows(self, code: str, by: str, held: Sequence[Step], year: str) -> list[Row]:
        if by == "child":
            children = [one for one in self.by_code.values() if one.parent == code]
            below = {one.code: self._below(one.code) for one in children}
            return [
                Row(
                    one.code,
                    one.name,
                    figures([s for s in held if s.ower in below[one.code]], year),
                )
                for one in children
            ]
        cuts: dict[str, Callable[[Step], str | None]] = {
            "level": lambda s: self.by_code[s.ower].level,
            "unit_kind": lambda s: self.by_code[s.ower].kind,
            "due_year": lambda s: (s.slice.due_month or "")[:4] or None,
        }
        key = cuts.get(by) or (lambda s: getattr(s.slice, by))
        keys = sorted({key(step) for step in held}, key=lambda k: k or "")
        return [Row(k, None, figures([s for s in held if key(s) == k], year)) for k in keys]

    def _steps(self, ask: Ask) -> Iterable[Step]:
        for owed in self.owed:
            for step in self._life(owed, ask.known)[1]:
                of = step.slice
                if ask.programme in (None, of.programme) and ask.period in (None, of.period):
                    yield step

    def _life(self, owed: Owed, known: Instant | None) -> tuple[Life, tuple[Step, ...]]:
        key = (owed.id, len(owed.facts), known)
        if key not in self._lives:
            life = derive(owed.facts, known)
            self._lives[key] = (life, tuple(steps(life)))
        return self._lives[key]

    def _find(self, code: str) -> Unit:
        if code not in self.by_code:
            raise UnknownUnit(code)
        return self.by_code[code]

    def _below(self, code: str) -> set[str]:
        found = {code}
        # Units stand after their parents, so one pass is enough.
        for unit in self.by_code.values():
            if unit.parent in found:
                found.add(unit.code)
        return found

    @staticmethod
    def _row(unit: Unit) -> dict[str, object]:
        return {
            "unit": unit.code,
            "name": unit.name,
            "level": unit.level,
            "kind": unit.kind,
            "parent": unit.parent,
            "closed": unit.closed,
        }


def figures(held: Sequence[Step], year: str) -> Figures:
    """The figures of some steps; carried over is what is due in earlier years and still open."""

    def counts(steps_: Iterable[Step]) -> Counts:
        sums = [0] * len(MEASURES)
        for step in steps_:
            sums[step.measure] += step.sign
        return Counts(tuple(sums))

    before = [step for step in held if (step.slice.due_month or "9999")[:4] < year]
    earlier = counts(before)
    open_ = Counts.of(
        assigned=earlier["in_revision"] + earlier["overdue"],
        due=earlier["in_revision"] + earlier["overdue"],
        in_revision=earlier["in_revision"],
        overdue=earlier["overdue"],
    )
    return Figures(
        counts=counts(held),
        ladder=Ladder(),
        due_this_year=counts(s for s in held if (s.slice.due_month or "")[:4] == year),
        carried_over=open_,
    )

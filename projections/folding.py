"""Folding: new facts into a shard, by columns where the way is common, by the reference elsewhere.

An obligation's counts in the cells are always those of the facts entered before; a fact that
comes last in the order adds what changes from its instant on; any other one takes the
obligation's counts out (`detach`), and they are made anew from all its facts when the batch is in
(`attach`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.growing import distinct
from projections.lives import UNOPENED, Changes, changes, evolve, joined
from projections.refolding import ladder_of, refold
from projections.shard import CROWD, DETACHED, EXOTIC, FAST, Shard, bytes16
from projections.turns import answers_of, causes_of, facts_at
from schemas.event import Effect
from schemas.frame import LadderEntry
from schemas.limits import FACTS_PER_OBLIGATION_MAX

Column = NDArray[Any]
Bools = NDArray[np.bool_]

FRESH, DUPLICATE, RENEWS, CLASH, DISPLACES, TOO_MANY = range(6)
"""What became of a row: entered; the same again, later or earlier recorded; another content of an
id that stays, or that gives way to it; beyond the limit of facts."""


class Displaced(NamedTuple):
    """A fact that gave way to another content of its id that was recorded earlier."""

    partition: int
    obligation: bytes
    event_id: bytes
    content: bytes
    offset: int


class Folder:
    """Enters rows of facts into one shard; `rows` are of dtype shard.FACT, in order of arrival."""

    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        self.displaced: list[Displaced] = []
        self._changes: list[Changes] = []
        self._ladder: list[tuple[int, LadderEntry, int]] = []
        self._detached: list[Column] = []

    def enter(self, rows: Column) -> Column:
        """Enter the rows; returns what became of each. `finish` must follow."""
        numbers = rows["obligation"].astype(np.int64)
        verdict = np.zeros(len(rows), np.int64)
        order = np.argsort(numbers, kind="stable")
        first = np.ones(len(rows), np.bool_)
        first[1:] = numbers[order[1:]] != numbers[order[:-1]]
        if first.all():
            verdict[:] = self._round(rows, numbers)
            return verdict
        begin = np.flatnonzero(first)
        nth = np.arange(len(rows)) - np.repeat(begin, np.diff(np.append(begin, len(rows))))
        for number in range(int(nth.max()) + 1):
            turn = order[nth == number]
            verdict[turn] = self._round(rows[turn], numbers[turn])
        return verdict

    def finish(self) -> None:
        """Fold anew what was detached, and enter all changes into the cells."""
        if self._detached:
            self._attach(distinct(np.concatenate(self._detached)))
            self._detached = []
        self.shard.count(joined(self._changes))
        self.shard.note(self._ladder)
        self._changes, self._ladder = [], []

    def _round(self, rows: Column, numbers: Column) -> Column:
        """At most one row of each obligation."""
        shard = self.shard
        known = self._compare(rows, numbers)
        verdict = np.zeros(len(rows), np.int64)
        count = shard.entries.data["count"][numbers]
        verdict[count >= FACTS_PER_OBLIGATION_MAX] = TOO_MANY
        same = np.flatnonzero(known.place >= 0)
        if len(same):
            verdict[same] = self._clashes(rows[same], numbers[same], known.place[same])
        fresh = np.flatnonzero(verdict == FRESH)
        if len(fresh) == len(rows):
            self._fold(rows, numbers, known)
        elif len(fresh):
            self._fold(rows[fresh], numbers[fresh], known.of(fresh))
        return verdict

    def _compare(self, rows: Column, numbers: Column) -> _Known:
        """Look among the obligation's facts for the row's id, its cause, and its effects."""
        shard = self.shard
        facts = shard.facts.data
        known = _Known(
            np.full(len(rows), -1, np.int64),
            np.zeros(len(rows), np.bool_),
            np.zeros(len(rows), np.bool_),
        )
        id0, id1 = rows["id0"], rows["id1"]
        cause0, cause1, caused = causes_of(self.shard, rows)
        any_caused = bool(caused.any())
        crowded = shard.entries.data["count"][numbers] > CROWD
        for row in np.flatnonzero(crowded).tolist():
            ids, named_ids = shard.crowd(int(numbers[row]))
            known.place[row] = ids.get(bytes16(id0[row], id1[row]), -1)
            known.is_cause[row] = bytes16(id0[row], id1[row]) in named_ids
            known.cause_here[row] = caused[row] and bytes16(cause0[row], cause1[row]) in ids
        at = np.flatnonzero(~crowded)
        place = shard.entries.data["last"][numbers[at]].astype(np.int64)
        while True:
            here = place >= 0
            if not here.all():
                at, place = at[here], place[here]
            if not len(at):
                return known
            met0 = facts["id0"][place]
            same = np.flatnonzero(met0 == id0[at])
            same = same[facts["id1"][place[same]] == id1[at[same]]]
            known.place[at[same]] = place[same]
            if any_caused:
                inside = np.flatnonzero((met0 == cause0[at]) & caused[at])
                inside = inside[facts["id1"][place[inside]] == cause1[at[inside]]]
                known.cause_here[at[inside]] = True
            causes = facts["causation"][place]
            causing = np.flatnonzero(causes >= 0)
            if len(causing):
                pooled = shard.pool.data[causes[causing]]
                rows_at = at[causing]
                named = (pooled["id0"] == id0[rows_at]) & (pooled["id1"] == id1[rows_at])
                known.is_cause[rows_at[named]] = True
            place = facts["earlier"][place].astype(np.int64)

    def _clashes(self, rows: Column, numbers: Column, places: Column) -> Column:
        """Rows whose id is there already: one by one, for they are few."""
        shard = self.shard
        verdict = np.zeros(len(rows), np.int64)
        for at, (row, place) in enumerate(zip(rows, places.tolist(), strict=True)):
            old = shard.facts.data[place]
            content, old_content = _content(row), _content(old)
            new_key = (int(row["recorded_at"]), content)
            old_key = (int(old["recorded_at"]), old_content)
            verdict[at] = DUPLICATE if content == old_content else CLASH
            if new_key >= old_key:
                continue
            # One id, two contents: the earlier record holds, whichever came first here.
            self._detach(numbers[at : at + 1])
            verdict[at] = RENEWS
            if content != old_content:
                verdict[at] = DISPLACES
                self.displaced.append(
                    Displaced(
                        int(shard.entries.data["partition"][numbers[at]]),
                        shard.ids[numbers[at]],
                        bytes16(old["id0"], old["id1"]),
                        old_content,
                        int(old["offset"]),
                    )
                )
            earlier = int(old["earlier"])
            shard.facts.data[place] = row
            shard.facts.data["earlier"][place] = earlier
            shard.scanned = min(shard.scanned, place)
            shard.crowds.pop(int(numbers[at]), None)
            shard.owe(rows[at : at + 1])
        return verdict

    def _fold(self, rows: Column, numbers: Column, known: _Known) -> None:
        shard = self.shard
        entries = shard.entries.data[numbers]
        first = shard.facts.size
        places = np.arange(first, first + len(rows))
        standing = entries["standing"].copy()
        opened = standing["phase"] != UNOPENED
        opens = rows["effect"] == Effect.OPENS
        fast = (entries["mode"] == FAST) & self._comes_last(rows, entries)
        fast &= ~known.is_cause & (rows["effect"] != Effect.CORRECTS)
        own0, own1, caused = causes_of(self.shard, rows)
        fast &= ~(caused & (own0 == rows["id0"]) & (own1 == rows["id1"]))
        # Without an opening nothing counts; the opening must be the first fact to be taken at once.
        fast &= opened | ~opens | (entries["count"] == 0)
        runs = np.flatnonzero(fast & (opened | opens))
        if len(runs):
            fast[runs] = self._run(rows[runs], numbers[runs], standing, runs, places, known)
        # A correction may bring back an opening that another one took away.
        bears = opened | opens | (rows["effect"] == Effect.CORRECTS)
        rest = ~fast & (entries["mode"] != DETACHED) & bears
        if rest.any():
            self._detach(numbers[rest])
        written = shard.facts.extend(rows)
        shard.facts.data["earlier"][places] = entries["last"]
        entries = shard.entries.data
        entries["last"][numbers] = places
        entries["count"][numbers] += 1
        top = np.flatnonzero(fast)
        entries["top"][numbers[top]] = places[top]
        entries["standing"][numbers[top]] = standing[top]
        assert written == first
        shard.owe(rows)
        if shard.crowds:
            shard.join_crowds(rows, places)

    def _run(
        self,
        rows: Column,
        numbers: Column,
        standing: Column,
        runs: Column,
        places: Column,
        known: _Known,
    ) -> Bools:
        """Evolve the standings of `runs` in place; returns which of them the fast way could do."""
        shard = self.shard
        part = standing[runs]
        before = part.copy()
        at = np.maximum(rows["at"], before["opened_at"])
        at = np.where(before["phase"] == UNOPENED, rows["at"], at)
        answers = answers_of(shard, rows, part, known.cause_here[runs])
        facts = facts_at(shard, rows, places[runs], at, answers)
        done: Bools = ~evolve(part, facts, shard.names, shard.lines)
        good = np.flatnonzero(done)
        standing[runs[good]] = part[good]
        self._changes += changes(numbers[good], before[good], part[good], at[good], shard.lines)
        noted = ladder_of(shard, rows[good], before[good], at[good])
        self._ladder += [(int(numbers[good[row]]), entry, 1) for row, entry in noted]
        return done

    def _comes_last(self, rows: Column, entries: Column) -> Bools:
        """Whether the row is later in the order than every fact of its obligation."""
        alone: Bools = entries["top"] < 0
        if alone.all():
            return alone
        top = self.shard.facts.data["at"][entries["top"]]
        later: Bools = rows["at"] > top
        for row in np.flatnonzero((rows["at"] == top) & ~alone).tolist():
            met = self.shard.facts.data[entries["top"][row]]
            later[row] = _order(rows[row]) > _order(met)
        return later | alone

    def _detach(self, numbers: Column) -> None:
        """Take the counts of these obligations, by the facts entered before, out of the cells."""
        entries = self.shard.entries.data
        numbers = numbers[entries["mode"][numbers] != DETACHED]
        counted = numbers[entries["standing"]["phase"][numbers] != UNOPENED]
        made = refold(self.shard, counted)
        self._changes += [change.reversed() for change in made.changes]
        self._ladder += [(number, entry, -1) for number, entry in made.ladder]
        entries["mode"][numbers] = DETACHED
        self._detached.append(numbers)

    def _attach(self, numbers: Column) -> None:
        """Put the counts of these obligations, as of all their facts, into the cells."""
        made = refold(self.shard, numbers)
        self._changes += made.changes
        self._ladder += [(number, entry, 1) for number, entry in made.ladder]
        entries = self.shard.entries.data
        entries["standing"][numbers] = made.standing
        entries["top"][numbers] = made.top
        entries["mode"][numbers] = np.where(made.exotic, EXOTIC, FAST)

    def fill(self, numbers: Column) -> None:
        """Fold obligations whose facts were put into the shard without being folded."""
        self.shard.entries.data["mode"][numbers] = DETACHED
        self._detached.append(numbers)


class _Known(NamedTuple):
    """Per row: the fact with its id (-1: none), whether its cause, or an effect of it, is here."""

    place: Column
    cause_here: Bools
    is_cause: Bools

    def of(self, rows: Column) -> _Known:
        return _Known(*(column[rows] for column in self))


def _content(row: Any) -> bytes:
    return bytes16(row["content0"], row["content1"])


def _order(row: Any) -> tuple[int, int, int, bytes]:
    event_id = bytes16(row["id0"], row["id1"])
    return (int(row["at"]), int(row["effect"]), int(row["recorded_at"]), event_id)

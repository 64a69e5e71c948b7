"""Obligations in memory, derived anew by the reference fold whenever asked: the boards' oracle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from projections.ask import Owers
from projections.extra import extra_of
from projections.facts import Fact
from projections.life import LadderDocument, Life
from projections.obligation import derive
from projections.since import KnownLadder, Since, entries_of
from projections.sources import Numbering
from projections.steps import steps
from schemas.frame import Frame, LadderEntry, Version
from schemas.measures import MEASURES, Slice, Step
from schemas.slices import Slices
from schemas.times import Instant, day_of, end_of_day


class PlainSource:
    """Facts by obligation. Partitions are by obligation too: `partition_of` says which."""

    def __init__(self, partitions: int = 3) -> None:
        self.facts: dict[str, list[Fact]] = defaultdict(list)
        self.partitions = partitions
        self._told: dict[int, set[tuple[str, Slice, int]]] = defaultdict(set)
        self._told_ladder: dict[int, set[LadderEntry]] = defaultdict(set)

    def take(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            assert fact.obligation is not None
            self.facts[fact.obligation].append(fact)

    def revision(self) -> int:
        return sum(map(len, self.facts.values()))

    def told(self, version: Version) -> None:
        """Everything is told at once here."""

    def life(self, obligation: str, known: Instant | None = None) -> Life:
        return derive(self.facts[obligation], known)

    def lives(self, known: Instant | None = None) -> Iterator[Life]:
        return (self.life(obligation, known) for obligation in sorted(self.facts))

    def all_steps(self, known: Instant | None = None) -> list[Step]:
        return [step for life in self.lives(known) for step in steps(life)]

    def steps_after(self, at: Instant, owers: Owers | None) -> list[Step]:
        """Of these owers nothing else, here and below."""
        until = end_of_day(day_of(at))
        return [
            step
            for step in self.all_steps()
            if at < step.at <= until and (owers is None or step.ower in owers)
        ]

    def ladder_between(
        self, after: Instant, until: Instant, owers: Owers | None
    ) -> list[tuple[str, LadderDocument]]:
        return [
            (obligation, one)
            for obligation in sorted(self.facts)
            for one in self.life(obligation).ladder
            if after < one.at <= until and (owers is None or one.ower in owers)
        ]

    def since(self, known: Instant, names: Numbering, owers: Owers | None) -> Since:
        """By the lives themselves, of whatever was told of since."""
        found = self._since(known, names)
        return found if owers is None else found.of(owers, names)

    def _since(self, known: Instant, names: Numbering) -> Since:
        changed = {
            name for name, facts in self.facts.items() if any(f.recorded_at > known for f in facts)
        }
        was, now = ([self.life(name, at) for name in sorted(changed)] for at in (known, None))
        others = [life for name, life in zip(self.facts, map(self.life, self.facts), strict=True)
                  if name not in changed]  # fmt: skip
        come = tuple(one for life in was for one in life.ladder)
        told = entries_of(one for life in now for one in life.ladder)
        borne = entries_of(one for life in others for one in life.ladder)
        gone = told - entries_of(come) - borne
        return Since(
            extra_of(names, (step for life in was for step in steps(life)))
            + -extra_of(names, (step for life in now for step in steps(life))),
            KnownLadder(frozenset(changed), told, gone, come),
        )

    def partition_of(self, obligation: str) -> int:
        return sum(obligation.encode()) % self.partitions

    def frame(self, partition: int, offset: int, generation: int = 1) -> Frame:
        """Everything of a partition, and zeros for what it told before and no longer holds."""
        cells: Counter[tuple[str, Slice, int, int]] = Counter()
        ladder: set[LadderEntry] = set()
        for obligation in self.facts:
            if self.partition_of(obligation) != partition:
                continue
            life = self.life(obligation)
            for step in steps(life):
                cells[step.ower, step.slice, day_of(Instant(step.at)), step.measure] += step.sign
            for document in life.ladder:
                day = day_of(Instant(document.at))
                ladder.add(LadderEntry(document.note, document.document, document.ower, day))
        places = self._told[partition] | {key[:3] for key in cells}
        self._told[partition] = places
        gone = {entry._replace(held=False) for entry in self._told_ladder[partition] - ladder}
        self._told_ladder[partition] |= ladder
        version = Version("home", generation, "topic", partition, offset)
        return frame_of(version, sorted(places, key=repr), cells, (*ladder, *gone))


def frame_of(
    version: Version,
    places: Sequence[tuple[str, Slice, int]],
    cells: Counter[tuple[str, Slice, int, int]],
    ladder: Iterable[LadderEntry],
) -> Frame:
    owers = sorted({ower for ower, _, _ in places})
    cuts = sorted({cut for _, cut, _ in places}, key=repr)
    counts = [[cells[(*place, m)] for m in range(len(MEASURES))] for place in places]
    return Frame(
        version=version,
        units=tuple(owers),
        slices=Slices.of(cuts),
        ower=np.array([owers.index(ower) for ower, _, _ in places], np.int32),
        cut=np.array([cuts.index(cut) for _, cut, _ in places], np.int32),
        day=np.array([day for _, _, day in places], np.int32),
        counts=np.array(counts, np.int32).reshape(len(places), len(MEASURES)),
        ladder=tuple(sorted(ladder)),
    )

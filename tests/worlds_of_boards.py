"""Small worlds of obligations and reforms, told to live boards frame by frame and to an oracle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import chain

from hypothesis import strategies as st

from projections.ask import Ask
from projections.boards import Boards
from projections.facts import Fact
from schemas import frame
from schemas.board import ZERO, Board, Counts
from schemas.event import Effect
from schemas.measures import MEASURES, Step
from schemas.times import DAY_MS, Day, Instant, day, end_of_day, midnight
from schemas.tree import DayTree, Tree
from schemas.unit_facts import DISSOLVED, ESTABLISHED, MERGED, MOVED, UnitFact
from tests.plain_source import PlainSource

FIRST = day(2019, 12, 25)
DAYS = 14
OWERS = ("root", "a", "b", "a.c1", "a.c2", "b.c1", "stranger")
LEVEL = {"root": "centre", "a": "province", "b": "province"}
TREE = {"root": None, "a": "root", "b": "root", "a.c1": "a", "a.c2": "a", "b.c1": "b"}
FUTURE = Instant(midnight(FIRST) + 400 * DAY_MS)


def base_tree() -> list[UnitFact]:
    return [
        UnitFact(
            ESTABLISHED,
            unit,
            midnight(Day(FIRST - 1)),
            0,
            unit.encode(),
            "root",
            name=unit,
            level=LEVEL.get(unit, "commune"),
            kind="people_committee" if parent else "government",
            parent=parent,
        )
        for unit, parent in TREE.items()
    ]


instants = st.integers(0, DAYS * 8 - 1).map(lambda at: Instant(midnight(FIRST) + at * DAY_MS // 8))
days = st.integers(0, DAYS).map(lambda at: Day(FIRST + at))


@st.composite
def facts_of_obligation(draw: st.DrawFn) -> list[Fact]:
    """An opening and up to six more facts of one obligation, in any order of recording."""
    obligation = draw(st.sampled_from([f"o{number}" for number in range(6)]))
    effects = [Effect.OPENS, *draw(st.lists(st.sampled_from(list(Effect)[1:9]), max_size=6))]
    return [draw(facts(obligation, effect)) for effect in effects]


@st.composite
def facts(draw: st.DrawFn, obligation: str, effect: Effect) -> Fact:
    fields: dict[str, object] = {}
    if effect is Effect.OPENS:
        fields = {
            "kind": draw(st.sampled_from(("task", "report", "remedy", "inspection"))),
            "item": draw(st.sampled_from(("1", "2"))),
            "area": draw(st.sampled_from((None, "it", "finance"))),
            "period": draw(st.sampled_from((None, "2020"))),
            "due_before": draw(st.one_of(st.none(), days, days)),
            "done_when": draw(st.sampled_from(("sent", "accepted"))),
            "issuer": "root",
        }
    elif effect is Effect.MOVES:
        fields = {"due_before": draw(days), "extends": draw(st.booleans())}
    elif effect is Effect.RETURNS:
        fields = {"revise_before": draw(st.one_of(st.none(), days))}
    elif effect is Effect.HANDS_OVER:
        fields = {"to_unit": draw(st.sampled_from(OWERS))}
    elif effect is Effect.AMENDS:
        fields = {"area": draw(st.sampled_from(("it", "finance")))}
    elif effect is Effect.NOTES:
        fields = {"note": draw(st.sampled_from(("urged", "reminded", "criticised", "progress")))}
    return Fact(
        effective_at=draw(instants),
        recorded_at=draw(instants),
        event_id=draw(st.binary(min_size=16, max_size=16)),
        effect=effect,
        obligation=obligation,
        unit=draw(st.sampled_from(OWERS)),
        by="root",
        programme=draw(st.sampled_from((None, "p", "q"))),
        **fields,  # type: ignore[arg-type]
    )


@st.composite
def reforms(draw: st.DrawFn) -> UnitFact:
    what = draw(st.sampled_from((MOVED, MERGED, DISSOLVED)))
    unit = draw(st.sampled_from(OWERS[1:-1]))
    other = draw(st.sampled_from(OWERS[:-1]))
    return UnitFact(
        what,
        unit,
        midnight(draw(days)),
        draw(instants),
        draw(st.binary(min_size=3, max_size=3)),
        "root",
        parent=other if what == MOVED else None,
        successors=(other,) if what != MOVED else (),
    )


class World:
    """Facts and tree, told to live boards bit by bit, and known whole to the oracle."""

    def __init__(self, facts: Iterable[Fact], tree: Iterable[UnitFact]) -> None:
        self.source = PlainSource()
        self.boards = Boards(lambda: FUTURE, self.source)
        self.tree = list(enumerate([*base_tree(), *tree]))
        self.boards.tree = Tree.of(self.tree)
        self.offset = 0
        for fact in facts:
            self.source.take([fact])
            self.tell(self.source.partition_of(fact.obligation or ""))

    def tell(self, partition: int) -> None:
        self.offset += 1
        value = frame.encode(self.source.frame(partition, self.offset))
        self.boards.apply(value)

    def board(self, unit: str, **ask: object) -> Board:
        return self.boards.board(unit, Ask(**ask), FUTURE)  # type: ignore[arg-type]

    def own(
        self, on: Instant, known: Instant | None, let: Callable[[Step], bool] = lambda step: True
    ) -> dict[str, Counts]:
        sums: dict[str, list[int]] = defaultdict(lambda: [0] * len(MEASURES))
        for step in self.source.all_steps(known):
            if step.at <= on and let(step):
                sums[step.ower][step.measure] += step.sign
        return {ower: Counts(tuple(row)) for ower, row in sums.items()}

    def day_tree(self, on: Instant, known: Instant | None) -> DayTree:
        return Tree.of(self.tree, known).at(Day((on + 7 * 3_600_000) // DAY_MS))

    def subtrees(
        self, on: Instant, known: Instant | None, let: Callable[[Step], bool] = lambda step: True
    ) -> dict[str, Counts]:
        own, tree = self.own(on, known, let), self.day_tree(on, known)
        return {
            unit: Counts.total(own.get(below, ZERO) for below in tree.subtree(unit))
            for unit in tree.preorder
        }


many_facts = st.lists(facts_of_obligation(), max_size=5).map(lambda parts: list(chain(*parts)))
worlds = st.builds(World, many_facts, st.lists(reforms(), max_size=3))
asked = st.one_of(instants, days.map(end_of_day))

"""Laws of explanations: found apart from the cells, the obligations make every figure and every
difference, whatever was returned, extended, transferred, cancelled or corrected."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.ask import Ask
from projections.boards import Boards
from projections.differing import differing
from projections.explaining import Figure, carried_since, explained
from projections.obligation import derive
from projections.steps import held_measures
from schemas.event import Event
from schemas.measures import MEASURES
from schemas.refusal import Refused
from schemas.times import Day, Instant, midnight
from schemas.tree import Tree
from schemas.unit_facts import MOVED, UnitFact
from tests.laws.test_live_laws import NOW, TREE, Live, facts_of, instants
from tests.worlds_of_events import BASE, OWERS, events

MOVE_DAY = Day(BASE + 6)
MOVE = UnitFact(
    MOVED, OWERS[0], midnight(MOVE_DAY), midnight(MOVE_DAY), b"move", "66", parent=OWERS[1]
)
UNITS = ("66", *OWERS)
WHOLE = slice(0, 100)
states = st.tuples(instants, st.one_of(st.none(), instants))


def told(made: list[Event]) -> Live:
    """A live home to which everything was told, in which a unit moves below another."""
    live = Live()
    live.boards.tree = Tree.of(enumerate([*TREE, MOVE]))
    live.take(made)
    live.arrive()
    return live


def figure_of(boards: Boards, unit: str, ask: Ask, measure: int) -> int:
    return boards.board(unit, ask, NOW).subtree.counts[measure]


@given(events(), st.sampled_from(UNITS), states, st.sampled_from(range(len(MEASURES))))
@settings(max_examples=300)
def test_the_obligations_behind_a_figure_are_as_many_as_it_says(
    made: list[Event], unit: str, state: tuple[Instant, Instant | None], measure: int
) -> None:
    live = told(made)
    ask, figure = Ask(on=state[0], known=state[1], everything=True), Figure(measure)
    try:
        found = explained(live.boards, live.engine, unit, ask, figure, WHOLE, NOW)
    except Refused:
        # Then there was nothing yet, and the board has no figure that could be taken for one.
        assert 0 == figure_of(live.boards, unit, ask, measure)
        return

    assert found.total == found.counted == len(found.found.page)


@given(events(), states, st.sampled_from(range(len(MEASURES))))
@settings(max_examples=150)
def test_each_of_them_is_counted_by_the_reference_too_and_since_when_it_says(
    made: list[Event], state: tuple[Instant, Instant | None], measure: int
) -> None:
    live = told(made)
    ask, figure = Ask(on=state[0], known=state[1]), Figure(measure)
    try:
        found = explained(live.boards, live.engine, "66", ask, figure, WHOLE, NOW)
    except Refused:
        return
    facts = facts_of(made)
    for one in found.found.page:
        life = derive(facts[one.obligation], state[1])
        since = carried_since(life, figure, found.units, state[0])

        assert life.opening is not None
        assert since is not None
        assert since <= state[0]
        for at in (since, state[0]):
            standing = life.standing_at(at)
            assert standing is not None
            assert held_measures(life.opening.kind, standing, at) >> measure & 1


@given(events(), st.sampled_from(UNITS), states, states)
@settings(max_examples=300)
def test_what_differs_between_two_states_makes_the_difference_of_their_boards(
    made: list[Event],
    unit: str,
    first: tuple[Instant, Instant | None],
    second: tuple[Instant, Instant | None],
) -> None:
    live = told(made)
    asks = tuple(Ask(on=on, known=known, everything=True) for on, known in (first, second))
    try:
        found = differing(live.boards, live.engine, unit, (asks[0], asks[1]), WHOLE, NOW)
    except Refused:
        figures = [live.boards.board(unit, ask, NOW).subtree.counts for ask in asks]
        assert not all(figures)
        return
    changes = [0] * len(MEASURES)
    for one in found.changed:
        for measure in range(len(MEASURES)):
            changes[measure] += (one.after >> measure & 1) - (one.before >> measure & 1)
    before, after = (state.board for state in found.states)

    assert tuple(changes) == (after - before).values
    assert (before, after) == found.sums

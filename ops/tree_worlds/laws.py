"""The laws of a world: live = batch, every unit once, no rate above 100 %, one national total.

`failure_of` gives the first thing that is wrong, with the seed and the shape of its world.
"""

from __future__ import annotations

from typing import NamedTuple

from ops.tree_worlds.batch import Batch, Row, added, path
from ops.tree_worlds.compare import Broken, at, compare, is_right
from ops.tree_worlds.desk import ROOT, Desk, Shape
from ops.tree_worlds.live import Live
from ops.tree_worlds.world import World, delivered, world
from projections.ask import Ask
from projections.boards import Boards
from schemas.event import Event
from schemas.events.unit import UnitEstablished
from schemas.times import DAY_MS, Day, Instant, day_of, end_of_day, format_day
from schemas.tree import Tree

VIEWS = ("then", "now")
KNOWN_DAYS = 3
"""Days looked at as known at one instant; the present is looked at on every day."""
PREFIXES = 2
"""States under way that are looked at in each world."""


class Failure(NamedTuple):
    """What does not hold, and in which world."""

    seed: int
    shape: Shape
    sentence: str

    def __str__(self) -> str:
        units, days, duties = self.shape
        asked = f"--worlds 1 --seed {self.seed} --units {units} --days {days} --duties {duties}"
        return f"{self.sentence}\n  again: lienthong soak worlds {asked}"


def failure_of(seed: int, shape: Shape | None = None) -> Failure | None:
    """What is wrong with the world of a seed; None where every law holds."""
    made = world(seed, shape)
    try:
        hold(made)
    except Broken as broken:
        return Failure(seed, made.shape, str(broken))
    except Exception as error:
        # A crash is a failure like any other, and must name its world.
        return Failure(seed, made.shape, f"{type(error).__name__}: {error}")
    return None


def hold(made: World) -> None:
    """Raises Broken at the first law that does not hold in the world."""
    desk = Desk(made.seed + 1, made.shape)
    live = Live(desk, made.now)
    events = delivered(made, desk)
    chosen = {desk.rng.randrange(len(events)) for _ in range(PREFIXES)}
    told = 0
    for count in live.deliver(events):
        if chosen & set(range(told, count)):
            _hold_under_way(made, live, desk)
        told = count
    live.settle()
    batch = Batch(live.told)
    _stands_as_meant(made, batch)
    _losers_are_shown(made, live.boards.tree)
    _each_stands_once(made, batch, live.boards)
    for day in made.days:
        for view in VIEWS:
            compare(live.boards, batch, Ask(on=end_of_day(day), tree=view), made.now)
    _published_is_live(made, live)
    _hold_elsewhen(made, live, batch, desk)
    _hold_total(made, live, desk)


def _hold_under_way(made: World, live: Live, desk: Desk) -> None:
    """While things arrive: right in itself, whatever is still under way; settled, it is batch."""
    on = end_of_day(desk.rng.choice(made.days))
    tree = live.boards.tree
    for view in VIEWS:
        ask = Ask(on=on, tree=view)
        day = tree.at(day_of(made.now if view == "now" else on))
        boards = {unit: live.boards.board(unit, ask, made.now) for unit in tree.units}
        for board in boards.values():
            is_right(board, ask)
        own = added(boards[unit].own.counts.values for unit in day.preorder)
        if day.root and boards[day.root].subtree.counts.values != own:
            raise Broken(f"{at(ask)}, under way: the root is not the sum of what stands")
    _published_is_live(made, live)
    live.settle()
    batch = Batch(live.told)
    for view in VIEWS:
        compare(live.boards, batch, Ask(on=on, tree=view), made.now)


def _published_is_live(made: World, live: Live) -> None:
    """Whoever keeps the last board of each unit has today's figures, each unit in the root once."""
    live.publish()
    today = live.boards.tree.at(day_of(made.now))
    for unit in today.preorder:
        published = live.published.get(unit)
        if published is None:
            raise Broken(f"{unit} stands today, and no board of it was ever published")
        board = live.boards.board(unit, live.today, made.now)
        if (published.own, published.subtree) != (board.own, board.subtree):
            raise Broken(f"{unit}: its board of today has changed, and was not published again")
    own = added(live.published[unit].own.counts.values for unit in today.preorder)
    if today.root and live.published[today.root].subtree.counts.values != own:
        raise Broken("what was published of the root is not the sum of what was of all units")


# The tree


def _stands_as_meant(made: World, batch: Batch) -> None:
    """What counts among the facts, whatever else was told, is what was meant to hold."""
    for number, meant in enumerate(made.standing):
        day = Day(made.days[1] + number)
        stands = {unit: stand for unit in batch.histories if (stand := batch.stand(unit, day))}
        parent = {unit: stand.parent for unit, stand in stands.items()}
        closed = {unit for unit, stand in stands.items() if stand.closed}
        if parent != meant.parent:
            wrong = sorted(
                unit
                for unit in parent.keys() | meant.parent.keys()
                if parent.get(unit, "") != meant.parent.get(unit, "")
            )
            unit = wrong[0]
            raise Broken(
                f"on {format_day(day)} {unit} stands under {parent.get(unit, 'nothing')}, "
                f"but was meant to stand under {meant.parent.get(unit, 'nothing')}"
            )
        if closed != meant.closed:
            raise Broken(f"on {format_day(day)} {sorted(closed ^ meant.closed)} ended or did not")


def _losers_are_shown(made: World, tree: Tree) -> None:
    """What changes nothing is in conflict, waits, or is a part that nobody enacted; no other is."""
    shown = {conflict.event_id for conflict in tree.conflicts}
    shown |= {fact.event_id for fact in tree.waiting} | tree.idle
    for event in made.units:
        if (event.event_id in shown) != (event.event_id in made.lost):
            word = "shown" if event.event_id in shown else "not shown"
            raise Broken(f"{event.type} of {event.unit} is {word} among what changes nothing")


def _each_stands_once(made: World, batch: Batch, boards: Boards) -> None:
    """On every day since its establishment a unit is once below the root, ended or not."""
    for day in made.days:
        tree = boards.tree.at(day)
        stood = sorted(code for code, unit in batch.histories.items() if unit.established <= day)
        below = sorted(tree.subtree(tree.root)) if tree.root else []
        if below != stood or sorted(tree.preorder) != stood:
            raise Broken(f"on {format_day(day)} {below} stand below the root, should be {stood}")
        parent = {unit: tree.parent(unit) for unit in stood}
        for unit in stood:
            if tuple(reversed(path(parent, unit))) != tree.path(unit):
                raise Broken(f"on {format_day(day)} the way up from {unit} is {tree.path(unit)}")


# Other clocks


def _hold_elsewhen(made: World, live: Live, batch: Batch, desk: Desk) -> None:
    """At instants inside a day, and as known at instants of the past, on some days."""
    for _ in range(KNOWN_DAYS):
        on = Instant(end_of_day(desk.rng.choice(made.days)) - desk.rng.randrange(DAY_MS))
        compare(live.boards, batch, Ask(on=on), made.now)
    past = [known for known in made.recorded if known < made.now]
    for known in desk.rng.sample(past, min(2, len(past))):
        then = Batch(live.told, known)
        for day in desk.rng.sample(made.days, KNOWN_DAYS):
            earlier = desk.rng.choice((0, 0, DAY_MS // 3))
            for view in VIEWS:
                ask = Ask(on=Instant(end_of_day(day) - earlier), known=known, tree=view)
                compare(live.boards, then, ask, made.now)


# The national total


def _hold_total(made: World, live: Live, desk: Desk) -> None:
    """Unit events alone move no national total: with none, with all, and after each of them."""
    flat = Batch([*made.flat, *(event for event in live.told if event.obligation is not None)])
    totals = {day: _total(flat, day) for day in made.days}
    quiet = Live(desk, made.now)
    quiet.tell_units(made.flat)
    live.apply_all(quiet.boards)
    _totals_are(totals, quiet.boards, made, "without a reform")
    _totals_are(totals, live.boards, made, "with all reforms")
    if made.scoped:
        # Told before a move out of its part of the country, such an end refuses establishments.
        return
    few = {day: totals[day] for day in desk.rng.sample(made.days, 2)}
    for event in _changes(made, desk):
        quiet.tell_units([event])
        _totals_are(few, quiet.boards, made, f"after {event.type} of {event.unit}")
    last = quiet.boards.tree.at(made.days[-1])
    if {unit: last.parent(unit) for unit in last.preorder} != made.standing[-1].parent:
        raise Broken("the tree told piece by piece is not the tree told at once")


def _changes(made: World, desk: Desk) -> list[Event]:
    """All unit events but bare establishments, in any order."""
    bare = [one for one in made.units if isinstance(one, UnitEstablished) and one.reform is None]
    rest = [event for event in made.units if event not in bare]
    desk.rng.shuffle(rest)
    return rest


def _total(flat: Batch, day: Day) -> Row:
    """What the owers together have who stand on the day."""
    expected = flat.expected(end_of_day(day), day)
    return added(figure.counts for figure in expected.own.values())


def _totals_are(totals: dict[Day, Row], boards: Boards, made: World, when: str) -> None:
    for day, wanted in totals.items():
        board = boards.board(ROOT, Ask(on=end_of_day(day)), made.now)
        found = board.subtree.counts.values
        if found != wanted:
            text = f"the national total is {found}, not {wanted}"
            raise Broken(f"{format_day(day)} {when}: {text}")

"""The laws of a year: the boards say what the plain count says, and identities hold everywhere.

Every unit is looked at on every day, on the boards as they are published; on sampled days also on
the boards that a reader asks for, taken apart, and on the lists of obligations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from ops.tree_worlds.desk import Desk, Shape
from ops.tree_worlds.live import Live
from ops.verify import Check, Differences
from ops.year_world.count import NOTHING, Expected, Group, Row, expected
from ops.year_world.year import Year
from projections.ask import Ask
from projections.boards import Boards
from projections.engine import Engine
from projections.listing import Wanted, listed
from projections.published import boards_of
from schemas.board import Board, Counts, Figures
from schemas.event import Event
from schemas.measures import MEASURES
from schemas.times import DAY_MS, Day, Instant, end_of_day, format_day

PAGE = 500
"""Events folded at once."""
ARRIVAL_DAYS_MAX = 20
"""An event arrives at most so many days after its recording, so that orders are mixed."""
LIST_EVERY = 5
"""Of so many sampled days one is looked at obligation by obligation."""
KNOWN_DAYS = 4
"""Days looked at as they were known at their own end."""
RATE_PARTS = {
    "completion_rate": ("completed", "assigned"),
    "due_completion_rate": ("completed_of_due", "due"),
    "on_time_rate": ("on_time_of_due", "due"),
}
"""The rates of domain 7.3: the parts of a whole."""

DayDone = Callable[[int], None]


class Found(NamedTuple):
    """What was compared, each with how much of it differs."""

    boards: Differences
    identities: Differences
    sums: Differences
    taken_apart: Differences
    states: Differences


def checks(
    year: Year, sampled: Sequence[Day], done: DayDone = lambda days: None
) -> tuple[Check, ...]:
    """Every unit on every day of the year, and more closely on the sampled ones (ascending)."""
    live = live_of(year)
    found = Found(*(Differences() for _ in Found._fields))
    seen = asked = lists = 0
    closely, listing = set(sampled), set(sampled[::LIST_EVERY])
    for number, wanted in enumerate(expected(year, year.days), start=1):
        boards = dict(_published(live.boards, year.codes, end_of_day(wanted.day)))
        _compare(boards, wanted, found.boards)
        for board in boards.values():
            _hold(board, wanted, found.identities)
        _add_up(boards, wanted, found.sums)
        seen += len(boards)
        if wanted.day in closely:
            asked += _taken_apart(live.boards, boards, wanted, year.now, found.taken_apart)
        if wanted.day in listing:
            lists += _in_one_state(live.engine, wanted, found.states)
        done(number)
    known = _as_known(year, live.boards, sampled)
    return (
        found.boards.check("boards of every unit and day = plain count", seen),
        found.identities.check("identities and rates of domain 7.3", seen),
        found.sums.check("subtree = own + subtrees of children = sum of levels", seen),
        found.taken_apart.check("boards as asked for, taken apart, on sampled days", asked),
        found.states.check("every obligation in one state, on sampled days", lists),
        known,
    )


def live_of(year: Year) -> Live:
    """The live boards after everything was told, in a mixed order, some of it twice."""
    live = Live(Desk(year.seed, Shape(0, len(year.days), 0)), year.now)
    live.tell_units(year.units)
    arriving = arrivals(year)
    for start in range(0, len(arriving), PAGE):
        live.take(arriving[start : start + PAGE])
    live.settle()
    live.boards.tell_programmes(enumerate(e for e in year.context if e.topic == "programmes"))
    return live


def arrivals(year: Year) -> list[Event]:
    """The events of duties in the order in which they arrive."""
    dice = Random(f"{year.seed}:arrival")
    delays = [dice.randrange(ARRIVAL_DAYS_MAX * DAY_MS) for _ in year.told]
    order = sorted(range(len(delays)), key=lambda at: year.told[at].recorded_at + delays[at])
    return [year.told[at] for at in order]


def _published(boards: Boards, units: Sequence[str], now: Instant) -> Iterator[tuple[str, Board]]:
    rest = list(units)
    while rest:
        made = boards_of(boards, rest, now)
        yield from ((unit, board) for unit, board in made.items() if board is not None)
        rest = rest[len(made) :]


# Against the plain count


def _compare(boards: dict[str, Board], wanted: Expected, differences: Differences) -> None:
    if boards.keys() != wanted.places.keys():
        differences.add(f"{format_day(wanted.day)}: boards of {len(boards)} units")
    for unit, board in boards.items():
        wrong = [*_own(board, wanted), *_subtree(board, wanted)]
        if board.closed != wanted.places[unit].closed:
            wrong.append(f"closed is {board.closed}")
        for sentence in wrong:
            differences.add(f"{unit} on {format_day(wanted.day)}, {sentence}")


def _own(board: Board, wanted: Expected) -> Iterator[str]:
    own, unit = wanted.own, board.unit
    yield from _unlike("own", board.own.counts, own.get(Group(unit, "all")))
    yield from _unlike(
        "own due this year", board.own.due_this_year, own.get(Group(unit, "this_year"))
    )
    yield from _unlike(
        "own carried over", board.own.carried_over, own.get(Group(unit, "carried_over"))
    )


def _subtree(board: Board, wanted: Expected) -> Iterator[str]:
    groups, unit, figures = wanted.groups, board.unit, board.subtree
    yield from _unlike("subtree", figures.counts, groups.get(Group(unit, "all")))
    yield from _unlike("due this year", figures.due_this_year, groups.get(Group(unit, "this_year")))
    yield from _unlike(
        "carried over", figures.carried_over, groups.get(Group(unit, "carried_over"))
    )
    for of, parts in (("level", board.by_level), ("kind", board.by_unit_kind)):
        for word in wanted.words.get((unit, of), set()) | parts.keys():
            shown = parts[word].counts if word in parts else None
            yield from _unlike(word, shown, groups.get(Group(unit, of, word)))


def _unlike(what: str, shown: Counts | None, wanted: Row | None) -> Iterator[str]:
    found, right = (shown.values if shown else NOTHING), wanted or NOTHING
    if found != right:
        parts = zip(MEASURES, found, right, strict=True)
        yield f"{what}: " + "; ".join(f"{m} {a}, should be {b}" for m, a, b in parts if a != b)


# Identities


@cache
def broken(counts: Counts) -> tuple[str, ...]:
    """What of domain 7.3 does not hold in these counts: identities, and each rate."""
    wrong = counts.broken_identities()
    for rate, (part, whole) in RATE_PARTS.items():
        share = counts[part] / counts[whole] if counts[whole] else None
        if getattr(counts, rate) != share or not 0 <= (share or 0) <= 1:
            wrong.append(f"{rate} = {part} / {whole}")
    return tuple(wrong)


def _hold(board: Board, wanted: Expected, differences: Differences) -> None:
    for figures in board.figures():
        for counts in (figures.counts, figures.due_this_year, figures.carried_over):
            for sentence in broken(counts) if counts else ():
                text = f"{sentence} does not hold in {counts}"
                differences.add(f"{board.unit} on {format_day(wanted.day)}: {text}")


def _add_up(boards: dict[str, Board], wanted: Expected, differences: Differences) -> None:
    below = _below(wanted, boards)
    for unit, board in boards.items():
        together = Counts.total([board.own.counts, *below.get(unit, {}).values()])
        parts = [together]
        if board.subtree.counts:
            parts += [_total(board.by_level), _total(board.by_unit_kind)]
        if any(part != board.subtree.counts for part in parts):
            differences.add(f"{unit} on {format_day(wanted.day)}: its parts are not its subtree")


def _total(groups: Mapping[str, Figures]) -> Counts:
    return Counts.total(figures.counts for figures in groups.values())


# More closely


def _taken_apart(
    boards: Boards,
    published: dict[str, Board],
    wanted: Expected,
    now: Instant,
    differences: Differences,
) -> int:
    """The boards that a reader asks for are those published, and children make up the whole."""
    below = _below(wanted, published)
    for unit, shown in published.items():
        board = boards.board(unit, Ask(on=end_of_day(wanted.day), by="child"), now)
        rows = {row.key: row.figures.counts for row in board.rows}
        if (board.own, board.subtree, board.by_level, board.by_unit_kind) != (
            shown.own,
            shown.subtree,
            shown.by_level,
            shown.by_unit_kind,
        ):
            differences.add(f"{unit} on {format_day(wanted.day)}: published otherwise than asked")
        if rows != {unit: board.own.counts} | below.get(unit, {}):
            differences.add(f"{unit} on {format_day(wanted.day)}: its rows are not its children")
    return len(published)


def _below(wanted: Expected, boards: dict[str, Board]) -> dict[str | None, dict[str, Counts]]:
    """Unit -> the subtrees of the units right below it."""
    found: dict[str | None, dict[str, Counts]] = {}
    for unit, place in wanted.places.items():
        found.setdefault(place.parent, {})[unit] = boards[unit].subtree.counts
    return found


def _in_one_state(engine: Engine, wanted: Expected, differences: Differences) -> int:
    """Each obligation is on the list of all once, in the state of the plain count."""
    at = end_of_day(wanted.day)
    found = listed(engine, Wanted(at, None, frozenset(wanted.places), whole=True))
    states: dict[str, int] = {}
    for counted in wanted.states.values():
        for state, count in counted.items():
            states[state] = states.get(state, 0) + count
    if dict(found.states) != states or found.total != sum(states.values()):
        differences.add(f"{format_day(wanted.day)}: {dict(found.states)}, should be {states}")
    root = next(unit for unit, place in wanted.places.items() if place.parent is None)
    whole = dict(zip(MEASURES, wanted.groups.get(Group(root, "all"), NOTHING), strict=True))
    if found.total != whole["assigned"] + whole["cancelled"] + whole["no_due"]:
        differences.add(f"{format_day(wanted.day)}: states are no partition of what is owed")
    return found.total


def _as_known(year: Year, boards: Boards, sampled: Sequence[Day]) -> Check:
    """On some days what was known in their evening, before later corrections came."""
    differences, seen = Differences(), 0
    every = max(1, len(sampled) // KNOWN_DAYS)
    for day in sampled[every - 1 :: every]:
        known = end_of_day(day)
        (wanted,) = expected(year, [day], known)
        asked = {
            unit: boards.board(unit, Ask(on=known, known=known), year.now) for unit in year.codes
        }
        _compare(asked, wanted, differences)
        seen += len(asked)
    return differences.check("boards as known on the day = plain count of what was recorded", seen)

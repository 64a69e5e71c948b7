"""The year by three counts: the live boards, the plain fold over the log, and SQL over the facts.

All that was told is compared, and what was known at the end of some months, when later returns,
extensions, transfers, cancellations and corrections were not there yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ops import duck
from ops.replay import Gathered, Logged, derived, gather
from ops.replay_boards import boards_of
from ops.second import SQL_AND_FOLD, Second, figures_of, groups_of, unlike_boards
from ops.tree_worlds.live import Live
from ops.verify import Check, Differences, Sides, live_is_replay, summed
from ops.verify import Live as Kept
from ops.year_world.happened import happened
from ops.year_world.year import Year
from projections.ask import Ask
from projections.boards import Boards
from schemas import avro, frame
from schemas.event import Event
from schemas.times import Day, Instant, day, end_of_day, format_day

KNOWN_MONTHS = ((3, 31), (6, 30), (9, 30))
"""Month and day at whose ends the year is looked at as it was known then."""
KNOWN_EVERY = 4
"""Of so many sampled days one is looked at as it was known at each of these ends."""
HARD = ("returned", "extended", "transferred", "cancelled", "corrected", "voided")
"""Of what happens, what must be there for the comparison to mean anything."""
SQL_AND_LIVE = Sides("by SQL", "live")


class Ways(NamedTuple):
    """Who counts: SQL over the facts, the plain fold over the log, the live boards."""

    second: Second
    gathered: Gathered
    live: Boards


def checks_by_sql(
    year: Year, live: Live, sampled: Sequence[Day], done: Callable[[], None] = lambda: None
) -> Iterator[Check]:
    """Every own cell of the year, and every unit's board on the sampled days (ascending).

    As known in the end, then some of the days as known at the end of each of KNOWN_MONTHS. `live`
    was told the same year; `done` is called after each day that was looked at as known in the end.
    """
    # So few facts are counted sooner by one thread than shared out.
    with duck.opened(threads=1) as connection:
        second = Second(connection)
        gathered = gather(second.through(_log_of(year.history())))
        yield live_is_replay(
            second.counted(), _kept(live), "own cells of the year: SQL = live", SQL_AND_LIVE
        )
        ways = Ways(second, gathered, live.boards)
        yield from _as_known(year, ways, sampled, None, done)
        for month_day in KNOWN_MONTHS:
            known_on = day(year.year, *month_day)
            yield from _as_known(year, ways, sampled[::-KNOWN_EVERY][::-1], known_on)


def _log_of(events: Sequence[Event]) -> Iterator[Logged]:
    for number, event in enumerate(events):
        yield Logged(event.topic, event.key.encode(), avro.encode(event), f"year/{number}")


def _kept(live: Live) -> Kept:
    """All own cells that the live boards keep."""
    return summed(frame.decode(made()) for _, made in live.boards.snapshot())


def _as_known(
    year: Year,
    ways: Ways,
    days: Sequence[Day],
    known_on: Day | None,
    done: Callable[[], None] = lambda: None,
) -> Iterator[Check]:
    known = None if known_on is None else end_of_day(known_on)
    when = "" if known_on is None else f", as known on {format_day(known_on)}"
    # Counting lets SQL know the programmes of then, on which its boards rest too.
    counted, result = ways.second.counted(known), derived(ways.gathered, known)
    yield live_is_replay(counted, result, f"own cells of the year: SQL = fold{when}", SQL_AND_FOLD)
    fold = boards_of(ways.gathered, year.now, known, result)
    found, seen = Differences(), 0
    for one in days:
        on, tree = end_of_day(one), fold.tree.at(one)
        # As known in the end each day is derived for itself, as an auditor's single day is.
        ours = figures_of(ways.second, tree, on, anew=known is None)
        for unit in tree.preorder:
            by_fold = fold.board(unit, Ask(on=on, everything=True), year.now)
            shown = ways.live.board(unit, Ask(on=on, known=known, everything=True), year.now)
            for board, sides in ((by_fold, SQL_AND_FOLD), (shown, SQL_AND_LIVE)):
                seen += len(groups_of(board))
                for sentence in unlike_boards(ours.get(unit, {}), board, sides):
                    found.add(sentence)
        done()
    name = f"boards of every unit on {len(days)} days: SQL = fold = live{when}"
    yield found.check(name, seen, [_present(year, known)])


def _present(year: Year, known: Instant | None) -> str:
    """How much of what is hard to count had been recorded."""
    told = (event for event in year.told if known is None or event.recorded_at <= known)
    counts = happened(told)
    return "recorded: " + ", ".join(f"{counts[what]} {what}" for what in HARD)

"""Judging: whether live, fold and SQL still count the same in random worlds; the first difference.

One program with one changed place is asked this; see ops/mutants/trying.py.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

from ops import duck
from ops.mutants import worlds
from ops.replay import Gathered, Logged, derived, gather, logged
from ops.replay_boards import boards_of
from ops.second import SQL_AND_FOLD, Second, figures_of, sample, unlike_boards
from ops.sql import engine
from ops.tree_worlds.batch import REVISION_DAYS
from ops.tree_worlds.desk import FIRST, Desk, Shape
from ops.tree_worlds.live import Delivered, Live
from ops.tree_worlds.world import World, delivered, world
from ops.verify import Check, Differences, Sides, live_is_replay, summed
from ops.verify import Live as Kept
from projections.ask import Ask
from projections.engine import Engine
from projections.steps import steps
from schemas import avro, frame
from schemas.event import Event, EventId
from schemas.frame import Version
from schemas.measures import MEASURES
from schemas.times import DAY_MS, Instant, day_of, end_of_day, midnight

MEMORY_MB = 768
"""Of SQL: a join that lost its condition must not take the machine."""
ROUND_SECONDS, LIVES_A_SECOND = 10.0, 50
"""Of the processor, several times what a round takes: who takes longer will not end."""
LIVE_AND_FOLD = Sides("live", "by the fold")
SQL_AND_LIVE = Sides("by SQL", "live")
SINGLE_DAYS = "one day alone: SQL = fold"
_EVER = Instant(-(10**15)), Instant(10**15)

Round = tuple[str, int]
"""What, and of how many obligations: `lives`; `long`, of many facts; `limit`, one of them of more
facts than are kept; `world`, of units that move and end."""
ROUNDS: Sequence[Round] = (
    ("lives", 120),
    ("world", 40),
    ("lives", 400),
    ("world", 120),
    ("long", 300),
    ("lives", 1_500),
    ("world", 200),
    ("limit", 20),
)
"""The first ones find most and take a second; the last ones are for what hides."""


class Verdict(NamedTuple):
    """What the engines said: the law that does not hold and where, or (no law) what was compared.

    `sentence` is for people. `ranked` are the obligations, by the number of the comparison, whose
    single days SQL did not take the short way to.
    """

    law: str | None
    sentence: str
    ranked: frozenset[str] = frozenset()


def judge(seed: int, rounds: Sequence[Round] = ROUNDS) -> Verdict:
    """The first difference in the worlds of a seed. Raises TimeoutError where one takes too long.

    It is for a process of its own, whose timer it sets.
    """
    signal.signal(signal.SIGPROF, _too_long)
    compared, told, ranked = 0, Counter[str](), set[str]()
    with duck.opened(threads=1, memory_mb=MEMORY_MB) as connection:
        connection.execute("SET temp_directory = ''")
        second = Second(connection)
        for number, (what, size) in enumerate(rounds):
            rng = Random(f"{seed}:{number}")
            signal.setitimer(signal.ITIMER_PROF, ROUND_SECONDS + size / LIVES_A_SECOND)
            checks = _world if what == "world" else _lives
            for nth, check in enumerate(checks(second, rng, what, size, told)):
                compared += check.compared
                if check.name == SINGLE_DAYS:
                    ranked |= {f"{number} {nth} {name}" for name in _ranked(second)}
                if not check.holds:
                    return Verdict(check.name, check.differences[0])
    words = ", ".join(f"{count} {effect}" for effect, count in sorted(told.items()))
    sentence = f"{compared} cells, steps and boards compared; told: {words}"
    return Verdict(None, sentence, frozenset(ranked))


def _too_long(number: int, frame_: object) -> None:
    raise TimeoutError("takes several times as long as the program as it is")


def _lives(
    second: Second, rng: Random, what: str, size: int, counts: Counter[str]
) -> Iterator[Check]:
    told = worlds.lives(rng, size, what == "long")
    if what == "limit":
        told += worlds.too_long_a_life(rng)
    counts.update(worlds.effects(told))
    gathered = gather(second.through(_logged([*worlds.programmes(rng), *told])))
    folded = derived(gathered)
    counted = second.counted()
    yield live_is_replay(counted, folded, "cells: SQL = fold", SQL_AND_FOLD)
    yield _same_steps(second, gathered)
    kept = _live(rng, told, gathered)
    yield live_is_replay(kept, folded, "cells: live = fold", LIVE_AND_FOLD)
    for known in (worlds.instants(rng), worlds.instants(rng)):
        then, ours = derived(gathered, known), second.counted(known)
        yield live_is_replay(ours, then, "cells as known then: SQL = fold", SQL_AND_FOLD)
    yield from _single_days(second, rng, gathered, None)
    yield from _single_days(second, rng, gathered, worlds.instants(rng))


def _single_days(
    second: Second, rng: Random, gathered: Gathered, known: Instant | None
) -> Iterator[Check]:
    """What each ower has at some instants, each derived for itself, as an auditor's one day is."""
    engine.know_programmes(second.connection, known)
    places = [engine.Place(ower, ower, "commune", "office") for ower in worlds.OWERS]
    engine.set_paths(second.connection, places)
    found = [step for _, life in gathered.lives(known) for step in steps(life)]
    # Where something begins another thing ends: of the two only one stands.
    moments = [rng.choice(found).at if found else _EVER[1] for _ in range(3)]
    for on in (*moments, worlds.instants(rng), _EVER[1]):
        theirs: Counter[tuple[str, str]] = Counter()
        for step in found:
            if step.at <= on:
                theirs[step.ower, MEASURES[step.measure]] += step.sign
        own = {
            unit: counts
            for (unit, group), counts in engine.boards(second.connection, on, known).items()
            if group == "own"
        }
        ours = Counter(
            {(unit, name): n for unit, all_ in own.items() for name, n in _named(all_).items()}
        )
        differs = Differences()
        for unit, name in sorted((ours - theirs) | (theirs - ours)):
            differs.add(f"{unit} at {on}: {name} is {ours[unit, name]} by SQL")
        yield differs.check(SINGLE_DAYS, len(theirs))


def _ranked(second: Second) -> list[str]:
    """The obligations that the short way to the last single day left to the long one."""
    rows = second.connection.execute("SELECT obligation FROM names").fetchall()
    return [name for (name,) in rows]


def _named(counts: Sequence[int]) -> dict[str, int]:
    return dict(zip(MEASURES, counts, strict=True))


def _logged(events: Sequence[Event]) -> Iterator[Logged]:
    return (logged(avro.encode(event), f"mutants/{at}") for at, event in enumerate(events))


def _same_steps(second: Second, gathered: Gathered) -> Check:
    """Every step at its instant, and every document of the ladder under its obligation."""
    ours, theirs = Counter[Any](second.steps(*_EVER)), Counter[Any]()
    ours.update(second.ladder())
    for name, life in gathered.lives():
        theirs.update(steps(life))
        theirs.update((name, document) for document in life.ladder)
    found = Differences()
    for one in (ours - theirs).elements():
        found.add(f"only by SQL: {one}")
    for one in (theirs - ours).elements():
        found.add(f"only by the fold: {one}")
    return found.check("steps: SQL = fold", theirs.total())


def _live(rng: Random, told: Sequence[Event], gathered: Gathered) -> Kept:
    """What the columns count of the lives, told in batches."""
    engine = Engine(gathered.all_programmes().revision_days)
    engine.open(0, ())
    records = [
        Delivered(offset, event.key.encode(), avro.encode(event))
        for offset, event in enumerate(told)
    ]
    frames = []
    while records:
        size = rng.choice((1, 8, 60, 400))
        engine.take(0, records[:size])
        made = engine.frame(0, Version("home", 1, "events", 0, records[0].offset))
        frames += [frame.decode(frame.encode(one)) for one in made]
        records = records[size:]
    return summed(frames)


def _world(
    second: Second, rng: Random, what: str, size: int, counts: Counter[str]
) -> Iterator[Check]:
    """Boards of all units while units move, merge and end, as known in the end and before."""
    seed = rng.randrange(1 << 30)
    made = world(seed, Shape(10, 12, size))
    counts.update(worlds.effects((*made.units, *made.duties)))
    desk = Desk(seed + 1, made.shape)
    live = Live(desk, made.now)
    for _ in live.deliver(delivered(made, desk)):
        pass
    live.settle()
    before = Instant(midnight(FIRST) - 400 * DAY_MS)
    rules = [
        worlds.issued(name or "", days, before, EventId(bytes([at]) * 16))
        for at, (name, days) in enumerate(REVISION_DAYS.items())
    ]
    gathered = gather(second.through(_logged([*rules, *live.told])))
    kept = summed(frame.decode(of()) for _, of in live.boards.snapshot())
    yield live_is_replay(kept, derived(gathered), "cells: live = fold", LIVE_AND_FOLD)
    yield live_is_replay(second.counted(), derived(gathered), "cells: SQL = fold", SQL_AND_FOLD)
    yield _same_steps(second, gathered)
    earlier = [known for known in made.recorded if known < made.now]
    for known in (None, *rng.sample(earlier, min(1, len(earlier)))):
        yield from _boards(second, gathered, live, made, known)


def _boards(
    second: Second, gathered: Gathered, live: Live, made: World, known: Instant | None
) -> Iterator[Check]:
    when = "" if known is None else " as known then"
    second.counted(known)
    fold = boards_of(gathered, made.now, known)
    differs, seen = (Differences(), Differences()), 0
    moments = [event.effective_at for event in sample(made.duties, 3)]
    moments += [end_of_day(one) for one in sample(made.days, 3)]
    for on in moments:
        tree = fold.tree.at(day_of(on))
        # As known in the end each is derived for itself, as an auditor's single day is.
        ours = figures_of(second, tree, on, anew=known is None)
        for unit in tree.preorder:
            seen += 1
            by_fold = fold.board(unit, Ask(on=on, everything=True), made.now)
            shown = live.boards.board(unit, Ask(on=on, known=known, everything=True), made.now)
            pairs = ((by_fold, SQL_AND_FOLD), (shown, SQL_AND_LIVE))
            for found, (board, sides) in zip(differs, pairs, strict=True):
                for sentence in unlike_boards(ours.get(unit, {}), board, sides):
                    found.add(sentence)
    yield differs[0].check(f"boards{when}: SQL = fold", seen)
    yield differs[1].check(f"boards{when}: SQL = live", seen)

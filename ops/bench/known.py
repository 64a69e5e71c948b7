"""Boards as known thirty days ago, asked in process as HTTP asks them: how long the first takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ops.bench.copies import Copying, fold_copies
from ops.bench.latency import quantile
from ops.bench.memory import empty
from ops.bench.worlds import DAYS, FIRST_DAY, tree
from projections.ask import Ask
from projections.boards import Boards
from schemas.times import Day, Instant, end_of_day

BACK_DAYS = 30
ASKED_DAYS = 9
"""Instants K that are asked of, a day apart, so that nothing is kept from one to the next."""
CENTRE_EACH = 3
"""At every so manieth of them the centre is asked, too."""
AFTER_EIGHT_MS = 16 * 3_600_000 - 1
"""From eight in the morning to a day's last millisecond."""
LAST_DAY = Day(FIRST_DAY + DAYS)
"""The last day on which something is opened; what was opened goes on for months after it."""
NOW = end_of_day(Day(LAST_DAY + 200))


class _Took(NamedTuple):
    wall: float
    cpu: float


def measure(obligations: int, provinces: int, told: Callable[[int], None]) -> dict[str, Any]:
    """Milliseconds of boards as known K: a province's first, the same again, with T = now, the one
    of that day at 08:00, and then the centre's, for which the rest of the country is folded.

    The obligations are those of all provinces together; `told` says how many there are so far.
    `told_since` have a fact recorded after the last K: more than in thirty days of a home's life,
    for the world's end is among them.
    """
    units = tree(provinces)
    engine = Copying()
    _, boards = empty(units, NOW, engine)
    used = time.process_time()
    fold_copies(engine, boards, units, obligations, told)
    made = time.process_time() - used
    province = next(unit.code for unit in units if unit.level == "province")
    instants = [end_of_day(Day(LAST_DAY - BACK_DAYS - back)) for back in range(ASKED_DAYS)]
    # Of a server that runs: its columns are in order once anybody has asked for a board.
    _asked(boards, province, Ask())
    asked: dict[str, list[_Took]] = {}
    for place, known in enumerate(instants):
        then, eight = Ask(on=known, known=known), Instant(known - AFTER_EIGHT_MS)
        questions = [
            ("province_first", province, then),
            ("province_again", province, then),
            ("province_as_of_now", province, Ask(known=known)),
            ("province_at_eight", province, Ask(on=eight, known=eight)),
            ("centre_first", "centre", then),
            ("centre_again", "centre", then),
        ]
        for name, unit, ask in questions if place % CENTRE_EACH == 0 else questions[:-2]:
            asked.setdefault(name, []).append(_asked(boards, unit, ask))
    return {
        "obligations": len(list(engine.obligations())),
        "facts": engine.counts()["facts"],
        "making_cpu_seconds": round(made, 1),
        "told_since": len(engine.recorded_after(instants[0])),
        **{name: _said(took) for name, took in asked.items()},
    }


def _asked(boards: Boards, unit: str, ask: Ask) -> _Took:
    wall, cpu = time.perf_counter(), time.process_time()
    boards.board(unit, ask, Instant(NOW))
    return _Took((time.perf_counter() - wall) * 1_000, (time.process_time() - cpu) * 1_000)


def _said(took: list[_Took]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, column in zip(_Took._fields, map(sorted, zip(*took, strict=True)), strict=True):
        found[f"{name}_median"] = round(quantile(column, 0.5), 1)
        found[f"{name}_worst"] = round(column[-1], 1)
    return found

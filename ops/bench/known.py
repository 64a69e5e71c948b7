"""Boards as known thirty days ago, asked in process as HTTP asks them: how long the first takes."""

from __future__ import annotations

import time
from typing import Any

from ops.allocator import leave_out_of_collections
from ops.bench.latency import quantile
from ops.bench.memory import empty, fold
from ops.bench.worlds import DAYS, FIRST_DAY, tree
from projections.ask import Ask
from projections.boards import Boards
from schemas.times import Day, Instant, end_of_day

BACK_DAYS = 30
ASKED_DAYS = 9
"""Instants K that are asked of, a day apart, so that nothing is kept from one to the next."""
LAST_DAY = Day(FIRST_DAY + DAYS)
"""The last day on which something is opened; what was opened goes on for months after it."""
NOW = end_of_day(Day(LAST_DAY + 200))


def measure(obligations: int, provinces: int) -> dict[str, Any]:
    """Milliseconds of a province's board as known K, first and again, with T = K and T = now.

    The obligations are those of all provinces together. `told_since` have a fact recorded after
    the last K: more than in thirty days of a home's life, for the world's end is among them.
    """
    leave_out_of_collections()
    units = tree(provinces)
    engine, boards = empty(units, NOW, with_lives=True)
    fold(engine, boards, units, obligations)
    province = next(unit.code for unit in units if unit.level == "province")
    instants = [end_of_day(Day(LAST_DAY - BACK_DAYS - back)) for back in range(ASKED_DAYS)]
    # Of a server that runs: its columns are in order once anybody has asked for a board.
    _asked(boards, province, Ask())
    first, now, again = [], [], []
    for known in instants:
        first.append(_asked(boards, province, Ask(on=known, known=known)))
        now.append(_asked(boards, province, Ask(known=known)))
        again.append(_asked(boards, "centre", Ask(on=known, known=known)))
    return {
        "obligations": len(list(engine.obligations())),
        "told_since": len(engine.recorded_after(instants[0])),
        "first": _said(first),
        "then_as_of_now": _said(now),
        "then_the_centre": _said(again),
    }


def _asked(boards: Boards, unit: str, ask: Ask) -> float:
    started = time.perf_counter()
    boards.board(unit, ask, Instant(NOW))
    return (time.perf_counter() - started) * 1_000


def _said(taken: list[float]) -> dict[str, float]:
    taken.sort()
    return {"median": round(quantile(taken, 0.5), 1), "worst": round(taken[-1], 1)}

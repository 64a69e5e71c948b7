"""Lists and boards of one province, asked in process as HTTP asks them: how long each takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ops.bench.latency import quantile
from ops.bench.memory import empty, fold
from ops.bench.worlds import tree
from projections.ask import Ask
from projections.phases import Phase, compared
from projections.query import Query
from schemas.times import Instant, day, end_of_day

TODAY = end_of_day(day(2014, 6, 15))
"""In the middle of the benches' world, when much is open and much is done."""
PAGE_ROWS = 20
"""Rows of a page of the web's list."""
CUTS = ("area", "item", "child", "unit_kind", "due_month")
A_YEAR_AGO = end_of_day(day(2013, 6, 15))
PHASES = (Phase(2012, 2013), Phase(2014, 2015))


def measure(obligations: int, provinces: int, asked: int) -> dict[str, Any]:
    """Milliseconds of each question about one of the provinces: median, 99th percentile, worst.

    The obligations are those of all provinces together.
    """
    units = tree(provinces)
    engine, boards = empty(units, TODAY)
    fold(engine, boards, units, obligations)
    query = Query(boards, engine, lambda: TODAY)
    province = next(unit.code for unit in units if unit.level == "province")
    owed = query.obligations(province, Ask(), None, 0, PAGE_ROWS)
    found: dict[str, Any] = {"owed_by_the_province": owed["total"]}
    for name, ask in _questions(query, province).items():
        ask(0)
        found[name] = _timed(ask, asked)
    found["worst_p99"] = max(one["p99"] for one in found.values() if isinstance(one, dict))
    return found


def _questions(query: Query, province: str) -> dict[str, Callable[[int], object]]:
    """By name what asks the question the n-th time; no answer is kept from one to the next."""

    def listed(
        state: str | None, on: Instant | None = None, known: Instant | None = None
    ) -> Callable[[int], object]:
        ask = Ask(on=on, known=known)
        return lambda n: query.obligations(province, ask, state, n * PAGE_ROWS, PAGE_ROWS)

    def board(by: str | None) -> Callable[[int], object]:
        return lambda n: query.board(province, Ask(on=TODAY if n % 2 else None, by=by))

    def phases(n: int) -> object:
        return compared(query.boards, province, Ask(by="area"), PHASES, TODAY)

    return {
        "list": listed(None),
        "list_overdue": listed("overdue"),
        "list_then": listed(None, A_YEAR_AGO),
        "list_as_known_then": listed(None, A_YEAR_AGO, A_YEAR_AGO),
        "board": board(None),
        **{f"board_by_{by}": board(by) for by in CUTS},
        "phases": phases,
    }


def _timed(ask: Callable[[int], object], times: int) -> dict[str, float]:
    taken = []
    for number in range(times):
        started = time.perf_counter()
        ask(number)
        taken.append((time.perf_counter() - started) * 1_000)
    taken.sort()
    return {
        "median": round(quantile(taken, 0.5), 2),
        "p99": round(quantile(taken, 0.99), 2),
        "worst": round(taken[-1], 2),
    }

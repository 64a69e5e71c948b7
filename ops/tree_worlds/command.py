"""`lienthong soak worlds`: thousands of random worlds; a failing one is told so that it returns."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import partial
from itertools import islice
from multiprocessing import get_context

from ops.progress import counting_bar
from ops.tree_worlds.desk import Shape, shape_of
from ops.tree_worlds.laws import Failure, failure_of

FAILURES_MAX = 5
"""After so many failing worlds the rest is left."""
SMALL = (
    Shape(2, 3, 0),
    Shape(2, 3, 1),
    Shape(4, 3, 0),
    Shape(4, 4, 1),
    Shape(5, 6, 2),
    Shape(8, 10, 4),
)
SMALL_EACH = 60
"""Worlds of each small shape that are tried in place of one that fails."""
Judge = Callable[[int, Shape | None], Failure | None]

AHEAD = 4
"""Worlds under way for each process, so that none waits and none piles up."""


def run(arguments: Sequence[str], judge: Judge = failure_of) -> int:
    """Exit code 0 where every law holds in every world, else 1; see `--help`.

    `judge` says what is wrong with a world; only tests give another one.
    """
    asked = _arguments().parse_args(list(arguments))
    given = (asked.units, asked.days, asked.duties)
    seeds = range(asked.seed, asked.seed + asked.worlds)
    failed = 0
    with counting_bar(remaining=False) as bar:
        task = bar.add_task("worlds", total=asked.worlds)
        for failure in _failures(seeds, partial(_world, judge, given), asked.jobs):
            bar.advance(task)
            if failure is None:
                continue
            failed += 1
            bar.stop()
            print(f"seed {failure.seed}: {failure}", flush=True)
            if failed == FAILURES_MAX:
                break
            bar.start()
    if failed:
        if None in given and (smaller := _smaller(asked.seed, judge)):
            print(f"A small world that fails: {smaller}")
        print(f"{failed} of the worlds fail")
        return 1
    print(f"{asked.worlds} worlds from seed {asked.seed} on: every law holds")
    return 0


def _world(judge: Judge, given: tuple[int | None, ...], seed: int) -> Failure | None:
    """The world of a seed; what the command line says of its shape goes first."""
    usual = shape_of(seed)
    chosen = (
        usual_ if asked is None else asked for usual_, asked in zip(usual, given, strict=True)
    )
    return judge(seed, Shape(*chosen))


def _failures(
    seeds: range, one: Callable[[int], Failure | None], jobs: int
) -> Iterator[Failure | None]:
    """What is wrong with each world, in the order in which they are done."""
    if jobs == 1:
        yield from map(one, seeds)
        return
    rest = iter(seeds)
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        try:
            running: set[Future[Failure | None]] = set()
            while True:
                room = jobs * AHEAD - len(running)
                running |= {pool.submit(one, seed) for seed in islice(rest, room)}
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(cancel_futures=True)


def _smaller(seed: int, judge: Judge) -> Failure | None:
    """A failing world of the smallest shape that has one among a few."""
    worlds = ((one, shape) for shape in SMALL for one in range(seed, seed + SMALL_EACH))
    return next((failure for world in worlds if (failure := judge(*world))), None)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lienthong soak worlds",
        description="Random worlds of up to 30 units and 60 days, whose tree changes: the live "
        "boards must say what a plain batch says for every unit, day and both tree views.",
    )
    parser.add_argument("--worlds", type=int, default=10_000, help="(default: 10000)")
    parser.add_argument("--seed", type=int, default=1, help="of the first world; the next ones +1")
    parser.add_argument("--units", type=int, help="most units of each world (default: drawn)")
    parser.add_argument("--days", type=int, help="days of each world (default: drawn)")
    parser.add_argument("--duties", type=int, help="obligations of each world (default: drawn)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    return parser

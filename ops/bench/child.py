"""One measurement in a process of its own: `python -m ops.bench.child NAME JSON` prints JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from ops.allocator import leave_out_of_collections
from ops.bench import (
    archive,
    archive_made,
    known,
    latency,
    lists,
    live,
    measuring,
    memory,
    opening,
    reforming,
    worlds,
    yardsticks,
)
from ops.settings import Settings


def _live(home: str, kafka: str, prefix: str, events: int) -> dict[str, Any]:
    return asyncio.run(live.live_path(live.settings_of(Path(home), kafka, prefix), events))


def _bare(kafka: str, topic: str, events: int, provinces: int) -> dict[str, Any]:
    units = worlds.tree(provinces)
    return asyncio.run(yardsticks.bare_loop(kafka, topic, events, units))._asdict()


def _faust(
    kafka: str,
    topic: str,
    events: int,
    partitions: int,
    provinces: int,
    app: str,
    agent: str,
    folder: str,
) -> dict[str, Any]:
    # Faust warns at each hundred records that wait to be sent, which is all the time here.
    logging.getLogger("faust").setLevel(logging.ERROR)
    units = worlds.tree(provinces)
    plain = yardsticks.PlainFaust(kafka, app, agent, units, Path(folder))

    async def counted() -> None:
        try:
            made, centre = await plain.run(topic, partitions, events)
        except RuntimeError as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        _tell({**made._asdict(), "centre": centre})

    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(counted())
    raise RuntimeError("the process was to be left with the figures")


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it is installed, as Faust's guide advises; its codec finds orjson itself."""
    return import_module("uvloop").new_event_loop if find_spec("uvloop") else None


def _duckdb(folder: str, seed: int, obligations: int, provinces: int) -> dict[str, Any]:
    units = worlds.tree(provinces)
    told = list(worlds.messages(seed, [unit.code for unit in units], obligations))
    return yardsticks.duckdb_recompute(Path(folder), told, units)._asdict()


def _latency(home: str, **figures: Any) -> dict[str, Any]:
    settings = Settings.load({}, home=Path(home), port=0, kafka_port=0)
    return latency.measure(settings, **figures)


def _reform(home: str, **figures: Any) -> dict[str, Any]:
    settings = Settings.load({}, home=Path(home), port=0, kafka_port=0)
    return reforming.measure(settings, **figures)


def _lists(**figures: Any) -> dict[str, Any]:
    leave_out_of_collections()  # as a worker does; it is for whole processes
    return lists.measure(**figures)


def _known(obligations: int, provinces: int) -> dict[str, Any]:
    def told(done: int) -> None:
        print(json.dumps({measuring.DONE: done, "of": obligations}), flush=True)

    leave_out_of_collections()
    return known.measure(obligations, provinces, told)


PIECES: dict[str, Callable[..., dict[str, Any]]] = {
    "live": _live,
    "bare": _bare,
    "faust": _faust,
    "duckdb": _duckdb,
    "memory": memory.measure,
    "latency": _latency,
    "reform": _reform,
    "opening": opening.measure,
    "lists": _lists,
    "known": _known,
    "archive_made": archive_made.make,
    "archive": archive.replay,
    "archive_polars": archive.polars_states,
}


def main(arguments: list[str]) -> None:
    """Run one piece. Leaves at once afterwards: Faust's shutdown can take minutes."""
    name, given = arguments
    _tell(PIECES[name](**json.loads(given)))


def _tell(figures: dict[str, Any]) -> NoReturn:
    print(json.dumps(figures), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])

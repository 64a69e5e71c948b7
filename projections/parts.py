"""The parts of a worker process, put together: engine, boards, both workers, the context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from projections import fold_worker
from projections.board_worker import BoardWorker, Ready
from projections.boards import Boards
from projections.context import Context, Log
from projections.engine import Engine
from projections.fold_worker import FoldWorker, Source
from projections.framing import messages
from projections.readmodel import Outgoing, ReadModel
from projections.restatements import Restatements
from projections.units_restated import UnitsRestated
from projections.worker import Names, Worker
from schemas.frame import Version
from schemas.restatement import Restatement
from schemas.times import Instant

FOLD_VERSION = "1"
"""Raised whenever the same facts give other steps than before: then all is folded anew."""

BoardOutlet = Callable[[Boards, Iterable[str]], Mapping[str, Ready | None]]
"""(boards, units) -> by unit, for the first of them, its message on the boards topic."""
ObligationOutlet = Callable[[Engine, bytes, int], Outgoing | None]
"""(engine, obligation id, version) -> its message on the obligations topic."""
RestatementOutlet = Callable[[Restatement], Outgoing]
"""(restatement) -> its message on the restatements topic."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What runs in one process. Whoever runs it opens it; `workers` in the order of the data."""

    model: ReadModel
    engine: Engine
    boards: Boards
    fold: FoldWorker
    board: BoardWorker
    context: Context
    restatements: Restatements

    @property
    def workers(self) -> list[Worker]:
        return [self.fold, self.board]


def behind(boards: Boards, message: RestatementOutlet | None = None) -> tuple[Engine, Restatements]:
    """The obligations behind the boards, by the boards' own programmes and tree.

    `message` tells what unit events have restated, where anything is to be told.
    """

    def revision_days(programme: str | None) -> int | None:
        return boards.programmes.revision_days(programme)

    engine = Engine(revision_days)
    boards.obligations = engine
    units = UnitsRestated(boards, message)
    return engine, Restatements(engine, boards, revision_days, units)


def make_parts(
    model: ReadModel,
    log: Log,
    names: Names,
    clock: Callable[[], Instant],
    cluster: str,
    *,
    boards_outlet: BoardOutlet | None = None,
    obligations_outlet: ObligationOutlet | None = None,
    restatements_outlet: RestatementOutlet | None = None,
    tells: Callable[[], bool] = lambda: True,
) -> Parts:
    """Everything of the read side but the runner. `cluster` names our frames' origin.

    While another read model `tells` subscribers, outlets pass over what they have to tell.
    """
    boards = Boards(clock)
    engine, restatements = behind(boards, restatements_outlet)

    def frames(source: Source, *, whole: bool) -> list[bytes]:
        make = engine.whole_frame if whole else engine.frame
        return messages(make(source.partition, Version(cluster, *source)))

    outlet: fold_worker.Outlet | None = None
    if obligations_outlet is not None:
        made = obligations_outlet

        def outlet(key: bytes, version: int) -> Outgoing | None:
            return made(engine, key, version) if tells() else None

    restate: fold_worker.Restate | None = None
    if restatements_outlet is not None:
        tell = restatements_outlet

        def restate(key: bytes, event_ids: Sequence[bytes]) -> Sequence[Outgoing]:
            if not tells():
                return []
            return [tell(one) for one in restatements.told(key.decode(), event_ids)]

    return Parts(
        model=model,
        engine=engine,
        boards=boards,
        fold=FoldWorker(model, names, engine, frames, outlet, partial(_rules, boards), restate),
        board=BoardWorker(
            model,
            names,
            boards,
            None if boards_outlet is None else partial(_shown, boards, boards_outlet, tells),
            lambda: boards.tree.version + boards.programmes.version,
            restatements.units,
        ),
        context=Context(
            log, model, names, units=boards.tell_units, programmes=boards.tell_programmes
        ),
        restatements=restatements,
    )


def _rules(boards: Boards) -> str:
    days = {name: boards.programmes.revision_days(name) for name in boards.programmes.all}
    given = [f"{name}={days[name]}" for name in sorted(days) if days[name] is not None]
    return ",".join([FOLD_VERSION, *given])


def _shown(
    boards: Boards, outlet: BoardOutlet, tells: Callable[[], bool], units: Iterable[str]
) -> Mapping[str, Ready | None]:
    return outlet(boards, units) if tells() else dict.fromkeys(units)

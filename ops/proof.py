"""Proof from settings: opens what a home has, and replays or verifies it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ops import builds, duck, supervisor, waiting, wiring
from ops.comparison import Parts, compared
from ops.log import Log, LogFailed
from ops.replay import Gathered, from_ledger, from_log, gather
from ops.replay_boards import boards_of
from ops.second import Second, SecondSteps
from ops.settings import BrokenEnvironment, Settings
from ops.verify import Check
from projections.ask import Ask, UnknownUnit
from projections.boards import Boards
from schemas.board import Board
from schemas.refusal import Reason, Refused
from schemas.times import Instant, day_of

SOURCES = ("ledger", "kafka")
"""The logs from which figures can be made again."""
ENGINES = ("fold", "sql")
"""What can make them: the plain fold, or SQL that shares no code with it."""

Told = Callable[[int], None]
"""Told how many records were read so far."""


def replayed(
    settings: Settings, source: str, unit: str, ask: Ask, told: Told, by: str = "fold"
) -> Board:
    """The board of a unit ('': the root of that day) from one log alone, by one of ENGINES.

    Raises Refused where nobody had established the unit, BrokenEnvironment where the log is not
    there.
    """
    now = wiring.now()
    with duck.opened() as connection:
        second = Second(connection) if by == "sql" else None
        gathered = _gathered(settings, source, told, second)
        boards = _boards(gathered, now, ask.known, second)
        return _board(boards, source, unit, ask, now)


def _boards(
    gathered: Gathered, now: Instant, known: Instant | None, second: Second | None
) -> Boards:
    if second is None:
        return boards_of(gathered, now, known)
    return boards_of(gathered, now, known, second.counted(known), SecondSteps(second))


def _board(boards: Boards, source: str, unit: str, ask: Ask, now: Instant) -> Board:
    on = now if ask.on is None else ask.on
    code = unit or boards.tree.at(day_of(on)).root
    try:
        if code is None:
            raise UnknownUnit("the root")
        return boards.board(code, ask, now)
    except UnknownUnit as error:
        text = f"no event of the {source} establishes {error} by then"
        raise Refused(Reason.RULE, text, "unit") from error


def verified(settings: Settings, timeout: float, told: Told) -> Iterator[Check]:
    """The checks of a home, one after the other; first it is waited for, `timeout` seconds.

    Where nothing runs, what was sent so far is compared and the topics are left out.
    """
    with _running_log(settings) as log:
        if log is None:
            text = "nothing runs on this home, so the topics are not compared; see `lienthong up`"
            yield Check(name="caught up", compared=0, remarks=(text,))
        else:
            yield _caught_up(settings, timeout)
        ledger, model = wiring.ledger(settings, create=False), wiring.read_model(settings)
        with ledger as opened, model as kept:
            frames = builds.frames(settings)
            parts = Parts(opened, kept, log, settings.topic_prefix, frames)
            yield from compared(parts, wiring.now(), told)


def _caught_up(settings: Settings, timeout: float) -> Check:
    if waiting.wait(settings, timeout):
        return Check(name="caught up", compared=1)
    text = f"not everything recorded is applied after {timeout:g} s"
    return Check(name="caught up", compared=1, differing=1, differences=(text,))


def _gathered(settings: Settings, source: str, told: Told, second: Second | None) -> Gathered:
    through = iter if second is None else second.through
    if source == "ledger":
        with wiring.ledger(settings, create=False) as ledger:
            return gather(through(from_ledger(ledger)), told)
    log = supervisor.open_log(settings)
    try:
        return gather(through(from_log(log, settings.topic_prefix)), told)
    except LogFailed as error:
        raise BrokenEnvironment(str(error)) from error
    finally:
        log.close()


@contextmanager
def _running_log(settings: Settings) -> Iterator[Log | None]:
    """The log of a home, None where nothing runs on it."""
    try:
        log = supervisor.open_log(settings)
    except BrokenEnvironment:
        log = None
    try:
        yield log
    except LogFailed as error:
        raise BrokenEnvironment(str(error)) from error
    finally:
        if log is not None:
            log.close()

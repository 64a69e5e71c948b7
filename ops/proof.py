"""Proof from settings: opens what a home has, and replays or verifies it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ops import builds, duck, supervisor, waiting, wiring
from ops.archive.replaying import Archived
from ops.comparison import Parts, compared
from ops.log import Log, LogFailed
from ops.replay import Gathered, from_ledger, from_log, gather
from ops.replay_boards import boards_of
from ops.second import Second, SecondSteps
from ops.settings import BrokenEnvironment, Settings
from ops.verify import Check
from projections.ask import Ask, NotYet, UnknownUnit
from projections.boards import Boards
from schemas.board import Board
from schemas.refusal import Reason, Refused
from schemas.times import Instant, day_of

SOURCES = ("ledger", "kafka", "archive")
"""The logs from which figures can be made again."""
ENGINES = ("fold", "sql")
"""What can make them: the plain fold, or SQL that shares no code with it."""

Told = Callable[[int], None]
"""Told how many records were read so far."""


def replayed(
    settings: Settings,
    source: str,
    unit: str,
    ask: Ask,
    told: Told,
    by: str = "fold",
    archived: Archived | None = None,
) -> Board:
    """The board of a unit ('': the root of that day) from one log alone, by one of ENGINES.

    With `archived` it is made of that archive, and of nothing else of the home.
    Raises Refused where nobody had established the unit, BrokenEnvironment where the log is not
    there.
    """
    now = wiring.now()
    with duck.opened() as connection:
        second = Second(connection) if by == "sql" else None
        if archived is None:
            gathered = _gathered(settings, source, told, second)
        else:
            gathered = gathered_of(archived, told, second)
        boards = boards_by(gathered, now, ask.known, second)
        return board_in(boards, source, unit, ask, now)


def boards_by(
    gathered: Gathered, now: Instant, known: Instant | None, second: Second | None
) -> Boards:
    """All boards of what was gathered: by SQL where it went through `second`, else by the fold."""
    if second is None:
        return boards_of(gathered, now, known)
    return boards_of(gathered, now, known, second.counted(known), SecondSteps(second))


def board_in(boards: Boards, source: str, unit: str, ask: Ask, now: Instant) -> Board:
    """The board of a unit ('': the root of that day).

    Raises Refused where nobody established it by then: noughts would look like figures. `source`
    says to people what the boards were made of.
    """
    day = boards.tree.at(day_of(now if ask.on is None else ask.on))
    code = unit or day.root
    try:
        if code is None:
            raise UnknownUnit("the root")
        if ask.tree == "then" and code in boards.tree.units and code not in day:
            raise NotYet(code, day.day, boards.tree.units[code].established)
        return boards.board(code, ask, now)
    except NotYet as error:
        raise Refused(Reason.RULE, error.sentence, "on") from error
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


def gathered_of(archived: Archived, told: Told, second: Second | None = None) -> Gathered:
    """What an archive says, sorted; passed through `second` on the way, where there is one.

    Raises BrokenEnvironment where a file of it cannot be read.
    """
    through = iter if second is None else second.through
    return gather(through(archived.records()), told)


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

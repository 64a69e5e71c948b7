"""What the HTTP interface asks of the rest: boards, readiness and publishing, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from ops.sheet_taking import Taken
from projections.ask import EVERYTHING, Ask, Chosen, Clocks, NotYet, UnknownUnit
from projections.past import UnknownEvent
from projections.review import Span
from schemas.times import Instant

__all__ = [
    "Ask",
    "Boards",
    "Json",
    "NoPast",
    "NotYet",
    "Outcome",
    "Past",
    "Publish",
    "Readiness",
    "TakeSheet",
    "UnknownEvent",
    "UnknownUnit",
    "always_ready",
]

Json = Mapping[str, object]
"""One JSON object, ready to be written."""


class Boards(Protocol):
    """The read side. Calls are short (milliseconds), without a thread of their own.

    All but `units` and `changes` raise UnknownUnit where nobody established the unit.
    """

    def units(
        self,
        text: str,
        parent: str | None,
        on: Instant | None,
        limit: int,
        known: Instant | None = None,
    ) -> Sequence[Json]:
        """Units whose code or name holds the text, or the children of one; at most `limit`."""

    def unit(self, code: str, on: Instant | None, known: Instant | None = None) -> Json:
        """One unit: unit, name, level, kind, parent, closed, and `path` from the centre to it."""

    def review_by_parts(self, code: str, span: Span) -> Iterator[Json | None]:
        """The years of a unit as then, as now and in succession, and why these differ.

        It comes last; None before it, wherever there is time for others.
        """

    def board(self, code: str, ask: Ask) -> Json:
        """The board of design.md section 7; with `ask.by` also its slices."""

    def obligations(
        self,
        code: str,
        ask: Ask,
        state: str | None,
        offset: int,
        limit: int,
        subtree: bool = True,
        chosen: Chosen = EVERYTHING,
    ) -> Json:
        """`total`, `states` and `obligations`, a page of the list in the order of dues."""

    def handover(self, after: int, rows: int) -> Json:
        """A page of `obligations` that ended units have open, and `next` for the one after it."""

    def open_counts(self) -> Json:
        """`units`: how many obligations each unit has open."""

    def changes(self) -> int:
        """A number that differs whenever any live board may differ."""


class Past(Protocol):
    """What late facts have restated. Calls are short, as those of Boards."""

    def restatements(
        self,
        unit: str | None,
        since: Instant | None,
        obligation: str | None,
        limit: int,
        clocks: Clocks,
    ) -> Json:
        """`restatements`, the last recorded first, and whether there may be `more`."""

    def restatement(self, event_id: bytes) -> Json:
        """One event and what it changed. Raises UnknownEvent where no obligation here has it."""


class NoPast:
    """For a process that knows no obligations."""

    def restatements(
        self,
        unit: str | None,
        since: Instant | None,
        obligation: str | None,
        limit: int,
        clocks: Clocks,
    ) -> Json:
        """None."""
        return {"restatements": [], "more": False}

    def restatement(self, event_id: bytes) -> Json:
        """Raises UnknownEvent."""
        raise UnknownEvent(event_id.hex())


class Outcome(Protocol):
    """What became of one published line."""

    @property
    def line_no(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def event_ids(self) -> Sequence[str]: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def sentence(self) -> str | None: ...


Publish = Callable[[Sequence[str]], Iterable[Outcome]]
"""JSON Lines in, one outcome per line out; runs in a thread, since the ledger writes to disk."""


TakeSheet = Callable[[bytes, str, str | None], Taken]
"""(a sheet's bytes, its file's name, the acting unit) -> what became of it; runs in a thread.

Raises Refused where the bytes are no sheet.
"""


class Readiness(NamedTuple):
    """Whether answers can be relied on, and one sentence that says why not."""

    ready: bool
    sentence: str


def always_ready() -> Readiness:
    """For a process that answers from a finished read model."""
    return Readiness(True, "ready")

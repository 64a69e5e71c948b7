"""Publishing: lines of facts as units claim them, each taken or refused with a reason.

All or nothing per line, safe to run twice; a refused line stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from schemas.event import Event, EventId
from schemas.events.unit import UnitEstablished
from schemas.jsonl import Defaults, parse_line
from schemas.refusal import Reason, Refused
from services.batch import Claim, Outcome, Status
from services.ledger import Ledger

PUBLISH_EVENTS = 2_000
"""Events recorded in one transaction; a line is never divided."""


class LineOutcome(NamedTuple):
    """What became of a line. `notification` is the number of its last event in the ledger."""

    line_no: int
    status: Status
    event_ids: tuple[EventId, ...] = ()
    notification: int | None = None
    reason: Reason | None = None
    sentence: str = ""


class _Line(NamedTuple):
    number: int
    events: list[Event]
    refused: Refused | None


def publish(
    lines: Iterable[str | bytes], ledger: Ledger, defaults: Defaults, *, history: bool = False
) -> Iterator[LineOutcome]:
    """An outcome for each line that is not blank, in order, recorded when it is yielded.

    `history` keeps the lines' own recorded_at and stamps imported_at.
    """
    waiting: list[_Line] = []
    size = 0
    for number, raw in enumerate(lines, start=1):
        line = _parsed(number, raw, defaults)
        if line is None:
            continue
        if defaults.root is None:
            # The lines after the root's own leave `by` out as if it had always been there.
            defaults = replace(defaults, root=_root_among(line.events))
        waiting.append(line)
        size += max(1, len(line.events))
        if size >= PUBLISH_EVENTS:
            yield from _recorded(waiting, ledger, history)
            waiting, size = [], 0
    yield from _recorded(waiting, ledger, history)


def publish_events(
    groups: Sequence[Sequence[Event]], ledger: Ledger, *, history: bool = False
) -> list[LineOutcome]:
    """The same for events that are parsed already; `line_no` is the group's place from 1."""
    lines = [_Line(number, list(group), None) for number, group in enumerate(groups, start=1)]
    return list(_recorded(lines, ledger, history))


def _root_among(events: Iterable[Event]) -> str | None:
    for event in events:
        if isinstance(event, UnitEstablished) and event.parent is None:
            return event.unit
    return None


def _parsed(number: int, raw: str | bytes, defaults: Defaults) -> _Line | None:
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        if not text.strip():
            return None
        return _Line(number, parse_line(text, defaults), None)
    except UnicodeDecodeError as error:
        why = Refused(Reason.NOT_JSON, f"is not UTF-8: {error.reason}", "line")
        return _Line(number, [], why)
    except Refused as refused:
        return _Line(number, [], refused)


def _recorded(lines: Sequence[_Line], ledger: Ledger, history: bool) -> Iterator[LineOutcome]:
    groups = [[Claim(event) for event in line.events] for line in lines if not line.refused]
    found = iter(ledger.record_groups(groups, history=history) if groups else [])
    for line in lines:
        if line.refused is not None:
            where = f"{line.refused.where}: " if line.refused.where else ""
            yield LineOutcome(
                line.number,
                Status.REFUSED,
                reason=line.refused.reason,
                sentence=where + line.refused.sentence,
            )
        else:
            yield _outcome(line, next(found))


def _outcome(line: _Line, outcomes: Sequence[Outcome]) -> LineOutcome:
    ids = tuple(one.event_id for one in outcomes)
    refused = next((one for one in outcomes if one.status is Status.REFUSED), None)
    if refused is not None:
        return LineOutcome(
            line.number, Status.REFUSED, ids, reason=refused.reason, sentence=refused.sentence
        )
    numbers = [one.notification for one in outcomes if one.notification is not None]
    status = Status.ACCEPTED if numbers else Status.DUPLICATE
    return LineOutcome(line.number, status, ids, numbers[-1] if numbers else None)

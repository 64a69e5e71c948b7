"""Recording a planned reform: all its parts in pages, then the event that puts them in force.

Safe to run twice and after a crash: the events of a document are always the same ones, and what
the ledger has is passed over. Until the last event is recorded no tree shows any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from schemas.event import Event
from schemas.refusal import Reason, Refused
from schemas.tree import Tree
from services.batch import Status
from services.ledger import Ledger
from services.publish import PUBLISH_EVENTS, publish_events
from services.reform import Plan
from services.reform_events import enacted, others


class Recorded(NamedTuple):
    """How many events are in the ledger so far, and how many of them this run has recorded."""

    events: int
    fresh: int


def in_force(plan: Plan, tree: Tree) -> bool:
    """Whether the ledger has the whole reform already.

    Raises Refused where it has other parts of it: then the file was changed since.
    """
    document = plan.document
    recorded = tree.reform(document.reform, document.by)
    if recorded is None:
        return False
    if strange := others([bytes(fact.event_id) for fact in recorded.parts], plan.parts):
        raise Refused(
            Reason.RULE,
            f"{len(strange)} recorded parts of {document.reform} are not in this file, so it was "
            "changed since; give what is to be decided now another id",
            "reform",
        )
    return len(recorded.enacted) == len(plan.parts)


def record(plan: Plan, ledger: Ledger, page_events: int = PUBLISH_EVENTS) -> Iterator[Recorded]:
    """Record page by page, and tell after each page how far it is; the last one is the enactment.

    Raises Refused where the ledger refuses a part; then nothing of it is in force.
    """
    events = [part.event for part in plan.parts]
    last: list[Event] = [enacted(plan.document, events, ledger.source)]
    pages = [events[at : at + page_events] for at in range(0, len(events), page_events)]
    done = Recorded(0, 0)
    for page in (*pages, last):
        done = _page(plan, page, ledger, done)
        yield done


def _page(plan: Plan, page: list[Event], ledger: Ledger, done: Recorded) -> Recorded:
    fresh = 0
    for outcome in publish_events([[event] for event in page], ledger):
        number = done.events + outcome.line_no - 1
        if outcome.reason is not None:
            place = plan.parts[number].place if number < len(plan.parts) else "reform"
            raise Refused(outcome.reason, outcome.sentence, place)
        fresh += outcome.status is Status.ACCEPTED
    return Recorded(done.events + len(page), done.fresh + fresh)

"""The shipped programmes with other conventions, and what facts come to, for tests."""

from __future__ import annotations

from collections.abc import Iterable

from projections.facts import fact_of_value
from projections.obligation import derive
from projections.states import state
from schemas import avro
from schemas.event import Event, Opens
from schemas.times import Day, format_day, parse_day
from services import calendar
from services.loader import load
from services.openings import openings
from services.programme_document import ProgrammeDocument
from services.programme_reading import builtin_programmes, parse_programme
from services.standing import Standing
from tests.given_when_then import Office
from tests.office import at
from tests.unit.test_openings import documents, members

CONVENTION = "  before_is_exclusive: true\n"


def with_conventions(programme: str, *lines: str) -> ProgrammeDocument:
    """A shipped file as it is, but for more lines among its conventions."""
    (file,) = [one for one in builtin_programmes() if one.stem == programme]
    text = file.read_text(encoding="utf-8")
    more = "".join(f"  {line}\n" for line in lines)
    return parse_programme(text.replace(CONVENTION, CONVENTION + more, 1))


def dues(document: ProgrammeDocument | str, item: str, unit: str) -> dict[str, str | None]:
    """Period -> due before, of what a unit owes of an item."""
    found = documents()[document] if isinstance(document, str) else document
    return {
        str(one.period or "once"): None if one.due_before is None else format_day(one.due_before)
        for one in openings(found, members(found.id))
        if (one.item, one.unit) == (item, unit)
    }


def planned_of(document: ProgrammeDocument, *more: Event) -> dict[str, Day | None]:
    """Obligation -> due, as the calendar plans them from the events of a load, and more events."""
    told = load(document, members(document.id), source="test")
    standing = Standing([*(one for one in told if not isinstance(one, Opens)), *more], stands)
    return {
        one.opening.obligation: one.opening.due_before
        for one in calendar.openings(standing, parse_day("2100-01-01"))
    }


def stands(unit: str, on: Day) -> bool:
    return True


def owed_of_item(programme: str, item: str, now: str) -> Office:
    """An office that knows the openings of an item as a load of the programme tells them."""
    told = load(documents()[programme], members(programme), source="test")
    return Office(*(one for one in told if isinstance(one, Opens) and one.item == item), now=now)


def state_on(events: Iterable[Event], on: str, revision_days: int | None = None) -> str | None:
    """The state of what the events are about; `revision_days` are those of its programme."""
    facts = [fact_of_value(avro.encode(one)) for one in events]
    return state(derive(facts, None, lambda programme: revision_days), at(on))

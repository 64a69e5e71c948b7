"""The list of obligations of a part of the tree: states at an instant, in the order of dues.

As of now most states are read off columns; what the columns cannot tell, every other instant and
every K are derived one life at a time, for at most LIVES_MAX lives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from projections.life import Life, Phase, Standing
from projections.states import state_of
from schemas.refusal import Reason, Refused
from schemas.times import DAY_MS, Day, Instant, format_day, format_instant, midnight

LIVES_MAX = 50_000
"""Most lives that one list derives; a larger list is refused, with what to do."""


class Lives(Protocol):
    """The obligations behind the boards."""

    def obligations_of_any(self, owers: Sequence[str] | None) -> Sequence[str]:
        """The obligations that any of the units owes or ever owed (None: all), each once."""

    def life(self, obligation: str, known: Instant | None = None) -> Life | None:
        """The life of an obligation as known; None where it is not known here."""


class Listed(NamedTuple):
    """One obligation on the list, as the part of the tree sees it."""

    obligation: str
    life: Life
    standing: Standing
    unit: str
    state: str


class Wanted(NamedTuple):
    """What is to be listed: at T as known at K, of these units (None: of all), in this state."""

    at: Instant
    known: Instant | None
    units: frozenset[str] | None
    state: str | None = None
    programme: str | None = None
    period: str | None = None
    soon_days: int = 7


def listed(lives: Lives, wanted: Wanted) -> list[Listed]:
    """All that is wanted, in the order of dues; without a due last. Raises Refused."""
    names = lives.obligations_of_any(None if wanted.units is None else sorted(wanted.units))
    if len(names) > LIVES_MAX:
        raise Refused(
            Reason.TOO_LARGE,
            f"{len(names)} obligations would have to be looked at, {LIVES_MAX} at most; "
            "ask for a unit further down",
            "unit",
        )
    found = [one for name in names if (one := _listed(name, lives, wanted)) is not None]
    found.sort(key=_place)
    return found


def _listed(name: str, lives: Lives, wanted: Wanted) -> Listed | None:
    life = lives.life(name, wanted.known)
    standing = life.standing_at(wanted.at) if life else None
    if life is None or life.opening is None or standing is None:
        return None
    if wanted.programme not in (None, life.opening.programme):
        return None
    if wanted.period not in (None, life.opening.period):
        return None
    unit, word = standing.ower, state_of(standing, wanted.at, wanted.soon_days)
    if wanted.units is not None and unit not in wanted.units:
        earlier = [u for since, u in life.owers if since <= wanted.at and u in wanted.units]
        if not earlier:
            return None
        unit, word = earlier[-1], "transferred"
    if wanted.state not in (None, word):
        return None
    return Listed(name, life, standing, unit, word)


def _place(one: Listed) -> tuple[bool, int, str]:
    due = one.standing.due
    return (due is None, due or 0, one.obligation)


def row(one: Listed, at: Instant, unit_name: str) -> dict[str, Any]:
    """An obligation on the list as JSON; days `YYYY-MM-DD`, instants RFC 3339."""
    opening, standing, life = one.life.opening, one.standing, one.life
    assert opening is not None
    sent = [s for s in standing.submissions if s.at <= at]
    done = standing.phase is Phase.DONE and sent
    notes = {document.document for document in life.ladder if document.at <= at}
    return {
        "obligation": one.obligation,
        "unit": one.unit,
        "unit_name": unit_name,
        "kind": opening.kind,
        "item": opening.item,
        "area": standing.area,
        "programme": opening.programme,
        "period": opening.period,
        "issuer": opening.issuer,
        "state": one.state,
        "due_before": _day(standing.due),
        "days_overdue": _days_overdue(standing, at) if one.state == "overdue" else None,
        "revise_before": _day(standing.revise) if standing.phase is Phase.RETURNED else None,
        "extended": standing.extended,
        "opened_at": format_instant(Instant(life.turns[0].at)),
        "completed_at": format_instant(Instant(sent[-1].at)) if done else None,
        "documents": len(notes),
        "owers": [{"unit": unit, "since": format_instant(since)} for since, unit in life.owers],
        "remarks": list(_remarks(life)),
        "imported": life.imported,
    }


def _remarks(life: Life) -> Iterator[dict[str, Any]]:
    for note in life.notes:
        yield {
            "event_id": note.event_id.hex(),
            "what": note.what.value,
            "sentence": f"This record {note.sentence}",
            "conflict": note.is_conflict,
        }


def _day(day: int | None) -> str | None:
    return None if day is None else format_day(Day(day))


def _days_overdue(standing: Standing, at: Instant) -> int | None:
    """Days begun since the due, or since the day for sending it again where that is later."""
    days = [day for day in (standing.due, standing.revise) if day is not None]
    return (at - midnight(Day(max(days)))) // DAY_MS + 1 if days else None

"""The list of obligations of a part of the tree: states at an instant, in the order of dues.

States are read off columns, or folded anew by columns up to the instants asked for; what columns
cannot tell is derived one life at a time. Both for at most LIVES_MAX lives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from projections.ask import EVERYTHING, Chosen
from projections.facts import Fact
from projections.late import Entered
from projections.life import LadderDocument, Life, Phase, Standing
from projections.lines import NO_DUE
from projections.places import Place
from projections.standings import Asked, Standings, check
from projections.states import CODES, state_of
from projections.steps import held_measures
from schemas.board_schema import LADDER
from schemas.limits import DUE_SOON_DAYS
from schemas.times import DAY_MS, Day, Instant, day_or_none, format_instant, midnight

LIVES_MAX = 50_000
"""Most lives that one list folds anew; a larger list is refused, with what to do."""
_LAST = np.iinfo(np.int64).max


class Lives(Protocol):
    """The obligations behind the boards."""

    def standings(self, asked: Asked, most: int) -> Iterable[Standings]:
        """How everything stands that any of the owers owes or ever owed. Raises Refused."""

    def entered_late(
        self, owers: Sequence[str] | None, on: Instant, known: Instant, days: int
    ) -> Sequence[Entered]:
        """Facts entered at least so many days after the day that they claim."""

    def unopened(self, most: int, known: Instant | None = None) -> Sequence[tuple[str, int]]:
        """(obligation, number of its facts) of what nobody has opened, as known."""

    def life(self, obligation: str, known: Instant | None = None) -> Life | None:
        """The life of an obligation as known; None where it is not known here."""

    def places(self, obligation: str) -> Mapping[bytes, Place]:
        """Where the records of its facts stand, by event id; none where it is not known here."""

    def left_open(
        self, owers: Sequence[str], at: Instant, after: int, most: int
    ) -> tuple[list[str], int | None]:
        """A page of what these owers may have open, and after which the next page begins."""

    def open_counts(self) -> dict[str, int]:
        """Ower -> how many obligations it has open after everything recorded."""


class Wanted(NamedTuple):
    """What is to be listed: at T as known at K (None: now), of these units, in this state.

    `whole` says that the units are all that stand, so that nothing need be sought by unit.
    """

    at: Instant
    known: Instant | None
    units: frozenset[str]
    state: str | None = None
    programme: str | None = None
    period: str | None = None
    whole: bool = False
    soon_days: int = DUE_SOON_DAYS
    chosen: Chosen = EVERYTHING


class Listed(NamedTuple):
    """One obligation on the list, as the units asked for see it."""

    obligation: str
    life: Life
    standing: Standing
    unit: str
    state: str


class Found(NamedTuple):
    """How many obligations are on a list, how many of them in each state, and a page of it."""

    total: int
    states: Mapping[str, int]
    page: Sequence[Listed]


NONE = Found(0, {}, ())
"""A list where no lives are kept."""


class _Place(NamedTuple):
    """Where an obligation stands on the list: by its due, none last, then by its id."""

    undated: bool
    due: int
    obligation: str


def listed(lives: Lives, wanted: Wanted, offset: int = 0, limit: int | None = None) -> Found:
    """How many there are, and a page of them in the order of dues. Raises Refused."""
    places: list[_Place] = []
    states: Counter[str] = Counter()
    dues: list[NDArray[np.int64]] = []
    read: list[Standings] = []
    derived = 0
    asked = Asked(wanted.at, wanted.known, wanted.units, wanted.whole, wanted.soon_days)
    for found in lives.standings(asked, LIVES_MAX):
        exact, rest = split(found, wanted)
        derived += len(rest)
        check(derived, LIVES_MAX)
        for name in rest:
            one = one_listed(name, lives, wanted)
            if one is not None:
                places.append(_place(one.standing.due, name))
                states[one.state] += 1
        states.update(_states(exact))
        read.append(exact)
        dues.append(np.where(exact.due == NO_DUE, _LAST, exact.due.astype(np.int64)))
    total = len(places) + sum(map(len, dues))
    stop = total if limit is None else min(total, offset + limit)
    places += _near(read, dues, places, stop)
    page = sorted(places)[offset:stop]
    rows = (one_listed(place.obligation, lives, wanted) for place in page)
    by_state = {code: states[code] for code in CODES if states[code]}
    return Found(total, by_state, [one for one in rows if one is not None])


def _states(exact: Standings) -> dict[str, int]:
    counts = np.bincount(exact.state, minlength=len(CODES)).tolist()
    return dict(zip(CODES, counts, strict=True))


def split(found: Standings, wanted: Wanted) -> tuple[Standings, list[str]]:
    """What is wanted by the columns, and the ids of what they cannot tell."""
    names = found.shard.names
    keep = found.exact.copy()
    chosen = wanted.chosen
    for word, column in (
        (wanted.programme, found.programme),
        (wanted.period, found.period),
        (chosen.kind, found.kind),
        (chosen.item, found.item),
        (chosen.area, found.area),
    ):
        if word is not None:
            number = names.find(word)
            keep &= column == (-1 if number is None else number)
    if chosen.extended:
        keep &= found.extended
    if chosen.measures:
        keep &= found.measures & np.uint32(chosen.measures) != 0
    if chosen.without:
        numbers = [number for word in chosen.without if (number := names.find(word)) is not None]
        keep &= ~np.isin(found.programme, numbers)
    if chosen.dues is not None:
        # Where there is no due, its number lies before every day.
        keep &= (found.due > chosen.dues.after) & (found.due <= chosen.dues.until)
    if wanted.state is not None:
        keep &= found.state == CODES.index(wanted.state)
    ids = found.shard.ids
    rest = [ids[number].decode() for number in found.number[~found.exact].tolist()]
    return found.of(np.flatnonzero(keep)), rest


def _near(
    read: list[Standings], dues: list[NDArray[np.int64]], places: list[_Place], stop: int
) -> list[_Place]:
    """The read ones that may stand before `stop`: by due alone, for ids are costly to compare."""
    if not dues or not stop:
        return []
    all_dues = np.concatenate(dues)
    last = _LAST if stop > len(all_dues) else int(np.partition(all_dues, stop - 1)[stop - 1])
    near = []
    for exact, due in zip(read, dues, strict=True):
        ids = exact.shard.ids
        for row in np.flatnonzero(due <= last).tolist():
            day = None if due[row] == _LAST else int(due[row])
            near.append(_place(day, ids[exact.number[row]].decode()))
    return near


def _place(due: int | None, obligation: str) -> _Place:
    return _Place(due is None, due or 0, obligation)


def one_listed(name: str, lives: Lives, wanted: Wanted) -> Listed | None:
    """One obligation as the units asked for see it; None where it is not on the list."""
    life = lives.life(name, wanted.known)
    standing = life.standing_at(wanted.at) if life else None
    if life is None or life.opening is None or standing is None:
        return None
    if wanted.programme not in (None, life.opening.programme):
        return None
    if wanted.period not in (None, life.opening.period):
        return None
    if not _is_chosen(life.opening, standing, wanted.chosen, wanted.at):
        return None
    unit, word = standing.ower, state_of(standing, wanted.at, wanted.soon_days)
    if unit not in wanted.units:
        if wanted.chosen.measures:
            return None
        earlier = [u for since, u in life.owers if since <= wanted.at and u in wanted.units]
        if not earlier:
            return None
        unit, word = earlier[-1], "transferred"
    if wanted.state not in (None, word):
        return None
    return Listed(name, life, standing, unit, word)


def single(name: str, life: Life, at: Instant) -> Listed | None:
    """One obligation as its ower of then sees it; None before its opening."""
    standing = life.standing_at(at)
    if standing is None or life.opening is None:
        return None
    return Listed(name, life, standing, standing.ower, state_of(standing, at))


def _is_chosen(opening: Fact, standing: Standing, chosen: Chosen, at: Instant) -> bool:
    if chosen.kind not in (None, opening.kind) or chosen.item not in (None, opening.item):
        return False
    if chosen.area not in (None, standing.area):
        return False
    if chosen.measures and not held_measures(opening.kind, standing, at) & chosen.measures:
        return False
    if opening.programme in chosen.without:
        return False
    if chosen.extended and not standing.extended:
        return False
    if chosen.dues is None:
        return True
    return standing.due is not None and chosen.dues.after < standing.due <= chosen.dues.until


def row(one: Listed, at: Instant, unit_name: str) -> dict[str, Any]:
    """An obligation on the list as JSON; days `YYYY-MM-DD`, instants RFC 3339."""
    opening, standing, life = one.life.opening, one.standing, one.life
    assert opening is not None
    sent = [s for s in standing.submissions if s.at <= at]
    done = standing.phase is Phase.DONE and sent
    ladder = [document for document in life.ladder if document.at <= at]
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
        "due_before": day_or_none(standing.due),
        "days_overdue": _days_overdue(standing, at) if one.state == "overdue" else None,
        "revise_before": day_or_none(standing.revise) if standing.phase is Phase.RETURNED else None,
        "extended": standing.extended,
        "opened_at": format_instant(Instant(life.turns[0].at)),
        "completed_at": format_instant(Instant(sent[-1].at)) if done else None,
        "documents": len({document.document for document in ladder}),
        **_pressed(ladder),
        "owers": [{"unit": unit, "since": format_instant(since)} for since, unit in life.owers],
        "remarks": list(_remarks(life)),
        "imported": life.imported,
    }


def _pressed(ladder: Sequence[LadderDocument]) -> dict[str, Any]:
    """How many documents of each rung of the ladder name it, and when the last reminder did."""
    reminded = [document.at for document in ladder if document.note == "reminded"]
    return {
        **{note: len({one.document for one in ladder if one.note == note}) for note in LADDER},
        "reminded_at": format_instant(Instant(max(reminded))) if reminded else None,
    }


def _remarks(life: Life) -> Iterator[dict[str, Any]]:
    for note in life.notes:
        yield {
            "event_id": note.event_id.hex(),
            "what": note.what.value,
            "sentence": f"This record {note.sentence}",
            "conflict": note.is_conflict,
        }


def _days_overdue(standing: Standing, at: Instant) -> int | None:
    """Days begun since the due, or since the day for sending it again where that is later."""
    days = [day for day in (standing.due, standing.revise) if day is not None]
    return (at - midnight(Day(max(days)))) // DAY_MS + 1 if days else None

"""The figures of a pack: of one unit at two days, with all that stands behind them.

Made of an archive and of nothing else: by the fold, by SQL, and once more as the sum of the
obligations. Where these differ, sentences say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ops import duck
from ops.answers_explain import path_step
from ops.archive.reading import records_about
from ops.archive.replaying import Archived
from ops.explain_events import due_rule, event_row, events_of
from ops.proof import Told, board_in, boards_by, gathered_of
from ops.replay import Gathered
from ops.second import Second
from projections.ask import Ask
from projections.boards import Boards
from projections.explaining import below, standing_view
from projections.life import Life
from projections.register import Register
from projections.states import state_of
from projections.steps import steps
from projections.view import View
from schemas.avro import decode
from schemas.board import Board
from schemas.event import Event
from schemas.jsonl import to_object
from schemas.measures import MEASURES, Step
from schemas.refusal import Reason, Refused
from schemas.times import Day, Instant, end_of_day, format_day, instant_or_none, parse_instant
from services.standing import TYPES

BEHIND_MAX = 200_000
"""Most obligations behind the figures of one day that are packed one by one."""
Records = Mapping[str, Sequence[tuple[int, Event]]]
"""Obligation -> its records with their numbers in the ledger."""


class Question(NamedTuple):
    """Whose figures are packed, on which two days (at their ends), as known at K (None: all)."""

    unit: str
    start: Day
    end: Day
    known: Instant | None = None


class Held(NamedTuple):
    """One obligation behind figures: its life, and what it counts in which measure."""

    obligation: str
    life: Life
    counts: Counter[int]


@dataclass
class Side:
    """The figures of one day: `plain` is JSON, `rows` the obligations, `differing` sentences."""

    plain: dict[str, Any]
    rows: list[dict[str, Any]]
    differing: list[str] = field(default_factory=list)


def sides_of(archived: Archived, asked: Question, told: Told) -> tuple[Side, Side]:
    """What an archive says of both days.

    Raises Refused where the archive does not reach to the end of the second day, where the unit
    did not stand, or for too many obligations; BrokenEnvironment where a file cannot be read.
    """
    now = parse_instant(archived.last.made_at)
    _check(asked, now, archived)
    with duck.opened() as connection:
        second = Second(connection)
        gathered = gathered_of(archived, told, second)
        views = [_view(gathered, asked, day, now) for day in (asked.start, asked.end)]
        held = [_held(gathered, asked.known, one, day) for one, day in _dated(views, asked)]
        about = _records(archived, [one.obligation for each in held for one in each])
        fold = boards_by(gathered, now, asked.known, None)
        sql = boards_by(gathered, now, asked.known, second)
        start, end = (
            _side(gathered, (fold, sql), asked, now, view, day, mine, about)
            for (view, day), mine in zip(_dated(views, asked), held, strict=True)
        )
    return start, end


def _check(asked: Question, now: Instant, archived: Archived) -> None:
    if asked.start > asked.end:
        said = f"--from {format_day(asked.start)} lies after --to {format_day(asked.end)}"
        raise Refused(Reason.RULE, said, "from")
    if end_of_day(asked.end) > now:
        raise Refused(
            Reason.RULE,
            f"the archive was last written at {archived.last.made_at}, before the end of "
            f"{format_day(asked.end)}: run `lienthong archive write` when that day is over",
            "to",
        )


def _dated(views: Sequence[View], asked: Question) -> Iterator[tuple[View, Day]]:
    return zip(views, (asked.start, asked.end), strict=True)


def _view(gathered: Gathered, asked: Question, day: Day, now: Instant) -> View:
    tree = gathered.tree(asked.known)
    if asked.unit not in tree.units:
        said = f"no event of the archive establishes {asked.unit[:80]} by then"
        raise Refused(Reason.RULE, said, "unit")
    return standing_view(tree, asked.unit, Ask(on=end_of_day(day)), now)


def _held(gathered: Gathered, known: Instant | None, view: View, day: Day) -> list[Held]:
    """The obligations that count anything for the unit and all below it at the end of a day."""
    units, on = below(view), end_of_day(day)
    found: list[Held] = []
    for obligation, life in gathered.lives(known):
        mine = [step for step in steps(life) if step.at <= on and step.ower in units]
        counts = _net(mine)
        if counts:
            found.append(Held(obligation, life, counts))
        if len(found) > BEHIND_MAX:
            said = f"more than {BEHIND_MAX} obligations stand behind {view.unit}: pack units below"
            raise Refused(Reason.RULE, said, "unit")
    return found


def _net(found: Sequence[Step]) -> Counter[int]:
    net: Counter[int] = Counter()
    for step in found:
        net[step.measure] += step.sign
    return Counter({measure: count for measure, count in net.items() if count})


def _records(archived: Archived, obligations: Sequence[str]) -> Records:
    found: dict[str, list[tuple[int, Event]]] = {}
    for one in records_about(archived.folder, archived.heads, sorted(set(obligations))):
        event = decode(one.value)
        found.setdefault(event.key, []).append((one.notification, event))
    return found


def _side(
    gathered: Gathered,
    engines: tuple[Boards, Boards],
    asked: Question,
    now: Instant,
    view: View,
    day: Day,
    held: Sequence[Held],
    about: Records,
) -> Side:
    on = end_of_day(day)
    ask = Ask(on=on, known=asked.known)
    fold, sql = (board_in(boards, "archive", asked.unit, ask, now) for boards in engines)
    programmes = gathered.all_programmes(asked.known)
    units = below(view)
    content = [s for s in programmes.content_steps() if s.at <= on and s.ower in units]
    rules = _rules(gathered)
    named = {one.life.opening.programme for one in held if one.life.opening is not None}
    in_force = {name: rules.of(name, on, asked.known) for name in sorted(n for n in named if n)}
    rows = [_row(one, on, asked.known, view, in_force, about) for one in held]
    plain = {
        "on": format_day(day),
        "known": instant_or_none(asked.known),
        "tree": [path_step(view.day, code) for code in view.day.path(asked.unit)],
        "rules": [
            {**event_row(None, event, "rule", None, view.day), "event": to_object(event)}
            for events in in_force.values()
            for event in events
        ],
        "board": fold.to_json(),
        "obligations": len(rows),
        "content": sum(step.sign for step in content),
    }
    return Side(plain, rows, list(_differing(fold, sql, held, _net(content), format_day(day))))


def _rules(gathered: Gathered) -> Register:
    made = Register(TYPES)
    for at, event in gathered.programmes:
        made.tell(at, event)
    return made


def _row(
    one: Held,
    on: Instant,
    known: Instant | None,
    view: View,
    rules: Mapping[str, Sequence[Event]],
    about: Records,
) -> dict[str, Any]:
    life, opening, standing = one.life, one.life.opening, one.life.standing_at(on)
    assert opening is not None
    assert standing is not None
    path = list(view.day.path(standing.ower)) if standing.ower in view.day else []
    return {
        "obligation": one.obligation,
        "unit": standing.ower,
        "kind": opening.kind,
        "item": opening.item,
        "programme": opening.programme,
        "period": opening.period,
        "state": state_of(standing, on),
        "measures": {MEASURES[m]: count for m, count in sorted(one.counts.items())},
        "due": due_rule(life, on, rules.get(opening.programme or "", ())),
        "path": path,
        "events": events_of(about.get(one.obligation, ()), life, on, known, view.day),
    }


def _differing(
    fold: Board, sql: Board, held: Sequence[Held], content: Counter[int], day: str
) -> Iterator[str]:
    """Where two ways to the same figures do not agree."""
    if fold.to_json() != sql.to_json():
        yield f"{fold.unit} on {day}: the fold and SQL make different boards"
    sums: Counter[int] = Counter(content)
    for one in held:
        sums.update(one.counts)
    for measure, name in enumerate(MEASURES):
        shown = fold.subtree.counts[measure]
        if shown != sums[measure]:
            found = f"the obligations behind it make {sums[measure]}"
            yield f"{fold.unit} on {day}: {name} is {shown}, and {found}"

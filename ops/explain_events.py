"""What an explanation says of events: their numbers in the ledger, their papers, what they did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ops.catalogue import lines_of
from ops.http_schemas import COUNT, COUNT_OR_NULL, TEXT, TEXT_OR_NULL, Schema, array, obj
from ops.question import Json, Sources
from projections.life import Life
from projections.order import instant_of as instant_of_fact
from projections.places import Place
from projections.register import instant_of
from schemas.event import Corrects, Document, Event
from schemas.events.programme import ProgrammeIssued, ReportingRuleEstablished
from schemas.periods import parse_period
from schemas.times import Instant, day_or_none, format_instant
from schemas.tree import DayTree

CLOCK = "clock"
"""Stands for the passing of a day, which no event tells."""
_NOWHERE = (None, None)
_FLAG: Schema = {"type": "boolean"}
LOCATED_SHAPE: Mapping[str, Schema] = dict.fromkeys(
    ("notification", "partition", "offset"), COUNT_OR_NULL
)
"""What `located` says."""
EVENTS_SHAPE: Schema = array(
    obj(
        {
            **dict.fromkeys(
                ("event_id", "type", "topic", "effect", "by", "by_name", "source", "role"), TEXT
            ),
            **dict.fromkeys(("effective_at", "recorded_at"), TEXT),
            **dict.fromkeys(("document", "document_date", "corrects", "sentence"), TEXT_OR_NULL),
            **LOCATED_SHAPE,
            "effective_is_day": _FLAG,
        }
    )
)
"""A list of events, as event_row makes each and `placed` completes it."""
VERDICT_SHAPE: Mapping[str, Schema] = {
    **dict.fromkeys(("page", "pages", "total"), COUNT),
    "agrees": _FLAG,
    "sentence": TEXT,
}
"""What both questions say of the whole answer."""


def event_row(
    notification: int | None, event: Event, role: str, sentence: str | None, day: DayTree
) -> Json:
    """One event as JSON; `notification` is its number in the ledger. Names are those of `day`."""
    paper = paper_of(event)
    return {
        "event_id": event.event_id.hex(),
        "notification": notification,
        "type": event.type,
        "topic": event.topic,
        "effect": event.effect.name.lower(),
        "effective_at": format_instant(instant_of(event)),
        "effective_is_day": event.effective_is_day,
        "recorded_at": format_instant(event.recorded_at),
        "by": event.by,
        "by_name": day.name(event.by) if event.by in day.tree.units else event.by,
        "source": event.source,
        "document": None if paper is None else paper.number,
        "document_date": None if paper is None else day_or_none(paper.date),
        "corrects": event.target.hex() if isinstance(event, Corrects) else None,
        "role": role,
        "sentence": sentence,
    }


def placed(rows: Sequence[Json], places: Mapping[bytes, Place]) -> list[Json]:
    """The same events, each with the partition and offset of its record on its topic.

    `places` are those that the read side knows, by event id; None where it knows none.
    """
    found = (places.get(bytes.fromhex(str(one["event_id"])), _NOWHERE) for one in rows)
    pairs = zip(rows, found, strict=True)
    return [{**one, "partition": at[0], "offset": at[1]} for one, at in pairs]


def records_of(rows: Iterable[Json]) -> str | None:
    """The records of placed events in one cell: number in the ledger, place on the topic."""
    told = []
    for one in rows:
        number = "–" if one["notification"] is None else one["notification"]
        offset = "–" if one["offset"] is None else f"{one['partition']}/{one['offset']}"
        told.append(f"{number} ({one['topic']}/{offset})")
    return ", ".join(told) or None


def located(sources: Sources, obligation: str, event_id: bytes) -> Json:
    """Where one event of an obligation stands: its number in the ledger, and on the topic."""
    records = sources.registers.records(obligation)
    number = next((number for number, event in records if event.event_id == event_id), None)
    partition, offset = sources.query.places(obligation).get(event_id, _NOWHERE)
    return {"notification": number, "partition": partition, "offset": offset}


def paper_of(event: Event) -> Document | None:
    """The paper behind an event, where it names one."""
    found = getattr(event, "document", None)
    return found if isinstance(found, Document) else None


def events_of(
    records: Iterable[tuple[int, Event]],
    life: Life,
    on: Instant,
    known: Instant | None,
    day: DayTree,
) -> list[Json]:
    """The records of an obligation that were there at K, in their order, and what each did by T.

    `role` is decides (how it stands at T comes of it), counts (it changed how it stands before),
    later (than T), corrects, one of life.What where the fold noted something, or noted: it changes
    nothing, as a reminder.
    """
    noted = {note.event_id: note for note in life.notes}
    turned = list(_changing(life, on))
    later = {fact.event_id for fact in life.facts if instant_of_fact(fact) > on}
    rows: list[Json] = []
    for notification, event in records:
        if known is not None and event.recorded_at > known:
            continue
        note = noted.get(event.event_id)
        role, sentence = "noted", None
        if isinstance(event, Corrects):
            role = "corrects"
        elif event.event_id in later:
            role = "later"
        elif turned and event.event_id == turned[-1]:
            role = "decides"
        elif event.event_id in turned:
            role = "counts"
        elif note is not None:
            role = note.what.value
        if note is not None:
            sentence = f"This record {note.sentence}"
        rows.append(event_row(notification, event, role, sentence, day))
    return rows


def _changing(life: Life, on: Instant) -> Iterator[bytes]:
    """The ids of what changed how it stands, by T, in their order.

    A reminder, a remark and what waits for another fact change no count of what is owed.
    """
    before = None
    for turn in life.turns:
        counted = turn.standing._replace(notes=(), ladder=(), waiting=())
        if turn.at <= on and counted != before:
            yield turn.event_id
            before = counted


def because_of(life: Life, since: Instant | None) -> list[bytes | str]:
    """What made a measure count since then: ids of events, or CLOCK where a day has passed."""
    if since is None:
        return []
    found: list[bytes | str] = [turn.event_id for turn in life.turns if turn.at == since]
    return found or [CLOCK]


def due_rule(life: Life, on: Instant, rules: Iterable[Event]) -> Json:
    """The due in force at T: which event set it, and the rule of the programme that it follows.

    `lines` are those of the rule in its document's text, for the programmes that the product ships;
    `rules` are the events of the programme. Without a rule the fields about it are None.
    """
    standing = life.standing_at(on)
    opening = life.opening
    assert standing is not None
    assert opening is not None
    setting = None
    for turn in life.turns:
        if turn.at <= on and (setting is None or turn.standing.due != setting.standing.due):
            setting = turn
    told = list(rules)
    rule = _rule_of(life, told)
    issued = next((one for one in told if isinstance(one, ProgrammeIssued)), None)
    paper = None if rule is None else paper_of(rule)
    number = paper.number if paper else issued.number if issued else None
    return {
        "due_before": day_or_none(standing.due),
        "original_due": day_or_none(standing.original_due),
        "set_by": None if setting is None else setting.event_id.hex(),
        "programme": opening.programme,
        "item": opening.item,
        "rule": None if rule is None else rule.rule,
        "rule_event": None if rule is None else rule.event_id.hex(),
        "due_rule": None if rule is None else rule.due_rule,
        "document": number,
        "lines": lines_of(opening.programme, (rule.rule if rule else None, opening.item)),
    }


def _rule_of(life: Life, told: Iterable[Event]) -> ReportingRuleEstablished | None:
    """The rule that the opening names as its cause, else the one of its row and sort of period."""
    opening = life.opening
    assert opening is not None
    rules = [one for one in told if isinstance(one, ReportingRuleEstablished)]
    for one in rules:
        if one.event_id == opening.causation_id:
            return one
    mine = [one for one in rules if opening.item in (one.item, one.rule)]
    sort = _sort(opening.period)
    return next((one for one in mine if sort in one.period_kinds), mine[0] if mine else None)


def _sort(period: str | None) -> str:
    try:
        return parse_period(period or "").kind.value
    except ValueError:
        # A published obligation may bear a period of any form, or none.
        return "once"


def rule_text(due: Mapping[str, Any]) -> str | None:
    """The rule with its source line, in one cell: document, rule or row, lines of the paper."""
    said = [due["document"], due["rule"] or due["item"]]
    if due["lines"]:
        said.append(f"[{due['lines']}]")
    return " · ".join(str(one) for one in said if one) or None

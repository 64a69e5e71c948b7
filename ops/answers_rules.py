"""The question about rules: what a programme lays on whom, when next, and what still waits."""

from __future__ import annotations

from ops.question import Asked, Column, Json, Question, Sources
from ops.registers import Types
from schemas.due import Composite, Occurrence, Undated
from schemas.refusal import Reason, Refused
from schemas.times import Day, day_of, day_or_none, format_day
from services.standing import TYPES, Rule, Standing

AHEAD_DAYS = 400
"""How far ahead the next period of a rule is looked for: a year and a month."""


def reads() -> tuple[Types, ...]:
    """The register of this question."""
    return (TYPES,)


def rules(sources: Sources, asked: Asked) -> Json:
    """The rules of a programme in their order, each with its next period as of T."""
    day = day_of(asked.on)
    tree = sources.query.boards.tree

    def stands(unit: str, on: Day) -> bool:
        return unit in tree.at(on) and not tree.at(on).closed(unit)

    facts = sources.registers.of(TYPES).held(asked.on, asked.known)
    standing = Standing(facts, stands)
    if asked.subject not in standing.programmes:
        sentence = f"{asked.subject} was not issued; `board centre --by programme` names them"
        raise Refused(Reason.RULE, sentence, "programme")
    found = [_row(standing, rule, day) for rule in standing.rules(asked.subject)]
    return {"rows": found}


def _row(standing: Standing, rule: Rule, day: Day) -> Json:
    next_one = _next(rule, day)
    owers = [] if next_one is None else list(standing.owers(rule, next_one))
    return {
        "rule": rule.event.rule,
        "item": rule.item,
        "kind": rule.kind,
        "title": str(rule.event.title),
        "standing": _standing(rule, next_one),
        "valid_from": format_day(rule.in_force_on),
        "valid_to": day_or_none(rule.event.valid_to),
        "period": str(next_one.period) if next_one and next_one.period else None,
        "opens_on": day_or_none(next_one.opens_on if next_one else None),
        "due_before": day_or_none(next_one.due_before if next_one else None),
        "owers": len(owers),
        "via": rule.event.via,
        "to": ", ".join(rule.event.to) or None,
    }


def _next(rule: Rule, day: Day) -> Occurrence | None:
    """The first that is not over: due later, or without a day and not ended."""
    for one, _ in rule.occurrences(Day(day + AHEAD_DAYS)):
        end = one.due_before or (one.period.end if one.period else None)
        if rule.ended(one) is None and (end is None or end > day):
            return one
    return None


def _standing(rule: Rule, next_one: Occurrence | None) -> str:
    """How the rule stands, or what it waits for."""
    if rule.withdrawn is not None:
        return "withdrawn"
    if rule.dropped is not None:
        return "dropped"
    if rule.closed is not None:
        return "closed"
    if isinstance(rule.due, Composite):
        return "in_parts"
    if isinstance(rule.due, Undated) and rule.due.kind == "after_event" and not rule.conditions:
        return "waits_for_event"
    if next_one is None:
        return "over" if rule.dated else "opens_nothing"
    if rule.event.conditional:
        return "by_declaration"
    return "in_force" if next_one.due_before is not None else "waits_for_day"


RULES = Question(
    help="The rules of a programme: who owes what next, to whom, and which still wait for a day.",
    answer=rules,
    columns=(
        Column("rule"),
        Column("item"),
        Column("kind", "word:kind"),
        Column("title"),
        Column("standing", "word:standing"),
        Column("period", "period"),
        Column("opens_on", "day"),
        Column("due_before", "day"),
        Column("owers", "count"),
        Column("via"),
        Column("to"),
    ),
    subject="programme",
    reads=reads,
)

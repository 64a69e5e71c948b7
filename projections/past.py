"""The past as plain JSON: which figures were restated since they were told, and because of what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from projections.ask import NOW, Clocks
from projections.facts import Fact
from projections.restatements import Restatements
from schemas.event import Effect
from schemas.measures import MEASURES, Step
from schemas.restatement import Restatement
from schemas.times import Day, Instant, format_instant, instant_or_none
from schemas.unit_facts import ENACTED, WORDS

Json = Mapping[str, object]
Types = Callable[[str], Mapping[bytes, str]]
"""Obligation -> by event id the name of each fact's type."""
Name = Callable[[str], str]
"""Code of a unit -> its name."""


class UnknownEvent(LookupError):
    """No obligation has this event among its facts."""


class Past:
    """Answers about restatements, for Query."""

    def __init__(self, restatements: Restatements, types: Types) -> None:
        self._of = restatements
        self._types = types

    def listed(
        self,
        unit: str | None,
        since: Instant | None,
        obligation: str | None,
        limit: int,
        name: Name,
        clocks: Clocks = NOW,
    ) -> Json:
        """`restatements`, the last recorded first, and whether there may be `more`.

        Raises UnknownUnit.
        """
        found = self._of.listed(unit, since, obligation, limit, clocks)
        return {"restatements": _rows(found.records, name), "more": found.more}

    def annotation(self, unit: str, day: Day) -> Json | None:
        """How often a unit's figures of a day that has ended were restated; None for never."""
        found = self._of.on(unit, day)
        if found is None:
            return None
        last = instant_or_none(found.last)
        return {"events": found.events, "last": last, "more": found.more}

    def explained(self, event_id: bytes, name: Name) -> Json:
        """An event, what was known of its obligation before it, and what it changed of the past.

        Raises UnknownEvent.
        """
        found = self._of.explained(event_id)
        if found is None:
            return self._unit_event(event_id, name)
        types = self._types(found.fact.obligation or "")
        earlier = sorted(found.sides.earlier, key=lambda fact: (fact.recorded_at, fact.event_id))
        return {
            "event": _fact(found.fact, types),
            "restatements": _rows(found.records, name),
            "facts_before": [_fact(fact, types) for fact in earlier],
            "steps_before": _steps(found.sides.before),
            "steps_after": _steps(found.sides.after),
        }

    def _unit_event(self, event_id: bytes, name: Name) -> Json:
        found = self._of.unit_event(event_id)
        if found is None:
            raise UnknownEvent(event_id.hex())
        fact, records = found
        event = {
            "event_id": fact.event_id.hex(),
            "type": f"{'reform' if fact.what == ENACTED else 'unit'}.{WORDS[fact.what]}.v1",
            "effect": "context",
            "obligation": None,
            "unit": fact.unit,
            "by": fact.by,
            "source": None,
            "effective_at": format_instant(Instant(fact.effective_at)),
            "recorded_at": format_instant(Instant(fact.recorded_at)),
            "imported": fact.imported,
            "corrects": None,
        }
        none: dict[str, list[object]] = {
            "facts_before": [],
            "steps_before": [],
            "steps_after": [],
        }
        return {"event": event, "restatements": _rows(records, name), **none}


def _rows(records: Iterable[Restatement], name: Name) -> list[dict[str, Any]]:
    return [{**record.to_json(), "unit_name": name(record.unit)} for record in records]


def _fact(fact: Fact, types: Mapping[bytes, str]) -> dict[str, Any]:
    return {
        "event_id": fact.event_id.hex(),
        "type": types.get(fact.event_id),
        "effect": Effect(fact.effect).name.lower(),
        "obligation": fact.obligation,
        "unit": fact.unit,
        "by": fact.by,
        "source": fact.source,
        "effective_at": format_instant(Instant(fact.effective_at)),
        "recorded_at": format_instant(Instant(fact.recorded_at)),
        "imported": fact.imported,
        "corrects": None if fact.target is None else fact.target.hex(),
    }


def _steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    return [
        {
            "at": format_instant(Instant(step.at)),
            "unit": step.ower,
            "measure": MEASURES[step.measure],
            "change": step.sign,
        }
        for step in sorted(steps, key=lambda step: (step.at, step.ower, step.measure))
    ]

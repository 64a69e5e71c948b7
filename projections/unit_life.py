"""The life of a unit as plain JSON: its names, where it stood, how it ended, who came before it."""

from __future__ import annotations

from typing import Any

from schemas.past import Past
from schemas.succession import Predecessor
from schemas.times import Day, day_or_none, format_day
from schemas.tree import DayTree
from schemas.unit_facts import WORDS


def unit_life(code: str, day: DayTree) -> dict[str, Any]:
    """What happened to a unit, all of it, whatever the day; the unit must have been established.

    `receiver` has on the day what the unit owed. Of a `pending` part of a reform nothing holds.
    """
    tree = day.tree
    history = tree.units[code]
    last = tree.days[-1] if tree.days else day.day
    return {
        "stands": code in day,
        "established_on": format_day(history.established),
        "closed_on": day_or_none(history.closed),
        "ending": None if history.ending is None else WORDS[history.ending],
        "successors": list(history.successors),
        "receiver": tree.receiver(code, day.day),
        "predecessors": [_predecessor(one, day) for one in tree.lineage(code, last)],
        "aliases": list(history.aliases),
        "names": [
            {"since": format_day(n.day), "name": n.name, "official_code": n.official_code}
            for n in history.names
        ],
        "parents": [
            {
                "since": format_day(s.day),
                "parent": s.parent,
                "closed": s.closed,
                "event_id": _event_id(code, s.day, day),
            }
            for s in history.stands
        ],
        "conflicts": [
            {
                "on": format_day(conflict.day),
                "reason": conflict.reason,
                "event_id": conflict.event_id.hex(),
                "sentence": conflict.sentence,
            }
            for conflict in tree.conflicts_of(code)
        ],
        "pending": list(_pending(code, day)),
    }


def _predecessor(one: Predecessor, day: DayTree) -> dict[str, Any]:
    told = Past(
        predecessor=one, name=day.name(one.unit), level=day.level(one.unit), figures=None
    ).plain()
    return told | {"counted": one.counted}


def _event_id(code: str, since: Day, day: DayTree) -> str | None:
    cause = day.tree.cause(code, since)
    return None if cause is None else cause.event_id.hex()


def _pending(code: str, day: DayTree) -> list[dict[str, Any]]:
    """The parts of reforms not in force that name the unit."""
    found = []
    for pending in day.tree.pending:
        reform = day.tree.reform(pending.reform, pending.by)
        for part in reform.parts if reform else ():
            named = (part.unit, part.parent, *part.successors)
            if code in named and part.event_id in day.tree.idle:
                found.append(
                    {
                        "reform": pending.reform,
                        "by": pending.by,
                        "on": format_day(part.day),
                        "what": WORDS[part.what],
                        "unit": part.unit,
                        "event_id": part.event_id.hex(),
                    }
                )
    return found

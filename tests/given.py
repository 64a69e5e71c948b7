"""Short builders of facts for tests: `given.met("2012-06-07 23:30")`.

Instants are local text, `2012-06-07 23:30` or a bare day (its midnight). The id of a fact comes
from its content, so that the same call gives the same event. `recorded` defaults to `at`.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from projections.facts import Fact
from projections.life import What
from projections.obligation import derive
from projections.states import state
from schemas.event import Effect
from schemas.times import Day, Instant, midnight, parse_day, parse_instant

OBLIGATION = "dak-lak-guidance-2012:5.1:2012-Q2:66.so-x"
OWER = "66.so-x"
ISSUER = "66.so-noi-vu"
PROGRAMME = "dak-lak-guidance-2012"
DEFAULTS: dict[str, Any] = {
    "event_id": b"",
    "obligation": OBLIGATION,
    "unit": OWER,
    "by": ISSUER,
    "programme": PROGRAMME,
}


def instant(text: str) -> Instant:
    """`2012-06-07 23:30` or `2012-06-07`, local -> instant."""
    if len(text) == 10:
        return midnight(parse_day(text))
    return parse_instant(f"{text.replace(' ', 'T')}+07:00")


def day(text: str | None) -> Day | None:
    return None if text is None else parse_day(text)


def fact(effect: Effect, at: str, *, recorded: str | None = None, **fields: Any) -> Fact:
    made = Fact(
        effective_at=instant(at),
        recorded_at=instant(recorded or at),
        effect=effect.value,
        **DEFAULTS | fields,
    )
    content = blake2b(repr(made._replace(recorded_at=0)).encode(), digest_size=16).digest()
    return made._replace(event_id=made.event_id or content, content=content)


def opens(
    at: str = "2012-04-01", due: str | None = "2012-06-08", *, kind: str = "report", **fields: Any
) -> Fact:
    defaults = {"item": "5.1", "area": "reporting", "period": "2012-Q2", "done_when": "sent"}
    return fact(
        Effect.OPENS,
        at,
        **defaults | {"kind": kind, "due_before": day(due), "issuer": ISSUER} | fields,
    )


def met(at: str, **fields: Any) -> Fact:
    return fact(Effect.MEETS, at, **{"by": OWER} | fields)


def returned(at: str, until: str | None = None, **fields: Any) -> Fact:
    return fact(Effect.RETURNS, at, revise_before=day(until), **fields)


def accepted(at: str, **fields: Any) -> Fact:
    return fact(Effect.ACCEPTS, at, **fields)


def extended(at: str, until: str, **fields: Any) -> Fact:
    return fact(Effect.MOVES, at, due_before=day(until), extends=True, **fields)


def determined(at: str, until: str | None, **fields: Any) -> Fact:
    return fact(Effect.MOVES, at, due_before=day(until), **fields)


def dropped(at: str, **fields: Any) -> Fact:
    return fact(Effect.DROPS, at, **fields)


def handed_over(at: str, to: str, **fields: Any) -> Fact:
    return fact(Effect.HANDS_OVER, at, to_unit=to, **fields)


def amended(at: str, area: str | None, **fields: Any) -> Fact:
    return fact(Effect.AMENDS, at, area=area, **fields)


def noted(at: str, note: str, **fields: Any) -> Fact:
    return fact(Effect.NOTES, at, note=note, **fields)


def voided(target: Fact, at: str, **fields: Any) -> Fact:
    return fact(Effect.CORRECTS, at, target=target.event_id, void=True, **fields)


def corrected(target: Fact, at: str, replacement: Fact, **fields: Any) -> tuple[Fact, Fact]:
    """(correction, the value it puts in place); hand `reader(value)` to derive() with it."""
    value = replacement._replace(event_id=target.event_id)
    made = fact(
        Effect.CORRECTS, at, target=target.event_id, replacement=repr(value).encode(), **fields
    )
    return made, value


OPENED = opens()
"""The report that falls due on 8 June 2012."""


def at_end(*facts: Fact, on: str = "2013-01-01") -> str | None:
    """The state's code at an instant, by default long after."""
    return state(derive(facts), instant(on))


def whats(*facts: Fact, known: str | None = None) -> list[What]:
    """What is noted about the facts."""
    return [n.what for n in derive(facts, None if known is None else instant(known)).notes]

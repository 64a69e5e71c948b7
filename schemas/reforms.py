"""Reforms: unit facts that hold together or not at all, once who decided them enacts them.

A reform is known by its id and by the unit that decides it, so that a stranger who uses the same
id disturbs nobody. Its parts stand in no tree until a `reform.enacted` of the same unit names
their number and their digest; what it names cannot be told in halves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.unit_facts import ENACTED, WORDS, UnitFact
from schemas.unit_history import Conflict

REFORM_MISMATCH = "reform_mismatch"

Key = tuple[str, str]
"""A reform: its id and the unit that decides it."""


class Pending(NamedTuple):
    """Parts of a reform that stand in no tree yet: how many are recorded, `of` how many.

    `of` is None until the reform is enacted.
    """

    reform: str
    by: str
    parts: int
    of: int | None


class Reform(NamedTuple):
    """What is known of one reform, and what of it holds: `enacted` are the parts that count."""

    parts: tuple[UnitFact, ...]
    enactments: tuple[UnitFact, ...]
    enacted: tuple[UnitFact, ...]
    conflicts: tuple[Conflict, ...]
    idle: frozenset[bytes]
    """Event ids of what does not count: parts that are pending, enactments that fit nothing."""


class Counted(NamedTuple):
    """The facts that make the tree, in order, and the reforms among all facts."""

    facts: list[UnitFact]
    reforms: Mapping[Key, Reform]

    @property
    def pending(self) -> tuple[Pending, ...]:
        """The reforms with parts that stand in no tree, by id and deciding unit."""
        found = []
        for (reform, by), known in sorted(self.reforms.items()):
            open_parts = len(known.parts) - len(known.enacted)
            fits = any(one.event_id not in known.idle for one in known.enactments)
            if open_parts or not fits:
                last = known.enactments[-1] if known.enactments and not fits else None
                found.append(Pending(reform, by, open_parts, last.parts if last else None))
        return tuple(found)

    @property
    def conflicts(self) -> list[Conflict]:
        """Enactments that name other parts than those recorded."""
        return [one for key in sorted(self.reforms) for one in self.reforms[key].conflicts]

    @property
    def idle(self) -> frozenset[bytes]:
        """Event ids of facts that do not count."""
        return frozenset().union(*(known.idle for known in self.reforms.values()))


def digest(parts: Iterable[UnitFact]) -> str:
    """SHA-256 (hex) over what parts decide, in the order of their event ids.

    One JSON array a part, compact and in UTF-8, each ended by a line break: event id (hex), what
    happened (unit_facts.WORDS), unit, effective_at, by, name, aliases, level, kind, parent,
    successors, official_code; text that the event does not have is "", parent and code null.
    """
    total = hashlib.sha256()
    for part in sorted(parts, key=lambda part: part.event_id):
        decided = (
            part.event_id.hex(),
            WORDS[part.what],
            part.unit,
            part.effective_at,
            part.by,
            part.name,
            part.aliases,
            part.level,
            part.kind,
            part.parent,
            part.successors,
            part.official_code,
        )
        line = json.dumps(decided, ensure_ascii=False, separators=(",", ":"))
        total.update(line.encode() + b"\n")
    return total.hexdigest()


def counted(facts: Sequence[UnitFact], before: Mapping[Key, Reform] | None = None) -> Counted:
    """What counts among facts that stand in order (unit_facts.in_order), each id once.

    `before` are reforms as an earlier call found them; those of the same parts are not told anew.
    """
    parts: dict[Key, list[UnitFact]] = {}
    enactments: dict[Key, list[UnitFact]] = {}
    for fact in facts:
        if fact.reform is not None:
            of = enactments if fact.what == ENACTED else parts
            of.setdefault((fact.reform, fact.by), []).append(fact)
    if not parts and not enactments:
        return Counted(list(facts), {})
    reforms = {}
    for key in {*parts, *enactments}:
        told = (tuple(parts.get(key, ())), tuple(enactments.get(key, ())))
        known = (before or {}).get(key)
        same = known is not None and (known.parts, known.enactments) == told
        reforms[key] = known if known is not None and same else _reform(*told)
    idle = frozenset().union(*(known.idle for known in reforms.values()))
    kept = [fact for fact in facts if fact.what != ENACTED and fact.event_id not in idle]
    return Counted(kept, reforms)


def _reform(parts: tuple[UnitFact, ...], enactments: tuple[UnitFact, ...]) -> Reform:
    held: dict[bytes, UnitFact] = {}
    conflicts = []
    idle = set()
    for enactment in enactments:
        named = _named(parts, enactment)
        if named is None:
            idle.add(enactment.event_id)
            conflicts.append(_mismatch(parts, enactment))
        else:
            held.update((part.event_id, part) for part in named)
    idle.update(part.event_id for part in parts if part.event_id not in held)
    enacted = tuple(part for part in parts if part.event_id in held)
    return Reform(parts, enactments, enacted, tuple(conflicts), frozenset(idle))


def _named(parts: tuple[UnitFact, ...], enactment: UnitFact) -> tuple[UnitFact, ...] | None:
    """The parts that an enactment means; None where it fits nothing.

    All of them, or those recorded before it: what is added to a reform afterwards cannot undo it.
    """
    early = tuple(part for part in parts if part.recorded_at <= enactment.recorded_at)
    for chosen in (parts, early):
        if len(chosen) == enactment.parts and digest(chosen) == enactment.sha256:
            return chosen
    return None


def _mismatch(parts: tuple[UnitFact, ...], enactment: UnitFact) -> Conflict:
    sentence = f"the reform {enactment.reform} was enacted with {enactment.parts} parts, "
    if len(parts) == enactment.parts:
        sentence += "and as many are recorded, but not the same; this puts none of them in force"
    else:
        sentence += f"but {len(parts)} are recorded; this puts none of them in force"
    return Conflict(enactment.unit, enactment.day, REFORM_MISMATCH, enactment.event_id, sentence)

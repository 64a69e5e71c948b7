"""Which facts of an obligation hold, and in which order they take place, however they arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from projections.facts import Fact
from projections.life import Note, What
from schemas.event import Effect
from schemas.refusal import Refused
from schemas.times import Instant, day_of, midnight

Read = Callable[[bytes], Fact]
"""Value of a record -> its fact. Raises Refused where the bytes are no event."""

_OPENS = Effect.OPENS.value
_CORRECTS = Effect.CORRECTS.value

_Key = tuple[int, int, int, bytes]


class Held(NamedTuple):
    """The facts that hold as known, by event id, with what the corrections did to them.

    `claimed_at` has, for each fact whose instant a correction moved, when that was recorded.
    """

    facts: dict[bytes, Fact]
    claimed_at: dict[bytes, int]
    notes: tuple[Note, ...]


class Placed(NamedTuple):
    """A fact and the instant it takes effect: its own, or its cause's where that is later."""

    at: int
    fact: Fact


def held(facts: Iterable[Fact], known: Instant | None, read: Read) -> Held:
    """Facts in any order, with repeats -> those that hold, as known at `known` (None: now)."""
    by_id: dict[bytes, Fact] = {}
    corrected = False
    for fact in facts:
        if known is not None and fact.recorded_at > known:
            continue
        corrected = corrected or fact.effect == _CORRECTS
        other = by_id.get(fact.event_id)
        # One id, two contents: the earlier record holds, whichever came first here.
        if other is None or (fact.recorded_at, fact.content) < (other.recorded_at, other.content):
            by_id[fact.event_id] = fact
    return _correct(by_id, read) if corrected else Held(by_id, {}, ())


def _correct(by_id: dict[bytes, Fact], read: Read) -> Held:
    corrections = sorted(
        (f for f in by_id.values() if f.effect == _CORRECTS),
        key=lambda f: (f.recorded_at, f.event_id),
    )
    plain = {i: f for i, f in by_id.items() if f.effect != _CORRECTS}
    corrected = dict(plain)
    claimed_at: dict[bytes, int] = {}
    notes: dict[bytes, Note] = {}
    for fact in corrections:
        target = fact.target or b""
        original = plain.get(target)
        if original is None:
            notes[fact.event_id] = _note(fact, What.WAITING, "corrects a record not yet here")
        elif fact.void:
            corrected.pop(target, None)
            notes[target] = _note(original, What.VOIDED, "was taken back by a correction")
        elif (replacement := _replacement(original, fact, read)) is None:
            text = "gives no value of the same event to put in place"
            notes[fact.event_id] = _note(fact, What.BAD_CORRECTION, text)
        else:
            corrected[target] = replacement
            claimed_at.pop(target, None)
            if instant_of(replacement) != instant_of(original):
                claimed_at[target] = fact.recorded_at
            notes[target] = _note(original, What.CORRECTED, "reads as corrected")
    return Held(corrected, claimed_at, tuple(notes[i] for i in sorted(notes)))


def _replacement(original: Fact, correction: Fact, read: Read) -> Fact | None:
    if correction.replacement is None:
        return None
    try:
        fact = read(correction.replacement)
    except Refused:
        return None
    if (fact.event_id, fact.effect) != (original.event_id, original.effect):
        return None
    if fact.obligation != original.obligation:
        return None
    # What was recorded when, and by which system, is not the correction's to change.
    return fact._replace(
        recorded_at=original.recorded_at,
        source=original.source,
        source_seq=original.source_seq,
        imported=original.imported,
        content=original.content,
    )


def _note(fact: Fact, what: What, text: str) -> Note:
    return Note(fact.event_id, what, text)


def instant_of(fact: Fact) -> int:
    """When the fact says it happened; a fact known by its day stands at the day's beginning."""
    if fact.effective_is_day:
        return midnight(day_of(Instant(fact.effective_at)))
    return fact.effective_at


def _key(fact: Fact) -> _Key:
    return (instant_of(fact), fact.effect, fact.recorded_at, fact.event_id)


def placed(facts: dict[bytes, Fact]) -> list[Placed]:
    """The facts in their order: by (instant, rank, recorded_at, event id), causes before effects.

    The instants never decrease, but for answers to an opening: what claims to precede the
    opening is timed by its own instant.
    """
    plain = _plainly_placed(facts)
    if plain is not None:
        return plain
    causes = _causes(facts)
    effects: dict[bytes, list[bytes]] = {}
    for effect, cause in causes.items():
        effects.setdefault(cause, []).append(effect)
    ready = [_key(fact) for event_id, fact in facts.items() if event_id not in causes]
    heapify(ready)
    order: list[Placed] = []
    while ready:
        at, rank, _, event_id = heappop(ready)
        order.append(Placed(at, facts[event_id]))
        for effect in effects.get(event_id, ()):
            key = _key(facts[effect])
            later = key[0] if rank == _OPENS else max(key[0], at)
            heappush(ready, (later, *key[1:]))
    return order


def _plainly_placed(facts: dict[bytes, Fact]) -> list[Placed] | None:
    """The facts by their own keys; None where one of them would precede its cause."""
    order: list[Placed] = []
    before: set[bytes] = set()
    for at, _, _, event_id in sorted([_key(fact) for fact in facts.values()]):
        fact = facts[event_id]
        cause = fact.causation_id
        if cause is not None and cause not in before and cause in facts:
            return None
        before.add(event_id)
        order.append(Placed(at, fact))
    return order


def _causes(facts: dict[bytes, Fact]) -> dict[bytes, bytes]:
    """Effect -> cause, both of this obligation, without the links that run in a circle."""
    causes = {
        event_id: fact.causation_id
        for event_id, fact in facts.items()
        if fact.causation_id is not None and fact.causation_id in facts
    }
    done: set[bytes] = set()
    circular: set[bytes] = set()
    for start in causes:
        path: dict[bytes, None] = {}
        step: bytes | None = start
        while step is not None and step not in done and step not in path:
            path[step] = None
            step = causes.get(step)
        if step is not None and step in path:
            walked = list(path)
            circular.update(walked[walked.index(step) :])
        done.update(path)
    return {effect: cause for effect, cause in causes.items() if effect not in circular}

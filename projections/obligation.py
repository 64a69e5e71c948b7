"""The fold: the facts of one obligation -> its life; the order of arrival does not matter.

One function per rule of the fold. Slow and plain on purpose: the fast engine is held equal to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, assert_never

from projections.facts import Fact, fact_of_value
from projections.life import LadderDocument, Life, Note, Phase, Standing, Submission, Turn, What
from projections.order import Held, Placed, Read, held, placed
from schemas.event import Effect
from schemas.limits import CLAIMED_LATE_MS
from schemas.times import Day, Instant, day_of, midnight

LADDER = frozenset({"urged", "reminded", "criticised"})
"""The notes that are documents of the ladder of urging, reminder and criticism."""

_EFFECTS = tuple(Effect)
_OPENS = Effect.OPENS.value


RevisionDays = Callable[[str | None], int | None]
"""Programme -> days that a return after the due gives where it names no day; None: no rule."""


def no_revision_days(_: str | None) -> int | None:
    """No programme says how long a revision takes."""
    return None


class Case(NamedTuple):
    """What does not change while one obligation is folded.

    `revision_days` is its programme's: how long a return after the due gives that names no day.
    """

    opening: Fact
    facts: Mapping[bytes, Fact]
    claimed_at: Mapping[bytes, int]
    revision_days: int | None


class When(NamedTuple):
    """`at`: when a fact takes place, never before the opening. `judged_at`: its own instant."""

    at: int
    judged_at: int


def derive(
    facts: Iterable[Fact],
    known: Instant | None = None,
    revision_days: RevisionDays = no_revision_days,
    read: Read = fact_of_value,
) -> Life:
    """Facts of one obligation, in any order and with repeats -> its life.

    `known`: only what was recorded up to this instant counts (None: everything).
    `revision_days`: programme -> days that a return after the due gives where it names no day.
    `read` decodes the replacement inside a correction.
    """
    holds = held(facts, known, read)
    order = placed(holds.facts)
    for index, place in enumerate(order):
        if place.fact.effect == _OPENS:
            return _lived(order.pop(index), order, holds, revision_days)
    return _unopened(order, holds)


def _unopened(order: list[Placed], holds: Held) -> Life:
    text = "waits for the opening of the obligation"
    return Life(
        opening=None,
        facts=tuple(place.fact for place in order),
        turns=(),
        notes=holds.notes + tuple(Note(p.fact.event_id, What.WAITING, text) for p in order),
        ladder=(),
        imported=any(place.fact.imported for place in order),
    )


def _lived(opened: Placed, rest: list[Placed], holds: Held, revision_days: RevisionDays) -> Life:
    days = revision_days(opened.fact.programme)
    case = Case(opened.fact, holds.facts, holds.claimed_at, days)
    standing = _opened(opened.fact)
    turns = [Turn(opened.at, opened.fact.event_id, standing)]
    at = opened.at
    for place in rest:
        # Early facts count from the opening: they keep their order and take place at it.
        at = max(at, place.at)
        before = standing
        standing = evolve(standing, place.fact, When(at, place.at), case)
        if standing is not before:
            turns.append(Turn(at, place.fact.event_id, standing))
    text = "found the obligation completed and waits for a return"
    waiting = tuple(Note(fact.event_id, What.WAITING, text) for fact in standing.waiting)
    return Life(
        opening=opened.fact,
        facts=(opened.fact, *(place.fact for place in rest)),
        turns=tuple(turns),
        notes=holds.notes + standing.notes + waiting,
        ladder=standing.ladder,
        imported=opened.fact.imported or any(place.fact.imported for place in rest),
    )


def _opened(opening: Fact) -> Standing:
    return Standing(
        ower=opening.unit,
        area=opening.area,
        due=opening.due_before,
        original_due=opening.due_before,
    )


def evolve(standing: Standing, fact: Fact, when: When, case: Case) -> Standing:
    """How things stand after one more fact, in the order of facts; the same object if unchanged."""
    if standing.phase is Phase.DROPPED:
        return _noted(standing, fact, What.AFTER_END, "takes place after the obligation has ended")
    effect = _EFFECTS[fact.effect]
    match effect:
        case Effect.OPENS:
            text = "opens an obligation that was opened before"
            return _noted(standing, fact, What.SECOND_OPENING, text)
        case Effect.AMENDS:
            return _amend(standing, fact)
        case Effect.MOVES:
            return _move(standing, fact, when, case)
        case Effect.MEETS:
            return _meet(standing, fact, when, case)
        case Effect.ACCEPTS:
            return _accept(standing, fact, when, case)
        case Effect.RETURNS:
            return _return(standing, fact, when, case)
        case Effect.HANDS_OVER:
            return _hand_over(standing, fact)
        case Effect.DROPS:
            return _drop(standing, fact, case)
        case Effect.NOTES:
            return _note(standing, fact, when)
        case Effect.CORRECTS | Effect.CONTEXT:
            # Corrections have acted before the order was made; context bears on no obligation.
            return standing
        case _:
            assert_never(effect)


def _amend(standing: Standing, fact: Fact) -> Standing:
    if fact.area is None or fact.area == standing.area:
        return standing
    return standing._replace(area=fact.area)


def _move(standing: Standing, fact: Fact, when: When, case: Case) -> Standing:
    if fact.due_before is None:
        # Such as a required remedy without a day: it says what to do, and moves nothing.
        return standing
    # An ower may say the day of a duty that had none; it never changes its own due.
    if (fact.extends or standing.due is not None) and _is_owers_own(standing, fact, case):
        return _noted(standing, fact, What.NO_AUTHORITY, "is the ower moving its own due")
    if standing.phase is Phase.DONE:
        return standing._replace(waiting=(*standing.waiting, fact))
    return _moved(standing, fact, when.at)


def _moved(standing: Standing, fact: Fact, at: int) -> Standing:
    assert fact.due_before is not None
    extension = fact.extends and standing.original_due is not None
    ahead = midnight(Day(fact.due_before)) > at
    return standing._replace(
        due=fact.due_before,
        original_due=standing.original_due if extension else fact.due_before,
        extended=standing.extended or extension,
        # A return without a day now has one: the new due.
        revise_open=standing.revise_open and not ahead,
    )


def _meet(standing: Standing, fact: Fact, when: When, case: Case) -> Standing:
    if standing.phase in (Phase.DECLARED, Phase.DONE):
        last = standing.submissions[-1]
        last = last._replace(supplements=(*last.supplements, fact.event_id))
        standing = standing._replace(submissions=(*standing.submissions[:-1], last))
        return _noted(standing, fact, What.SUPPLEMENT, "adds to a submission that stands")
    submission = _judged(standing, fact, when.judged_at)
    acceptance = case.opening.done_when == "accepted"
    met = standing._replace(
        phase=Phase.DECLARED if acceptance else Phase.DONE,
        revise=None,
        revise_open=False,
        on_time=standing.on_time and submission.on_time,
        on_time_original=standing.on_time_original and submission.on_time_original,
        submissions=(*standing.submissions, submission),
    )
    claimed_at = case.claimed_at.get(fact.event_id, fact.recorded_at)
    limit = submission.limit
    backdated = claimed_at - submission.at > CLAIMED_LATE_MS
    if backdated and limit is not None and submission.at < limit <= claimed_at:
        text = "claims to have been in time and was recorded only days later, after the due"
        return _noted(met, fact, What.CLAIMED_LATE, text)
    return met


def _judged(standing: Standing, fact: Fact, at: int) -> Submission:
    """On time is judged by the due in force now, or by the day of the return if that is later."""
    limit = _limit(standing, standing.due)
    limit_original = _limit(standing, standing.original_due)
    return Submission(
        event_id=fact.event_id,
        at=at,
        limit=limit,
        on_time=limit is None or at < limit,
        on_time_original=limit_original is None or at < limit_original,
    )


def _limit(standing: Standing, due: int | None) -> Instant | None:
    if standing.revise_open:
        return None
    days = [day for day in (due, standing.revise) if day is not None]
    return midnight(Day(max(days))) if days else None


def _accept(standing: Standing, fact: Fact, when: When, case: Case) -> Standing:
    if _names_absent(fact, case):
        return _noted(standing, fact, What.WAITING, "waits for the submission that it names")
    if standing.phase in (Phase.OPEN, Phase.RETURNED):
        # Accepted on paper, or corrected on the spot: else it would be open for ever.
        standing = _meet(standing, fact, when, case)
    elif _names_old(standing, fact):
        text = "accepts a submission after which another was sent"
        return _noted(standing, fact, What.OLD_ANSWER, text)
    elif standing.accepted:
        return _noted(standing, fact, What.REPEATED, "accepts what is accepted")
    return standing._replace(phase=Phase.DONE, accepted=True)


def _return(standing: Standing, fact: Fact, when: When, case: Case) -> Standing:
    if _names_absent(fact, case):
        return _noted(standing, fact, What.WAITING, "waits for the submission that it names")
    if standing.phase is Phase.OPEN:
        return _noted(standing, fact, What.WAITING, "waits for a submission to return")
    if standing.phase is Phase.RETURNED:
        if fact.revise_before is None:
            return _noted(standing, fact, What.REPEATED, "returns what is returned")
        return standing._replace(revise=fact.revise_before, revise_open=False)
    if standing.accepted:
        text = "returns what was accepted"
        return _noted(standing, fact, What.RETURN_AFTER_ACCEPTANCE, text)
    if _names_old(standing, fact):
        text = "returns a submission after which another was sent"
        return _noted(standing, fact, What.OLD_ANSWER, text)
    return _returned(standing, fact, when.at, case)


def _returned(standing: Standing, fact: Fact, at: int, case: Case) -> Standing:
    waited = standing.waiting
    standing = standing._replace(phase=Phase.RETURNED, waiting=())
    for waiting in waited:
        if waiting.effect == Effect.MOVES:
            standing = _moved(standing, waiting, at)
        else:
            standing = _handed_over(standing, waiting)
    if fact.revise_before is not None or not standing.due_passed(at):
        return standing._replace(revise=fact.revise_before)
    if case.revision_days is None:
        text = "returns it after the due and names no day, so it is not overdue until sent again"
        return _noted(standing._replace(revise_open=True), fact, What.NO_REVISE_DAY, text)
    revise = day_of(Instant(at)) + case.revision_days + 1
    text = "returns it after the due and names no day, so the programme's days for revision count"
    return _noted(standing._replace(revise=revise), fact, What.NO_REVISE_DAY, text)


def _hand_over(standing: Standing, fact: Fact) -> Standing:
    if standing.phase is Phase.DONE:
        return standing._replace(waiting=(*standing.waiting, fact))
    return _handed_over(standing, fact)


def _handed_over(standing: Standing, fact: Fact) -> Standing:
    return standing._replace(ower=fact.to_unit or standing.ower)


def _drop(standing: Standing, fact: Fact, case: Case) -> Standing:
    if _is_owers_own(standing, fact, case):
        return _noted(standing, fact, What.NO_AUTHORITY, "is the ower cancelling its own duty")
    return standing._replace(phase=Phase.DROPPED)


def _note(standing: Standing, fact: Fact, when: When) -> Standing:
    if fact.note not in LADDER:
        return standing
    document = LadderDocument(
        note=fact.note,
        document=fact.correlation_id or fact.event_id,
        ower=standing.ower,
        at=when.at,
    )
    return standing._replace(ladder=(*standing.ladder, document))


def _is_owers_own(standing: Standing, fact: Fact, case: Case) -> bool:
    return fact.by == standing.ower and fact.by != case.opening.issuer


def _names_absent(fact: Fact, case: Case) -> bool:
    """An answer that names a submission waits until that one is there."""
    return fact.causation_id is not None and fact.causation_id not in case.facts


def _names_old(standing: Standing, fact: Fact) -> bool:
    return any(
        fact.causation_id == submission.event_id or fact.causation_id in submission.supplements
        for submission in standing.submissions[:-1]
    )


def _noted(standing: Standing, fact: Fact, what: What, text: str) -> Standing:
    return standing._replace(notes=(*standing.notes, Note(fact.event_id, what, text)))

"""Laws of the fold and of the steps, for random fact sets of one obligation."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from projections.facts import Fact
from projections.life import Life
from projections.obligation import derive
from projections.states import CODES, state
from projections.steps import held_measures, slice_of, steps
from schemas import measures as m
from schemas.event import Effect
from schemas.measures import MEASURES, Slice
from schemas.times import Day, midnight

FIRST = 15_000
"""All instants of a case lie in the thirty days from here, mostly at midnight or noon."""

days = st.integers(FIRST, FIRST + 30)
instants = st.builds(
    lambda day, half: midnight(Day(day)) + half, days, st.sampled_from((0, 43_200_000))
)
ids = st.integers(0, 11).map(lambda n: bytes([n]) * 16)
units = st.sampled_from(("a", "b", "issuer"))
EFFECTS = [Effect.OPENS, *(e for e in Effect if e is not Effect.CONTEXT), *(Effect.MEETS,) * 3]


@st.composite
def facts(draw: st.DrawFn, only: Effect | None = None) -> Fact:
    effect = draw(st.sampled_from(EFFECTS)) if only is None else only
    fields: dict[str, Any] = {
        "effective_at": draw(instants),
        "recorded_at": draw(instants),
        "event_id": draw(ids),
        "effect": effect.value,
        "effective_is_day": draw(st.booleans()),
        "causation_id": draw(st.none() | ids),
        "obligation": "o",
        "unit": draw(units),
        "by": draw(units),
        "content": draw(st.sampled_from((b"1", b"2"))),
    }
    match effect:
        case Effect.OPENS:
            fields |= {
                "kind": draw(st.sampled_from(("report", "remedy", "inspection"))),
                "item": "5.1",
                "area": draw(st.none() | st.just("x")),
                "due_before": draw(st.none() | days),
                "done_when": draw(st.sampled_from(("sent", "accepted"))),
                "issuer": "issuer",
            }
        case Effect.MOVES:
            fields |= {"due_before": draw(st.none() | days), "extends": draw(st.booleans())}
        case Effect.RETURNS:
            fields["revise_before"] = draw(st.none() | days)
        case Effect.HANDS_OVER:
            fields["to_unit"] = draw(units)
        case Effect.AMENDS:
            fields["area"] = draw(st.none() | st.just("y"))
        case Effect.NOTES:
            fields["note"] = draw(st.sampled_from(("urged", "progress")))
        case Effect.CORRECTS:
            target = draw(ids)
            value = bytes([draw(st.sampled_from(EFFECTS)), draw(st.integers(0, 30))])
            fields |= {
                "target": target,
                "void": draw(st.booleans()),
                "replacement": target + value,
            }
        case _:
            fields |= {}
    return Fact(**fields)


def settled(cases: list[Fact]) -> list[Fact]:
    """One content per (id, recorded_at, content): what a hash guarantees."""
    return list({(f.event_id, f.recorded_at, f.content): f for f in cases}.values())


openings = facts(Effect.OPENS).map(lambda f: f._replace(event_id=b"o" * 16))
fact_sets = st.builds(
    lambda opened, rest: settled(opened + rest),
    st.lists(openings, max_size=1, min_size=1) | st.just([]),
    st.lists(facts(), max_size=12),
)


def read(value: bytes) -> Fact:
    """What stands in for the decoder: id, effect, and a day in one byte each of the last two."""
    at = midnight(Day(FIRST + value[17]))
    made = Fact(effective_at=at, recorded_at=0, event_id=value[:16], effect=value[16])
    return made._replace(obligation="o", unit="a", by="issuer", due_before=FIRST + value[17])


def life_of(cases: list[Fact], known: int | None = None, days: int | None = None) -> Life:
    return derive(cases, known, lambda _: days, read)


def critical(life: Life) -> list[int]:
    return sorted({step.at for step in steps(life)} | {turn.at for turn in life.turns})


def bits_at(life: Life, at: int) -> int:
    standing = life.standing_at(at)
    if standing is None or life.opening is None:
        return 0
    return held_measures(life.opening.kind, standing, at)


def figures(life: Life, at: int) -> list[int]:
    bits = bits_at(life, at)
    return [bits >> index & 1 for index in range(len(MEASURES))]


@given(fact_sets, st.randoms(use_true_random=False), st.none() | st.integers(0, 5))
def test_any_order_and_any_repeats_give_the_same_life(cases, dice, days):
    shuffled = cases + dice.choices(cases, k=5) if cases else []
    dice.shuffle(shuffled)

    assert life_of(shuffled, days=days) == life_of(cases, days=days)


@given(fact_sets, instants)
def test_to_know_until_an_instant_is_to_have_nothing_recorded_later(cases, known):
    seen = [fact for fact in cases if fact.recorded_at <= known]

    assert life_of(cases, known) == life_of(seen)
    assert life_of(seen, known) == life_of(seen)


@given(fact_sets)
def test_every_held_fact_is_in_the_life_and_instants_never_decrease(cases):
    life = life_of(cases)
    voided = {n.event_id for n in life.notes if n.what == "voided"}
    held = {f.event_id: f for f in sorted(cases, key=lambda f: (f.recorded_at, f.content))[::-1]}
    expected = {i for i, f in held.items() if f.effect != Effect.CORRECTS} - voided

    assert {fact.event_id for fact in life.facts} == expected
    assert [turn.at for turn in life.turns] == sorted(turn.at for turn in life.turns)


@given(fact_sets)
def test_a_fact_comes_after_its_cause_unless_they_run_in_a_circle(cases):
    life = life_of(cases)
    place = {fact.event_id: index for index, fact in enumerate(life.facts)}
    cause = {f.event_id: f.causation_id for f in life.facts if f.causation_id in place}

    def is_circular(event_id: bytes) -> bool:
        step = cause.get(event_id)
        for _ in range(len(place)):
            if step is None or step == event_id:
                break
            step = cause.get(step)
        return step == event_id

    opening = life.opening.event_id if life.opening else None
    for effect, before in cause.items():
        if effect != opening and not is_circular(effect):
            assert place[before] < place[effect]


@given(fact_sets)
def test_identities_hold_at_every_critical_instant(cases):
    life = life_of(cases)
    for at in critical(life):
        f = figures(life, at)

        assert f[m.DUE] == f[m.COMPLETED_OF_DUE] + f[m.IN_REVISION] + f[m.OVERDUE]
        assert f[m.COMPLETED] == f[m.COMPLETED_OF_DUE] + f[m.COMPLETED_EARLY]
        assert f[m.COMPLETED] == f[m.ON_TIME] + f[m.LATE]
        assert 0 <= f[m.OVERDUE] <= f[m.DUE] <= f[m.ASSIGNED]
        assert f[m.ON_TIME_OF_DUE] <= min(f[m.ON_TIME], f[m.DUE])
        assert f[m.EXTENDED] <= f[m.ASSIGNED]
        assert f[m.NO_DUE_DONE] <= f[m.NO_DUE]
        assert f[m.ASSIGNED] + f[m.NO_DUE] + f[m.CANCELLED] == 1
        assert f[m.CONTENT] == 0


@given(fact_sets)
def test_no_count_falls_below_nought_or_rises_above_one(cases):
    sums: dict[tuple[str, Slice, int], list[int]] = {}
    for step in steps(life_of(cases)):
        sums.setdefault((step.ower, step.slice, step.measure), []).append(step.sign)

    for signs in sums.values():
        assert set(accumulate(signs)) <= {0, 1}


@settings(max_examples=300)
@given(fact_sets, st.lists(instants, min_size=1, max_size=5))
def test_the_steps_up_to_an_instant_sum_to_what_holds_then(cases, moments):
    life = life_of(cases)
    found = steps(life)
    for at in (*moments, *critical(life), *(at - 1 for at in critical(life))):
        sums: Counter[tuple[str, Slice, int]] = Counter()
        for step in found:
            if step.at <= at:
                sums[step.ower, step.slice, step.measure] += step.sign
        standing = life.standing_at(at)
        held = {
            (standing.ower, slice_of(life, standing), index): 1
            for index in range(len(MEASURES))
            if standing is not None and bits_at(life, at) >> index & 1
        }

        assert {key: count for key, count in sums.items() if count} == held


@given(fact_sets)
def test_steps_come_in_order_of_instants(cases):
    found = steps(life_of(cases))

    assert [step.at for step in found] == sorted(step.at for step in found)


@given(fact_sets, instants)
@example([], 0)
def test_the_state_word_agrees_with_the_counts(cases, at):
    life = life_of(cases)
    code = state(life, at)
    f = figures(life, at)

    assert code is None or code in CODES
    assert (code == "cancelled") == bool(f[m.CANCELLED])
    assert (code == "overdue") == bool(f[m.OVERDUE])
    assert (code in ("done_on_time", "done_late")) == bool(f[m.COMPLETED] or f[m.NO_DUE_DONE])
    if f[m.COMPLETED]:
        assert (code == "done_late") == bool(f[m.LATE])
    if f[m.IN_REVISION]:
        assert code in ("in_revision", "awaiting_acceptance")

"""Laws of K < now: what columns tell of it is what the lives tell, obligation by obligation."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from projections.engine import Engine
from projections.extra import Extra
from projections.facts import Fact, fact_of_value
from projections.life import Life
from projections.obligation import derive
from projections.since import Since, entries_of
from projections.sources import Numbering
from projections.steps import steps
from schemas import avro
from schemas.event import EventId, event_types
from schemas.frame import Frame, Version
from schemas.measures import Step
from schemas.times import DAY_MS, Instant, day_of, end_of_day, midnight
from tests.worlds_of_events import BASE, ISSUER, OBLIGATIONS, OWERS, events, record


class Folded:
    """An engine that has told its boards the first events, and has the others under way."""

    def __init__(self, told: list[Any], under_way: list[Any]) -> None:
        self.engine = Engine()
        self.engine.open(0, ())
        self._facts: dict[str, list[Fact]] = defaultdict(list)
        self._told: dict[str, list[Fact]] = defaultdict(list)
        self._fold(0, told)
        self.engine.told(Version("home", 1, "topic", 0, len(told)))
        self._tell()
        if not self._fold(len(told), under_way):
            # They change no cell of a day, so no frame will come: the boards have all of it.
            self._tell()

    def _tell(self) -> None:
        self._told.update({name: list(facts) for name, facts in self._facts.items()})

    def _fold(self, first: int, made: list[Any]) -> list[Frame]:
        records = [record(first + at, event) for at, event in enumerate(made)]
        self.engine.take(0, records)
        frames = self.engine.frame(0, Version("home", 1, "topic", 0, first + len(made)))
        for one in records:
            fact = fact_of_value(one.value or b"")
            self._facts[fact.obligation or ""].append(fact)
        return frames

    def changed(self, known: Instant) -> list[str]:
        """Obligations with a fact recorded after K."""
        names = self._facts.items()
        return [name for name, facts in names if any(f.recorded_at > known for f in facts)]

    def was(self, name: str, known: Instant) -> Life:
        return derive(self._facts[name], known)

    def now(self, name: str) -> Life:
        return derive(self._told[name], None)


def told_apart(extra: Extra, names: Numbering) -> Counter[Step]:
    """The steps of the columns; those that undo one another left out."""
    slices = list(names.slices(extra.cut)) if len(extra.cut) else []
    found: Counter[Step] = Counter()
    columns = (extra.at.tolist(), extra.ower.tolist(), extra.measure.tolist(), extra.value.tolist())
    for at, ower, measure, value, cut in zip(*columns, slices, strict=True):
        found[Step(Instant(at), names.owers[ower], cut, measure, 1)] += value
    return Counter({step: count for step, count in found.items() if count})


@settings(max_examples=150, deadline=None)
@given(events(), events(most=6), st.data())
def test_what_was_known_then_is_what_the_lives_of_then_tell(
    first: list[Any], second: list[Any], data: st.DataObject
) -> None:
    assume(len({event.event_id for event in first + second}) == len(first + second))
    known = Instant(data.draw(st.sampled_from(first)).recorded_at - data.draw(st.integers(0, 1)))
    folded = Folded(first, second)
    names = Numbering()
    since = folded.engine.since(known, names)
    expected: Counter[Step] = Counter()
    for name in folded.changed(known):
        for life, sign in ((folded.was(name, known), 1), (folded.now(name), -1)):
            for step in steps(life):
                expected[step._replace(sign=1)] += sign * step.sign

    assert Counter({s: n for s, n in expected.items() if n}) == told_apart(since.steps, names)


@settings(max_examples=150, deadline=None)
@given(events(), st.data())
def test_the_ladder_of_then_is_that_of_the_lives_of_then(
    world: list[Any], data: st.DataObject
) -> None:
    assume(len({event.event_id for event in world}) == len(world))
    known = Instant(data.draw(st.sampled_from(world)).recorded_at - data.draw(st.integers(0, 1)))
    folded = Folded(world, [])
    ladder = folded.engine.since(known, Numbering()).ladder
    every = sorted(folded.engine.obligations())
    shown = entries_of(one for name in every for one in folded.now(name).ladder)
    then = entries_of(one for name in every for one in folded.was(name, known).ladder)

    assert then == (shown - ladder.gone) | entries_of(ladder.come)


def differs(since: Since, names: Numbering) -> tuple[Any, ...]:
    """All of it that a reader may see, in no order."""
    ladder = since.ladder
    return told_apart(since.steps, names), ladder.told, ladder.gone, Counter(ladder.come)


@settings(max_examples=150, deadline=None)
@given(events(), events(most=6), st.sets(st.sampled_from((*OWERS, "66.none"))), st.data())
def test_asked_for_some_owers_it_is_the_whole_cut_to_these(
    first: list[Any], second: list[Any], owers: set[str], data: st.DataObject
) -> None:
    assume(len({event.event_id for event in first + second}) == len(first + second))
    known = Instant(data.draw(st.sampled_from(first)).recorded_at - data.draw(st.integers(0, 1)))
    engine, names = Folded(first, second).engine, Numbering()
    whole = engine.since(known, names)
    part = engine.since(known, names, owers)

    assert differs(whole.of(owers, names), names) == differs(part, names)
    assert part.ladder.obligations <= whole.ladder.obligations


@settings(max_examples=150, deadline=None)
@given(events(), events(most=6), st.sets(st.sampled_from((*OWERS, "66.none"))), st.data())
def test_asked_for_some_owers_nothing_of_theirs_inside_a_day_is_left_out(
    first: list[Any], second: list[Any], owers: set[str], data: st.DataObject
) -> None:
    at = Instant(data.draw(st.sampled_from(first)).effective_at + data.draw(st.integers(-1, 1)))
    engine = Folded(first, second).engine
    whole, part = (
        [
            Counter(step for step in engine.steps_after(at, asked) if step.ower in owers),
            Counter(
                one for one in engine.ladder_between(at, end_of_day(day_of(at)), asked)
                if one[1].ower in owers
            ),
        ]
        for asked in (None, owers)
    )  # fmt: skip

    assert whole == part


def told(type_: str, day: int, **fields: Any) -> Any:
    """An event of the first obligation, which happens and is recorded that day."""
    at = Instant(midnight(BASE + day))
    given = {"unit": OWERS[0], "by": ISSUER, "source": "s", "obligation": OBLIGATIONS[0]} | fields
    id_ = EventId(type_.encode()[:15] + bytes([day]))
    return event_types()[type_](event_id=id_, effective_at=at, recorded_at=at, **given)


def handed_over_and_corrected() -> tuple[Any, ...]:
    """From the first to the second; read for two days as if it had gone to the third."""
    opening = {"kind": "report", "item": "9", "issuer": ISSUER, "done_when": "sent", "title": "t"}
    given = told("task.transferred.v1", 1, to_unit=OWERS[1], reason="r")
    corrections = []
    for day, ower in ((2, OWERS[2]), (4, OWERS[1])):
        value = avro.encode(replace(given, to_unit=ower))
        fields = {"target": given.event_id, "void": False, "replacement": value, "reason": "r"}
        corrections.append(told("record.corrected.v1", day, **fields))
    return told("report.expected.v1", 0, **opening), given, *corrections


def test_an_ower_by_a_correction_that_was_corrected_is_found_where_it_owed() -> None:
    engine, names = Folded(list(handed_over_and_corrected()), []).engine, Numbering()
    known = Instant(midnight(BASE) + 3 * DAY_MS)
    part = engine.since(known, names, {OWERS[2]})

    assert len(part.steps.at)
    assert differs(engine.since(known, names).of({OWERS[2]}, names), names) == differs(part, names)


@settings(max_examples=100, deadline=None)
@given(events(), st.data())
def test_whoever_owed_as_known_at_any_time_is_among_those_who_ever_owed(
    world: list[Any], data: st.DataObject
) -> None:
    engine = Folded(world, []).engine
    known = data.draw(st.sampled_from(world)).recorded_at

    for name in engine.obligations():
        life = engine.life(name, known)
        assert life is not None
        assert all(name in engine.obligations_of(ower) for _, ower in life.owers)

"""The simulation: the same for the same seed, lawful events, lives of every kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise

import pytest

from ops.demo_story import story
from ops.simulate import generate, simulate, subjects_of
from ops.simulate_desk import SOURCE, Habits
from projections.facts import Fact, fact_of
from projections.obligation import derive
from projections.steps import steps
from schemas import avro
from schemas.checks import check, check_future
from schemas.event import Effect, Event, Opens
from schemas.events.unit import UnitEstablished
from schemas.jsonl import Defaults, parse_line, to_line
from schemas.measures import MEASURES
from schemas.times import Instant, midnight, parse_day

NOW = midnight(parse_day("2021-06-01"))


@cache
def told() -> tuple[Event, ...]:
    return tuple(story(NOW, seed=7, real_units=False))


def openings() -> list[Opens]:
    return [event for event in told() if isinstance(event, Opens) and event.kind != "remedy"]


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    assert tuple(story(NOW, seed=7, real_units=False)) == told()
    assert tuple(story(NOW, seed=8, real_units=False)) != told()


def test_every_event_keeps_the_contract_and_comes_in_the_order_of_recording() -> None:
    for event in told():
        check(event)
        check_future(event, event.recorded_at)

        assert event.source == SOURCE
        assert event.recorded_at < NOW
    assert all(left.recorded_at <= right.recorded_at for left, right in pairwise(told()))


def test_ids_are_unique_and_lines_give_the_events_back() -> None:
    ids = {event.event_id for event in told()}
    defaults = Defaults(source="elsewhere")

    assert len(ids) == len(told())
    for event in told()[::7]:
        assert parse_line(to_line(event), defaults) == [event]


def test_units_do_everything_that_units_do() -> None:
    story_of_districts = simulate(openings_of_many(), seed=3, until=NOW)
    types = Counter(event.type for event in story_of_districts)

    assert {
        "report.submitted.v1",
        "report.returned.v1",
        "report.accepted.v1",
        "report.received.v1",
        "report.due_extended.v1",
        "report.waived.v1",
        "reminder.issued.v1",
        "criticism.issued.v1",
        "urging.sent.v1",
        "record.corrected.v1",
    } <= set(types)


@cache
def openings_of_many() -> tuple[Opens, ...]:
    owers = [f"66.so-{number}" for number in range(50)]
    world = generate(5, owers, 1_500, facts_each=1)
    return tuple(event for event in world if isinstance(event, Opens))


def test_inspections_bring_findings_and_findings_remedies() -> None:
    units = [event for event in told() if isinstance(event, UnitEstablished)]
    subjects = subjects_of(units)
    types = Counter(event.type for event in told())

    assert "06.so-noi-vu" in subjects["06.ban-chi-dao-tinh"]
    assert types["inspection.conducted.v1"] > 10
    assert types["finding.recorded.v1"] > 3
    assert types["remedy.reported.v1"] + types["finding.closed.v1"] > 3


def test_the_life_of_an_obligation_depends_on_nothing_but_seed_and_id() -> None:
    some = openings_of_many()[:50]
    alone = {event.event_id: event for event in simulate(some, seed=1, until=NOW)}
    among_all = {event.event_id: event for event in simulate(openings_of_many(), seed=1, until=NOW)}

    assert alone.items() <= among_all.items()


def test_an_earlier_end_is_a_prefix_of_the_same_story() -> None:
    early = simulate(openings_of_many(), seed=1, until=midnight(parse_day("2015-01-01")))
    late = simulate(openings_of_many(), seed=1, until=NOW)

    assert late[: len(early)] == early
    assert len(early) < len(late)


def facts_by_obligation(events: list[Event]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for event in events:
        if event.obligation:
            found[event.obligation].append(fact_of(event))
    return found


def assert_identities(facts: list[Fact]) -> None:
    """D = Cd + R + O, C = Cd + Ce, C = N + L, 0 <= O <= D <= A, at every instant of a life."""
    counts = dict.fromkeys(range(len(MEASURES)), 0)
    changes = steps(derive(facts))
    for index, step in enumerate(changes):
        counts[step.measure] += step.sign
        if index + 1 < len(changes) and changes[index + 1].at == step.at:
            continue
        shown = {name: counts[number] for number, name in enumerate(MEASURES)}

        assert shown["due"] == sum(
            shown[name] for name in ("completed_of_due", "in_revision", "overdue")
        )
        assert shown["completed"] == shown["completed_of_due"] + shown["completed_early"]
        assert shown["completed"] == shown["on_time"] + shown["late"]
        assert 0 <= shown["overdue"] <= shown["due"] <= shown["assigned"]
        assert min(counts.values()) >= 0


def test_the_fold_understands_every_simulated_life() -> None:
    for facts in facts_by_obligation(simulate(openings_of_many(), seed=11, until=NOW)).values():
        assert_identities(facts)


@pytest.mark.parametrize("part", ["silent", "cancelled", "returned"])
def test_habits_decide_what_happens(part: str) -> None:
    never = Habits(**{part: 0.0, **({"late": 0.0} if part == "silent" else {})})
    always = Habits(**{part: 1.0})
    mark = {
        "silent": Effect.MEETS,
        "cancelled": Effect.DROPS,
        "returned": Effect.RETURNS,
    }[part]

    def count(habits: Habits) -> int:
        story_told = simulate(openings_of_many()[:300], seed=2, until=NOW, habits=habits)
        return sum(event.effect is mark for event in story_told)

    fewer, more = (always, never) if part == "silent" else (never, always)

    assert count(fewer) < count(more)


def lives_by(habits: Habits) -> list[Event]:
    beside = {opening.unit: ("66.643",) for opening in openings_of_many()}
    some = openings_of_many()[:300]
    return simulate(some, seed=2, until=NOW, habits=habits, neighbours=beside)


def test_an_event_that_is_delivered_again_is_there_twice_and_changes_no_figure() -> None:
    again = lives_by(Habits(repeated=1.0))
    ids = Counter(event.event_id for event in again)
    facts = facts_by_obligation(again)
    once = facts_by_obligation(lives_by(Habits()))

    assert all(ids[event.event_id] == 2 for event in again if event.effect is Effect.MEETS)
    assert all(steps(derive(facts[one])) == steps(derive(once[one])) for one in once)


@pytest.mark.parametrize("habit", ["doubled", "supplemented"])
def test_a_second_sending_is_an_event_of_its_own(habit: str) -> None:
    meets = [e.event_id for e in lives_by(Habits(**{habit: 1.0})) if e.effect is Effect.MEETS]
    usual = [e.event_id for e in lives_by(Habits()) if e.effect is Effect.MEETS]

    assert len(set(meets)) == len(meets) > 1.8 * len(usual)


def test_what_is_handed_over_is_sent_by_whom_it_went_to() -> None:
    told = lives_by(Habits(transferred=1.0))
    gone = {e.obligation: e.effective_at for e in told if e.effect is Effect.HANDS_OVER}
    senders = {
        event.by
        for event in told
        if event.effect is Effect.MEETS and event.effective_at > gone[event.obligation]
    }

    assert len(gone) > 250
    assert senders == {"66.643"}


def test_early_units_send_weeks_ahead_and_even_before_the_opening() -> None:
    early = Habits(silent=0.0, late=0.0, days_ahead=40, days_before_opening=10)
    told = lives_by(early)
    opened = {e.obligation: e.effective_at for e in told if e.effect is Effect.OPENS}
    ahead = [
        event
        for event in told
        if event.effect is Effect.MEETS and event.effective_at < opened[event.obligation]
    ]

    assert len(ahead) > 10


def test_a_due_brought_forward_is_no_extension() -> None:
    usual, hurried = lives_by(Habits()), lives_by(Habits(brought_forward=1.0))
    types = Counter(event.type for event in hurried) - Counter(event.type for event in usual)

    assert set(types) == {"report.due_determined.v1"}


def test_a_generated_world_has_the_size_asked_for_and_is_lawful() -> None:
    owers = ["66", "66.643", "66.644"]
    world = list(generate(9, owers, 2_500, facts_each=4))
    by_obligation = facts_by_obligation(world)

    assert world == list(generate(9, owers, 2_500, facts_each=4))
    assert len(world) == 10_000
    assert len(by_obligation) == 2_500
    assert len({event.event_id for event in world}) == 10_000
    for event in world[::50]:
        check(event)
        check_future(event, event.recorded_at)

        assert avro.decode(avro.encode(event)) == event
    for facts in list(by_obligation.values())[:300]:
        assert_identities(facts)


def test_the_facts_of_a_generated_obligation_come_in_the_order_of_recording() -> None:
    last: dict[str | None, Instant] = {}
    for event in generate(4, ["66", "66.643"], 1_200, facts_each=5):
        assert last.get(event.obligation, Instant(0)) <= event.recorded_at
        last[event.obligation] = event.recorded_at

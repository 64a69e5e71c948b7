"""What a late fact changes of days gone by: each figure once, with the days and the difference."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given as law
from hypothesis import settings
from hypothesis import strategies as st

from projections.facts import Fact
from projections.obligation import derive
from projections.restating import is_late, restated, runs
from projections.steps import steps
from schemas import restatement
from schemas.event import Effect, EventId
from schemas.events.unit import UnitEstablished, UnitMoved
from schemas.measures import MEASURES
from schemas.times import Instant, day_of, parse_day
from schemas.tree import Tree
from schemas.unit_facts import unit_fact
from tests import given


def unit_events() -> list[UnitEstablished | UnitMoved]:
    rows: list[tuple[str, str, str | None]] = [
        ("centre", "centre", None),
        ("66", "province", "centre"),
        ("87", "province", "centre"),
        (given.OWER, "province", "66"),
    ]
    made: list[UnitEstablished | UnitMoved] = [
        UnitEstablished(
            event_id=EventId(bytes([number]) * 16),
            effective_at=given.instant("2012-01-01"),
            unit=unit,
            name=unit,
            level=level,
            kind="department",
            parent=parent,
            by="centre",
            source="s",
            recorded_at=given.instant("2012-01-01"),
        )
        for number, (unit, level, parent) in enumerate(rows)
    ]
    return made


def tree(*more: UnitMoved | UnitEstablished) -> Tree:
    facts = [unit_fact(event) for event in [*unit_events(), *more]]
    return Tree.of([(at, fact) for at, fact in enumerate(facts) if fact is not None])


MOVED = UnitMoved(
    event_id=EventId(b"m" * 16),
    effective_at=given.instant("2012-06-12"),
    recorded_at=given.instant("2012-06-01"),
    unit=given.OWER,
    by="centre",
    source="s",
    parent="87",
)


def told(facts: list[Fact], late: Fact, of: Tree) -> dict[tuple[str, str, str], list[str]]:
    """(unit, scope, measure) -> its runs, written out."""
    found = restated(facts, late.event_id, lambda programme: None, of)
    assert all(restatement.decode(one.encode()) == one for one in found)
    return {
        (one.unit, one.scope, one.measure): [
            f"{run['first']}..{run['last']} {run['difference']:+d}" for run in one.to_json()["runs"]
        ]
        for one in found
    }


OPENED = given.opens("2012-04-01", "2012-06-08")


def test_a_report_recorded_on_its_day_restates_nothing() -> None:
    sent = given.met("2012-06-07 23:30")

    assert not is_late(sent)
    assert {} == told([OPENED, sent], sent, tree())


def test_a_report_recorded_three_weeks_late_is_one_restatement_per_figure() -> None:
    sent = given.met("2012-06-07 23:30", recorded="2012-06-28 09:00")

    found = told([OPENED, sent], sent, tree())

    assert is_late(sent)
    assert ["2012-06-08..2012-06-27 -1"] == found["66", "subtree", "overdue"]
    assert ["2012-06-07..2012-06-27 +1"] == found["66", "subtree", "completed"]
    assert ["2012-06-07..2012-06-07 +1"] == found["centre", "subtree", "completed_early"]
    assert ["2012-06-08..2012-06-27 -1"] == found[given.OWER, "own", "overdue"]
    assert {"66", "centre", given.OWER} == {unit for unit, _, _ in found}
    assert len(found) < 30


def test_what_goes_to_a_unit_recorded_the_same_day_leaves_the_totals_above_both_alone() -> None:
    new = UnitEstablished(
        event_id=EventId(b"n" * 16),
        effective_at=given.instant("2012-06-12"),
        recorded_at=given.instant("2012-06-28 08:00"),
        unit="66.new",
        name="66.new",
        level="province",
        kind="department",
        parent="66",
        by="centre",
        source="s",
    )
    handed = given.fact(
        Effect.HANDS_OVER, "2012-06-12", recorded="2012-06-28 09:00", to_unit="66.new"
    )

    facts = [OPENED, handed]
    found = restated(facts, handed.event_id, lambda programme: None, tree(new), tree())

    assert {given.OWER} == {one.unit for one in found}
    assert {"assigned", "due", "overdue"} == {one.measure for one in found}


def test_days_before_and_after_a_move_are_told_to_those_who_held_the_unit_then() -> None:
    sent = given.met("2012-06-07 23:30", recorded="2012-06-28 09:00")

    found = told([OPENED, sent], sent, tree(MOVED))

    assert ["2012-06-08..2012-06-11 -1"] == found["66", "subtree", "overdue"]
    assert ["2012-06-12..2012-06-27 -1"] == found["87", "subtree", "overdue"]
    assert ["2012-06-08..2012-06-27 -1"] == found["centre", "subtree", "overdue"]


def test_what_was_recorded_later_does_not_count_as_known_before() -> None:
    sent = given.met("2012-06-07 23:30", recorded="2012-06-28 09:00")
    dropped = given.dropped("2012-05-01", recorded="2012-07-20")

    assert told([OPENED, sent], sent, tree()) == told([OPENED, dropped, sent], sent, tree())
    assert ["2012-05-01..2012-07-19 -1"] == told([dropped, sent, OPENED], dropped, tree())[
        "66", "subtree", "assigned"
    ]


def test_a_transfer_recorded_late_leaves_the_superior_of_both_as_it_was() -> None:
    over = given.handed_over("2012-06-01", "66", recorded="2012-06-20")

    found = told([OPENED, over], over, tree())

    assert ["2012-06-01..2012-06-19 -1"] == found[given.OWER, "own", "assigned"]
    assert ["2012-06-01..2012-06-19 +1"] == found["66", "own", "assigned"]
    assert ("centre", "subtree", "assigned") not in found


DAYS = st.integers(0, 25).map(lambda n: f"2012-06-{n + 1:02d}")


@settings(max_examples=150, deadline=None)
@law(st.lists(st.tuples(st.sampled_from("mrad"), DAYS, DAYS), min_size=1, max_size=5))
def test_before_and_the_runs_make_after(made: list[tuple[str, str, str]]) -> None:
    build: dict[str, Callable[..., Fact]] = {
        "m": given.met,
        "r": lambda at, recorded: given.returned(at, "2012-06-20", recorded=recorded),
        "a": given.accepted,
        "d": given.dropped,
    }
    facts = [OPENED]
    for what, at, recorded in made:
        facts.append(build[what](at, recorded=max(at, recorded)))
    late = facts[-1]
    before, after = (steps(derive(some)) for some in (facts[:-1], facts))
    until = day_of(Instant(late.recorded_at))

    found = runs(before, after, until)

    for day in range(parse_day("2012-04-01"), until):
        for measure in range(len(MEASURES)):
            was, now = (
                sum(s.sign for s in some if s.measure == measure and day_of(Instant(s.at)) <= day)
                for some in (before, after)
            )
            told = found.get((given.OWER, measure), ())
            assert now - was == sum(r.difference for r in told if r.first <= day <= r.last)
    assert all(run.last < until for some in found.values() for run in some)

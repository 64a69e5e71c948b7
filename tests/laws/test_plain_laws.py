"""Laws of the short way of SQL to one day: plain lives, and what is only almost plain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from ops.second import Second
from ops.sql import engine
from projections.facts import Fact
from projections.obligation import derive
from projections.steps import steps
from schemas.event import Effect
from schemas.measures import MEASURES
from schemas.times import DAY_MS, Instant, day, midnight
from tests import given
from tests.sql_worlds import opened, tell_facts, told_apart

FIRST = midnight(day(1969, 12, 29))
"""A few days before 1970, so that instants have both signs."""
DAYS = 7
LIVES = 200
ABSENT = b"absent".ljust(16)
COURSE = (
    *(Effect.NOTES, Effect.MOVES, Effect.HANDS_OVER, Effect.MEETS, Effect.RETURNS, Effect.MEETS),
    *(Effect.AMENDS, Effect.ACCEPTS, Effect.DROPS),
)
"""The course of a plain life, of which most leave something out."""
OFTEN = dict.fromkeys(COURSE, 0.4) | {Effect.MEETS: 0.7, Effect.NOTES: 0.2, Effect.DROPS: 0.2}


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    with opened() as made:
        yield made


def life(dice: Random) -> list[Fact]:
    """An opening and a few facts, mostly in the order of their course, one in four with a twist."""
    course = list(COURSE)
    if dice.random() < 0.3:
        course.insert(dice.randrange(len(course)), dice.choice(COURSE))
    if dice.random() < 0.4:
        dice.shuffle(course)
    effects = [Effect.OPENS, *(one for one in course if dice.random() < OFTEN[one])]
    facts = [fact(dice, effect, bytes([at])) for at, effect in enumerate(effects)]
    if dice.random() < 0.8:
        facts = one_after_the_other(facts)
    sent = [one.event_id for one in facts if one.effect == Effect.MEETS]
    facts = [
        one._replace(causation_id=dice.choice((None, *sent, *sent, ABSENT)))
        if sent and one.effect in (Effect.ACCEPTS, Effect.RETURNS)
        else one
        for one in facts
    ]
    return dice.choice(TWISTS)(dice, facts) if dice.random() < 0.25 else facts


def one_after_the_other(facts: list[Fact]) -> list[Fact]:
    instants = sorted(one.effective_at for one in facts)
    return [
        one._replace(effective_at=at, effective_is_day=False)
        for one, at in zip(facts, instants, strict=True)
    ]


def fact(dice: Random, effect: Effect, name: bytes) -> Fact:
    at = FIRST + dice.randrange(DAYS * 4) * DAY_MS // 4
    day = (FIRST // DAY_MS) + dice.randrange(DAYS + 2)
    opens = effect is Effect.OPENS
    return Fact(
        effective_at=at,
        recorded_at=FIRST + dice.randrange(DAYS * 4) * DAY_MS // 4,
        event_id=name.ljust(16, b"."),
        effect=effect.value,
        effective_is_day=dice.random() < 0.2,
        causation_id=dice.choice((None, b"elsewhere".ljust(16))) if opens else None,
        obligation="o",
        unit="a",
        by=dice.choice((*["root"] * 7, "a", "b")),
        kind=dice.choice(("task", "inspection", "remedy")) if opens else None,
        due_before=dice.choice((None, day, day)) if opens or effect is Effect.MOVES else None,
        done_when=dice.choice(("sent", "accepted")) if opens else None,
        issuer="root" if opens else None,
        extends=effect is Effect.MOVES and dice.random() < 0.5,
        revise_before=dice.choice((None, day, day)) if effect is Effect.RETURNS else None,
        to_unit=dice.choice(("b", "b", "")) if effect is Effect.HANDS_OVER else None,
        area="it" if effect is Effect.AMENDS else None,
        note="urged" if effect is Effect.NOTES else None,
    )


def one_more(dice: Random, facts: list[Fact]) -> list[Fact]:
    return [*facts, fact(dice, dice.choice(list(Effect)[:9]), b"more")]


def told_twice(dice: Random, facts: list[Fact]) -> list[Fact]:
    one = dice.choice(facts)
    return [*facts, one._replace(recorded_at=one.recorded_at + dice.choice((0, DAY_MS)))]


def one_id_for_two(dice: Random, facts: list[Fact]) -> list[Fact]:
    return [*facts, fact(dice, dice.choice(COURSE), b"")._replace(event_id=facts[-1].event_id)]


def caused(dice: Random, facts: list[Fact]) -> list[Fact]:
    at = dice.randrange(len(facts))
    causes = [*(one.event_id for one in facts), ABSENT]
    facts[at] = facts[at]._replace(causation_id=dice.choice(causes))
    return facts


def taken_back(dice: Random, facts: list[Fact]) -> list[Fact]:
    one = fact(dice, Effect.CORRECTS, b"void")
    return [*facts, one._replace(target=dice.choice(facts).event_id, void=True)]


def returned(dice: Random, facts: list[Fact]) -> list[Fact]:
    return [*facts, fact(dice, Effect.RETURNS, b"back")]


def unopened(dice: Random, facts: list[Fact]) -> list[Fact]:
    return facts[1:]


def crowded(dice: Random, facts: list[Fact]) -> list[Fact]:
    return [
        *facts,
        *(fact(dice, Effect.NOTES, b"%d" % n) for n in range(dice.choice((24, 29, 35)))),
    ]


TWISTS = (
    *(one_more, told_twice, one_id_for_two, caused, taken_back, returned, unopened) * 3,
    crowded,
)


def owing_apart(lives: Iterable[list[Fact]]) -> list[Fact]:
    """The facts of many lives, each with owers of its own, so that none makes up for another."""
    found = []
    for one in told_apart(lives):
        number = (one.obligation or "").split(":")[0]
        unit, to_unit = f"{number}.{one.unit}", one.to_unit and f"{number}.{one.to_unit}"
        by = one.by if one.by == "root" else f"{number}.{one.by}"
        found.append(one._replace(unit=unit, by=by, to_unit=to_unit))
    return found


def by_the_fold(facts: Iterable[Fact], known: int | None, on: int) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    lives: dict[str | None, list[Fact]] = {}
    for one in facts:
        lives.setdefault(one.obligation, []).append(one)
    for told in lives.values():
        at = None if known is None else Instant(known)
        for step in steps(derive(told, at)):
            if step.at <= on:
                sums[step.ower, MEASURES[step.measure]] += step.sign
    return +sums


def by_sql(second: Second, known: int | None, on: int) -> Counter[tuple[str, str]]:
    boards = engine.boards(second.connection, on, known)
    return +Counter(
        {
            (unit, measure): count
            for (unit, group), counts in boards.items()
            for measure, count in zip(MEASURES, counts, strict=True)
            if group == "own"
        }
    )


def plain_and_other(second: Second) -> tuple[int, int]:
    """How many obligations went the short way and the long one."""
    query = "SELECT sum(times) FILTER (obligation IS NULL), count(obligation) FROM plainly"
    short, long = second.connection.execute(query).fetchone()
    return int(short or 0), int(long)


def as_units(second: Second, facts: Iterable[Fact]) -> None:
    """Every ower stands, alone."""
    units = {unit for one in facts for unit in (one.unit, one.to_unit) if unit}
    places = [engine.Place(unit, unit, "commune", "office") for unit in sorted(units)]
    engine.set_paths(second.connection, places)


@settings(max_examples=5, deadline=None)
@drawn(st.integers(0, 2**32), st.one_of(st.none(), st.integers(0, DAYS * 8)))
def test_sql_shows_of_plain_and_almost_plain_lives_what_the_fold_shows(
    second: Second, seed: int, eighths: int | None
) -> None:
    dice = Random(seed)
    facts = owing_apart([life(dice) for _ in range(LIVES)])
    tell_facts(second, facts)
    engine.know_programmes(second.connection)
    as_units(second, facts)
    known = None if eighths is None else FIRST + eighths * DAY_MS // 8
    for quarter in (*dice.sample(range(DAYS * 4), 2), DAYS * 4 + 8):
        on = FIRST + quarter * DAY_MS // 4

        assert by_sql(second, known, on) == by_the_fold(facts, known, on)
    if known is None:
        short, long = plain_and_other(second)
        assert min(short, long) >= LIVES // 5


ALMOST_PLAIN = {
    "sent a third time, after the due": [
        *(given.met("2012-06-01"), given.returned("2012-06-02", "2012-06-05")),
        *(given.met("2012-06-04"), given.met("2012-06-20")),
    ],
    "accepted while returned, then sent after the due": [
        *(given.met("2012-06-01"), given.returned("2012-06-02", "2012-06-05")),
        *(given.accepted("2012-06-04"), given.met("2012-06-20")),
    ],
    "accepted by a name that nobody bears": [
        *(given.met("2012-06-20"), given.accepted("2012-06-21", causation_id=ABSENT)),
    ],
    "accepted by such a name, then by none": [
        given.accepted("2012-06-04", causation_id=ABSENT),
        given.accepted("2012-06-20"),
    ],
    "returned by such a name, then by none": [
        *(given.met("2012-06-01"), given.returned("2012-06-02", "2012-06-05")),
        given.returned("2012-06-03", "2012-06-25", causation_id=ABSENT),
    ],
    "moved twice": [
        *(given.extended("2012-05-01", "2012-06-10"), given.extended("2012-05-02", "2012-06-30")),
        given.met("2012-06-20"),
    ],
    "handed over twice": [
        given.handed_over("2012-05-01", "b"),
        given.handed_over("2012-05-02", "c"),
    ],
    "moved by its ower": [given.extended("2012-05-01", "2012-06-30", by=given.OWER)],
    "cancelled by its ower": [given.dropped("2012-05-01", by=given.OWER)],
    "moved while it waits for acceptance": [
        *(given.met("2012-05-01"), given.extended("2012-05-02", "2012-06-30")),
    ],
}


def test_what_is_almost_plain_goes_the_long_way_and_comes_to_what_the_fold_says(
    second: Second,
) -> None:
    openings = [given.opens(done_when=end) for end in ("sent", "accepted")]
    lives = [[opening, *life] for opening in openings for life in ALMOST_PLAIN.values()]
    facts = owing_apart(lives)
    tell_facts(second, facts)
    engine.know_programmes(second.connection)
    as_units(second, facts)
    on = given.instant("2012-06-22")

    assert by_sql(second, None, on) == by_the_fold(facts, None, on)
    plain = ["moved while it waits for acceptance"]  # where nobody has to accept it
    assert plain_and_other(second) == (len(plain), len(lives) - len(plain))


def test_more_facts_of_one_part_than_are_counted_are_no_plain_life(second: Second) -> None:
    dice = Random(1)
    moves = [fact(dice, Effect.MOVES, b"%d" % at) for at in range(32)]
    caused_ones = [one._replace(causation_id=ABSENT) for one in moves]
    facts = owing_apart([[fact(dice, Effect.OPENS, b"opens"), *caused_ones]])
    tell_facts(second, facts)
    engine.know_programmes(second.connection)
    as_units(second, facts)
    on = FIRST + DAYS * DAY_MS

    assert by_sql(second, None, on) == by_the_fold(facts, None, on)
    assert plain_and_other(second) == (0, 1)

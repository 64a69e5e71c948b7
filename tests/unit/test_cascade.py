"""Programmes that follow from others, as people write it."""

from __future__ import annotations

import pytest

from projections.cascade import derived
from projections.programmes import Programme
from schemas.events.programme import ProgrammeIssued
from services.loader import programme_issued
from services.programme_reading import builtin_programmes, read_programme
from tests.office import at, id_of


def programme(name: str, number: str, derives_from: str | None = None) -> Programme:
    issued = ProgrammeIssued(
        event_id=id_of(name),
        effective_at=at("2012-01-01"),
        unit=name,
        by=name,
        source="66",
        programme=name,
        number=number,
        title=name,
        derives_from=derives_from,
    )
    return Programme(name, name, issued, None)


NATIONAL = programme("national", "30c/NQ-CP")


@pytest.mark.parametrize(
    ("written", "follows"),
    [
        ("national", True),
        ("NQ 30c/NQ-CP 08/11/2011", True),
        ("QĐ 20/QĐ-BCĐ; nq 30C/nq-cp (08/11/2011)", True),
        ("130c/NQ-CP", False),
        ("international", False),
        (None, False),
    ],
)
def test_a_programme_is_followed_by_id_or_by_number(written: str | None, follows: bool) -> None:
    found = derived([NATIONAL, programme("p", "1/KH", written)], "national")

    assert follows == bool(found)


def test_steps_are_counted_and_two_that_name_each_other_end() -> None:
    chain = [NATIONAL, programme("p", "1/KH", "national"), programme("d", "2/KH", "p")]
    circle = [programme("a", "3/KH", "b"), programme("b", "4/KH", "a")]

    assert [("p", 1), ("d", 2)] == [
        (one.programme.id, one.steps) for one in derived([*circle, *chain], "national")
    ]
    assert [("b", 1)] == [(one.programme.id, one.steps) for one in derived(circle, "a")]


def test_a_bare_number_is_no_document() -> None:
    bare = programme("other", "8", "QĐ 8")

    assert [] == derived([programme("eight", "8"), bare], "eight")


@pytest.mark.parametrize(
    ("number", "followers"),
    [
        ("30c/NQ-CP", ["dong-thap-review-2011-2020"]),
        ("254/QĐ-UBND", ["lang-son-2018"]),
        ("323/QĐ-UBND", ["dak-lak-guidance-2012"]),
    ],
)
def test_the_shipped_documents_name_what_they_follow_by_number(
    number: str, followers: list[str]
) -> None:
    documents = map(read_programme, builtin_programmes())
    issued = [programme_issued(one, source="test") for one in documents]
    held = [Programme(one.programme or "", one.unit, one, None) for one in issued]

    assert followers == [one.programme.id for one in derived(held, number)]

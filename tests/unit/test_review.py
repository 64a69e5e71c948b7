"""The review of ten years across a reform: every difference has its reasons, nothing is left."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ops import review_tables
from projections.review import Span, review, review_by_parts
from schemas.refusal import Refused
from schemas.times import Instant
from tests import given
from tests.reformed import NOW, RECORDED, REFORM_FACTS, boards
from tests.trees import established

MADE = boards()


def test_the_ends_of_years_and_the_days_around_the_reform_are_its_rows() -> None:
    rows = review(MADE, "66", Span(2019, 2026), NOW)["rows"]

    assert [(row["on"][:10], row["why"]) for row in rows] == [
        ("2019-12-31", ["year_end"]),
        ("2020-12-31", ["year_end"]),
        ("2021-12-31", ["year_end"]),
        ("2022-12-31", ["year_end"]),
        ("2023-12-31", ["year_end"]),
        ("2024-12-31", ["year_end"]),
        ("2025-06-30", ["day_before"]),
        ("2025-07-01", ["reform_day"]),
        ("2025-12-31", ["year_end"]),
        ("2026-02-01", ["now"]),
    ]


def test_on_the_day_of_the_reform_itself_it_is_shown_as_of_now() -> None:
    morning = given.instant("2025-07-01 08:00")
    rows = review(MADE, "66", Span(2025, 2025), morning)["rows"]

    assert [(row["on"][:10], row["why"]) for row in rows] == [
        ("2025-06-30", ["day_before"]),
        ("2025-07-01", ["reform_day", "now"]),
    ]
    assert (rows[0]["then"]["assigned"], rows[1]["then"]["assigned"]) == (5, 10)


def test_what_a_province_gained_is_listed_with_day_event_and_share() -> None:
    found = review(MADE, "66", Span(2024, 2024), NOW)
    (row,) = found["rows"]
    now, succession = row["differences"]

    assert (row["then"]["assigned"], row["now"]["assigned"]) == (5, 10)
    assert now["counts"]["assigned"] == 5
    assert {
        (one["direction"], one["unit"], one["what"], one["counts"]["assigned"])
        for one in now["reasons"]
    } == {
        ("came", "54", "merged", 2),
        ("came", "54.1", "merged", 1),
        ("came", "54.d", "level_ended", 1),
        ("came", "54.snv", "moved", 1),
    }
    assert {one["event_id"] for one in now["reasons"]} <= {f.event_id.hex() for f in REFORM_FACTS}
    assert [(one["unit"], one["what"], one["units"]) for one in succession["reasons"]] == [
        ("54", "merged", 5)
    ]
    assert (now["remainder"], succession["remainder"], found["explained"]) == ({}, {}, True)


def test_what_an_ended_district_lost_is_listed_too() -> None:
    (row,) = review(MADE, "66.d", Span(2024, 2024), NOW)["rows"]
    (now,) = row["differences"]

    assert now["counts"]["assigned"] == -2
    assert [
        (one["direction"], one["unit"], one["what"], one["to"], one["counts"]["assigned"])
        for one in now["reasons"]
    ] == [("left", "66.1", "merged", "n.1", -1), ("left", "66.2", "split", "66", -1)]


def test_a_new_unit_has_its_predecessors_past_in_succession_and_says_what_is_inferred() -> None:
    (row,) = review(MADE, "n.1", Span(2024, 2024), NOW)["rows"]
    now, succession = row["differences"]

    assert [(one["unit"], one["inferred"]) for one in now["reasons"]] == [("66.1", False)]
    assert [(one["unit"], one["inferred"]) for one in succession["reasons"]] == [
        ("66.1", False),
        ("66.2", True),
    ]


def test_every_unit_that_ever_existed_is_explained_on_both_clocks() -> None:
    for known in (None, Instant(RECORDED - 1)):
        tree = MADE.tree if known is None else MADE.tree.as_known(known)
        for unit in tree.units:
            assert review(MADE, unit, Span(2016, 2026, known), NOW)["explained"], unit


def test_told_of_units_meanwhile_it_begins_again_and_says_what_it_would_say_at_once() -> None:
    made, span = boards(), Span(2022, 2025)
    parts = review_by_parts(made, "66", span, NOW)
    assert next(parts) is None
    made.tree = made.tree.with_facts([(99, established("66.z", "66", "commune", name="Xã Z"))])
    found = [one for one in parts if one is not None]

    assert found == [review(made, "66", span, NOW)]
    assert found[0]["tree_version"] == 100


@pytest.mark.parametrize(
    ("span", "where"),
    [(Span(2020, 2019), "to"), (Span(1900, 1999), "to"), (Span(2027, 2028), "from")],
)
def test_years_that_cannot_be_are_refused(span: Span, where: str) -> None:
    with pytest.raises(Refused) as refused:
        review(MADE, "66", span, NOW)

    assert refused.value.where == where


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Why the figures of 31/12/2024 differ (then → now)", "the remainder is 0"]),
        ("vi", ["Vì sao số liệu ngày 31/12/2024 khác nhau", "không còn phần dư"]),
    ],
)
def test_a_person_reads_the_reasons_under_the_figures(language: str, words: list[str]) -> None:
    out = io.StringIO()
    found = review(MADE, "66", Span(2024, 2025), NOW)
    review_tables.show(found, language, Console(file=out, width=160))

    assert [word for word in words if word not in out.getvalue()] == []


def test_many_reasons_alike_are_printed_as_their_sum_with_examples() -> None:
    found = review(MADE, "66", Span(2024, 2024), NOW)
    (now, _) = found["rows"][0]["differences"]
    now["reasons"] = [
        one | {"unit": f"{one['unit']}.{n}"} for one in now["reasons"] for n in range(2)
    ]
    out = io.StringIO()
    review_tables.show(found, "en", Console(file=out, width=160))

    assert "01/07/2025: 4 units came (merged): Assigned +6" in out.getvalue()
    assert "such as Phú Yên (54.0), Phú Yên (54.1), " in out.getvalue()

"""Every way in which a reform document is refused: as a whole, with the place in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from schemas.refusal import Refused
from schemas.times import day
from schemas.tree import Tree
from schemas.unit_facts import DISSOLVED, unit_fact
from services.reform import plan
from services.reform_document import ReformDocument
from services.reform_reading import parse_reform
from tests.trees import COUNTRY, established, fact

HEAD = "{reform: r-1, by: centre, effective_on: 2025-07-01"


def country(*more: Any) -> Tree:
    return Tree.of(enumerate((*COUNTRY, *more)))


def document(lists: str) -> ReformDocument:
    return parse_reform(f"{HEAD}, {lists}}}")


def refused(lists: str, tree: Tree | None = None) -> tuple[str, str]:
    """The place and the sentence with which a document of these lists is refused."""
    with pytest.raises(Refused) as caught:
        plan(document(lists), tree or country())
    return caught.value.where, caught.value.sentence


@pytest.mark.parametrize(
    ("lists", "where", "sentence"),
    [
        (
            'move: [{unit: "66", parent: "87"}, {unit: "87", parent: "66"}]',
            "move[1].parent",
            "66 stands under 87; the move would close a cycle",
        ),
        (
            "merge: [{unit: 66.d1, into: 66.d1.c1}], move: [{unit: 66.d1.c2, parent: '66'}]",
            "merge[0].into",
            "66.d1.c1 stands under 66.d1; it cannot take it in",
        ),
        (
            "move: [{unit: 66.d1.c1, parent: '66'}, {unit: 66.d1.c1, parent: 87.d1}]",
            "move[1].parent",
            "66.d1.c1 would have two parents at one time; move[0] names another",
        ),
        (
            "move: [{unit: 66.d1.c1, parent: '66'}, {unit: 66.d1.c1, parent: '66'}]",
            "move[1].unit",
            "66.d1.c1 stands in move[0] already",
        ),
        (
            "move: [{unit: 66.d1.c1, parent: '66'}], merge: [{unit: 66.d1.c1, into: 66.d1.c2}]",
            "merge[0].unit",
            "66.d1.c1 stands in move[0] already",
        ),
        (
            "merge: [{unit: 66.d1.c1, into: 66.d1.c2}], dissolve: [{unit: 66.d1.c1}]",
            "dissolve[0].unit",
            "66.d1.c1 stands in merge[0] already",
        ),
        (
            "rename: [{unit: '66', name: A}, {unit: '66', name: B}]",
            "rename[1].unit",
            "66 stands in rename[0] already",
        ),
        (
            "end_levels: [{unit: '66', level: commune}, {unit: '66', level: commune}]",
            "end_levels[1]",
            "the level commune ends in 66 already",
        ),
        (
            "move: [{unit: 66.d1.c1, parent: 87.d1}, {unit: 87.d1.c1, parent: '87'}], "
            "dissolve: [{unit: 87.d1}]",
            "move[0].parent",
            "87.d1 ends on that day",
        ),
        (
            "move: [{unit: 66.d1.c1, parent: 87.d1}], end_levels: [{unit: '87', level: district}]",
            "move[0].parent",
            "87.d1 ended with its level on that day",
        ),
        (
            "move: [{unit: 66.d1, parent: '87'}], end_levels: [{unit: centre, level: district}]",
            "move[0].unit",
            "66.d1 ends with its level on that day; leave it out here",
        ),
        (
            "end_levels: [{unit: '87', level: district}]",
            "end_levels[0]",
            "87.d1.c1 stands under 87.d1, which ends; say where that goes too",
        ),
        (
            "merge: [{unit: 66.d1.c1, into: 66.d1.c1}]",
            "merge[0].into",
            "66.d1.c1 cannot merge into itself",
        ),
        (
            "merge: [{unit: 66.d1.c1, into: '99.c1'}]",
            "merge[0].into",
            "nobody established 99.c1",
        ),
        ("move: [{unit: '99.c1', parent: '66'}]", "move[0].unit", "nobody established 99.c1"),
        (
            "move: [{unit: 66.late, parent: '87'}]",
            "move[0].unit",
            "66.late exists only from 2025-08-01 on, after the day of the reform",
        ),
        (
            "merge: [{unit: 66.d1.c1, into: 66.late}]",
            "merge[0].into",
            "66.late exists only from 2025-08-01 on",
        ),
        ("move: [{unit: 66.old, parent: '87'}]", "move[0].unit", "66.old has ended before"),
        ("split: [{unit: 66.d1.c1, into: [66.old]}]", "split[0].into[0]", "has ended before"),
        (
            "merge: [{unit: '66', into: '87'}]",
            "merge[0]",
            "66.d1 and 1 others stand under 66, which ends; say where that goes too",
        ),
        (
            "end_levels: [{unit: '66', level: district}]",
            "end_levels[0]",
            "66.d1.c1 and 1 others stand under 66.d1, which ends",
        ),
        ("split: [{unit: 66.d1.c1, into: []}]", "split[0].into", "name the units into which"),
        ("split: [{unit: 66.d1.c1}]", "split[0].into", "name the units into which"),
        (
            "split: [{unit: 66.d1.c1, into: [66.d1.c2, 66.d1.c2]}]",
            "split[0].into[1]",
            "66.d1.c2 stands there twice",
        ),
        (
            "split: [{unit: 66.d1.c1, into: [66.d1.c2, 66.d1.c1]}]",
            "split[0].into[1]",
            "66.d1.c1 does not succeed itself",
        ),
        (
            "merge: [{unit: 66.d1.c1, into: 66.d1.c2}, {unit: 66.d1.c2, into: 87.d1.c1}]",
            "merge[0].into",
            "66.d1.c2 ends on that day; name the unit that stands in its place",
        ),
        (
            "establish: [{unit: '87', name: A, level: province, kind: other, parent: centre}]",
            "establish[0].unit",
            "87 was established already; a code is never reused",
        ),
        (
            "establish: [{unit: n1, name: A, level: commune, kind: other, parent: n2}]",
            "establish[0].parent",
            "nobody established n2",
        ),
        (
            "establish: [{unit: n1, name: A, level: commune, kind: other, parent: n2}, "
            "{unit: n2, name: B, level: commune, kind: other, parent: n1}]",
            "establish[0]",
            "n1 names a unit that stands nowhere on that day",
        ),
        (
            "establish: [{unit: n1, name: A, level: commune, kind: other, parent: n1}]",
            "establish[0].parent",
            "a unit cannot stand under itself",
        ),
        (
            "establish: [{unit: n1, name: A, level: district, kind: other, parent: '87'}], "
            "move: [{unit: 87.d1.c1, parent: '87'}], end_levels: [{unit: '87', level: district}]",
            "establish[0].level",
            "n1 would end on its first day",
        ),
        ("merge: [{unit: centre, into: '66'}]", "merge[0].into", "the root cannot end"),
        ("move: [{unit: A B, parent: '66'}]", "move[0].unit", "'A B' is no code"),
    ],
)
def test_a_document_is_refused_as_a_whole_with_the_place(
    lists: str, where: str, sentence: str
) -> None:
    tree = country(
        established("66.late", "66", "commune", on=day(2025, 8, 1)),
        established("66.old", "66", "commune"),
        fact(DISSOLVED, "66.old", day(2020, 1, 1)),
    )

    place, said = refused(lists, tree)

    assert place == where
    assert sentence in said


def test_who_decides_must_stand_above_everything_and_be_known() -> None:
    claimed = replace(document("move: [{unit: 66.d1.c1, parent: 87.d1}]"), by="87")
    for by, where, sentence in (
        ("87", "move[0]", "87 is not a common superior"),
        ("99", "by", "99 does not stand on that day"),
        ("9 9", "by", "is no code"),
    ):
        with pytest.raises(Refused) as caught:
            plan(replace(claimed, by=by), country())
        assert caught.value.where == where
        assert sentence in caught.value.sentence


def test_a_unit_that_would_end_because_its_level_has_ended_elsewhere_is_not_forgotten() -> None:
    ended = document(
        "end_levels: [{unit: '87', level: district}], move: [{unit: 87.d1.c1, parent: '87'}]"
    )
    facts = [unit_fact(part.event) for part in plan(ended, country()).parts]
    tree = country(*(one._replace(reform=None) for one in facts if one is not None))
    later = "{reform: r-2, by: centre, effective_on: 2026-01-01, "

    with pytest.raises(Refused) as caught:
        plan(parse_reform(later + "move: [{unit: '66', parent: '87'}]}"), tree)

    assert caught.value.where == "end_levels"
    assert "66.d1 would end too" in caught.value.sentence

"""The HTTP interface across a reform: what it answers is what its document says."""

from __future__ import annotations

import pytest

from projections.query import Query
from tests import reformed
from tests.http_home import Home, valid

HOME = Home(boards=Query(reformed.boards(), None, lambda: reformed.NOW))


@pytest.mark.parametrize("unit", ["centre", "66", "54", "66.d", "66.2", "n.1", "n.2"])
def test_every_unit_that_ever_existed_answers_as_documented(unit: str) -> None:
    base = f"/api/units/{unit}"
    valid("Unit", HOME.ask(base).json())
    valid("Review", HOME.ask(f"{base}/review?from=2020&to=2026").json())
    for tree in ("then", "now", "succession"):
        for by in ("child", "sector", "oversight", "programme"):
            answer = HOME.ask(f"{base}/board?on=2024-12-31&tree={tree}&by={by}")
            if tree == "then" and unit.startswith("n."):
                assert (404, "not_yet") == (answer.status_code, answer.json()["reason"])
            else:
                valid("Board", answer.json())


def test_as_known_before_the_reform_was_told_its_units_are_not_found() -> None:
    for path in ("?known=2025-01-01", "/board?known=2025-01-01"):
        answer = HOME.ask(f"/api/units/n.1{path}")

        assert answer.status_code == 404
        assert answer.json()["sentence"].startswith(
            "at 2025-01-01T23:59:59.999+07:00 no unit event"
        )
    review = HOME.ask("/api/units/n.1/review?from=2020&to=2025&known=2025-01-01")
    assert review.status_code == 404


def test_units_are_looked_up_as_they_were_known() -> None:
    def found(query: str) -> list[tuple[str, str | None]]:
        answer = HOME.ask(f"/api/units?{query}").json()
        valid("Units", answer)
        return [(one["unit"], one["within"]) for one in answer["units"]]

    before = "known=2025-01-01"
    names = {one["unit"]: one["name"] for one in HOME.ask("/api/units?q=6").json()["units"]}

    assert [unit for unit, _ in found("q=n.1")] == ["n.1"]
    assert found(f"q=n.1&{before}") == []
    assert ("66.2", names["66.d"]) in found(f"parent=66.d&{before}")
    assert ("66.2", names["66.d"]) not in found("parent=66.d")
    assert found(f"parent=n.1&{before}") == []


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("from=2020", "to"),
        ("to=2020", "from"),
        ("from=x&to=2020", "from"),
        ("from=0&to=2020", "from"),
        ("from=2020&to=99999", "to"),
        ("from=2021&to=2020", "to"),
        ("from=1900&to=2020", "to"),
        ("from=2300&to=2301", "from"),
        ("from=2020&to=2021&tree=now", "tree"),
    ],
)
def test_years_that_cannot_be_are_one_sentence_with_its_place(query: str, where: str) -> None:
    answer = HOME.ask(f"/api/units/66/review?{query}")

    valid("Refusal", answer.json())
    assert answer.status_code in (400, 413)
    assert answer.json()["where"] == where

"""The catalogue of programmes: titles in both languages, the newest first."""

from __future__ import annotations

from typing import Any

from ops.catalogue import catalogue


def programme(name: str, covers_from: str | None = None, **items: str) -> dict[str, Any]:
    return {"programme": name, "name": "Hướng dẫn", "covers_from": covers_from, "items": items}


def test_a_shipped_programme_has_titles_in_both_languages() -> None:
    (entry,) = catalogue([programme("dak-lak-guidance-2012", **{"5.1": "Báo cáo quý"})])

    assert entry["items"]["5.1"] == {"vi": "Báo cáo quý", "en": "Quarterly reform report"}
    assert entry["areas"]["finance"]["vi"] == "cải cách tài chính công"


def test_a_programme_from_elsewhere_has_the_titles_of_its_events() -> None:
    (entry,) = catalogue([programme("elsewhere", one="Rà soát")])

    assert (entry["items"], entry["areas"]) == ({"one": {"vi": "Rà soát"}}, {})


def test_the_newest_programme_stands_first() -> None:
    found = catalogue(
        [programme("old", "2007-01-01"), programme("new", "2012-01-01"), programme("undated")]
    )

    assert [entry["programme"] for entry in found] == ["new", "old", "undated"]

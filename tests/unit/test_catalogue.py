"""The catalogue of programmes: titles in both languages, the newest first, erased ones left out."""

from __future__ import annotations

from ops.catalogue import catalogue
from projections.programmes import Programme
from schemas.event import Sealed
from schemas.events.programme import Item, ProgrammeIssued
from tests import given


def issued(name: str, at: str, *items: Item) -> Programme:
    event = ProgrammeIssued(
        event_id=bytes(16),
        effective_at=given.instant(at),
        unit="66",
        by="66",
        source="test",
        programme=name,
        number="125/SNV-CCHC",
        title="Hướng dẫn",
        items=items,
    )
    return Programme(name, "66", event, None)


def test_a_shipped_programme_has_titles_in_both_languages() -> None:
    item = Item(id="5.1", kind="report", title="Báo cáo quý")
    (entry,) = catalogue([issued("dak-lak-guidance-2012", "2012-03-01", item)])

    assert entry["name"] == "Hướng dẫn (125/SNV-CCHC)"
    assert entry["items"]["5.1"]["en"] == "Quarterly reform report"
    assert entry["areas"]["finance"]["vi"] == "cải cách tài chính công"


def test_a_programme_from_elsewhere_has_the_titles_of_its_events() -> None:
    item = Item(id="1", kind="task", title="Rà soát")
    (entry,) = catalogue([issued("elsewhere", "2012-03-01", item)])

    assert (entry["items"], entry["areas"]) == ({"1": {"vi": "Rà soát"}}, {})


def test_the_newest_programme_stands_first() -> None:
    found = catalogue([issued("old", "2007-01-01"), issued("new", "2012-01-01")])

    assert [entry["programme"] for entry in found] == ["new", "old"]


def test_an_erased_title_is_not_shown() -> None:
    item = Item(id="1", kind="task", title=Sealed(key_id="k", nonce=b"n", ciphertext=b"secret"))
    (entry,) = catalogue([issued("elsewhere", "2012-03-01", item)])

    assert entry["items"] == {}

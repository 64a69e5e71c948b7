"""Reform files: read as they are written, refused with the place in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.event import Document
from schemas.refusal import Reason, Refused
from schemas.times import day
from services.reform_document import (
    Dissolution,
    Establishment,
    LevelEnd,
    Merger,
    Move,
    ReformDocument,
    Renaming,
    Split,
)
from services.reform_reading import REFORM_BYTES_MAX, parse_reform, read_reform, to_yaml

HEAD = "reform: r\nby: centre\neffective_on: 2025-07-01\n"

WHOLE = ReformDocument(
    reform="r",
    by="centre",
    effective_on=day(2025, 7, 1),
    document=Document(number="202/2025/QH15", date=day(2025, 6, 12), signed_by="Quốc hội"),
    establish=(
        Establishment(
            unit="2025.66",
            name='Đắk Lắk "mới": 66 # x',
            level="province",
            kind="people_committee",
            parent="centre",
            aliases=("Tây Nguyên",),
            official_code="66",
        ),
    ),
    rename=(Renaming(unit="06", name="Tên", official_code="06", reason="vì"),),
    move=(Move(unit="66.so-noi-vu", parent="2025.66"),),
    merge=(Merger(unit="66", into="2025.66", reason="vì"),),
    split=(Split(unit="66.1", into=("2025.1", "2025.2"), inferred=True),),
    dissolve=(Dissolution(unit="66.2"), Dissolution(unit="66.3", successors=("2025.1",))),
    end_levels=(LevelEnd(unit="centre", level="district"),),
)


def test_a_document_is_read_back_as_it_was_written() -> None:
    notes = {"66": "Đắk Lắk\nvà Phú Yên", "centre": "cả nước"}
    text = "\n".join(to_yaml(WHOLE, notes))

    assert parse_reform(text) == WHOLE
    assert '- {unit: "66", into: "2025.66", reason: "vì"}  # Đắk Lắk và Phú Yên\n' in text


def test_entries_have_places_in_the_order_of_the_file() -> None:
    assert [place for place, _ in WHOLE.entries()] == [
        "establish[0]",
        "rename[0]",
        "move[0]",
        "merge[0]",
        "split[0]",
        "dissolve[0]",
        "dissolve[1]",
        "end_levels[0]",
    ]
    assert len(WHOLE) == 8


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("by: centre", "reform", Reason.MISSING_FIELD),
        ("reform: r\nby: c\neffective_on: 2025-02-30", "", Reason.WRONG_TYPE),
        ("reform: r\nby: c\neffective_on: soon", "effective_on", Reason.IMPOSSIBLE_DAY),
        (HEAD, "", Reason.RULE),
        (HEAD + "merge: [{unit: '66', into: '67'}]\nnote: x", "", Reason.EXTRA_FIELD),
        (HEAD + "merge: [{unit: '66', to: '67'}]", "merge[0].into", Reason.MISSING_FIELD),
        (HEAD + "merge: [{unit: '66', into: '67', x: 1}]", "merge[0]", Reason.EXTRA_FIELD),
        (HEAD + "merge: [{unit: 66, into: '67'}]", "merge[0].unit", Reason.WRONG_TYPE),
        (HEAD + "merge: {unit: '66', into: '67'}", "merge", Reason.WRONG_TYPE),
        (HEAD + "merge: [x]", "merge[0]", Reason.WRONG_TYPE),
        (HEAD + "split: [{unit: a, into: [1]}]", "split[0].into[0]", Reason.WRONG_TYPE),
        (HEAD + "split: [{unit: a, inferred: 1}]", "split[0].inferred", Reason.WRONG_TYPE),
        (HEAD + "end_levels: [{unit: a, level: x}]", "end_levels[0].level", Reason.NOT_IN_LIST),
        (HEAD + "document: {number: ''}", "document.number", Reason.EMPTY_STRING),
        (HEAD + "merge: []\nmerge: []", "", Reason.WRONG_TYPE),
        (HEAD + "merge: [{unit: a, unit: b, into: c}]", "", Reason.WRONG_TYPE),
        ("- a", "", Reason.WRONG_TYPE),
        ("a: [", "", Reason.WRONG_TYPE),
        ("[" * 100_000, "", Reason.WRONG_TYPE),
        ("!!python/object/apply:os.getcwd []", "", Reason.WRONG_TYPE),
        ("", "", Reason.WRONG_TYPE),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(
    text: str, where: str, reason: Reason
) -> None:
    with pytest.raises(Refused) as caught:
        parse_reform(text)

    assert (caught.value.where, caught.value.reason) == (where, reason)
    assert "\n" not in caught.value.sentence


def test_a_file_is_named_in_its_refusal(tmp_path: Path) -> None:
    latin, large, good = tmp_path / "latin.yaml", tmp_path / "large.yaml", tmp_path / "good.yaml"
    latin.write_bytes(b"reform: \xe9")
    large.write_bytes(b" " * (REFORM_BYTES_MAX + 1))
    good.write_text("\n".join(to_yaml(WHOLE)), encoding="utf-8")

    for path, reason in ((latin, Reason.WRONG_TYPE), (large, Reason.TOO_LARGE)):
        with pytest.raises(Refused) as caught:
            read_reform(path)
        assert (caught.value.where, caught.value.reason) == (path.name, reason)
    assert read_reform(good) == WHOLE

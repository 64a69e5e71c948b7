"""Checking an archive from its folder alone: what is found, where, and up to where it can vouch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import duck
from ops.archive import layout
from ops.archive.checking import Anchor
from ops.archive.heads import NO_HEAD, Head
from ops.archive.manifest import Manifest, hash_of, sealed
from ops.archive.reading import heads_of, manifest_of
from ops.archive.signing import Signer
from ops.settings import BrokenEnvironment
from tests.archived import archived, checked, copy, faults, ledger_in, parquets, write

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three segments that nobody changes."""
    return archived(tmp_path_factory.mktemp("archive"))


@pytest.fixture
def archive(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    return copy(whole, str(tmp_path / "archive"))


def seal_again(archive: Path) -> None:
    """Make every manifest and head fit what lies there now, as somebody with the time would."""
    lines, previous = [], NO_HEAD
    for head in heads_of(archive):
        old, place = manifest_of(archive, head), layout.segment(archive, head.name)
        files = tuple(sealed(place, f.path, f.rows, f.first, f.last) for f in old.files)
        content = replace(old, files=files).content()
        (place / layout.MANIFEST).write_bytes(content)
        new = replace(head, manifest=hash_of(content), previous=previous)
        previous = new.hash()
        lines.append(new.line() + b"\n")
    (archive / layout.HEADS).write_bytes(b"".join(lines))


def test_a_whole_archive_has_no_fault(archive: Path) -> None:
    found = checked(archive)

    assert (True, 3, 66, 66) == (found.holds, found.segments, found.records, found.heads[-1].last)


def test_without_a_head_it_says_what_nobody_vouches_for(archive: Path) -> None:
    said = " ".join(checked(archive).vouched)

    assert "nothing was cut off after number 66" in said
    assert heads_of(archive)[-1].hash() in said
    assert "not signed" in said


@pytest.mark.parametrize(("number", "after"), [(3, 0), (2, 1), (1, 2)])
def test_a_head_vouches_for_everything_up_to_it(archive: Path, number: int, after: int) -> None:
    head = heads_of(archive)[number - 1]
    found = checked(archive, anchor=Anchor.of(head.hash()))

    assert found.holds
    assert f"vouches for everything up to head {number} at number {head.last}." in found.vouched[0]
    assert bool(after) == any(f"heads after it ({after})" in said for said in found.vouched)


def test_a_cut_tail_shows_against_a_head(archive: Path, tmp_path: Path) -> None:
    kept = tmp_path / "head"
    kept.write_bytes(heads_of(archive)[-1].line())
    heads = archive / layout.HEADS
    heads.write_bytes(b"".join(heads.read_bytes().splitlines(keepends=True)[:2]))
    gone = archive / layout.SEGMENTS / "43-66"
    gone.rename(tmp_path / "gone")

    assert [] == faults(archive)
    assert faults(archive, anchor=Anchor.of(str(kept))) == [
        "heads.jsonl: the head that you hold (head 3 up to number 66) is not there; it ends with "
        "head 2 at number 42, so the numbers 43 to 66 were cut off"
    ]


def test_a_flipped_byte_is_found_in_its_file_block_and_records(archive: Path) -> None:
    path = next(parquets(archive))
    content = bytearray(path.read_bytes())
    content[5_000] ^= 1
    path.write_bytes(bytes(content))
    (fault,) = faults(archive)

    place = path.relative_to(archive / layout.SEGMENTS / "1-18")
    assert fault.startswith(f"segment 1-18, {place}, bytes 4096 to 8192: ")
    assert "records from number" in fault


def test_lost_added_and_swapped_files_are_named(archive: Path) -> None:
    first, second, third = list(parquets(archive))[:3]
    first.unlink()
    (second.parent / "new.parquet").write_bytes(third.read_bytes())
    third.write_bytes(second.read_bytes())
    said = "\n".join(faults(archive))

    for path, wrong in ((first, ": it is missing"), (third, ", bytes")):
        assert f"{path.relative_to(archive / layout.SEGMENTS / '1-18')}{wrong}" in said
    assert "new.parquet: the manifest does not name it" in said


def test_heads_out_of_order_are_named_by_their_line(archive: Path) -> None:
    heads = archive / layout.HEADS
    first, second, third = heads.read_bytes().splitlines(keepends=True)
    heads.write_bytes(first + third + second)
    said = faults(archive)

    assert f"heads.jsonl, line 2 (bytes {len(first)} to {len(first + third) - 1}): " in said[0]
    assert any("head 3 does not follow the head before it" in one for one in said)


def test_half_a_line_is_named(archive: Path) -> None:
    with (archive / layout.HEADS).open("ab") as file:
        file.write(b'{"number": 4')

    assert "heads.jsonl" in faults(archive)[0]
    assert "it ends in the middle of a head" in faults(archive)[0]


def test_a_segment_that_no_head_seals_is_named(archive: Path) -> None:
    copy(archive / layout.SEGMENTS / "1-18", "67-84")

    assert ["segment 67-84: no head seals it"] == faults(archive)


def spoil_rows(path: Path, change: str) -> None:
    """Write a file of the archive anew with some columns changed: good Parquet, other rows."""
    with duck.opened() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * REPLACE ({change}) FROM '{path}'")
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("'66.x' AS unit", "unit differ from what its value says"),
        ("NULL AS done_when", "done_when differ from what its value says"),
        ("value[1:1] || value AS value", "differ from what its value says"),
        ("notification + 7 AS notification", "the manifest says"),
    ],
)
def test_a_changed_row_under_new_seals_is_found_by_its_value(
    archive: Path, change: str, said: str
) -> None:
    path = next(p for p in parquets(archive) if "/events/" in str(p))
    spoil_rows(path, change)
    seal_again(archive)
    found = faults(archive)

    assert any(said in one and path.name in one for one in found), found


def test_rows_that_fit_their_values_but_are_others_break_the_root(archive: Path) -> None:
    """A record left out, with manifest, file and heads made to fit: only root and chain tell."""
    head = heads_of(archive)[1]
    old, place = manifest_of(archive, head), layout.segment(archive, head.name)
    lost = next(one for one in old.files if one.rows)
    (place / lost.path).unlink()
    left = tuple(one for one in old.files if one != lost)
    content = replace(old, files=left).content()
    (place / layout.MANIFEST).write_bytes(content)
    heads = archive / layout.HEADS
    heads.write_bytes(heads.read_bytes().replace(head.manifest.encode(), hash_of(content).encode()))
    said = "\n".join(faults(archive))

    assert "segment 19-42: the root of its records is not what head 2 sealed" in said
    assert "segment 19-42: the chain of source system-1 is not what head 2 says" in said
    assert f"segment 19-42: it holds {head.count - lost.rows} records" in said


def test_a_manifest_that_points_outside_its_segment_is_not_followed(archive: Path) -> None:
    head = heads_of(archive)[0]
    old = manifest_of(archive, head)
    outside = (replace(old.files[0], path="../../heads.jsonl"),)

    with pytest.raises(ValueError, match="no manifest"):
        Manifest.read(replace(old, files=outside).content())


def test_signed_heads_hold_and_a_foreign_signature_does_not(tmp_path: Path) -> None:
    archive = archived(tmp_path, signer=SIGNER)
    other = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    found = checked(archive, keys=[SIGNER.key])

    assert found.holds
    assert "not signed with a key that you gave" in faults(archive, keys=[other.key])[0]
    heads = archive / layout.HEADS
    signature = heads_of(archive)[2].signature
    flipped = f"{int(signature[0], 16) ^ 1:x}{signature[1:]}"
    heads.write_bytes(heads.read_bytes().replace(signature.encode(), flipped.encode()))
    assert "the signature of head 3 is not that of its key" in faults(archive)[0]


def test_a_signature_that_was_taken_away_shows(tmp_path: Path) -> None:
    archive = archived(tmp_path, signer=SIGNER)
    ledger = ledger_in(tmp_path)
    last = heads_of(archive)[-1]
    bare = replace(last, key="", signature="")
    heads = archive / layout.HEADS
    heads.write_bytes(heads.read_bytes().replace(last.line(), bare.line()))
    ledger.close()

    assert "head 3 is not signed, and those before it are" in faults(archive)[0]


def test_a_head_has_one_form(archive: Path) -> None:
    line = heads_of(archive)[0].line()
    plain: dict[str, Any] = json.loads(line)

    assert Head.read(line).line() == line
    for other in (
        json.dumps(plain).encode(),
        line + b" ",
        line.replace(b'"first":1', b'"first":1.0'),
        line.replace(b'"epoch":1', b'"epoch":true'),
        line.replace(b'"epoch":1,', b'"epoch":1,"more":2,'),
        line.replace(b'"epoch":1,', b""),
        b"[]",
        b"",
    ):
        with pytest.raises(ValueError):
            Head.read(other)


def test_bad_input_is_answered_by_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("nothing")
    for text, said in (("nowhere", "no hash of 64 digits"), (str(tmp_path / "bad"), "no head")):
        with pytest.raises(BrokenEnvironment, match=said):
            Anchor.of(text)
    with pytest.raises(BrokenEnvironment, match="There is no archive in"):
        checked(tmp_path / "empty")


def test_an_archive_that_is_empty_vouches_for_nothing(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    write(ledger, tmp_path / "archive")
    ledger.close()
    found = checked(tmp_path / "archive")

    assert found.holds
    assert "There is no head, so nothing is vouched for." in found.vouched

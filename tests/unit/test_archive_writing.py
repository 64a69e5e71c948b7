"""Writing the archive: what is in it, what it leaves out, whose it is, and what a kill leaves."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import duck
from ops.archive import layout, writing
from ops.archive.columns import COLUMNS, relation, row
from ops.archive.reading import files_of, heads_of, manifest_of, records_of
from ops.archive.staging import rows_of, staging
from ops.archive.writing import Writer
from ops.replay import from_ledger
from ops.settings import BrokenEnvironment
from schemas import avro
from schemas.times import day_of, format_day
from services.ledger import Ledger
from tests import archived
from tests.archived import NOW, faults, ledger_in, lives, tell, tell_now, tell_story, write
from tests.office import Crash
from tests.secrets import conducted, planned

WRITER = """
import sys
from pathlib import Path
from tests.archived import ledger_in, write
print("begins", flush=True)
write(ledger_in(Path(sys.argv[1])), Path(sys.argv[1]) / "archive", each=40)
print("done", flush=True)
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = ledger_in(tmp_path)
    tell_story(made)
    yield made
    made.close()


def test_the_archive_holds_every_record_byte_for_byte(tmp_path: Path, ledger: Ledger) -> None:
    write(ledger, tmp_path / "archive")
    told = [record.value for record in from_ledger(ledger)]

    assert told == [record.value for record in records_of(tmp_path / "archive")]
    assert [] == faults(tmp_path / "archive")


def test_a_file_holds_the_rows_of_one_topic_and_month(tmp_path: Path, ledger: Ledger) -> None:
    (head,) = write(ledger, tmp_path / "archive")
    names = [name for name, _ in COLUMNS]
    topic, recorded_at = names.index("topic"), names.index("recorded_at")
    found = []
    with duck.opened() as connection:
        for path in files_of(tmp_path / "archive", head):
            of_file = list(rows_of(connection, path))
            months = {format_day(day_of(one[recorded_at]))[:7] for one in of_file}
            assert ({path.parts[-3]}, {path.parts[-2]}) == ({r[topic] for r in of_file}, months)
            found += of_file

    assert [row(one.id, one.value) for one in ledger.notifications()] == sorted(found)


def test_a_month_with_many_rows_is_a_file_for_each_bucket(tmp_path: Path) -> None:
    told = [(number, avro.encode(event)) for number, event in enumerate(lives(1), start=1)]
    bucket = [name for name, _ in COLUMNS].index("bucket")
    with staging(tmp_path) as rows:
        rows.add(relation(told))
        parts = list(rows.write(tmp_path, {"ledger": "this"}, parted_rows=1))
    with duck.opened() as connection:
        found = {part: list(rows_of(connection, tmp_path / part.path)) for part in parts}

    assert len(told) == sum(part.rows for part in parts)
    for part, of_file in found.items():
        assert {Path(part.path).stem} == {str(one[bucket]) for one in of_file}
        assert (part.first, part.last) == (of_file[0][0], of_file[-1][0])


def test_a_second_run_adds_only_what_is_new(tmp_path: Path, ledger: Ledger) -> None:
    write(ledger, tmp_path / "archive")
    before = {path: path.read_bytes() for path in archived.parquets(tmp_path / "archive")}
    assert [] == write(ledger, tmp_path / "archive")
    tell(ledger, lives(1))
    (head,) = write(ledger, tmp_path / "archive")

    assert (2, 19, 42, 24) == (head.number, head.first, head.last, head.count)
    assert before == {path: path.read_bytes() for path in before}


def test_a_long_ledger_falls_into_segments_that_follow_one_another(
    tmp_path: Path, ledger: Ledger
) -> None:
    heads = write(ledger, tmp_path / "archive", each=5)

    assert ["1-5", "6-10", "11-15", "16-18"] == [head.name for head in heads]
    assert [] == faults(tmp_path / "archive")


def test_the_schemas_of_the_values_lie_beside_them(tmp_path: Path, ledger: Ledger) -> None:
    (head,) = write(ledger, tmp_path / "archive")
    place = layout.segment(tmp_path / "archive", head.name)
    used = {record.value[2 : avro.HEADER_BYTES] for record in from_ledger(ledger)}
    named = [one for one in manifest_of(tmp_path / "archive", head).files if not one.rows]

    assert {avro.FOLDER / Path(one.path).name for one in named} == {
        path for path in avro.FOLDER.glob("*.avsc") if (place / layout.SCHEMAS / path.name).exists()
    }
    assert len(used) == len(named)


def test_an_unannounced_inspection_is_archived_once_it_was_held(
    tmp_path: Path, ledger: Ledger
) -> None:
    tell_now(ledger, planned())
    write(ledger, tmp_path / "archive")
    tell(ledger, lives(1))
    write(ledger, tmp_path / "archive")
    before = [record.notification for record in records_of(tmp_path / "archive")]
    tell_now(ledger, conducted())
    write(ledger, tmp_path / "archive")
    after = [record.notification for record in records_of(tmp_path / "archive")]

    assert 19 not in before
    assert [*before, 19, 44] == after
    assert [] == faults(tmp_path / "archive")


def test_what_only_waits_makes_no_segment(tmp_path: Path, ledger: Ledger) -> None:
    write(ledger, tmp_path / "archive")
    tell_now(ledger, planned())

    assert [] == write(ledger, tmp_path / "archive")
    assert [] == faults(tmp_path / "archive")


def test_an_archive_of_another_ledger_is_refused(tmp_path: Path, ledger: Ledger) -> None:
    (tmp_path / "other").mkdir()
    other = ledger_in(tmp_path / "other")
    tell_story(other)
    write(other, tmp_path / "archive")

    with pytest.raises(BrokenEnvironment, match=f"is of ledger {other.id}, and this is"):
        write(ledger, tmp_path / "archive")


def test_a_ledger_that_lost_its_end_is_refused(tmp_path: Path, ledger: Ledger) -> None:
    now, then = sqlite3.connect(tmp_path / "ledger.db"), sqlite3.connect(tmp_path / "old.db")
    now.backup(then)
    now.close()
    then.close()
    tell(ledger, lives(1))
    write(ledger, tmp_path / "archive")
    older = Ledger.open(f"sqlite:{tmp_path / 'old.db'}", clock=lambda: NOW, source="66")

    with pytest.raises(BrokenEnvironment, match=r"up to number 42.*the ledger is an older copy"):
        write(older, tmp_path / "archive")
    tell(older, lives(2, obligations=8))
    with pytest.raises(BrokenEnvironment, match=r"Number 42 .* gone different ways"):
        write(older, tmp_path / "archive")


@pytest.mark.parametrize(
    "dies_in", ["_write_schemas", "manifest.hash_of", "layout.make_durable", "layout.append_line"]
)
def test_a_writer_that_dies_leaves_nothing_that_is_believed(
    tmp_path: Path, ledger: Ledger, dies_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(ledger, tmp_path / "archive", each=9)[0:1]
    tell(ledger, lives(1))

    def die(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(f"{writing.__name__}.{dies_in}", die)
        patched.setattr(shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Crash):
            write(ledger, tmp_path / "archive")
    assert ["1-9", "10-18"] == [head.name for head in heads_of(tmp_path / "archive")]
    write(ledger, tmp_path / "archive")

    assert ["1-9", "10-18", "19-42"] == [head.name for head in heads_of(tmp_path / "archive")]
    assert [] == faults(tmp_path / "archive")


def test_half_a_line_of_a_head_is_written_again(tmp_path: Path, ledger: Ledger) -> None:
    write(ledger, tmp_path / "archive", each=9)
    heads = tmp_path / "archive" / layout.HEADS
    heads.write_bytes(heads.read_bytes()[:-20])
    assert faults(tmp_path / "archive")
    write(ledger, tmp_path / "archive")

    assert ["1-9", "10-18"] == [head.name for head in heads_of(tmp_path / "archive")]
    assert [] == faults(tmp_path / "archive")


def test_a_writer_killed_again_and_again_ends_with_a_whole_archive(
    tmp_path: Path, ledger: Ledger
) -> None:
    tell(ledger, lives(1, obligations=100))
    for seconds in (0.05, 0.3, 0.6, 0.9):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begins\n"
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                child.kill()
    write(ledger, tmp_path / "archive", each=40)
    told = [record.value for record in from_ledger(ledger)]

    assert told == [record.value for record in records_of(tmp_path / "archive")]
    assert [] == faults(tmp_path / "archive")


def test_two_writers_take_turns(tmp_path: Path, ledger: Ledger) -> None:
    first, second = (Writer(ledger, tmp_path / "archive", lambda: NOW) for _ in range(2))

    assert ["1-18"] == [head.name for head in first.write()]
    assert first.last is not None
    assert second.last is None

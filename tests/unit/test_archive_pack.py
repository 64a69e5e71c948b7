"""The audit pack: made from an archive, checked from its file alone, and no change stays unseen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from ops import pack, pack_zip
from ops.archive import layout
from ops.archive.checking import Anchor, Verdict, verify
from ops.archive.heads import canonical
from ops.archive.reading import heads_of
from ops.archive.replaying import Archived, opened
from ops.cli import EXIT_BROKEN, EXIT_REFUSED, EXIT_USAGE
from ops.pack_figures import Question
from schemas.jsonl import Defaults
from schemas.refusal import Refused
from schemas.times import as_of, parse_day
from services.publish import publish
from tests import story
from tests.archived import archived, ledger_in, tell_story, write
from tests.home import Home

ASKED = Question("66", parse_day("2012-06-08"), parse_day("2012-06-21"))
FLIPS = 12
CLI = "import sys; from ops.cli import main; sys.exit(main())"
Contents = dict[str, bytes]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archived:
    """The worked example in one segment."""
    folder = tmp_path_factory.mktemp("archive")
    ledger = ledger_in(folder)
    tell_story(ledger)
    write(ledger, folder / "archive")
    ledger.close()
    return opened(folder / "archive")


@pytest.fixture(scope="module")
def made(archive: Archived, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack that nobody changes."""
    path = tmp_path_factory.mktemp("pack") / "PACK.zip"
    pack.make(archive, ASKED, path, print)
    return path


def contents(path: Path) -> Contents:
    with ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def checked(path: Path, anchor: Anchor | None = None) -> Verdict:
    return pack.check(path, anchor, [], lambda count: None)


def spoilt(made: Path, folder: Path, change: Callable[[Contents], object]) -> list[str]:
    """The faults of a pack whose contents somebody changed, with all sums made to fit again."""
    held = contents(made)
    change(held)
    if pack.SUMS in held:
        del held[pack.SUMS]
        sums = (f"{sha256(held[name]).hexdigest()}  {name}\n" for name in sorted(held))
        held[pack.SUMS] = "".join(sums).encode()
    path = folder / "SPOILT.zip"
    pack_zip.write(path, held)
    return checked(path).faults


def test_a_pack_holds_and_says_what_it_made_again(made: Path, archive: Archived) -> None:
    found = checked(made, Anchor.of(archive.last.hash()))

    assert (found.faults, found.records) == ([], 18)
    assert "vouches for everything up to head 1 at number 18." in found.vouched[0]
    assert "the figures of 66 on 2012-06-08 and 2012-06-21" in found.vouched[-1]


def test_it_has_the_figures_and_the_obligations_behind_them(made: Path) -> None:
    held = contents(made)
    told = json.loads(held[pack.PACK])
    rows = [json.loads(line) for line in held[pack.OBLIGATIONS[0]].splitlines()]
    counts = told["from"]["board"]["subtree"]

    assert (counts["assigned"], counts["overdue"], counts["late"]) == (4, 1, 1)
    assert told["to"]["board"]["subtree"]["late"] == 2
    assert ["centre", "66"] == [one["unit"] for one in told["from"]["tree"]]
    assert ["66.so-a", "66.so-b", "66.x", "66.y"] == [row["unit"] for row in rows]
    assert [1] == [row["measures"]["overdue"] for row in rows if "overdue" in row["measures"]]
    assert rows[0]["due"]["due_before"] == "2012-06-08"
    assert ["counts", "decides"] == [event["role"] for event in rows[0]["events"]]
    for measure in ("due", "completed", "on_time"):
        assert counts[measure] == sum(row["measures"].get(measure, 0) for row in rows)


def test_the_verdict_is_in_plain_words_of_both_languages(made: Path, archive: Archived) -> None:
    said = contents(made)[pack.VERDICT].decode()

    for part in (
        "HỒ SƠ KIỂM TRA: 66 Đắk Lắk, từ 2012-06-08 đến 2012-06-21",
        "AUDIT PACK: 66 Đắk Lắk, from 2012-06-08 to 2012-06-21",
        "Quá hạn: 1",
        "Overdue: 1",
        archive.last.hash(),
    ):
        assert part in said


def test_the_same_pack_is_the_same_file(made: Path, archive: Archived, tmp_path: Path) -> None:
    again = pack.make(archive, ASKED, tmp_path / "again.zip", print)

    assert (tmp_path / "again.zip").read_bytes() == made.read_bytes()
    assert again == sha256(made.read_bytes()).hexdigest()
    with pytest.raises(Refused, match="is there already"):
        pack.make(archive, ASKED, tmp_path / "again.zip", print)


def test_as_known_then_it_has_the_figures_of_then(archive: Archived, tmp_path: Path) -> None:
    earlier = ASKED._replace(known=as_of("2012-06-12"))
    pack.make(archive, earlier, tmp_path / "K.zip", print)
    told = json.loads(contents(tmp_path / "K.zip")[pack.PACK])

    assert told["to"]["board"]["subtree"]["completed"] == 2
    assert checked(tmp_path / "K.zip").holds


def test_the_programmes_rules_then_and_its_content_are_in_it(tmp_path: Path) -> None:
    items = [{"id": "5.1", "title": "Báo cáo", "kind": "report"}]
    items.append({"id": "7", "title": "Nội dung", "kind": "content"})
    about = {
        "programme": "dak-lak-guidance-2012",
        "number": "01/HD",
        "title": "Hướng dẫn",
        "by": "66",
    }
    line = story.line("programme.issued.v1", "66", "2012-06-10 00:00", None, **about, items=items)
    ledger = ledger_in(tmp_path)
    tell_story(ledger)
    told_late = json.loads(line)
    told_late.pop("recorded_at")
    (outcome,) = publish([json.dumps(told_late)], ledger, Defaults(source="66"))
    assert outcome.status == "accepted", outcome
    write(ledger, tmp_path / "archive")
    ledger.close()
    pack.make(opened(tmp_path / "archive"), ASKED, tmp_path / "PACK.zip", print)
    told = json.loads(contents(tmp_path / "PACK.zip")[pack.PACK])

    assert ([], 0) == (told["from"]["rules"], told["from"]["content"])
    assert ["01/HD"] == [rule["event"]["number"] for rule in told["to"]["rules"]]
    assert told["to"]["content"] == told["to"]["board"]["subtree"]["content"] > 0
    assert checked(tmp_path / "PACK.zip").holds


def test_every_flipped_byte_is_found(made: Path, tmp_path: Path) -> None:
    whole, dice = made.read_bytes(), Random(6)
    places = [0, 11, len(whole) - 1, len(whole) - 30, *dice.sample(range(len(whole)), FLIPS)]
    for place in places:
        content = bytearray(whole)
        content[place] ^= 1 << dice.randrange(8)
        path = tmp_path / "FLIPPED.zip"
        path.write_bytes(content)
        assert checked(path).faults, place


@pytest.mark.parametrize("size", [0, 100, -1, -200])
def test_a_cut_pack_is_found(made: Path, tmp_path: Path, size: int) -> None:
    (tmp_path / "CUT.zip").write_bytes(made.read_bytes()[:size])

    assert checked(tmp_path / "CUT.zip").faults


def test_every_lost_file_is_found_though_the_sums_fit(made: Path, tmp_path: Path) -> None:
    for number, name in enumerate(contents(made)):
        folder = tmp_path / str(number)
        folder.mkdir()
        said = "\n".join(spoilt(made, folder, lambda held, name=name: held.pop(name)))
        assert name.split("/")[-1] in said, name


def test_a_file_more_is_found(made: Path, tmp_path: Path) -> None:
    more = f"{pack.ARCHIVE}/{layout.VERDICT}"

    assert [f"{more}: it is no part of the pack"] == [
        one
        for one in spoilt(made, tmp_path, lambda held: held.update({more: b"{}"}))
        if pack.SUMS not in one
    ]


def raised(held: Contents) -> None:
    """One overdue obligation more, on the board of the first day."""
    told = json.loads(held[pack.PACK])
    told["from"]["board"]["subtree"]["overdue"] += 1
    held[pack.PACK] = canonical(told) + b"\n"


def kinder(held: Contents) -> None:
    held[pack.VERDICT] = held[pack.VERDICT].replace(b"Overdue: 1", b"Overdue: 0")


def fewer(held: Contents) -> None:
    name = pack.OBLIGATIONS[1]
    held[name] = b"".join(held[name].splitlines(keepends=True)[1:])


def another_day(held: Contents) -> None:
    told = json.loads(held[pack.PACK])
    told["from"]["on"] = "2012-06-07"
    held[pack.PACK] = canonical(told) + b"\n"


def no_question(held: Contents) -> None:
    held[pack.PACK] = b"[]\n"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (raised, f"{pack.PACK}, line 1"),
        (kinder, f"{pack.VERDICT}, line "),
        (fewer, f"{pack.OBLIGATIONS[1]}, line 1"),
        (another_day, f"{pack.PACK}, line 1"),
        (no_question, f"{pack.PACK}: it does not say what was packed"),
    ],
)
def test_what_does_not_follow_from_the_facts_is_found_though_the_sums_fit(
    made: Path, tmp_path: Path, change: Callable[[Contents], None], place: str
) -> None:
    assert any(one.startswith(place) for one in spoilt(made, tmp_path, change))


def test_another_archive_in_it_is_found_against_a_head(
    made: Path, archive: Archived, tmp_path: Path
) -> None:
    other = opened(archived(tmp_path))
    pack.make(other, ASKED, tmp_path / "OTHER.zip", print)

    assert checked(tmp_path / "OTHER.zip").holds
    assert checked(made, Anchor.of(archive.last.hash())).holds
    (fault,) = checked(tmp_path / "OTHER.zip", Anchor.of(archive.last.hash())).faults
    assert "the head that you hold" in fault


def test_a_pack_in_another_form_is_found(made: Path, tmp_path: Path) -> None:
    held: Mapping[str, bytes] = contents(made)
    for name, how in (("NEWER.zip", 0), ("SMALL.zip", ZIP_DEFLATED)):
        with ZipFile(tmp_path / name, "w", how) as file:
            for entry, content in held.items():
                file.writestr(entry, content)

    assert "is not in the one form of a pack" in checked(tmp_path / "NEWER.zip").faults[0]
    assert "larger than what is packed" in checked(tmp_path / "SMALL.zip").faults[0]


def test_nothing_is_laid_outside_the_folder(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "BAD.zip", "w") as file:
        for name in ("../out", "/out", "a/../../out"):
            file.writestr(name, b"x")
    said: list[str] = []
    (tmp_path / "in").mkdir()
    pack_zip.unpack(tmp_path / "BAD.zip", tmp_path / "in", said.append)

    assert len(said) == 3
    assert ["BAD.zip", "in"] == sorted(one.name for one in tmp_path.iterdir())
    assert not list((tmp_path / "in").iterdir())


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (ASKED._replace(unit="nobody"), "no event of the archive establishes nobody"),
        (ASKED._replace(start=parse_day("2005-01-01")), "66 did not stand on 2005-01-01"),
        (ASKED._replace(start=parse_day("2013-01-01")), "--from 2013-01-01 lies after --to"),
        (ASKED._replace(end=parse_day("2026-07-01")), "before the end of 2026-07-01"),
    ],
)
def test_what_cannot_be_proved_is_not_packed(
    archive: Archived, tmp_path: Path, asked: Question, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        pack.make(archive, asked, tmp_path / "PACK.zip", print)
    assert not list(tmp_path.iterdir())


def test_a_pack_is_verified_where_only_the_package_is(archive: Archived, tmp_path: Path) -> None:
    """Another process, an empty working folder, no settings: no home, no ledger and no Kafka."""
    home = Home(tmp_path / "home", "", "lienthong.")
    home.settings.home.mkdir()
    (home.settings.home / "archive").symlink_to(archive.folder)
    days = ("--from", "2012-06-08", "--to", "2012-06-21")
    packed = home("archive", "pack", "66", *days, "--file", str(tmp_path / "PACK.zip"))
    empty = tmp_path / "empty"
    empty.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG")}
    env |= {"HOME": str(empty), "PYTHONPATH": str(Path(pack.__file__).parents[1])}

    def verified(*how: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", CLI, "--language", "en", "archive", "verify", *how]
        return subprocess.run(command, cwd=empty, env=env, capture_output=True, text=True)

    found = verified("../PACK.zip", "--head", archive.last.hash())
    content = (tmp_path / "PACK.zip").read_bytes()
    (tmp_path / "PACK.zip").write_bytes(content.replace(b"Overdue: 1", b"Overdue: 0"))
    wrong = verified("../PACK.zip")

    assert (packed.code, packed.err) == (0, "")
    assert "is packed in" in packed.out
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("Whole: 1 segments, 18 records")
    assert "by the fold and by SQL" in found.stdout
    assert wrong.returncode == EXIT_REFUSED
    assert "VERDICT.txt: its bytes are not those that were packed" in wrong.stdout
    assert not list(empty.iterdir())


def test_bad_input_is_answered_by_one_sentence(archive: Archived, tmp_path: Path) -> None:
    home = Home(tmp_path / "home", "", "lienthong.")
    where = ("--file", str(tmp_path / "PACK.zip"))
    none = home("archive", "pack", "66", "--from", "2012-06-08", "--to", "2012-06-21", *where)
    day = home("archive", "pack", "66", "--from", "June", "--to", "2012-06-21", *where)
    gone = home("archive", "verify", str(tmp_path / "PACK.zip"))

    assert (EXIT_BROKEN, EXIT_USAGE, EXIT_BROKEN) == (none.code, day.code, gone.code)
    assert "There is no archive in" in none.err
    assert "'June' is no day" in day.err
    assert "There is no pack at" in gone.err
    assert verify(archive.folder).heads == heads_of(archive.folder)

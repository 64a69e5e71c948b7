"""A ledger out of the archive: the same numbers and answers, or one sentence and nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import wiring
from ops.archive.checking import Anchor
from ops.archive.reading import heads_of
from ops.archive.writing import Writer
from ops.from_archive import restore_archive
from ops.settings import BrokenEnvironment, Settings
from schemas.event import Event
from services.batch import Status
from services.ledger import Ledger
from tests import archived
from tests.archived import NOW, parquets
from tests.office import assigned, declared, established
from tests.secrets import SECRET, conducted, planned

TOLD = [established(), assigned("a"), declared("a"), assigned("b")]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    made = settings(tmp_path / "home")
    with wiring.ledger(made) as ledger:
        tell(ledger, *TOLD[:2])
        archive(ledger, made)
        tell(ledger, *TOLD[2:], planned())
        archive(ledger, made)
    return made


def settings(home: Path) -> Settings:
    return Settings.load({}, home=home, log="sqlite", port=0)


def tell(ledger: Ledger, *events: Event) -> None:
    assert {one.status for one in ledger.record(events)} == {Status.ACCEPTED}


def archive(ledger: Ledger, home: Settings) -> None:
    list(Writer(ledger, home.archive, lambda: NOW).write())


def test_the_ledger_is_the_same_and_knows_what_it_has(home: Settings, tmp_path: Path) -> None:
    new = settings(tmp_path / "new")
    with wiring.ledger(home) as lost:
        before, counters, identity = list(lost.events()), lost.source_counters(), lost.id

    found, put = restore_archive(new, home.archive, alone=True)

    assert (found.records, put.taken.epoch, put.taken.missing) == (4, 2, [])
    with wiring.ledger(new, create=False) as ledger:
        assert (identity, before[:4]) == (ledger.id, list(ledger.events()))
        assert {**counters, **ledger.source_counters()} == counters
        assert {one.status for one in ledger.record(TOLD)} == {Status.DUPLICATE}


def test_what_was_withheld_is_not_there_and_its_number_is_given_anew(
    home: Settings, tmp_path: Path
) -> None:
    restore_archive(home_lost(home), home.archive, alone=True)

    with wiring.ledger(home, create=False) as ledger:
        assert ledger.history(SECRET) == []
        tell(ledger, planned(), conducted())
        archive(ledger, home)
        assert [one.id for one in ledger.events()] == [1, 2, 3, 4, 5, 6]
    assert archived.faults(home.archive) == []
    assert [(head.first, head.last, head.epoch) for head in heads_of(home.archive)] == [
        (1, 2, 1),
        (3, 4, 1),
        (5, 6, 2),
    ]


def home_lost(home: Settings) -> Settings:
    """The same home after its databases were lost; the archive lies in it."""
    for path in home.home.glob("*.sqlite*"):
        path.unlink()
    return home


def test_a_spoilt_archive_is_refused_and_nothing_is_written(home: Settings, tmp_path: Path) -> None:
    spoilt = archived.copy(home.archive)
    file = next(parquets(spoilt))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    new = settings(tmp_path / "new")

    with pytest.raises(BrokenEnvironment, match=r"Nothing was restored: .* is not whole: segment"):
        restore_archive(new, spoilt, alone=True)
    assert not new.home.exists()


def test_an_archive_whose_tail_was_cut_is_refused_by_who_holds_its_head(
    home: Settings, tmp_path: Path
) -> None:
    anchor = Anchor.of(heads_of(home.archive)[-1].hash())
    cut = archived.copy(home.archive)
    (cut / "heads.jsonl").write_bytes((cut / "heads.jsonl").read_bytes().split(b"\n")[0] + b"\n")
    for path in sorted((cut / "segments" / "3-4").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (cut / "segments" / "3-4").rmdir()
    new = settings(tmp_path / "new")

    with pytest.raises(BrokenEnvironment, match="the head that you hold"):
        restore_archive(new, cut, anchor, alone=True)
    assert not new.home.exists()
    assert restore_archive(new, home.archive, anchor, alone=True).found.holds


def test_a_ledger_that_is_there_is_not_written_over(home: Settings) -> None:
    with pytest.raises(BrokenEnvironment, match="move it away"):
        restore_archive(home, home.archive, alone=True)


def test_an_archive_that_holds_nothing_makes_no_ledger(tmp_path: Path) -> None:
    new, old = settings(tmp_path / "new"), settings(tmp_path / "old")
    with wiring.ledger(old) as ledger:
        archive(ledger, old)

    with pytest.raises(BrokenEnvironment, match="holds nothing"):
        restore_archive(new, old.archive, alone=True)
    with pytest.raises(BrokenEnvironment, match="There is no archive"):
        restore_archive(new, tmp_path, alone=True)
    assert not new.home.exists()

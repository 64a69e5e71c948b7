"""Backup and restore: written while all goes on, checked when put back, keys kept apart."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from ops import backup, wiring
from ops.keys import KeyStore
from ops.settings import BrokenEnvironment, Settings
from schemas.event import Document, Sealed
from schemas.events.task import TaskAssigned
from services.erasing import EraseTexts
from tests.office import OBLIGATION, assigned, declared

TITLE = "Trình Chương trình"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    made = Settings.load({}, home=tmp_path / "home", log="sqlite", port=0, erasure="on")
    with wiring.ledger(made) as ledger, wiring.read_model(made, create=True):
        ledger.record([assigned(title=TITLE)])
    return made


def other(home: Settings, **more: object) -> Settings:
    """The settings of a new home beside the first."""
    return Settings.load({}, home=home.home.with_name("new"), log="sqlite", port=0, **more)


def title(settings: Settings) -> object:
    with wiring.ledger(settings, create=False) as ledger:
        (opened, *_) = ledger.history(OBLIGATION)
    assert isinstance(opened, TaskAssigned)
    return opened.title


def test_a_backup_is_taken_while_others_write_and_holds_what_was_there(
    home: Settings, tmp_path: Path
) -> None:
    with wiring.ledger(home) as writing:
        made = backup.backup(home, tmp_path / "b")
        writing.record([declared()])

    new = other(home)
    found = backup.restore(new, tmp_path / "b", alone=True)
    assert (made.last, found.backup) == (1, made)
    assert sorted(made.files) == ["ledger.sqlite", "readmodel.sqlite"]
    with wiring.ledger(new, create=False) as ledger, wiring.ledger(home) as first:
        assert ledger.id == first.id
        assert (ledger.epoch, ledger.max_notification()) == (2, 1)
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o700


def test_a_backup_ends_while_somebody_writes_all_the_time(home: Settings, tmp_path: Path) -> None:
    stop, written = threading.Event(), [0]

    def write() -> None:
        with wiring.ledger(home) as ledger:
            while not stop.is_set():
                written[0] += 1
                ledger.record([assigned(f"o{written[0]}")])

    writer = threading.Thread(target=write)
    writer.start()
    made = [backup.backup(home, tmp_path / f"b{number}") for number in range(3)]
    stop.set()
    writer.join()
    new = other(home)
    backup.restore(new, tmp_path / "b2", alone=True)

    assert made[0].last < made[2].last <= written[0] + 1
    with wiring.ledger(new, create=False) as ledger, wiring.ledger(home) as first:
        assert ledger.notifications(limit=made[2].last) == first.notifications(limit=made[2].last)


def test_a_restored_read_model_tells_newer_versions_than_the_lost_one(
    home: Settings, tmp_path: Path
) -> None:
    with wiring.read_model(home) as model:
        before = model.generation
    backup.backup(home, tmp_path / "b")
    new = other(home)
    backup.restore(new, tmp_path / "b", alone=True)

    with wiring.read_model(new) as model:
        assert model.generation > before


def test_a_damaged_backup_is_not_put_in_place(home: Settings, tmp_path: Path) -> None:
    backup.backup(home, tmp_path / "b")
    file = tmp_path / "b" / "ledger.sqlite"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    new = other(home)

    with pytest.raises(BrokenEnvironment, match="not what was written"):
        backup.restore(new, tmp_path / "b", alone=True)
    assert not new.home.exists()
    with pytest.raises(BrokenEnvironment, match="no backup"):
        backup.restore(new, tmp_path / "nothing", alone=True)


def test_nothing_that_is_there_is_written_over(home: Settings, tmp_path: Path) -> None:
    backup.backup(home, tmp_path / "b")

    with pytest.raises(BrokenEnvironment, match="move it away"):
        backup.restore(home, tmp_path / "b", alone=True)
    with pytest.raises(BrokenEnvironment, match="exists"):
        backup.backup(home, tmp_path / "b")


def test_keys_are_in_no_backup_and_come_back_without_those_that_were_deleted_since(
    home: Settings, tmp_path: Path
) -> None:
    with closing(KeyStore(home.keys, making=False)) as keys:
        (key_id,) = keys.ids(OBLIGATION)
        secret = keys.secret(key_id) or b""
        with pytest.raises(BrokenEnvironment, match="apart"):
            backup.backup(home, tmp_path / "b", tmp_path / "b" / "keys")
        backup.backup(home, tmp_path / "b", tmp_path / "kept.sqlite")
        with wiring.ledger(home) as ledger:
            ledger.execute(
                EraseTexts(
                    by="87",
                    obligation=OBLIGATION,
                    document=Document(number="5"),
                    key_ids=(key_id,),
                )
            )
        backup.backup(home, tmp_path / "later")

    for folder in ("b", "later"):
        assert not any(secret in p.read_bytes() for p in (tmp_path / folder).iterdir())
    assert (tmp_path / "kept.sqlite").stat().st_mode & 0o777 == 0o600
    with_keys = other(home, keys=tmp_path / "kept.sqlite")
    assert backup.restore(with_keys, tmp_path / "b", alone=True).erased == 0
    assert title(with_keys) == TITLE
    for path in with_keys.home.glob("*.sqlite"):
        path.unlink()
    assert backup.restore(with_keys, tmp_path / "later", alone=True).erased == 1
    assert isinstance(title(with_keys), Sealed)


def test_databases_on_a_server_are_backed_up_by_their_own_programs(
    tmp_path: Path, postgres: str, postgres_server: object
) -> None:
    home = Settings.load(
        {}, home=tmp_path / "home", log="sqlite", port=0, ledger=postgres, read_model=postgres
    )
    with wiring.ledger(home) as ledger, wiring.read_model(home, create=True):
        ledger.record([assigned()])
        identity = ledger.id
    made = backup.backup(home, tmp_path / "b")
    fresh = postgres_server.database()  # type: ignore[attr-defined]
    new = other(home, ledger=fresh, read_model=fresh)

    found = backup.restore(new, tmp_path / "b", alone=True)

    assert list(made.files) == ["ledger.dump"]
    assert found.read_model
    with wiring.ledger(new, create=False) as ledger:
        assert (ledger.id, ledger.epoch, ledger.max_notification()) == (identity, 2, 1)

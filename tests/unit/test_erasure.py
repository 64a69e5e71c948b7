"""Erasure: texts are stored sealed, read while their key is there, and gone for ever after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.cli import main
from ops.keys import KeyStore
from ops.registers import ERASED, Registers
from ops.replay import derived, from_ledger, gather
from ops.settings import BrokenEnvironment
from schemas import avro
from schemas.event import Document, Event, Sealed, event_types
from schemas.events.ladder import TextsErased
from schemas.events.task import TaskAssigned, TaskCompletionReturned, TaskProgressReported
from schemas.jsonl import to_line
from schemas.limits import FACTS_PER_OBLIGATION_MAX
from schemas.quarantine import Place
from schemas.refusal import Reason, Refused
from services.batch import Claim, Status
from services.erasing import EraseTexts
from services.ledger import Ledger
from services.record import CorrectRecord
from services.relay import Relay
from services.sealing import TextKey, opened, sealed, texts_of, told
from tests.office import OBLIGATION, Clock, MemoryLog, assigned, at, declared, established, id_of
from tests.strategies import events_of

CLOCK = Clock(at("2020-06-02 08:00"))
SECRET_WORDS = "Trình Chương trình cải cách"
RETURNED = TaskCompletionReturned(
    event_id=id_of("returned"),
    effective_at=at("2020-06-01 15:00"),
    obligation=OBLIGATION,
    unit="87.so-noi-vu",
    by="87",
    source="87",
    text="Thiếu phụ lục số liệu",
)
TITLED = assigned(title=SECRET_WORDS, due_before=None)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    with closing(KeyStore(tmp_path / "keys.sqlite", making=True)) as store:
        yield store


@pytest.fixture
def ledger(tmp_path: Path, keys: KeyStore) -> Iterator[Ledger]:
    with closing(of(tmp_path, keys)) as made:
        yield made


def of(folder: Path, keys: KeyStore | None) -> Ledger:
    return Ledger.open(f"sqlite:{folder / 'ledger.db'}", clock=CLOCK, source="87", keys=keys)


def everything(folder: Path) -> bytes:
    """All bytes of a folder's files but the key store's."""
    return b"".join(p.read_bytes() for p in folder.iterdir() if not p.name.startswith("keys"))


def erase(ledger: Ledger, keys: KeyStore) -> list[Event]:
    ids = tuple(keys.ids(OBLIGATION))
    said = ledger.execute(
        EraseTexts(by="87", obligation=OBLIGATION, document=Document(number="5"), key_ids=ids)
    )
    keys.delete(ids)
    return said


def texts(ledger: Ledger) -> list[object]:
    return [text for event in ledger.history(OBLIGATION) for text in texts_of(event)]


@pytest.mark.parametrize("name", sorted(event_types()))
@settings(max_examples=5)
@given(data=st.data())
def test_what_is_sealed_opens_to_the_same_event_and_to_nothing_without_its_key(
    name: str, data: st.DataObject
) -> None:
    event = data.draw(events_of(event_types()[name]))
    key = TextKey("k", b"s" * 32)
    hidden = sealed(event, key)

    assert event == opened(hidden, Kept({"k": key.secret}))
    assert hidden == opened(hidden, Kept({}))
    assert hidden == sealed(event, key) == sealed(hidden, key)
    assert hidden == opened(hidden, Kept({"k": b"t" * 32}))
    assert not any(isinstance(text, str) for text in texts_of(hidden))
    assert hidden == avro.decode(avro.encode(hidden))


class Kept(dict[str, bytes]):
    """Keys in memory."""

    def secret(self, key_id: str) -> bytes | None:
        return self.get(key_id)

    def of(self, obligations: object) -> dict[str, TextKey]:
        return {}

    def ids(self, obligation: str) -> list[str]:
        return list(self)


def test_a_text_is_readable_but_stands_nowhere_in_clear(
    tmp_path: Path, ledger: Ledger, keys: KeyStore
) -> None:
    ledger.record([TITLED, declared(), RETURNED])
    log = MemoryLog()
    Relay(ledger, log).step()
    sent = b"".join(record.value or b"" for record in log.all("events"))

    assert texts(ledger) == [SECRET_WORDS, RETURNED.text]
    for text in (SECRET_WORDS, str(RETURNED.text)):
        assert text.encode() not in everything(tmp_path) + sent
    assert len(sent) == sum(len(one.value) for one in ledger.events())


def test_what_a_unit_system_sends_as_bytes_is_sealed_too(tmp_path: Path, ledger: Ledger) -> None:
    place = Place("lienthong.inbox", "id", 0, 0)
    (outcome,) = ledger.record([Claim(TITLED, avro.encode(TITLED), place)])

    assert outcome.status is Status.ACCEPTED
    assert texts(ledger) == [SECRET_WORDS]
    assert SECRET_WORDS.encode() not in everything(tmp_path)


def test_switched_off_again_it_still_seals_where_there_is_a_key(
    tmp_path: Path, ledger: Ledger, keys: KeyStore
) -> None:
    ledger.record([TITLED])
    with (
        closing(KeyStore(keys.path, making=False)) as known,
        closing(of(tmp_path, known)) as later,
    ):
        again = later.record([TITLED, RETURNED, assigned("new", title="một việc khác")])

    assert [one.status for one in again] == ["duplicate", "accepted", "accepted"]
    assert str(RETURNED.text).encode() not in everything(tmp_path)
    assert "một việc khác".encode() in everything(tmp_path)


def test_an_erased_text_is_gone_from_every_reader_and_the_log_says_so(
    tmp_path: Path, ledger: Ledger, keys: KeyStore
) -> None:
    ledger.record([established(), TITLED, declared(), RETURNED])
    secret = keys.secret(keys.ids(OBLIGATION)[0])
    before = [one.value for one in ledger.events()]

    (said,) = erase(ledger, keys)

    assert isinstance(said, TextsErased)
    assert said.document == Document(number="5")
    assert all(isinstance(text, Sealed) for text in texts(ledger))
    shown = Registers(ledger).history(OBLIGATION, at("2021-01-01"), None)
    assert [one.title for one in shown if isinstance(one, TaskAssigned)] == [ERASED]
    assert [one.value for one in ledger.events()][:-1] == before
    assert secret is not None
    assert secret not in (tmp_path / "keys.sqlite").read_bytes()
    assert erase(ledger, keys) == []


def test_figures_rest_on_no_text_before_and_after_an_erasure(
    tmp_path: Path, ledger: Ledger, keys: KeyStore
) -> None:
    facts = [established(), TITLED, declared(), RETURNED]
    (tmp_path / "clear").mkdir()
    with closing(of(tmp_path / "clear", None)) as clear:
        clear.record(facts)
        in_clear = derived(gather(from_ledger(clear)))
    ledger.record(facts)
    before = derived(gather(from_ledger(ledger)))
    erase(ledger, keys)
    after = derived(gather(from_ledger(ledger)))

    assert before.cells
    assert in_clear == before == after


def test_a_fact_told_twice_is_one_fact_whatever_was_sealed_meanwhile(
    tmp_path: Path, keys: KeyStore
) -> None:
    with closing(of(tmp_path, None)) as clear:
        clear.record([TITLED])
    with closing(of(tmp_path, keys)) as ledger:
        told_again = ledger.record([TITLED, RETURNED, RETURNED, replace(RETURNED, text="khác")])

    assert [one.status for one in told_again] == [
        *(Status.DUPLICATE, Status.ACCEPTED, Status.DUPLICATE, Status.REFUSED)
    ]


def test_a_correction_is_sealed_inside_and_decided_on_what_it_says(ledger: Ledger) -> None:
    ledger.record([TITLED])
    right = CorrectRecord(
        by="87",
        obligation=OBLIGATION,
        target=TITLED.event_id,
        replacement=replace(TITLED, title="Tên đúng"),
        reason="ghi nhầm",
    )

    assert len(ledger.execute(right)) == 1
    assert ledger.execute(right) == []
    assert texts(ledger) == [SECRET_WORDS, "ghi nhầm", "Tên đúng"]
    assert "Tên đúng".encode() not in b"".join(one.value for one in ledger.events())


def test_a_text_moved_to_another_place_says_nothing(ledger: Ledger, keys: KeyStore) -> None:
    ledger.record([TITLED])
    (stolen,) = (avro.decode(one.value) for one in ledger.events())
    assert isinstance(stolen, TaskAssigned)
    moved = replace(RETURNED, text=stolen.title)

    assert [moved] == [opened(moved, keys)]
    assert told(opened(moved, keys), ERASED) == replace(RETURNED, text=ERASED)


def test_what_is_refused_is_kept_without_its_text(
    tmp_path: Path, ledger: Ledger, keys: KeyStore
) -> None:
    ledger.record([RETURNED])
    other = replace(RETURNED, text="một điều khác hẳn")
    place = Place("lienthong.inbox", "id", 0, 0)
    (outcome,) = ledger.record([Claim(other, avro.encode(other), place)])

    assert outcome.reason is Reason.DUPLICATE_OTHER_CONTENT
    assert len(ledger.refusals()) == 1
    assert "một điều khác hẳn".encode() not in everything(tmp_path)


def test_an_obligation_that_is_full_can_still_be_erased(ledger: Ledger, keys: KeyStore) -> None:
    notes = [
        TaskProgressReported(
            event_id=id_of(f"note {number}"),
            effective_at=at("2020-06-01 10:00"),
            obligation=OBLIGATION,
            unit="87.so-noi-vu",
            by="87.so-noi-vu",
            source="87",
        )
        for number in range(FACTS_PER_OBLIGATION_MAX)
    ]
    outcomes = ledger.record([TITLED, *notes])

    assert outcomes[-1].reason is Reason.TOO_MANY_FACTS
    assert len(erase(ledger, keys)) == 1
    assert all(isinstance(text, Sealed) for text in texts(ledger))


def test_an_erasure_names_its_document_and_its_obligation(ledger: Ledger) -> None:
    ledger.record([TITLED])
    without = EraseTexts(by="87", obligation=OBLIGATION, key_ids=("k",))
    with pytest.raises(Refused, match="document"):
        ledger.execute(without)
    with pytest.raises(Refused, match="no records"):
        ledger.execute(replace(without, obligation="nobody:1", document=Document(number="5")))


def test_a_key_store_is_its_owners_alone(tmp_path: Path, keys: KeyStore) -> None:
    assert keys.path.stat().st_mode & 0o777 == 0o600
    key = keys.of(["o1"])["o1"]
    assert keys.of(["o1", "o1"]) == {"o1": key}
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)
    keys.path.chmod(0o644)
    with pytest.raises(BrokenEnvironment, match="chmod 600"):
        KeyStore(keys.path, making=False)


def test_the_command_erases_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIENTHONG_ERASURE", "on")
    home = ["--home", str(tmp_path), "--language", "en"]
    file = tmp_path / "facts.jsonl"
    file.write_text(f"{to_line(established('87', None, level='centre'))}\n{to_line(TITLED)}\n")
    assert main([*home, "publish", str(file)]) == 0
    file.unlink()
    main([*home, "events"])
    assert SECRET_WORDS in capsys.readouterr().out

    assert main([*home, "record", "erase", OBLIGATION, "--document", "12/QĐ"]) == 0

    assert "1 keys deleted" in capsys.readouterr().out
    main([*home, "events"])
    shown = capsys.readouterr().out
    assert ERASED in shown
    assert "record.texts_erased.v1" in shown
    assert SECRET_WORDS not in shown
    assert SECRET_WORDS.encode() not in everything(tmp_path)
    with closing(sqlite3.connect(tmp_path / "keys.sqlite")) as store:
        assert store.execute("SELECT COUNT(*) FROM keys").fetchone() == (0,)

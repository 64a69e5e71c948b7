"""Keeping: topics that are gone are filled again, a lost ledger comes back, a copied home stops."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from ops import wiring
from ops.broker import Broker
from ops.log import all_records
from ops.registers import ERASED
from schemas.cloudevents import ledger_mark
from schemas.topics import EVENTS, TOPICS
from services.relay import Relay, RelayStopped
from tests import story
from tests.home import WAIT_SECONDS, Home

UNITS = ("66", "66.so-a")
OWED = "dak-lak-guidance-2012:9:2012:66.so-b"
TEXTS = ("Báo cáo kết quả rà soát", "Đã gửi bản có dấu", "Thiếu phụ lục ba", "Nhầm số liệu")


def wordy() -> list[str]:
    """Lines about one obligation in which people say something, a corrected one among them."""
    base = {"obligation": OWED, "unit": "66.so-b"}
    opened = base | {"kind": "report", "item": "9", "done_when": "sent", "issuer": "66.so-noi-vu"}
    when = {"effective_at": "2012-05-0{}T09:00:00+07:00"}
    sent = {"event_id": "0f0e0d0c-0b0a-4908-8706-050403020100", "text": TEXTS[1]}
    lines = [
        {"type": "report.expected.v1", "title": TEXTS[0], "by": "66.so-noi-vu", **opened},
        {"type": "report.submitted.v1", "by": "66.so-b", **base, **sent},
        {"type": "report.returned.v1", "by": "66.so-noi-vu", "text": TEXTS[2], **base},
    ]
    told = [
        one | {"effective_at": when["effective_at"].format(day)} for day, one in enumerate(lines, 1)
    ]
    replacement = told[1] | {"text": TEXTS[3], "effective_at": "2012-05-02T10:00:00+07:00"}
    correction = {
        "type": "record.corrected.v1",
        "by": "66.so-b",
        "target": sent["event_id"],
        "replacement": replacement | {"source": "home"},
        "effective_at": "2012-05-04T09:00:00+07:00",
    }
    return [json.dumps(one, ensure_ascii=False) for one in (*told, correction | base)]


@pytest.fixture
def home(tmp_path: Path, kafka: Broker, topic_prefix: str) -> Iterator[Home]:
    made = Home(tmp_path / "home", kafka.bootstrap, topic_prefix)
    (tmp_path / "home").mkdir()
    yield made
    made.stop()


def told(home: Home, first: int, last: int) -> None:
    """Publish some of the story's lines and wait until boards show them."""
    home.start()
    assert home.publish(story.quarter()[first:last], "--history").code == 0
    home.wait()


def boards(home: Home) -> dict[str, object]:
    """What the home counts, without the place in the log that it rests on."""
    shown = {unit: home.board(unit) for unit in UNITS}
    bare = ("position", "version", "positions", "on", "known")
    return {u: {k: v for k, v in b.items() if k not in bare} for u, b in shown.items()}


def numbers(home: Home) -> dict[bytes, list[int]]:
    """Key -> the ledger's numbers of its records on the events topic, in the topic's order."""
    found: dict[bytes, list[int]] = {}
    name = EVENTS.full(home.settings.topic_prefix)
    with closing(home.log()) as log:
        for partition, (start, end) in enumerate(log.ends(name)):
            for record in all_records(log, name, partition, start, end):
                mark = ledger_mark(record.headers)
                assert mark is not None
                found.setdefault(record.key or b"", []).append(mark.notification)
    return found


def delete_topics(home: Home) -> None:
    names = {topic.full(home.settings.topic_prefix) for topic in TOPICS}
    admin = KafkaAdminClient(bootstrap_servers=home.settings.kafka)
    try:
        admin.delete_topics(sorted(names))
        until = time.monotonic() + WAIT_SECONDS
        while names & set(admin.list_topics()):
            assert time.monotonic() < until, "topics are still there"
            time.sleep(0.1)
    finally:
        admin.close()


def test_an_empty_kafka_is_filled_from_the_ledger_and_live_goes_on(home: Home) -> None:
    told(home, 0, 13)
    before, order = boards(home), numbers(home)
    home.stop()
    delete_topics(home)

    said = home("relay", "refill", "--yes")
    assert said.code == 0, said
    assert "13 events will be sent again" in said.out
    assert home("relay", "forget-inbox").code == 0
    home.start()
    home.wait()

    assert (before, order) == (boards(home), numbers(home))
    assert home.publish(story.quarter()[13:], "--history").code == 0
    home.wait()
    assert boards(home) != before
    verified = home("verify")
    assert verified.code == 0, verified


@pytest.mark.parametrize("source", ["backup", "archive"])
def test_a_lost_ledger_comes_back_with_what_only_the_topics_hold(home: Home, source: str) -> None:
    told(home, 0, 13)
    folder = home.settings.home.parent / "kept"
    said = home("backup", str(folder)) if source == "backup" else home("archive", "write")
    assert said.code == 0, said
    if source == "archive":
        shutil.copytree(home.settings.archive, folder)
    assert home.publish(story.quarter()[13:], "--history").code == 0
    home.wait()
    before, order = boards(home), numbers(home)
    home.stop()
    for path in home.settings.home.glob("*.sqlite*"):
        path.rename(home.settings.home.parent / path.name)

    said = home("restore", "--from", source, str(folder))

    assert said.code == 0, said
    taken = len(story.quarter()) - 13
    assert re.search(rf"\b{taken} (records )?taken back from the topics", said.out), said
    home.start()
    home.wait()
    assert (before, order) == (boards(home), numbers(home))
    with wiring.ledger(home.settings, create=False) as ledger:
        assert ledger.epoch == 2
    again = home.publish(story.quarter(), "--history")
    assert f"0 accepted, {len(story.quarter())} recorded before" in again.out
    assert home("verify").code == 0


def test_where_all_is_lost_a_backup_alone_fills_new_topics(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", "", "kept.")
    (tmp_path / "home").mkdir()
    try:
        told(home, 0, 13)
        before, order = boards(home), numbers(home)
        assert home("backup", str(tmp_path / "backup")).code == 0
        home.stop()
        shutil.rmtree(home.settings.home)

        assert home("restore", "--alone", str(tmp_path / "backup")).code == 0
        assert home("relay", "refill", "--yes").code == 0
        assert home("relay", "forget-inbox").code == 0
        home.start()
        home.wait()

        assert (before, order) == (boards(home), numbers(home))
        assert home("verify").code == 0
    finally:
        home.stop()


def test_where_all_is_lost_but_the_archive_live_goes_on_from_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", "", "kept.")
    (tmp_path / "home").mkdir()
    try:
        told(home, 0, 13)
        before, order = boards(home), numbers(home)
        assert home("archive", "write").code == 0
        head = home.asked("archive", "show")["segments"][-1]["hash"]
        home.stop()
        archive = shutil.move(home.settings.archive, tmp_path / "archive")
        shutil.rmtree(home.settings.home)
        spoilt = shutil.copytree(archive, tmp_path / "spoilt")
        file = next(Path(spoilt).glob("segments/*/events/*/*.parquet"))
        file.write_bytes(file.read_bytes()[:-1] + b"?")

        refused = home("restore", "--from", "archive", "--alone", str(spoilt))
        assert (refused.code, refused.out, home.settings.home.exists()) == (3, "", False)
        assert "Nothing was restored" in refused.err
        options = ("--from", "archive", "--head", head, "--alone")
        said = home("restore", *options, str(archive))
        assert said.code == 0, said
        assert "13 records, 0 taken back from the topics; epoch 2" in said.out
        shutil.move(archive, home.settings.archive)
        assert "13 events will be sent again" in home("relay", "refill", "--yes").out
        home.start()
        home.wait()

        assert (before, order) == (boards(home), numbers(home))
        again = home.publish(story.quarter(), "--history")
        assert f"{len(story.quarter()) - 13} accepted, 13 recorded before" in again.out
        home.wait()
        assert boards(home) != before
        verified = home("verify")
        assert verified.code == 0, verified
        assert home("archive", "write").code == 0
        assert home("archive", "verify", "--head", head).code == 0
    finally:
        home.stop()


def test_an_erased_text_is_in_clear_nowhere_and_everything_still_verifies(home: Home) -> None:
    home.settings = replace(home.settings, erasure="on")
    home.start()
    assert home.publish(story.quarter()[:13], "--history").code == 0
    assert home.publish(wordy()).code == 0
    (home.settings.home / "lines.jsonl").unlink()
    home.wait()
    before = boards(home)
    assert all(text in home("events").out for text in TEXTS)
    trail = home.asked("report", "trail", OWED)
    assert TEXTS[0] in json.dumps(trail, ensure_ascii=False)

    said = home("record", "erase", OWED, "--document", "7/QĐ")
    assert said.code == 0, said
    home.wait()

    assert boards(home) == before
    assert ERASED in home("events").out
    trail = home.asked("report", "trail", OWED)
    assert ERASED in json.dumps(trail, ensure_ascii=False)
    kept = [path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file()]
    with closing(home.log()) as log:
        kept += [
            record.value or b""
            for topic in TOPICS
            for partition, (start, end) in enumerate(
                log.ends(topic.full(home.settings.topic_prefix))
            )
            for record in all_records(
                log, topic.full(home.settings.topic_prefix), partition, start, end
            )
        ]
    for text in TEXTS:
        assert not any(text.encode() in one for one in kept)
        assert text not in home("events").out
    verified = home("verify")
    assert verified.code == 0, verified
    figures = home.asked("replay", "66")["subtree"]
    assert figures["assigned"] == home.board("66")["subtree"]["assigned"]


def test_a_copied_home_is_found_by_what_the_other_one_sends(home: Home) -> None:
    told(home, 0, 5)
    home.stop()
    copied = home.settings.home.parent / "copy"
    shutil.copytree(home.settings.home, copied)
    copy = replace(home.settings, home=copied, ledger=f"sqlite:{copied / 'ledger.sqlite'}")
    lines = story.quarter()
    with (
        closing(home.log()) as log,
        wiring.ledger(home.settings) as first,
        wiring.ledger(copy) as second,
    ):
        prefix = home.settings.topic_prefix
        relays = [Relay(one, log, prefix=prefix) for one in (first, second)]
        for relay in relays:
            assert relay.step() == 0
        home.publish(lines[5:6], "--history")
        relays[0].step()
        relays[0].look_again()

        with pytest.raises(RelayStopped, match="the ledger does not hold it"):
            relays[1].look_again()

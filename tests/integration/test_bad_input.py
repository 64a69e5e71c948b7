"""Bad input through every door: one sentence with place and reason each; all the rest goes on."""

from __future__ import annotations

import hashlib
import json
import random
import re
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from ops.broker import Broker
from ops.poison import poisons
from schemas import avro
from schemas.limits import LINE_BYTES_MAX, MESSAGE_BYTES_MAX
from schemas.quarantine import ORIGINAL_BYTES_MAX
from schemas.refusal import Reason
from tests import story
from tests.home import Home, events, wire

SOUND = story.quarter()
SENT = json.loads(SOUND[11])
"""The line of 66.so-a's report."""


def but(**changes: Any) -> str:
    """The sound line with other fields; a field that is Ellipsis is left out."""
    fields = {key: value for key, value in (SENT | changes).items() if value is not ...}
    return json.dumps(fields, ensure_ascii=False)


class Bad(NamedTuple):
    line: str
    reason: Reason
    where: str


BAD = (
    Bad('{"type": "report.submitted.v1", ', Reason.NOT_JSON, "line"),
    Bad("[1, 2]", Reason.NOT_JSON, "line"),
    Bad(but(type="report.eaten.v1"), Reason.UNKNOWN_TYPE, "type"),
    Bad(but(type=...), Reason.MISSING_FIELD, "type"),
    Bad(but(unit=...), Reason.MISSING_FIELD, "unit"),
    Bad(but(effective_at=...), Reason.MISSING_FIELD, "effective_at"),
    Bad(but(colour="red"), Reason.EXTRA_FIELD, "colour"),
    Bad(but(data_cutoff_on="2012-02-30"), Reason.IMPOSSIBLE_DAY, "data_cutoff_on"),
    Bad(but(effective_at="2012-13-01T00:00:00+07:00"), Reason.IMPOSSIBLE_DAY, "effective_at"),
    Bad(but(effective_at="2012-06-05T09:00:00"), Reason.INSTANT_WITHOUT_OFFSET, "effective_at"),
    Bad(but(effective_at="2099-01-01T00:00:00+07:00"), Reason.FUTURE, "effective_at"),
    Bad(but(text="x" * 501), Reason.TOO_LONG, "text"),
    Bad(but(unit="Sở A"), Reason.BAD_CODE, "unit"),
    Bad(but(text=""), Reason.EMPTY_STRING, "text"),
    Bad(but(figures=[{"name": "n", "value": "many"}]), Reason.WRONG_TYPE, "figures[0].value"),
    Bad(but(text="x" * LINE_BYTES_MAX), Reason.TOO_LARGE, "line"),
)
"""Lines that every door for lines refuses, with the reason and the place within the line."""
HELD = (
    but(obligation="nobody-opened:1", unit="66.so-a"),
    but(obligation="nobody-opened:2", unit="66.nobody", by="66.nobody"),
)
"""What waits for other facts is taken, and shown as waiting."""
NOT_FOR_THE_INBOX = {Reason.KEY_MISMATCH, Reason.WRONG_TOPIC, Reason.FUTURE}
"""There any key will do, every topic's events come by it, and the time of recording is ours."""


@pytest.fixture(scope="module")
def home(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("bad"), kafka.bootstrap, "bad.")
    made.start()
    try:
        made.wait_for_server()
        yield made
    finally:
        made.stop()


def mixed(sound: list[str]) -> tuple[list[str], dict[int, Bad]]:
    """Sound lines with a bad one after each as long as there are any; line number -> bad one."""
    lines, places = [], {}
    bad = iter(BAD)
    for one in sound:
        lines.append(one)
        if (another := next(bad, None)) is not None:
            lines.append(another.line)
            places[len(lines)] = another
    assert next(bad, None) is None
    return lines, places


REFUSED = re.compile(r"line (\d+): refused \((\w+)\): ([\w.\[\]]+): (.+)")


def test_publish_says_for_each_bad_line_where_and_why_and_takes_the_rest(home: Home) -> None:
    lines, places = mixed(SOUND)
    other = json.loads(SOUND[11]) | {"event_id": "00000000-0000-8000-8000-000000000001"}
    twins = [json.dumps(other), json.dumps(other | {"text": "another"})]

    said = home.publish([*lines, *HELD, *twins])

    found = [REFUSED.fullmatch(line) for line in said.out.splitlines() if "refused (" in line]
    told = {int(one[1]): (one[2], one[3]) for one in found if one is not None}
    clash = {len(lines) + 4: (Reason.DUPLICATE_OTHER_CONTENT, "event_id")}
    assert (1, "") == (said.code, said.err)
    assert {n: (b.reason, b.where) for n, b in places.items()} | clash == told
    assert f"{len(SOUND) + 3} accepted, 0 recorded before, {len(BAD) + 1} refused" in said.out
    home.wait()
    assert 4 == home.board("66", on="2012-06-21")["subtree"]["completed"]


def test_publishing_twice_records_nothing_twice(home: Home) -> None:
    home.publish(SOUND)
    again = home.publish(SOUND)

    assert 0 == again.code
    assert f"0 accepted, {len(SOUND)} recorded before, 0 refused" in again.out


def test_http_answers_for_each_line_and_takes_the_rest(home: Home) -> None:
    sound = [but(obligation=f"over-http:{n}", unit="66.so-a") for n in range(len(BAD))]
    # One body takes the lines that fit into it.
    lines, places = mixed(sound)

    status, answer = home.post("\n".join(lines))

    refused = {one["line"]: one for one in answer["lines"] if one["status"] == "refused"}
    assert (422, len(sound), len(BAD)) == (status, answer["accepted"], answer["refused"])
    assert {n: b.reason for n, b in places.items()} == {
        n: one["reason"] for n, one in refused.items()
    }
    assert [] == [
        n for n, b in places.items() if not refused[n]["sentence"].startswith(f"{b.where}: ")
    ]
    assert 200 == home.post(sound[0])[0]


def test_http_takes_nothing_without_the_token(home: Home) -> None:
    status, answer = home.post(SOUND[0], token="wrong")

    assert (401, "not_allowed") == (status, answer["reason"])


def test_the_inbox_quarantines_exactly_what_was_poisoned(home: Home) -> None:
    [opening] = events([SOUND[7].replace("2012-Q2:66.so-a", "2012-Q2:66.poison")])
    bad = [p for p in poisons(opening, random.Random(3)) if p.reason not in NOT_FOR_THE_INBOX]
    sound = wire(but(obligation=f"by-inbox:{n}", unit="66.so-a") for n in range(len(bad)))
    large = avro.encode(opening).ljust(MESSAGE_BYTES_MAX + 1, b"\0")

    home.send(
        [value for pair in zip(sound, bad, strict=True) for value in (pair[0], pair[1].value)]
    )
    home.send([large, sound[0]])
    home.take_in()

    listed = home.asked("quarantine", "list")
    wanted = [(str(p.reason), hashlib.sha256(p.value or b"").hexdigest()) for p in bad]
    wanted.append((str(Reason.TOO_LARGE), hashlib.sha256(large).hexdigest()))
    assert sorted(wanted) == sorted((one["reason"], one["sha256"]) for one in listed)
    assert {f"{home.settings.topic_prefix}inbox"} == {one["topic"] for one in listed}
    assert [] == [one for one in listed if not one["sentence"].strip()]
    recorded = home("events", "-o", "jsonl").out
    assert [] == [n for n in range(len(bad)) if f'"by-inbox:{n}"' not in recorded]


def test_what_is_too_large_for_quarantine_too_is_kept_by_hash_size_and_place(home: Home) -> None:
    # Only a topic whose limit somebody has raised takes such a record at all.
    inbox = f"{home.settings.topic_prefix}inbox"
    admin = KafkaAdminClient(bootstrap_servers=home.settings.kafka)
    raised = {"max.message.bytes": str(2 * ORIGINAL_BYTES_MAX), "cleanup.policy": "delete"}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, inbox, configs=raised)])
    admin.close()
    huge = random.Random(5).randbytes(ORIGINAL_BYTES_MAX + 1)

    home.send([huge, wire([but(obligation="by-inbox:after-it", unit="66.so-a")])[0]])
    home.take_in()

    [kept] = [one for one in home.asked("quarantine", "list") if one["size"] == len(huge)]
    assert (str(Reason.TOO_LARGE), inbox) == (kept["reason"], kept["topic"])
    assert hashlib.sha256(huge).hexdigest() == kept["sha256"]
    assert '"by-inbox:after-it"' in home("events", "-o", "jsonl").out


def test_what_waits_for_other_facts_is_counted_as_held(home: Home) -> None:
    home.publish([*SOUND, *HELD])
    home.wait()
    with urllib.request.urlopen(f"{home.url}/metrics") as answer:
        held = re.search(r"^lienthong_held_facts (\S+)$", answer.read().decode(), re.M)

    assert held is not None
    assert float(held[1]) >= len(HELD)
    states = {one["obligation"] for one in home.asked("obligations", "66")["obligations"]}
    assert "nobody-opened:1" not in states


def test_after_all_that_everything_is_verified(home: Home) -> None:
    said = home("verify")

    assert (0, "") == (said.code, said.err)
    assert [] == [line for line in said.out.splitlines() if not line.startswith("ok ")]


@pytest.mark.parametrize(
    ("argv", "code", "sentence"),
    [
        (("board", "nowhere"), 1, "nowhere"),
        (("board", "66", "--on", "2012-02-30"), 1, "2012-02-30"),
        (("board", "66", "--on", "2012-06-05T09:00:00"), 1, "offset"),
        (("replay", "nowhere"), 1, "nowhere"),
        (("replay", "66", "--on", "2012-02-30"), 1, "2012-02-30"),
        (("publish", "no-such-file.jsonl"), 2, "no-such-file.jsonl"),
        (("board", "66", "--by", "colour"), 2, "colour"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_sentence(
    home: Home, argv: tuple[str, ...], code: int, sentence: str
) -> None:
    home.publish(SOUND)
    home.wait()

    said = home(*argv)

    assert (code, "") == (said.code, said.out)
    assert sentence in said.err
    assert "Traceback" not in said.err

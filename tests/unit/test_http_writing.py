"""Writing over HTTP: the token, one outcome per line, limits of the body."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ops.http_events import BODY_BYTES_MAX, BODY_LINES_MAX
from ops.http_token import allows, read_or_make
from tests.http_home import TOKEN, Home, valid


def test_lines_are_taken_one_by_one() -> None:
    home = Home()
    answer = home.post('{"type":"a"}\nnonsense\n{"type":"a"}\n{"x":1}\n')
    said = answer.json()

    valid("Outcomes", said)
    assert answer.status_code == 422
    assert [line["status"] for line in said["lines"]] == [
        "accepted",
        "refused",
        "duplicate",
        "refused",
    ]
    assert (said["accepted"], said["duplicate"], said["refused"]) == (1, 1, 2)
    assert said["lines"][1]["sentence"] == "the line is not JSON"


def test_one_object_may_be_written_over_several_lines() -> None:
    home = Home()
    answer = home.post('{\n  "type": "a",\n  "text": "Đắk Lắk"\n}\n')

    assert answer.status_code == 200
    assert home.book.lines == ['{"type": "a", "text": "Đắk Lắk"}']


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"]
)
def test_writing_needs_the_token_of_the_home(header: str) -> None:
    home = Home()
    headers = {"authorization": header.encode("latin-1")}
    answer = home.ask("/api/events", "POST", content=b'{"type":"a"}', headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert home.book.lines == []


def test_a_process_without_a_ledger_only_reads() -> None:
    answer = Home(publish=None).post('{"type":"a"}')

    assert answer.status_code == 405


def test_a_body_over_the_limit_is_refused_and_counted() -> None:
    home = Home()
    long = home.post(b"x" * (BODY_BYTES_MAX + 1))
    many = home.post(b"{}\n" * (BODY_LINES_MAX + 1))

    assert (long.status_code, many.status_code) == (413, 413)
    assert long.json()["reason"] == "too_large"
    assert home.reached.counts() == {
        "BODY_BYTES_MAX": 1,
        "BODY_LINES_MAX": 1,
        "SUBSCRIBERS_MAX": 0,
    }


def test_a_body_of_unknown_length_is_cut_at_the_limit() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10 * BODY_BYTES_MAX:
            sent += 1 << 20
            yield b"x" * (1 << 20)

    assert Home().post(endless()).status_code == 413
    assert sent <= BODY_BYTES_MAX + (2 << 20)


@pytest.mark.parametrize("body", [b"", b"\n \n", b"\xff\xfe{}"])
def test_a_body_without_text_is_refused(body: bytes) -> None:
    answer = Home().post(body)

    assert answer.status_code == 400
    assert answer.json()["where"] == "body"


def test_the_token_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    token = read_or_make(tmp_path)

    assert read_or_make(tmp_path) == token
    assert (tmp_path / "http-token").stat().st_mode & 0o777 == 0o600
    assert allows(f"Bearer {token}", token)


def test_a_token_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    read_or_make(tmp_path)
    (tmp_path / "http-token").chmod(0o644)

    with pytest.raises(PermissionError, match="chmod 600"):
        read_or_make(tmp_path)

"""The commands `archive write|verify|show` and `soak archive`, as a person types them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ops import soak_archive
from ops.cli import EXIT_BROKEN, EXIT_REFUSED
from ops.soak_archive import MUTATIONS, has_place, tried
from tests import story
from tests.home import Home

SAMPLE = 200


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home", "", "lienthong.")
    (tmp_path / "home").mkdir()
    assert home.publish(story.quarter(), "--history").code == 0
    return home


def test_an_archive_is_written_checked_and_shown(home: Home) -> None:
    written = home("archive", "write")
    checked = home("archive", "verify")
    shown = home.asked("archive", "show")

    assert (0, 0) == (written.code, checked.code)
    assert "18 records written in 1 segments" in written.out
    assert "No log is running" not in written.out
    assert checked.out.startswith("Whole: 1 segments, 18 records")
    assert ["1-18"] == [one["name"] for one in shown["segments"]]
    assert {"events": 11, "units": 7} == shown["segments"][0]["topics"]
    assert shown["checked"]["holds"]


def test_an_archive_is_checked_where_no_home_is(home: Home, tmp_path: Path) -> None:
    (made,) = home.asked("archive", "write")["heads"]
    away = tmp_path / "away"
    shutil.copytree(home.settings.archive, away)
    shutil.rmtree(home.settings.home)
    elsewhere = Home(tmp_path / "empty", "", "lienthong.")
    said = elsewhere("archive", "verify", str(away), "--head", made["hash"])

    assert (0, "") == (said.code, said.err)
    assert "vouches for everything up to head 1 at number 18." in said.out
    assert not (tmp_path / "empty").exists()


def test_a_fault_is_told_with_exit_code_1_and_kept_for_show(home: Home) -> None:
    home("archive", "write")
    (home.settings.archive / "heads.jsonl").write_bytes(b"nothing\n")
    said = home("archive", "verify")

    assert EXIT_REFUSED == said.code
    assert "heads.jsonl, line 1 (bytes 0 to 7): it is no head" in said.out
    assert EXIT_BROKEN == home("archive", "show").code


def test_heads_are_signed_where_a_key_is_set_up(home: Home, tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key").write_bytes(pem)
    (tmp_path / "key.pub").write_bytes(public)
    home.settings = replace(home.settings, archive_key_file=str(tmp_path / "key"))
    home("archive", "write")
    said = home("archive", "verify", "--key", str(tmp_path / "key.pub"))

    assert (0, "") == (said.code, said.err)
    assert "not signed" not in said.out


@pytest.mark.parametrize("content", ["", "nothing", None])
def test_a_key_that_cannot_be_used_is_said_in_one_sentence(
    home: Home, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    home.settings = replace(home.settings, archive_key_file=str(tmp_path / "key"))
    said = home("archive", "write")

    assert EXIT_BROKEN == said.code
    assert "LIENTHONG_ARCHIVE_KEY_FILE" in said.err


def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path) -> None:
    empty = Home(tmp_path / "empty", "", "lienthong.")
    for command in ("write", "verify", "show"):
        said = empty("archive", command)

        assert EXIT_BROKEN == said.code
        assert said.err.startswith("There is no ")
    assert not (tmp_path / "empty").exists()


def test_hundreds_of_mutations_of_every_kind_are_all_found_with_their_place() -> None:
    found = list(tried(SAMPLE, 1))

    assert set(MUTATIONS) == {one.name for one in found}
    assert [] == [(one.seed, one.name) for one in found if not has_place(one.faults)]


def test_the_soak_counts_what_it_tried(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == soak_archive.run(["--mutations", "3", "--seed", "9"])
    said = capsys.readouterr().out

    assert "3 mutations from seed 9 on: 3 found with their place, 0 not" in said

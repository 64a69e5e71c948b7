"""Loading a file by command: the same document again is welcome, another one with its id is not."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from ops import cli
from services.programme_reading import builtin_programmes
from tests.small_home import SmallHome
from tests.unit.test_openings import S3


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path / "home")
    yield made
    made.close()


def load(home: SmallHome, file: Path) -> tuple[int, str]:
    said = io.StringIO()
    with (
        patch.dict(os.environ, home.settings.environment()),
        redirect_stdout(said),
        redirect_stderr(said),
    ):
        return cli.main(["programme", "load", str(file), "--all"]), said.getvalue()


def shipped() -> Path:
    return next(one for one in builtin_programmes() if one.stem == S3)


def test_another_document_with_the_id_of_a_programme_is_refused_as_a_whole(
    home: SmallHome, tmp_path: Path
) -> None:
    text = shipped().read_text(encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text(
        text.replace("number: 71/QĐ-UBND-HC", "number: 72/QĐ-UBND-HC").replace("id: R4", "id: R5"),
        encoding="utf-8",
    )
    first, _ = load(home, shipped())
    before = home.ledger.max_notification()
    code, said = load(home, other)

    assert (first, code) == (0, 1)
    assert f"{S3} is 71/QĐ-UBND-HC of 87 already; another document has an id of its own" in said
    assert len(said.strip().splitlines()) == 1
    assert home.ledger.max_notification() == before > 0


def test_the_same_document_again_says_nothing_new(home: SmallHome) -> None:
    load(home, shipped())
    before = home.ledger.max_notification()
    code, said = load(home, shipped())

    assert (code, "0 recorded, " in said) == (0, True)
    assert home.ledger.max_notification() == before

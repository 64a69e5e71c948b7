"""First use: an installation is there whole, or counts as not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ops import install

ABSENT = "no-such-package-of-ours==1.0 --hash=sha256:" + "0" * 64 + "\n"


def test_an_installation_counts_only_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(install, "TRIES_MAX", 1)
    lock, stamp = tmp_path / "requirements.lock", tmp_path / ".venv" / install.STAMP
    lock.write_text(ABSENT, encoding="utf-8")

    assert install.EXIT_BROKEN == install.main(tmp_path)
    said = capfd.readouterr().err
    assert said.startswith("First use: installing what requirements.lock names into ")
    assert "no-such-package-of-ours" in said
    assert said.endswith("The installation failed; pip's words are above.\n")
    assert not stamp.exists()

    lock.write_text("# nothing is needed\n", encoding="utf-8")

    assert 0 == install.main(tmp_path)
    assert lock.read_bytes() == stamp.read_bytes()
    capfd.readouterr()
    assert 0 == install.main(tmp_path)
    assert "" == capfd.readouterr().err


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    """It runs before anything is installed, so it may import the standard library alone."""
    source = Path(install.__file__)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(source), str(tmp_path / "nowhere")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "FileNotFoundError" in done.stderr
    assert "ModuleNotFoundError" not in done.stderr

"""The README's five minutes, run as they are written; `…` stands for what differs every time."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.settings import Settings, inherited
from ops.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
STORY = "## Five minutes"


def sessions() -> list[tuple[str, list[str]]]:
    """(command, printed lines) of the story, in order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    story = text[text.index(STORY) : text.index("## The five programmes")]
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", story, re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def matches(written: list[str], printed: str) -> bool:
    """Whether the printed text is what is written; a line of `…` is any number of lines."""
    pattern = ""
    for line in written:
        words = " ".join(re.escape(word) for word in line.split())
        pattern += r"(.*\n)*?" if line == "…" else words.replace("…", ".*") + r"\n"
    folded = "".join(f"{' '.join(line.split())}\n" for line in printed.splitlines())
    return re.fullmatch(pattern, folded) is not None


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, kafka: object) -> Iterator[Path]:
    """A running home, as the story asks for."""
    path = tmp_path_factory.mktemp("readme")
    with Supervisor(Settings.load({}, home=path, port=0), quiet=True):
        yield path


def run(command: str, home: Path) -> str:
    """The command as a person types it, on this home; both outputs together."""
    words = shlex.split(command)
    assert words[0] == "./lienthong"
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "--home", str(home), *words[1:]],
        cwd=ROOT,
        env=inherited() | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def test_the_five_minutes_print_what_the_readme_says(home: Path) -> None:
    for command, written in sessions():
        if command.endswith("verify") or " board " in command:
            run("./lienthong wait", home)
        printed = run(command, home)

        assert matches(written, printed), f"$ {command}\n{printed}\nwritten: {written}"

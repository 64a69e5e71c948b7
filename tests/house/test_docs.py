"""What a person is told is what there is: every setting is in the README."""

from __future__ import annotations

from pathlib import Path

import click

from ops.cli import COMMANDS, lienthong
from ops.settings import documented

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_in_the_readme_with_its_meaning_and_default() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert [] == [setting.as_row() for setting in documented() if setting.as_row() not in lines]


def test_every_command_is_in_the_readme_and_has_a_help_text() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("## Commands") : readme.index("## Settings")]
    for name in COMMANDS:
        command = lienthong.get_command(click.Context(lienthong), name)

        assert f"`{name}" in table, name
        assert command is not None
        assert command.help

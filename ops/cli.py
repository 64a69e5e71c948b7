"""The command line: one group, its commands loaded when they are asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ops.settings import BrokenEnvironment, Settings
from schemas.refusal import Refused

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_BROKEN = 3

COMMANDS = {
    "demo": ("ops.cli_run", "demo"),
    "up": ("ops.cli_run", "up"),
    "run": ("ops.cli_run", "run"),
    "wait": ("ops.cli_run", "wait"),
    "relay": ("ops.cli_run", "relay"),
    "publish": ("ops.cli_publish", "publish"),
    "events": ("ops.cli_publish", "events"),
    "follow": ("ops.cli_publish", "follow"),
    "quarantine": ("ops.cli_publish", "quarantine"),
    "unit": ("ops.cli_decide", "unit"),
    "programme": ("ops.cli_decide", "programme"),
    "task": ("ops.cli_decide", "task"),
    "report": ("ops.cli_decide", "report"),
    "inspection": ("ops.cli_decide", "inspection"),
    "record": ("ops.cli_decide", "record"),
    "petition": ("ops.cli_decide", "petition"),
    "index": ("ops.cli_decide", "index"),
    "board": ("ops.cli_board", "board"),
    "obligations": ("ops.cli_board", "obligations"),
    "calendar": ("ops.cli_calendar", "calendar"),
    "explain": ("ops.cli_explain", "explain"),
    "diff": ("ops.cli_explain", "diff"),
    "review": ("ops.cli_review", "review"),
    "rank": ("ops.cli_rank", "rank"),
    "restatements": ("ops.cli_restatements", "restatements"),
    "ladder": ("ops.cli_ladder", "ladder"),
    "year": ("ops.cli_ladder", "year"),
    "simulate": ("ops.cli_load", "simulate"),
    "waiting": ("ops.cli_board", "waiting"),
    "replay": ("ops.cli_proof", "replay"),
    "verify": ("ops.cli_proof", "verify"),
    "archive": ("ops.cli_archive", "archive"),
    "rebuild": ("ops.cli_rebuild", "rebuild"),
    "schemas": ("ops.cli_proof", "schemas"),
    "dashboards": ("ops.cli_proof", "dashboards"),
    "bench": ("ops.cli_proof", "bench"),
    "soak": ("ops.cli_proof", "soak"),
    "backup": ("ops.cli_keep", "backup"),
    "restore": ("ops.cli_keep", "restore"),
    "doctor": ("ops.cli_proof", "doctor"),
}
"""Command name -> module and attribute; so that `--help` and `board` load only what they need."""


@dataclass(frozen=True)
class Context:
    """What every command is given: the settings of this installation and the language."""

    settings: Settings
    language: str


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = COMMANDS.get(cmd_name)
        if found is None:
            return None
        command = getattr(importlib.import_module(found[0]), found[1])
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    help="Folder of this installation (LIENTHONG_HOME).",
)
@click.option(
    "--language",
    type=click.Choice(["vi", "en"]),
    default="vi",
    show_default=True,
    help="Language of printed tables.",
)
@click.pass_context
def lienthong(ctx: click.Context, home: Path | None, language: str) -> None:
    """Lienthong: duties of administrative reform, linked across four levels."""
    ctx.obj = Context(Settings.load(home=home), language)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; errors are one sentence on stderr.

    0 done, 1 refused or differs, 2 usage, 3 broken environment.
    """
    try:
        found: Any = lienthong.main(
            args=None if argv is None else list(argv), prog_name="lienthong", standalone_mode=False
        )
        return found if isinstance(found, int) else 0
    except click.exceptions.Abort:
        return _said("stopped", 130)
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE if isinstance(error, click.UsageError) else error.exit_code
    except Refused as refused:
        return _said(f"{refused} ({refused.reason})", EXIT_REFUSED)
    except BrokenEnvironment as error:
        return _said(str(error), EXIT_BROKEN)
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _said(sentence: str, code: int) -> int:
    click.echo(sentence, err=True)
    return code


if __name__ == "__main__":
    sys.exit(main())

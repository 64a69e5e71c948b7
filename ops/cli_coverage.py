"""What a programme file would open, rule by rule, before anything of it is loaded."""

from __future__ import annotations

from pathlib import Path

import click

from ops import rules_doc
from services.programme_reading import read_programme

YAML_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("coverage")
@click.argument("file", required=False, type=YAML_FILE)
@click.option("--write", "written", is_flag=True, help="Write docs/rules.md: the five shipped.")
def coverage(file: Path | None, written: bool) -> None:
    """Every rule of a YAML FILE: what it opens for whom, or why nothing; without: the five.

    Reads only; loads nothing.
    """
    if written:
        click.echo(rules_doc.write())
    elif file is None:
        click.echo(rules_doc.page(), nl=False)
    else:
        for line in rules_doc.table(read_programme(file)):
            click.echo(line)

"""What `demo` prints: boards of all four levels, now and on a day inside each programme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops import reading, tables
from ops.i18n import word
from ops.settings import Settings

INSTANTS = (
    ("06", "bac-kan-2006-2010", "2008-12-31"),
    ("20", "lang-son-review-2001-2010", "2010-07-15"),
    ("87", "dong-thap-review-2011-2020", "2020-06-15"),
    ("66", "dak-lak-guidance-2012", "2012-06-08"),
)
"""Province, programme, and a day inside it."""
WIDTH = 170
LEVELS = ("commune", "district", "province", "centre")


def show(settings: Settings, language: str) -> None:
    """Print the centre's board, and each province's now and on its day."""
    console = Console(width=WIDTH)
    with reading.of(settings) as reader:
        tables.board(reader.board("centre", by="child"), language, console)
        for province, programme, day in INSTANTS:
            for on in (None, day):
                found = reader.board(province, on=on, programme=None if on is None else programme)
                _levels(found, language, console)
        console.print(word("ui.simulated", language), style="dim")


def _levels(found: Mapping[str, Any], language: str, console: Console) -> None:
    """One line per level of a province, and its total."""
    table = Table(
        box=None, header_style="bold", pad_edge=False, title_justify="left", title_style="bold"
    )
    table.title = (
        f"{escape(found['name'])} · {word('ui.as_of', language).format(at=tables.day(found['on']))}"
    )
    table.add_column("")
    for name in (*tables.COLUMNS, *tables.RATE_COLUMNS):
        heading = word(f"measure.{name}", language)
        table.add_column(heading, justify="right", max_width=tables.COLUMN_WIDTH)
    for level in LEVELS:
        if level in found["by_level"]:
            title = word(f"level.{level}", language)
            tables.add_row(table, title, found["by_level"][level], language)
    tables.add_row(table, word("ui.subtree", language), found["subtree"], language)
    console.print(table)
    console.print()

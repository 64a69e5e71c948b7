"""The demo, as a person runs it: its printed boards, and `verify` after it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ops.broker import Broker
from tests.demo_home import Ran, run

DAYS = {"31/12/2008", "15/07/2010", "15/06/2020", "08/06/2012"}
"""A day inside each province's programme."""


def test_the_demo_ends_by_itself_and_names_its_broker(demo: Ran, kafka: Broker) -> None:
    assert 0 == demo.code, demo.err
    assert f"Broker used: Apache Kafka {kafka.version} (KRaft) at" in demo.out.splitlines()[-1]


class Row(NamedTuple):
    """One printed line of figures."""

    title: str
    counts: tuple[int, ...]
    rates: tuple[str, ...]


ROW = re.compile(r"(\S.*?) {2,}((?:[\d,]+ +){7})(\S+(?: %)?) +(\S+(?: %)?) +(\S+(?: %)?)")
ASSIGNED, DUE, COMPLETED, REVISED, OVERDUE, ON_TIME, LATE = range(7)
"""The printed columns of counts."""


def tables(out: str) -> dict[str, list[Row]]:
    """Title of a printed table -> its rows; the first one is the centre's."""
    found: dict[str, list[Row]] = {"centre": []}
    title = "centre"
    for line in out.splitlines():
        if " · Figures as of " in line:
            title = line.strip()
            found[title] = []
        elif (match := ROW.fullmatch(line.strip())) is not None:
            counts = tuple(int(word.replace(",", "")) for word in match[2].split())
            found[title].append(Row(match[1], counts, (match[3], match[4], match[5])))
    return found


def shown(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f} %" if whole else "–"


def test_the_demo_prints_the_levels_of_four_provinces_now_and_inside_each_programme(
    demo: Ran,
) -> None:
    printed = tables(demo.out)
    levels = ["Commune level", "District level", "Province level", "With all below"]
    provinces = {title: rows for title, rows in printed.items() if title != "centre"}

    assert 8 == len(provinces)
    assert {day for day in DAYS if any(title.endswith(day) for title in provinces)} == DAYS
    assert [levels] * 8 == [[row.title for row in rows] for rows in provinces.values()]
    assert "source: simulation" in demo.out


def test_the_printed_figures_add_up(demo: Ran) -> None:
    printed = tables(demo.out)
    rows = [row for table in printed.values() for row in table]
    whole = {row.title: row.counts for row in printed["centre"]}
    levels = ["Centre", "Province level", "District level", "Commune level"]

    assert len(rows) > 40
    assert [] == [row for row in rows if not _right(row)]
    assert whole["With all below"] == _sum(whole[level] for level in levels)
    for title, table in printed.items():
        if title != "centre":
            *parts, total = table
            assert total.counts == _sum(row.counts for row in parts)


def _right(row: Row) -> bool:
    n = row.counts
    return (
        n[COMPLETED] == n[ON_TIME] + n[LATE]
        and n[OVERDUE] <= n[DUE] <= n[ASSIGNED]
        and row.rates[0] == shown(n[COMPLETED], n[ASSIGNED])
    )


def _sum(rows: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True)))


def test_the_demo_shows_how_far_it_is(demo: Ran) -> None:
    assert "units, programmes, simulated history" in demo.err
    assert "projections: frames" in demo.err


def test_verify_finds_everything_right_after_the_demo(demo: Ran, demo_home: Path) -> None:
    said = run(demo_home, "verify")
    checks = [line for line in said.out.splitlines() if line.startswith("ok ")]

    assert 0 == said.code, said
    assert 9 == len(checks)
    assert [] == [line for line in said.out.splitlines() if not line.startswith(("ok ", "   "))]


def test_the_figures_can_be_read_and_replayed_after_the_demo_stopped(
    demo: Ran, demo_home: Path
) -> None:
    asked = ("66", "--on", "2012-06-08", "--programme", "dak-lak-guidance-2012", "-o", "json")
    board, replayed = (run(demo_home, command, *asked) for command in ("board", "replay"))

    assert (0, 0) == (board.code, replayed.code)
    assert json.loads(board.out)["subtree"] == json.loads(replayed.out)["subtree"]

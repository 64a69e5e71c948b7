"""A unit's figures at the end of every local day, from an archive alone: SQL over its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple

from ops import duck
from ops.archive.columns import BUCKETS
from ops.archive.reading import files_of, records_on
from ops.archive.replaying import Archived
from ops.replay import gather, logged
from ops.settings import BrokenEnvironment
from ops.sql import daily as by_sql
from ops.sql.daily import Flow, Stay
from ops.sql.engine import know_programmes
from schemas.board import Counts
from schemas.refusal import Reason, Refused
from schemas.times import Day, Instant, format_day
from schemas.topics import EVENTS, PROGRAMMES, UNITS
from schemas.tree import Tree

DAYS_MAX = 100 * 366
"""Most days that are asked for at once."""
PART_RECORDS = 2_000_000
"""About so many records are worked out at once, by each of duck.THREADS."""
MEMORY_MB = duck.MEMORY_MB // duck.THREADS


class Daily(NamedTuple):
    """The counts of a unit and all below it at the end of a day; None where it stands nowhere.

    Content items are not counted: they are no obligations.
    """

    day: Day
    counts: Counts | None

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        counts = None if self.counts is None else self.counts.plain()
        return {"on": format_day(self.day), "subtree": counts}


def daily(
    archived: Archived, unit: str, first: Day, last: Day, known: Instant | None = None
) -> list[Daily]:
    """The figures of a unit ('': the root of the last day) from the first day to the last.

    Each day is counted by its own tree.

    Raises Refused where the days are no period or the unit stands on none of them, and
    BrokenEnvironment where a file cannot be read.
    """
    if not 0 <= last - first < DAYS_MAX:
        text = f"{format_day(first)} to {format_day(last)} is no period of at most 100 years"
        raise Refused(Reason.RULE, text, "since")
    tree = _tree(archived, known)
    unit = unit or tree.at(last).root or ""
    stays = list(stays_of(tree, unit, first, last))
    if not stays:
        text = f"{unit} stands nowhere from {format_day(first)} to {format_day(last)}"
        raise Refused(Reason.RULE, text, "unit")
    flows = _flows(archived, stays, known)
    with duck.opened(threads=1) as connection:
        totals = by_sql.totals(connection, flows, first, last)
    stands = {day for one in stays if one.unit == unit for day in range(one.first, one.last + 1)}
    return [Daily(Day(day), Counts(counts) if day in stands else None) for day, counts in totals]


def _tree(archived: Archived, known: Instant | None) -> Tree:
    told = records_on(archived.folder, archived.heads, UNITS.name)
    return gather(logged(one.value, f"archive/{one.notification}") for one in told).tree(known)


def stays_of(tree: Tree, unit: str, first: Day, last: Day) -> Iterator[Stay]:
    """Who stands under a unit from when until when inside a period, itself included."""
    inside = [day for day in tree.days if first < day <= last]
    open_: dict[str, int] = {}
    for begins, ends in pairwise([first, *inside, Day(last + 1)]):
        day = tree.at(begins)
        here = set(day.subtree(unit)) if unit in day else set()
        for gone in open_.keys() - here:
            yield Stay(gone, open_.pop(gone), begins - 1)
        for come in here - open_.keys():
            open_[come] = begins
        if ends == last + 1:
            yield from (Stay(code, since, last) for code, since in open_.items())


def _flows(archived: Archived, stays: Sequence[Stay], known: Instant | None) -> list[Flow]:
    """What comes and goes, of all parts: each core works out some of them, one by one."""
    sources = _sources(archived)
    shares = [sources[core :: duck.THREADS] for core in range(duck.THREADS)]
    try:
        with ThreadPoolExecutor(duck.THREADS) as pool:
            asked = [pool.submit(_share, archived, stays, known, share) for share in shares]
            return [flow for one in asked for flow in one.result()]
    except duck.Error as error:
        raise BrokenEnvironment(
            f"The archive in {archived.folder} cannot be read whole; "
            "`lienthong archive verify` says which file."
        ) from error


def _share(
    archived: Archived, stays: Sequence[Stay], known: Instant | None, sources: Sequence[str]
) -> list[Flow]:
    with duck.opened(threads=1, memory_mb=MEMORY_MB) as connection:
        know_programmes(connection, known, _read(archived, PROGRAMMES.name))
        return by_sql.flows(connection, stays, known, sources)


def _sources(archived: Archived) -> list[str]:
    """The events in parts of whole buckets, so that all of an obligation is in one."""
    parts = duck.THREADS
    while parts < BUCKETS and sum(head.count for head in archived.heads) > parts * PART_RECORDS:
        parts *= 2
    which = (", ".join(map(str, range(part, BUCKETS, parts))) for part in range(parts))
    return [_read(archived, EVENTS.name, f"AND bucket IN ({buckets})") for buckets in which]


def _read(archived: Archived, topic: str, which: str = "") -> str:
    paths = [path for head in archived.heads for path in files_of(archived.folder, head)]
    named = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"(SELECT * FROM read_parquet([{named}]) WHERE topic = '{topic}' {which})"

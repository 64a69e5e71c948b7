"""`lienthong soak year`: a simulated year of a province, every figure of it counted twice."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ops.progress import counting_bar
from ops.units_vn import UnitsMissing
from ops.verify import Check
from ops.year_world.by_sql import checks_by_sql
from ops.year_world.characters import Character, character_of
from ops.year_world.duties import YEARS
from ops.year_world.happened import happened
from ops.year_world.laws import checks, live_of
from ops.year_world.year import Year, year_of
from schemas.event import Meets, Opens
from schemas.jsonl import to_line
from schemas.times import Day, day_of

EARLY_DAYS = 14
"""Who sends more days ahead than these is early."""
SAMPLED = 61
"""Days of a year that are looked at most closely, where nothing else is asked for."""


def run(arguments: Sequence[str]) -> int:
    """Exit code 0 where nothing differs, 1 where something does, 3 without the package of units."""
    asked = _arguments().parse_args(list(arguments))
    try:
        year = year_of(asked.province, asked.seed)
    except UnitsMissing as missing:
        print(missing)
        return 3
    if asked.lines is not None:
        write(year, asked.lines)
        return 0
    with counting_bar(remaining=True) as bar:
        task = bar.add_task("days", total=len(year.days))
        days = sampled(year, asked.days)
        found = checks(year, days, lambda done: bar.update(task, completed=done))
        bar.update(task, description="days by SQL", completed=0, total=len(days))
        found += tuple(checks_by_sql(year, live_of(year), days, lambda: bar.advance(task)))
    print(*told(year, found), sep="\n")
    return 0 if all(check.holds for check in found) else 1


def write(year: Year, file: Path) -> None:
    """The year as JSON Lines for `lienthong publish --history`, repeats included."""
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{to_line(event)}\n" for event in year.history())


def told(year: Year, found: Sequence[Check]) -> Iterator[str]:
    """The lines that say what happened in the year and what was compared."""
    yield f"Province {year.province}, {year.year}, seed {year.seed}"
    for what, count in counted(year).items():
        yield f"  {what:<24}{count:>7}"
    for check in found:
        yield from check.lines()


def sampled(year: Year, days: int | None) -> list[Day]:
    """So many days spread over the year (None: all), its last one among them."""
    if days is None:
        return year.days
    count = len(year.days)
    return [year.days[(number + 1) * count // days - 1] for number in range(min(days, count))]


def counted(year: Year) -> dict[str, int]:
    """How many units and duties there are, and what happens to how many of them, for people."""
    characters = Counter(character_of(year.seed, unit) for unit in year.codes)
    opened = {event.obligation for event in year.told if isinstance(event, Opens)}
    met = {event.obligation for event in year.told if isinstance(event, Meets)}
    seen = happened(year.told)
    return {
        "units": len(year.codes),
        **{f"units {one}": characters[one] for one in Character},
        "duties": len(opened),
        "duties never sent": len(opened - met),
        "events": len({event.event_id for event in year.told}),
        **{word: seen[word] for word in sorted(seen)},
        **_sendings(year),
    }


def _sendings(year: Year) -> dict[str, int]:
    """Of the duties with a day that were sent: the first sending early, late, and once more.

    Early is more than two weeks ahead; late is after the day that the opening named.
    """
    dues = {e.obligation: e for e in year.told if isinstance(e, Opens) and e.due_before}
    first: dict[str | None, Day] = {}
    ids: dict[str | None, set[bytes]] = {}
    for event in year.told:
        if isinstance(event, Meets):
            ids.setdefault(event.obligation, set()).add(event.event_id)
            if event.obligation in dues:
                on = day_of(event.effective_at)
                first[event.obligation] = min(on, first.get(event.obligation, on))
    ahead = [(dues[one].due_before or 0) - on for one, on in first.items()]
    return {
        "sent early": sum(days > EARLY_DAYS for days in ahead),
        "sent late": sum(days <= 0 for days in ahead),
        "sent more than once": sum(len(one) > 1 for one in ids.values()),
    }


def _days(text: str) -> int | None:
    return None if text == "all" else int(text)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lienthong soak year",
        description="A simulated year of a province: on every day the board of every unit must "
        "say what a plain count of its duties says, and the identities must hold.",
    )
    parser.add_argument("--province", choices=sorted(YEARS), default="66", help="(default: 66)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--days",
        type=_days,
        default=SAMPLED,
        help=f"days whose boards are also asked for and taken apart, or all (default: {SAMPLED})",
    )
    parser.add_argument(
        "--lines",
        type=Path,
        metavar="FILE",
        help="only write the year to this file, to be published with --history",
    )
    return parser

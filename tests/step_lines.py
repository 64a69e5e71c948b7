"""Step lists of one obligation the way events.md section 3 writes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from projections.facts import Fact
from projections.obligation import derive
from projections.steps import steps
from schemas.measures import MEASURES, Step
from schemas.times import Instant, day_of, format_day, format_instant, midnight
from tests import lives

SHORT = {short: long for short, long in lives.SHORT.items() if not long.startswith("findings")}
LONG = {long: short for short, long in SHORT.items()}


Steps = Callable[..., list[Step]]


def by_the_fold(facts: Iterable[Fact], known: Instant | None = None) -> list[Step]:
    return list(steps(derive(facts, known)))


def lines_of(found: Iterable[Step], ower: str | None) -> list[str]:
    found = list(found)
    owers = [ower] if ower else list({step.ower for step in found})
    assert len(owers) == 1
    sums: Counter[tuple[int, int]] = Counter()
    for step in found:
        if step.ower == owers[0] and MEASURES[step.measure] in LONG:
            sums[step.at, step.measure] += step.sign
    lines: dict[int, list[str]] = {}
    order = list(SHORT)
    for (at, measure), change in sums.items():
        if change:
            lines.setdefault(at, []).append(f"{LONG[MEASURES[measure]]}{change:+d}")
    return [
        f"{when(at)} {' '.join(sorted(lines[at], key=lambda text: order.index(text[:-2])))}"
        for at in sorted(lines)
    ]


def when(at: int) -> str:
    day = day_of(at)
    return format_day(day) if at == midnight(day) else format_instant(at)[:16].replace("T", " ")

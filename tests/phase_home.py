"""A small home of ten years in two phases: on time, late, still open, and due in neither."""

from __future__ import annotations

from pathlib import Path

from tests.small_home import SmallHome
from tests.story import established, line

PROGRAMME = "ten-years"
PHASES = "2011-2015,2016-2020"
OWED = (
    # ower, area, programme, opened, due before, done
    ("66.so-a", "institutions", PROGRAMME, "2013-01-01", "2013-06-01", "2013-05-20"),
    ("66.so-a", "institutions", PROGRAMME, "2013-02-01", "2014-06-01", "2017-02-01"),
    ("66.so-a", "reporting", PROGRAMME, "2015-01-01", "2016-01-01", "2015-12-31"),
    ("66.x", "reporting", PROGRAMME, "2018-01-01", "2018-06-01", "2018-05-02"),
    ("66.x", "institutions", PROGRAMME, "2019-01-01", "2019-06-01", None),
    ("66.x", "institutions", "another", "2019-02-01", "2019-06-01", "2019-05-03"),
    ("66.x", "institutions", PROGRAMME, "2020-01-01", "2021-06-01", None),
)


def phase_home(folder: Path) -> SmallHome:
    """Everything recorded on its day and applied."""
    home = SmallHome(folder)
    issued = line(
        "programme.issued.v1",
        "66",
        "2012-06-01 00:00",
        by="66",
        programme=PROGRAMME,
        number="1/KH",
        title="Kế hoạch mười năm",
    )
    facts = [(at, told) for number, one in enumerate(OWED) for at, told in _life(number, one)]
    home.tell([*established(), issued, *(told for _, told in sorted(facts))])
    home.catch_up()
    return home


def _life(number: int, one: tuple[str, str, str, str, str, str | None]) -> list[tuple[str, str]]:
    ower, area, programme, opened, due, done = one
    same = {"obligation": f"{programme}:{number}:{ower}", "programme": programme}
    begun = line(
        "task.assigned.v1",
        ower,
        f"{opened} 00:00",
        by="66",
        issuer="66",
        item=str(number),
        area=area,
        due_before=due,
        title="Việc mười năm",
        **same,
    )
    if done is None:
        return [(opened, begun)]
    met = line("task.completion_declared.v1", ower, f"{done} 09:00", by=ower, **same)
    return [(opened, begun), (done, met)]

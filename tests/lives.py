"""The tricky lives of events.md section 3 as lines of a ledger, with the step lists they give.

Each life plays in a province of its own, named after it, so that its figures stand alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.board import ZERO, Counts, format_on
from schemas.times import Instant, day_of, end_of_day, parse_day, to_date
from tests import given
from tests.story import established, line

SHORT = {
    "A": "assigned",
    "D": "due",
    "C": "completed",
    "Cd": "completed_of_due",
    "Ce": "completed_early",
    "R": "in_revision",
    "O": "overdue",
    "N": "on_time",
    "Nd": "on_time_of_due",
    "No": "on_time_original_due",
    "L": "late",
    "ext": "extended",
    "cancelled": "cancelled",
    "no_due": "no_due",
    "no_due_done": "no_due_done",
    "f_open": "findings_open",
    "f_closed": "findings_closed",
}
NOUNS = {
    "report": "report.expected.v1",
    "task": "task.assigned.v1",
    "remedy": "finding.recorded.v1",
}


class Life(NamedTuple):
    """`lists`: ower -> its step list; `years`: since when (local day) the due lies in which year.

    `recorded`: the life needs its own times of recording, so it comes by `publish --history`.
    """

    name: str
    lines: list[str]
    lists: dict[str, list[str]]
    years: list[tuple[str, int]]
    recorded: bool = False
    known: str | None = None


class Wanted(NamedTuple):
    """What a board must say of one ower at one instant, both columns included."""

    unit: str
    on: str
    known: str | None
    counts: Counts
    this_year: Counts
    carried_over: Counts


def units_of(name: str, *owers: str) -> list[str]:
    """The province of a life and the units in it."""
    rows = [(name, "people_committee", "centre"), *((ower, "department", name) for ower in owers)]
    return [
        _told(
            name,
            "unit.established.v1",
            unit,
            "2012-01-01",
            name=unit.upper(),
            level="province",
            kind=kind,
            parent=parent,
            by="centre",
        )
        for unit, kind, parent in rows
    ]


def _told(source: str, event: str, told: str, at: str, /, **fields: Any) -> str:
    recorded = fields.pop("recorded", at)
    shared = {"source": source, "by": source}
    return line(event, told, _time(at), _time(recorded), **shared | fields)


def _time(text: str) -> str:
    return text if len(text) > 10 else f"{text} 00:00"


def opens(
    name: str, at: str, due: str | None, *, kind: str = "report", done_when: str = "sent"
) -> str:
    """The opening of a life's one obligation, owed by its unit `a`."""
    fields: dict[str, Any] = {"kind": kind, "item": "5.1", "done_when": done_when, "issuer": name}
    if due is not None:
        fields["due_before"] = due
    if kind == "remedy":
        fields["finding_kind"] = "delay"
    return says(name, NOUNS[kind], at, **fields)


def says(name: str, event: str, at: str, unit: str = "a", /, **fields: Any) -> str:
    """A line about a life's one obligation."""
    return _told(name, event, f"{name}.{unit}", at, obligation=f"{name}:5.1", **fields)


def sent(name: str, at: str, unit: str = "a", **fields: Any) -> str:
    return says(name, "report.submitted.v1", at, unit, by=f"{name}.{unit}", **fields)


def returned(name: str, at: str, until: str) -> str:
    return says(name, "report.returned.v1", at, revise_before=until)


def l1() -> Life:
    lines = [
        opens("l1", "2012-04-01", "2012-06-08"),
        sent("l1", "2012-06-07 23:30"),
        returned("l1", "2012-06-11 10:00", "2012-06-15"),
        sent("l1", "2012-06-13 09:00"),
    ]
    steps = [
        "2012-04-01 A+1",
        "2012-06-07 23:30 C+1 Ce+1 N+1 No+1",
        "2012-06-08 D+1 Cd+1 Nd+1 Ce-1",
        "2012-06-11 10:00 C-1 Cd-1 N-1 Nd-1 No-1 R+1",
        "2012-06-13 09:00 R-1 C+1 Cd+1 N+1 Nd+1 No+1",
    ]
    return Life("l1", lines, {"l1.a": steps}, [("2012-04-01", 2012)])


def l2() -> Life:
    lines = [
        opens("l2", "2012-04-01", "2012-06-08"),
        sent("l2", "2012-05-20"),
        returned("l2", "2012-06-05", "2012-06-12"),
        sent("l2", "2012-06-20"),
    ]
    steps = [
        "2012-04-01 A+1",
        "2012-05-20 C+1 Ce+1 N+1 No+1",
        "2012-06-05 C-1 Ce-1 N-1 No-1",
        "2012-06-08 D+1 R+1",
        "2012-06-12 R-1 O+1",
        "2012-06-20 O-1 C+1 Cd+1 L+1",
    ]
    return Life("l2", lines, {"l2.a": steps}, [("2012-04-01", 2012)])


def extended(name: str, at: str, until: str) -> str:
    return says(name, "report.due_extended.v1", at, due_before=until)


def l3() -> Life:
    lines = [
        opens("l3", "2020-01-21", "2021-01-01"),
        extended("l3", "2021-01-10", "2021-07-01"),
        sent("l3", "2021-06-20"),
    ]
    steps = [
        "2020-01-21 A+1",
        "2021-01-01 D+1 O+1",
        "2021-01-10 D-1 O-1 ext+1",
        "2021-06-20 C+1 Ce+1 N+1",
        "2021-07-01 D+1 Cd+1 Nd+1 Ce-1",
    ]
    return Life("l3", lines, {"l3.a": steps}, [("2020-01-21", 2020), ("2021-01-10", 2021)])


def l3b() -> Life:
    lines = [
        opens("l3b", "2020-01-21", "2021-01-01"),
        sent("l3b", "2021-01-05"),
        extended("l3b", "2021-01-10", "2021-07-01"),
    ]
    steps = ["2020-01-21 A+1", "2021-01-01 D+1 O+1", "2021-01-05 O-1 C+1 Cd+1 L+1", "2021-01-10"]
    return Life("l3b", lines, {"l3b.a": steps}, [("2020-01-21", 2020)])


def merged(name: str) -> list[str]:
    """Unit a goes into b on 1 July, and b owes what a had open."""
    return [
        _told(name, "unit.merged.v1", f"{name}.a", "2012-07-01", into=f"{name}.b", by="centre"),
        says(name, "report.transferred.v1", "2012-07-01", to_unit=f"{name}.b"),
    ]


def l4() -> Life:
    lines = [
        opens("l4", "2012-04-01", "2012-06-08"),
        *merged("l4"),
        sent("l4", "2012-07-10", "b"),
    ]
    lists = {
        "l4.a": ["2012-04-01 A+1", "2012-06-08 D+1 O+1", "2012-07-01 A-1 D-1 O-1"],
        "l4.b": ["2012-07-01 A+1 D+1 O+1", "2012-07-10 O-1 C+1 Cd+1 L+1"],
    }
    return Life("l4", lines, lists, [("2012-04-01", 2012)])


L4B_LINES = [
    opens("l4b", "2012-04-01", "2012-06-08"),
    *merged("l4b"),
    sent("l4b", "2012-06-28", recorded="2012-07-15"),
]


def l4b() -> Life:
    lists = {
        "l4b.a": ["2012-04-01 A+1", "2012-06-08 D+1 O+1", "2012-06-28 O-1 C+1 Cd+1 L+1"],
        "l4b.b": ["2012-07-01", "2012-07-15"],
    }
    return Life("l4b", L4B_LINES, lists, [("2012-04-01", 2012)], recorded=True)


def l4b_before() -> Life:
    """What was known the day before the late record came: the overdue had gone over to b."""
    lists = {
        "l4b.a": ["2012-04-01 A+1", "2012-06-08 D+1 O+1", "2012-07-01 A-1 D-1 O-1"],
        "l4b.b": ["2012-07-01 A+1 D+1 O+1", "2012-07-16"],
    }
    return Life("l4b", L4B_LINES, lists, [("2012-04-01", 2012)], True, "2012-07-14")


def l5() -> Life:
    lines = [
        opens("l5", "2012-04-01", "2012-06-01"),
        says("l5", "report.waived.v1", "2012-06-15"),
    ]
    steps = ["2012-04-01 A+1", "2012-06-01 D+1 O+1", "2012-06-15 A-1 D-1 O-1 cancelled+1"]
    return Life("l5", lines, {"l5.a": steps}, [("2012-04-01", 2012)])


L5B_LINES = [
    opens("l5b", "2012-04-01", "2012-06-01", kind="task", done_when="declared"),
    says("l5b", "task.cancelled.v1", "2012-05-15", recorded="2012-06-20"),
]


def l5b() -> Life:
    steps = ["2012-04-01 A+1", "2012-05-15 A-1 cancelled+1", "2012-06-01"]
    return Life("l5b", L5B_LINES, {"l5b.a": steps}, [("2012-04-01", 2012)], recorded=True)


def l5b_before() -> Life:
    steps = ["2012-04-01 A+1", "2012-06-01 D+1 O+1", "2012-06-20"]
    years = [("2012-04-01", 2012)]
    return Life("l5b", L5B_LINES, {"l5b.a": steps}, years, True, "2012-06-19")


def l6() -> Life:
    def remedied(at: str) -> str:
        return says("l6", "remedy.reported.v1", at, by="l6.a")

    lines = [
        opens("l6", "2020-03-12", None, kind="remedy", done_when="declared"),
        remedied("2020-03-20"),
        says("l6", "remedy.returned.v1", "2020-03-25"),
        says("l6", "remedy.required.v1", "2020-04-01", due_before="2020-04-15"),
        remedied("2020-04-16"),
    ]
    steps = [
        "2020-03-12 no_due+1 f_open+1",
        "2020-03-20 no_due_done+1 f_open-1 f_closed+1",
        "2020-03-25 no_due_done-1 f_open+1 f_closed-1",
        "2020-04-01 no_due-1 A+1",
        "2020-04-15 D+1 O+1",
        "2020-04-16 O-1 C+1 Cd+1 L+1 f_open-1 f_closed+1",
    ]
    return Life("l6", lines, {"l6.a": steps}, [("2020-04-01", 2020)])


def l7() -> Life:
    lines = [
        opens("l7", "2012-04-01", "2012-06-01", kind="task", done_when="accepted"),
        says("l7", "task.completion_declared.v1", "2012-05-28", by="l7.a"),
        says("l7", "task.completion_accepted.v1", "2012-06-10"),
    ]
    steps = ["2012-04-01 A+1", "2012-06-01 D+1 R+1", "2012-06-10 R-1 C+1 Cd+1 N+1 Nd+1 No+1"]
    return Life("l7", lines, {"l7.a": steps}, [("2012-04-01", 2012)])


LIVES = [made() for made in (l1, l2, l3, l3b, l4, l4b, l4b_before, l5, l5b, l5b_before, l6, l7)]


def lines_of(recorded: bool) -> list[str]:
    """All lines of those lives, units first, each life's in the order of its recording."""
    found = established()[:1] if recorded else []
    for life in LIVES:
        if life.recorded == recorded and life.known is None:
            found += units_of(life.name, f"{life.name}.a", f"{life.name}.b") + life.lines
    return found


def wanted(life: Life) -> list[Wanted]:
    """The figures just before and at each of the list's instants, and at the end of its day."""
    found = []
    for unit, texts in life.lists.items():
        before = Counts.of()
        for text in texts:
            when, changes = _split(text)
            after = before + changes
            at = given.instant(when)
            found.append(_wanted(life, unit, Instant(at - 1), before))
            found.append(_wanted(life, unit, at, after))
            if not any(other != text and other.startswith(when[:10]) for other in texts):
                day = parse_day(when[:10])
                found.append(_wanted(life, unit, end_of_day(day), after))
            before = after
    return list(dict.fromkeys(found))


def moved() -> list[str]:
    """A unit of province m1 is overdue, moves to province m2 on 1 July, and then reports."""
    return [
        *units_of("m1", "m1.a", "m1.b"),
        *units_of("m2"),
        opens("m1", "2012-04-01", "2012-06-08"),
        _told("m1", "unit.moved.v1", "m1.a", "2012-07-01", parent="m2", by="centre"),
        sent("m1", "2012-07-10"),
    ]


def counts_of(text: str) -> Counts:
    """`A+2 D-1` -> counts."""
    return Counts.of(**{SHORT[word[:-2]]: int(word[-2:]) for word in text.split()})


def _split(text: str) -> tuple[str, Counts]:
    words = text.split()
    timed = len(words) > 1 and ":" in words[1]
    return " ".join(words[: 1 + timed]), counts_of(" ".join(words[1 + timed :]))


def _wanted(life: Life, unit: str, at: Instant, counts: Counts) -> Wanted:
    year = to_date(day_of(at)).year
    due = next((y for since, y in reversed(life.years) if given.instant(since) <= at), None)
    still_open = counts["assigned"] - counts["completed"]
    return Wanted(
        unit=unit,
        on=format_on(at),
        known=life.known,
        counts=counts,
        this_year=counts if due == year else ZERO,
        carried_over=counts if due is not None and due < year and still_open else ZERO,
    )

"""The calendar as a process: a ledger and a clock that is set, day after day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.calendar import OPEN_PAGE, CalendarProcess
from schemas.event import Drops, Event, Moves, Opens
from schemas.times import midnight
from services.command import Command
from services.ledger import Ledger
from services.loader import load, named_units
from services.programme import IssueProgramme, SetClassMembers
from services.report import ExpectReport, SubmitReport
from services.reporting_rule import (
    DeclareParticipation,
    EstablishReportingRule,
    WithdrawReportingRule,
)
from services.unit import EstablishUnit, MergeUnit
from tests.office import Clock, at, day
from tests.unit.test_openings import S4, documents, members

ID, ISSUER, DISTRICT = "guidance", "66.so-noi-vu", "66.643"
BY_QUARTER = {
    "kind": "recurring",
    "period": "quarter",
    "due": {"position": "last_month_of_period", "before_day": 8},
}


class Watched:
    """A ledger with units, a programme with one quarterly rule, and the process beside it."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(at("2012-03-01 08:00"))
        address = f"sqlite:{folder / 'ledger.sqlite'}"
        self.ledger = Ledger.open(address, clock=self.clock, source="66")
        self.process = self.another()
        self.unit("centre", None, "centre")
        self.unit("66", "centre", "province")
        for code in (ISSUER, "66.a", "66.b", DISTRICT):
            self.unit(code, "66", "district" if code == DISTRICT else "province")
        self.tell(IssueProgramme(programme=ID, by=ISSUER, number="125", title="Hướng dẫn"))
        self.members("2012-03-01", "66.a", "66.b", DISTRICT)

    def another(self, ahead_days: int = 45) -> CalendarProcess:
        return CalendarProcess(self.ledger, self.clock, ahead_days)

    def unit(self, code: str, parent: str | None, level: str, on: str = "2012-01-01") -> None:
        kind = "government" if level == "centre" else "people_committee"
        self.tell(
            EstablishUnit(
                by=parent or code,
                unit=code,
                name=f"Đơn vị {code}",
                level=level,
                kind=kind,
                parent=parent,
                effective_at=at(on),
            )
        )

    def members(self, on: str, *units: str) -> None:
        self.tell(
            SetClassMembers(by=ISSUER, unit_class="66.all", members=units, effective_at=at(on))
        )

    def rule(self, **more: Any) -> None:
        self.tell(rule(**more))

    def tell(self, command: Command) -> list[Event]:
        return self.ledger.execute(command)

    def look(self, process: CalendarProcess | None = None) -> list[str]:
        """What one look records: the effect's letter, the period and the unit."""
        before = self.ledger.max_notification()
        (process or self.process).look()
        streams = {one.stream: one.id for one in self.ledger.events(before)}
        return sorted(short(self.ledger.history(stream)[-1]) for stream in streams)

    def on(self, text: str) -> list[str]:
        """What the look of another day records."""
        self.clock.set(f"{text} 00:10")
        return self.look()


def rule(**more: Any) -> EstablishReportingRule:
    given: dict[str, Any] = {
        "programme": ID,
        "by": ISSUER,
        "rule": "R1",
        "title": "Báo cáo quý",
        "period_kinds": ("quarter",),
        "owers": ("class:66.all",),
        "to": ("66",),
        "via": ISSUER,
        "due_rule": json.dumps(BY_QUARTER),
        "valid_from": day("2012-03-01"),
        "item": "5.1",
    }
    return EstablishReportingRule(**{**given, **more})


def short(event: Event) -> str:
    sign = {Opens: "+", Moves: "~", Drops: "-"}
    letter = next(sign[cls] for cls in sign if isinstance(event, cls))
    _, _, period, unit = (event.obligation or "").split(":")
    return f"{letter}{period} {unit}"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    yield made
    made.ledger.close()


def test_a_rule_opens_what_is_owed_now_and_nothing_the_second_time(home: Watched) -> None:
    home.rule()

    assert home.look() == [
        *("+2012-Q1 66.643", "+2012-Q1 66.a", "+2012-Q1 66.b"),
        *("+2012-Q2 66.643", "+2012-Q2 66.a", "+2012-Q2 66.b"),
    ]
    assert home.look() == home.look(home.another()) == []


def test_the_next_period_opens_45_days_before_it_begins(home: Watched) -> None:
    home.rule()
    home.look()

    assert home.on("2012-05-16") == []
    assert home.on("2012-05-17") == ["+2012-Q3 66.643", "+2012-Q3 66.a", "+2012-Q3 66.b"]
    assert home.on("2012-05-18") == []


def test_an_opening_says_who_is_owed_by_whose_rule(home: Watched) -> None:
    home.rule()
    home.look()
    (opened,) = home.ledger.history(f"{ID}:5.1:2012-Q1:66.a")
    rules = [one for one in home.ledger.history(f"programme:{ID}") if "rule" in one.type]

    assert (opened.type, opened.by, opened.causation_id) == (
        "report.expected.v1",
        ISSUER,
        rules[0].event_id,
    )
    assert (opened.via, opened.due_before) == (ISSUER, day("2012-03-08"))  # type: ignore[attr-defined]
    assert opened.effective_at == midnight(day("2012-03-01"))


def test_what_a_person_opened_already_is_not_opened_again(home: Watched) -> None:
    obligation = f"{ID}:5.1:2012-Q1:66.a"
    home.tell(
        ExpectReport(
            by=ISSUER, obligation=obligation, unit="66.a", item="5.1", due_before=day("2012-03-10")
        )
    )
    home.rule()

    assert home.look()[:2] == ["+2012-Q1 66.643", "+2012-Q1 66.b"]


def test_a_unit_that_joins_owes_what_opens_later_and_one_that_leaves_is_let_off(
    home: Watched,
) -> None:
    home.rule()
    home.on("2012-05-20")
    home.unit("66.new", "66", "province", on="2012-06-01")
    home.members("2012-06-01", "66.b", DISTRICT, "66.new")

    assert home.look() == ["+2012-Q3 66.new", "-2012-Q3 66.a"]
    assert home.look(home.another()) == []


def test_a_unit_that_has_ended_owes_nothing_that_opens_later(home: Watched) -> None:
    home.rule()
    home.on("2012-05-20")
    home.tell(MergeUnit(by="66", unit="66.a", into="66.b", effective_at=at("2012-06-01")))

    assert home.look() == ["-2012-Q3 66.a"]
    assert "+2012-Q4 66.a" not in home.on("2012-09-20")


def test_a_withdrawn_rule_drops_later_periods_with_one_correlation_and_keeps_what_was_sent(
    home: Watched,
) -> None:
    home.rule()
    home.on("2012-05-20")
    home.tell(SubmitReport(by="66.b", obligations=(f"{ID}:5.1:2012-Q2:66.b",)))
    (gone,) = home.tell(
        WithdrawReportingRule(programme=ID, by=ISSUER, rule="R1", last_period="2012-Q1")
    )

    assert home.look() == [
        "-2012-Q2 66.643",
        "-2012-Q2 66.a",
        "-2012-Q3 66.643",
        "-2012-Q3 66.a",
        "-2012-Q3 66.b",
    ]
    dropped = home.ledger.history(f"{ID}:5.1:2012-Q3:66.a")[-1]
    assert (dropped.type, dropped.by) == ("report.waived.v1", ISSUER)
    assert dropped.correlation_id == dropped.causation_id == gone.event_id
    assert home.look(home.another()) == []


def test_a_dated_rule_gives_the_open_periods_their_day(home: Watched) -> None:
    home.rule(rule="R4", item="R4", period_kinds=("month",), due_rule=None)
    home.look()
    day_5 = {"position": "last_month_of_period", "before_day": 28}
    dated = json.dumps({"kind": "recurring", "period": "month", "due": day_5})
    first = day("2012-03-20")
    home.rule(rule="R4.d", item="R4", period_kinds=("month",), due_rule=dated, valid_from=first)

    assert [one for one in home.look() if "66.a" in one] == ["~2012-03 66.a", "~2012-04 66.a"]
    moved = home.ledger.history(f"{ID}:R4:2012-03:66.a")[-1]
    assert (moved.type, moved.due_before) == (  # type: ignore[attr-defined]
        "report.due_determined.v1",
        day("2012-03-28"),
    )
    assert home.look(home.another()) == []


def test_who_declares_to_take_part_gets_the_task_by_that_event(home: Watched) -> None:
    due = '{"kind":"before_date","due_before":"2012-06-01"}'
    home.rule(rule="2.a", item="2.a", due_rule=due, conditional=True, report_kind="task")
    assert home.look() == []
    (said,) = home.tell(DeclareParticipation(programme=ID, by="66.a", item="2.a"))
    home.process.look()
    (task,) = home.ledger.history(f"{ID}:2.a:66.a")

    assert (task.type, task.causation_id) == ("task.assigned.v1", said.event_id)


def test_a_district_sets_a_rule_for_its_communes_with_an_earlier_day_than_its_own(
    home: Watched,
) -> None:
    home.rule()
    for code in ("66.643.1", "66.643.2"):
        home.unit(code, DISTRICT, "commune")
    own = {**BY_QUARTER, "due": {"position": "last_month_of_period", "before_day": 3}}
    home.tell(IssueProgramme(programme="district", by=DISTRICT, number="9", title="Huyện"))
    communes = ("66.643.1", "66.643.2")
    home.tell(SetClassMembers(by=DISTRICT, unit_class="66.643.communes", members=communes))
    owers = ("class:66.643.communes",)
    given = {"programme": "district", "by": DISTRICT, "via": None, "to": (DISTRICT,)}
    home.tell(rule(**given, owers=owers, due_rule=json.dumps(own)))
    home.look()
    (commune,) = home.ledger.history("district:5.1:2012-Q1:66.643.1")
    (district,) = home.ledger.history(f"{ID}:5.1:2012-Q1:{DISTRICT}")

    assert (commune.due_before, commune.to) == (day("2012-03-03"), (DISTRICT,))  # type: ignore[attr-defined]
    assert commune.due_before < district.due_before  # type: ignore[attr-defined]


def test_a_look_that_was_cut_off_goes_on_where_it_stopped(home: Watched) -> None:
    many = [f"66.{number}" for number in range(OPEN_PAGE)]
    for code in many:
        home.unit(code, "66", "province")
    home.members("2012-03-01", "66.a", "66.b", *many)
    home.rule()
    before = home.ledger.max_notification()
    home.process.look(lambda: home.ledger.max_notification() > before)
    first = home.ledger.max_notification() - before
    home.another(ahead_days=0).look()

    assert first == OPEN_PAGE
    assert home.ledger.max_notification() - before == OPEN_PAGE + 2


def test_figures_count_what_was_recorded(home: Watched) -> None:
    home.rule()
    home.look()

    assert home.process.counts == {"opened": 6, "determined": 0, "dropped": 0, "refused": 0}


def test_what_a_load_opened_stands_and_the_calendar_adds_nothing_to_it(home: Watched) -> None:
    document = documents()[S4]
    home.ledger.record(named_units([document], day("2001-01-01"), source="66"))
    for code in members(S4)["so-ban-nganh"] + members(S4)["ubnd-huyen"]:
        home.unit(code, "66", "province")
    home.ledger.record(load(document, members(S4), source="66"))
    home.clock.set("2026-11-22 00:10")

    assert home.look() == []
    assert set(home.process.counts.values()) == {0}


def test_the_calendar_opens_later_what_a_load_left_for_it(home: Watched) -> None:
    document = documents()[S4]
    home.ledger.record(named_units([document], day("2001-01-01"), source="66"))
    for code in members(S4)["so-ban-nganh"] + members(S4)["ubnd-huyen"]:
        home.unit(code, "66", "province")
    until = day("2012-04-16")
    home.ledger.record(load(document, members(S4), source="66", opens_until=until))
    home.clock.set("2012-03-02 00:10")

    assert home.look() == []
    # Five owers: quarter, half-year; SNV consolidates both, without a day.
    assert len(home.on("2012-05-20")) == 5 + 1

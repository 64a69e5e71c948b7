"""Ambiguities of domain section 8 that the calendar settles, each by its number, on one home.

The default of each is what the shipped rules open; where it is a choice, the setting is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.event import Event, Opens
from schemas.refusal import Refused
from schemas.times import day_of, format_day, parse_day
from services.loader import load, named_units
from services.openings import duties
from services.owed import owed_of
from services.programme import CloseProgramme, IssueProgramme, SetClassMembers
from services.programme_reading import builtin_programmes, parse_programme
from services.report import DetermineReportDue
from services.reporting_rule import DeclareParticipation, EstablishReportingRule
from tests.office import at
from tests.unit.test_calendar_process import BY_QUARTER, ISSUER, Watched
from tests.unit.test_openings import S4, documents

OWERS = ("66.so-x", "66.so-y")
SO, SNV = "66.so-ban-nganh", "66.so-noi-vu"
JULY = parse_day("2012-07-30")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Đắk Lắk on 1 March 2012: its units, two departments, and the guidance with its rules."""
    made = Watched(tmp_path_factory.mktemp("home"))
    document = documents()[S4]
    made.ledger.record(named_units([document], parse_day("2001-01-01"), source="66"))
    for code in (*OWERS, "66.so-z"):
        made.unit(code, "66", "province")
    told = load(document, {"so-ban-nganh": OWERS, "ubnd-huyen": ("66.643",)}, source="66")
    made.ledger.record([event for event in told if not isinstance(event, Opens)])
    made.process.look()
    yield made
    made.ledger.close()


def opened(home: Watched, programme: str, item: str, unit: str = OWERS[0]) -> dict[str, str | None]:
    """Period -> due before, of what a unit owes of an item."""
    rows = {}
    for one in home.ledger.events():
        if one.stream.startswith(f"{programme}:{item}:") and one.stream.endswith(f":{unit}"):
            for event in home.ledger.history(one.stream):
                if isinstance(event, Opens):
                    due = event.due_before
                    rows[event.period or "once"] = None if due is None else format_day(due)
    return rows


def last(home: Watched, obligation: str) -> Event:
    return home.ledger.history(obligation)[-1]


def programme(home: Watched, name: str, **more: Any) -> None:
    issued = {"programme": name, "by": ISSUER, "number": name, "title": "Chương trình", **more}
    home.tell(IssueProgramme(**issued))


def rule(home: Watched, name: str, **more: Any) -> None:
    given = {"programme": name, "by": ISSUER, "rule": "R", "title": "Báo cáo", "owers": OWERS}
    home.tell(EstablishReportingRule(**{**given, **more}))


def test_ambiguity_01_before_the_8th_excludes_the_8th_unless_the_province_is_lenient(
    home: Watched,
) -> None:
    """Setting: `before_is_exclusive` of the programme (`conventions` in its file)."""
    programme(home, "lenient", before_is_exclusive=False)
    due = '{"kind":"before_date","due_before":"2012-06-08"}'
    rule(home, "lenient", due_rule=due)
    home.process.look()

    assert opened(home, S4, "5.1")["2012-Q1"] == "2012-03-08"
    assert opened(home, "lenient", "R") == {"once": "2012-06-09"}


def test_ambiguity_04_quarter_and_half_year_are_two_reports_unless_the_rule_skips_quarters(
    home: Watched,
) -> None:
    """Setting: `skips` of the rule; `conventions.replaces: [half_year, year]` in a file."""
    programme(home, "replaced")
    quarterly = {"due_rule": json.dumps(BY_QUARTER), "valid_to": parse_day("2012-12-31")}
    rule(home, "replaced", **quarterly, skips=("Q2", "Q4"))
    home.process.look()
    (file,) = [one for one in builtin_programmes() if one.stem == S4]
    text = file.read_text(encoding="utf-8")
    lenient = "  before_is_exclusive: true\n"
    changed = parse_programme(text.replace(lenient, f"{lenient}  replaces: [half_year, year]\n", 1))

    assert opened(home, S4, "5.1").keys() >= {"2012-Q1", "2012-Q2"}
    assert opened(home, "replaced", "R") == {"2012-Q1": "2012-03-08"}
    assert {one.item: one.skips for one in duties(changed) if one.skips} == {
        "5.1": ("Q2", "Q4"),
        "R4": ("Q2", "Q4"),
    }


def test_ambiguity_07_a_report_without_a_day_is_expected_until_a_dated_rule_gives_the_day(
    home: Watched,
) -> None:
    programme(home, "monthly")
    rule(home, "monthly", item="R4", period_kinds=("month",))
    home.process.look()
    expected = opened(home, "monthly", "R4")
    position = {"position": "last_month_of_period", "before_day": 25}
    dated = json.dumps({"kind": "recurring", "period": "month", "due": position})
    rule(home, "monthly", rule="R4.day", item="R4", period_kinds=("month",), due_rule=dated)
    home.process.look()
    march = last(home, f"monthly:R4:2012-03:{OWERS[0]}")

    assert expected == {"2012-03": None, "2012-04": None}
    assert (march.type, march.due_before) == (  # type: ignore[attr-defined]
        "report.due_determined.v1",
        parse_day("2012-03-25"),
    )


def test_ambiguity_11_members_are_fixed_at_the_opening_and_later_ones_come_by_event(
    home: Watched,
) -> None:
    home.tell(
        SetClassMembers(
            by="66", unit_class=SO, members=(*OWERS, "66.so-z"), effective_at=at("2012-04-10")
        )
    )
    home.process.look()
    begun = opened(home, S4, "5.1", "66.so-z")
    home.clock.set("2012-06-01 00:10")
    home.process.look()

    assert begun == {}
    assert opened(home, S4, "5.1", "66.so-z").keys() == {"2012-Q3"}


def test_ambiguity_12_a_review_for_those_with_the_conditions_is_owed_by_who_declares_them(
    home: Watched,
) -> None:
    programme(home, "review")
    due = '{"kind":"before_date","due_before":"2012-09-01"}'
    rule(home, "review", item="2.a", report_kind="task", due_rule=due, conditional=True)
    home.tell(DeclareParticipation(programme="review", by=OWERS[1], item="2.a"))
    home.process.look()

    assert opened(home, "review", "2.a", OWERS[0]) == {}
    assert opened(home, "review", "2.a", OWERS[1]) == {"once": "2012-09-01"}


def test_ambiguity_17_a_yearly_inspection_plan_without_a_date_has_no_due_until_one_is_set(
    home: Watched,
) -> None:
    """The day that suggests itself is that of the yearly plan: the due rule of 2.4."""
    (plan,) = [one for one in documents()[S4].tasks if one.id == "4.1"]
    before = opened(home, S4, "4.1")
    obligation = f"{S4}:4.1:2012:{OWERS[0]}"
    with pytest.raises(Refused):
        home.tell(DetermineReportDue(obligation=obligation, by=OWERS[0], due_before=JULY))
    home.tell(DetermineReportDue(obligation=obligation, by=SNV, due_before=JULY))

    assert plan.due_as_written == "hàng năm"
    assert before == {"2012": None}
    assert opened(home, S4, "2.4") == {"2013": "2012-07-30"}
    assert owed_of(home.ledger.history(obligation)).due_before == JULY


def test_ambiguity_21_an_ongoing_task_opens_nothing_and_ends_with_its_programme(
    home: Watched,
) -> None:
    programme(home, "ongoing")
    rule(home, "ongoing", report_kind="task", due_rule='{"kind":"ongoing"}')
    rule(home, "ongoing", rule="Q", due_rule=json.dumps(BY_QUARTER), valid_to=None)
    home.process.look()
    home.tell(CloseProgramme(programme="ongoing", by=ISSUER))
    before = opened(home, "ongoing", "Q")
    home.clock.set("2013-01-02 00:10")
    home.process.look()

    assert opened(home, "ongoing", "R") == {}
    assert opened(home, "ongoing", "Q") == before != {}


def test_ambiguity_26_the_first_period_is_the_first_whose_due_lies_after_the_rule_began(
    home: Watched,
) -> None:
    (report,) = home.ledger.history(f"{S4}:5.1:2012-Q1:{OWERS[0]}")

    assert opened(home, S4, "5.1")["2012-Q1"] == "2012-03-08"
    assert format_day(day_of(report.effective_at)) == "2012-03-01"


def test_ambiguity_28_a_plan_is_revised_by_those_alone_that_had_one_already(
    home: Watched,
) -> None:
    none = opened(home, S4, "2.3")
    had_one = {"unit": OWERS[0], "item": "2.3", "effective_at": at("2012-03-05")}
    said = home.tell(DeclareParticipation(programme=S4, by=SNV, **had_one))
    home.process.look()
    opens = home.ledger.history(f"{S4}:2.3:{OWERS[0]}")[0]
    (revision,) = [one for one in duties(documents()[S4]) if one.item == "2.3"]

    assert (none, revision.conditional, "due" in revision.inferred) == ({}, True, True)
    assert opened(home, S4, "2.3") == {"once": "2012-03-16"}
    assert opened(home, S4, "2.3", OWERS[1]) == {}
    assert opens.causation_id == said[0].event_id

"""Openings of the five programmes: the numbers, the ids, and who owes what since when."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from schemas.limits import OBLIGATION_BYTES_MAX
from schemas.periods import PeriodKind, parse_period
from schemas.refusal import Reason, Refused
from schemas.times import format_day, midnight, parse_day
from services.openings import PROVINCE_NODES, Codes, Opening, duties, obligation_id, openings
from services.programme_document import ProgrammeDocument
from services.programme_reading import builtin_programmes, read_programme

S0, S1, S2, S3, S4 = (
    "lang-son-review-2001-2010",
    "bac-kan-2006-2010",
    "lang-son-2018",
    "dong-thap-review-2011-2020",
    "dak-lak-guidance-2012",
)
DEPARTMENTS, DISTRICTS = 3, 2
CLASSES = {
    S0: (("so-ban-nganh",), ("ubnd-huyen-thanh-pho",)),
    S1: (("co-quan-chuyen-mon", "so-nganh"), ("ubnd-huyen-thi-xa",)),
    S2: (("so-ban-nganh",), ("ubnd-huyen-thanh-pho",)),
    S3: (("so-nganh",), ("ubnd-huyen",)),
    S4: (("so-ban-nganh",), ("ubnd-huyen",)),
}
"""Classes of departments and of districts in each file."""


@cache
def documents() -> dict[str, ProgrammeDocument]:
    return {found.id: found for found in map(read_programme, builtin_programmes())}


def members(programme: str) -> dict[str, list[str]]:
    node = PROVINCE_NODES[documents()[programme].province_id]
    of_departments, of_districts = CLASSES[programme]
    found = {one: [f"{node}.so-{n}" for n in range(DEPARTMENTS)] for one in of_departments}
    found |= {one: [f"{node}.86{n}" for n in range(DISTRICTS)] for one in of_districts}
    if programme == S1:
        found["ban-chi-dao-huyen"] = [f"{node}.86{n}.ban-chi-dao" for n in range(DISTRICTS)]
    return found


@cache
def opened(programme: str) -> tuple[Opening, ...]:
    return tuple(openings(documents()[programme], members(programme)))


def dated(programme: str) -> Counter[str]:
    return Counter(one.unit for one in opened(programme) if one.due_before is not None)


def dueless(programme: str) -> Counter[str]:
    return Counter(one.unit for one in opened(programme) if one.due_before is None)


def test_dak_lak_lays_73_dated_obligations_on_every_ower_from_2012_to_2020() -> None:
    by_item = Counter(one.item for one in opened(S4) if one.unit == "66.so-0")

    assert dated(S4) == dict.fromkeys(["66.so-0", "66.so-1", "66.so-2", "66.860", "66.861"], 73)
    dated_rows = {"2.1": 1, "2.2": 1, "2.4": 8, "3.1": 9, "5.1": 36, "5.2": 9, "5.3": 9}
    assert by_item == {**dated_rows, "4.1": 9}
    # A plan of inspections each year without a day (4.1); SNV's own consolidations have periods
    # and no day, too: quarters, half-years, years, index years.
    owers = ["66.so-0", "66.so-1", "66.so-2", "66.860", "66.861"]
    assert dueless(S4) == {**dict.fromkeys(owers, 9), "66.so-noi-vu": 36 + 9 + 9 + 9}


def test_dong_thap_lays_23_and_one_on_every_department_and_district() -> None:
    assert sum(dated(S3).values()) == 23 + DEPARTMENTS + DISTRICTS
    assert dueless(S3) == {}
    assert dated(S3)["87.so-noi-vu"] == 11
    assert [one.unit for one in opened(S3) if one.item == "6"] == [
        "87.dai-ptth",
        "87.bao-dong-thap",
        "87.cong-ttdt",
    ]


def test_the_review_of_lang_son_lays_8_and_one_on_every_department_and_district() -> None:
    assert sum(dated(S0).values()) == 8 + DEPARTMENTS + DISTRICTS
    assert dueless(S0) == {}


def test_bac_kan_lays_33_on_departments_32_on_districts_and_more_on_committees() -> None:
    assert dated(S1) == {
        **dict.fromkeys(["06.so-0", "06.so-1", "06.so-2"], 33),
        **dict.fromkeys(["06.860", "06.861"], 32),
        **dict.fromkeys(["06.860.ban-chi-dao", "06.861.ban-chi-dao"], 20),
        "06.ban-chi-dao-tinh": 21,
        "06.so-tai-chinh": 1,
        "06.van-phong-ubnd-tinh": 1,
        "06": 1,
    }
    assert dueless(S1) == {"06.ban-chi-dao-tinh": 4 + 4, "06": 4}


def test_lang_son_2018_lays_6_dueless_reports_on_every_ower_and_nothing_dated() -> None:
    assert dated(S2) == {}
    assert dueless(S2) == dict.fromkeys(["20.so-0", "20.so-1", "20.so-2", "20.860", "20.861"], 6)


def test_the_monthly_one_stop_report_is_owed_from_the_month_the_decision_holds() -> None:
    centres = {**members(S1), "trung-tam-mot-cua": ["06.860.mot-cua"]}
    found = [one for one in openings(documents()[S1], centres) if one.unit == "06.860.mot-cua"]

    assert len(found) == 47
    assert {one.due_before for one in found} == {None}
    assert (str(found[0].period), str(found[-1].period)) == ("2007-02", "2010-12")


def test_quarterly_inspections_are_duties_of_the_inspecting_committee() -> None:
    found = [one for one in opened(S1) if one.item == "III.3.3.a"]

    assert {one.kind for one in found} == {"inspection"}
    assert Counter(one.unit for one in found) == {
        "06.ban-chi-dao-tinh": 16,
        "06.860.ban-chi-dao": 16,
        "06.861.ban-chi-dao": 16,
    }


def test_a_conditional_row_is_owed_by_those_alone_that_declare_the_condition() -> None:
    found = [
        one
        for one in openings(
            documents()[S3], members(S3), declared={"2.a": {"87.860", "87.so-nobody"}}
        )
        if one.item == "2.a"
    ]

    assert [one.item for one in opened(S3) if one.conditional] == []
    assert [(one.unit, one.conditional) for one in found] == [("87.860", True)]


@pytest.mark.parametrize(
    ("programme", "item", "kind", "done_when"),
    [
        (S1, "III.3.3.a", "inspection", "declared"),
        (S1, "III.3.3.b", "inspection_plan", "sent"),
        (S1, "III.3.2.a", "plan", "sent"),
        (S1, "III.3.2.b", "report", "sent"),
        (S1, "III.3.6", "task", "declared"),
        (S1, "R2a", "report", "sent"),
        (S3, "2.b", "report", "sent"),
        (S3, "9", "task", "declared"),
        (S4, "2.1", "plan", "sent"),
        (S4, "3.1", "self_assessment", "sent"),
        (S4, "5.1", "report", "sent"),
        (S4, "R4", "report", "sent"),
    ],
)
def test_kinds_follow_the_rows(programme: str, item: str, kind: str, done_when: str) -> None:
    found = {(one.kind, one.done_when) for one in opened(programme) if one.item == item}

    assert found == {(kind, done_when)}


def test_the_examples_of_the_contract_come_out_of_the_files() -> None:
    quarter = next(one for one in opened(S4) if one.obligation == f"{S4}:5.1:2012-Q2:66.so-0")
    nine = next(one for one in opened(S3) if one.obligation == f"{S3}:9:87.so-noi-vu")

    assert quarter.due_before == parse_day("2012-06-08")
    assert quarter.effective_at == midnight(parse_day("2012-04-01"))
    assert (quarter.area, quarter.issuer, quarter.rule) == ("reporting", "66.so-noi-vu", "R1")
    assert (quarter.to, quarter.via) == (("66",), "66.so-noi-vu")
    assert nine.due_before == parse_day("2021-01-01")
    assert nine.effective_at == midnight(parse_day("2020-01-21"))
    # The Chairman signs for the committee that he heads.
    assert (nine.area, nine.issuer, nine.period) == ("review", "87", None)
    assert nine.coordinating == ("87.van-phong-ubnd-tinh",)


def test_a_plan_due_before_its_year_opens_in_the_year_of_its_due() -> None:
    found = {
        str(one.period): (format_day(one.due_before or parse_day("1970-01-01")), one.effective_at)
        for one in opened(S4)
        if one.item == "2.4" and one.unit == "66.so-0"
    }

    assert found["2013"] == ("2012-07-30", midnight(parse_day("2012-03-01")))
    assert found["2014"] == ("2013-07-30", midnight(parse_day("2013-01-01")))


def test_ids_are_unique_over_all_five_files() -> None:
    ids = [one.obligation for programme in documents() for one in opened(programme)]

    assert len(ids) == len(set(ids)) == 738 + 5 * 9


def test_a_unit_of_two_classes_owes_one_obligation() -> None:
    twice = {"so-ban-nganh": ["66.so-0"], "ubnd-huyen": ["66.so-0"]}
    found = [one for one in openings(documents()[S4], twice) if one.unit == "66.so-0"]

    assert len(found) == 73 + 9


def test_one_duty_is_one_obligation() -> None:
    """A rule that states the same duty as a countable row adds nothing of its own."""
    items = {
        programme: {duty.item for duty in duties(document) if duty.item.startswith("R")}
        for programme, document in documents().items()
    }

    assert items == {
        S0: set(),
        S1: {"R1a", "R1b", "R2a", "R2b", "R3", "R4", "R5"},
        S2: {"R1", "R2", "R3"},
        S3: set(),
        S4: {"R4", "R9"},
    }


def test_only_what_opens_in_the_range_is_opened() -> None:
    found = list(
        openings(
            documents()[S4],
            members(S4),
            opens_from=parse_day("2012-04-01"),
            opens_until=parse_day("2012-07-02"),
        )
    )
    owers = Counter((one.item, str(one.period)) for one in found)

    assert owers == {
        ("5.1", "2012-Q2"): 5,
        ("5.1", "2012-Q3"): 5,
        ("R4", "2012-Q2"): 1,
        ("R4", "2012-Q3"): 1,
    }


def test_a_lenient_province_is_in_the_opening() -> None:
    lenient = replace(documents()[S4], before_is_exclusive=False)
    found = {one.obligation: one.due_before for one in openings(lenient, members(S4))}

    assert found[f"{S4}:5.1:2012-Q2:66.so-0"] == parse_day("2012-06-09")


def test_codes_of_units_are_those_of_the_contract() -> None:
    codes = Codes(documents()[S3])

    assert codes.of("ubnd-tinh") == "87"
    assert codes.of("so-noi-vu") == "87.so-noi-vu"
    assert codes.of("chinh-phu") == "centre.chinh-phu"
    assert codes.of("centre") == "centre"
    assert (codes.of("chu-tich-ubnd-tinh"), codes.acting("chu-tich-ubnd-tinh")) == (
        "87.chu-tich-ubnd-tinh",
        "87",
    )


def test_an_unknown_province_needs_the_code_of_its_node() -> None:
    elsewhere = replace(documents()[S4], province_id="an-giang")
    with pytest.raises(Refused) as caught:
        Codes(elsewhere)

    assert caught.value.reason == Reason.BAD_CODE
    assert Codes(elsewhere, "89").of("so-noi-vu") == "89.so-noi-vu"


def test_an_id_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        obligation_id("p" * OBLIGATION_BYTES_MAX, "1", parse_period("2012"), "66")

    assert caught.value.reason == Reason.TOO_LONG
    assert parse_period("2012").kind == PeriodKind.YEAR

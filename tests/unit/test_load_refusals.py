"""Bad programme files at the command: each refused by one sentence, and nothing half-done."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import cli, wiring
from ops.settings import Settings
from schemas.events.unit import UnitEstablished
from schemas.refusal import Reason, Refused
from schemas.times import parse_day
from services.ledger import Ledger
from services.loader import established, named_units
from services.programme_reading import parse_programme
from tests.unit.test_openings import S4, documents
from tests.unit.test_programmes import changed, put

BEGINNING = parse_day("2001-01-01")
DISTRICT = established(
    "66.643", "Buôn Ma Thuột", "district", "people_committee", "66", BEGINNING, "66"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home"


def told(folder: Path, *units: UnitEstablished) -> None:
    """A home of Đắk Lắk that knows these units beside those that its guidance names."""
    with wiring.ledger(Settings.load({}, home=folder)) as ledger:
        ledger.record([*named_units([documents()[S4]], BEGINNING, source="66"), *units])


def written(tmp_path: Path, *changes: tuple[str, object]) -> str:
    def change(loaded: dict[str, object]) -> None:
        for path, value in changes:
            put(path, value)(loaded)

    path = tmp_path / "file.yaml"
    path.write_text(changed(change), encoding="utf-8")
    return str(path)


def load(folder: Path, file: str, *more: str) -> int:
    return cli.main(["--home", str(folder), "programme", "load", file, *more])


def recorded(folder: Path) -> int:
    with wiring.ledger(Settings.load({}, home=folder)) as ledger:
        return held(ledger)


def held(ledger: Ledger) -> int:
    return ledger.max_notification()


ONE_YEAR = {"kind": "recurring", "period": "year", "due": {"position": "unspecified"}}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("document/covers/to", "2010-01-01", "ends on 2010-01-01, before it begins on 2012-03-01"),
        ("tasks/1/due/rule", {**ONE_YEAR, "ends": 2010}, "tasks[2.1].due.rule: it ends with 2010"),
        (
            "reporting_rules/3/due/rule",
            {**ONE_YEAR, "starts": 2014, "ends": 2013},
            "reporting_rules[R4].due.rule.ends: the last year lies before the first",
        ),
        (
            "inspection_rules/0/plan_due/rule",
            {**ONE_YEAR, "starts": 2021},
            "inspection_rules[I1].plan_due.rule: it begins in 2021, after its document ends",
        ),
        ("reporting_rules/1/realises_task", ["5.1"], "R1 and R2 are rules for row 5.1"),
        ("adjustment_rules/0/by", "ubnd-tinh", "J1 lets ubnd-tinh adjust it; only so-noi-vu"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_and_nothing_of_it_is_recorded(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    path: str,
    value: object,
    words: str,
) -> None:
    told(folder, DISTRICT)
    before = recorded(folder)
    code = load(folder, written(tmp_path, (path, value)))
    said = capsys.readouterr().err.strip()

    assert (code, recorded(folder)) == (1, before)
    assert words in said
    assert "\n" not in said


def test_two_rules_of_one_report_for_the_same_units_and_periods_overlap() -> None:
    def twice(loaded: dict[str, list[dict[str, object]]]) -> None:
        fourth = next(one for one in loaded["reporting_rules"] if one["id"] == "R4")
        loaded["reporting_rules"].append({**fourth, "id": "R4b"})

    with pytest.raises(Refused) as caught:
        parse_programme(changed(twice))

    assert caught.value.reason == Reason.RULE
    assert "R4 and R4b are rules for consolidated of the same units" in str(caught.value)


def test_a_class_without_members_is_named_with_the_rule_that_nobody_would_owe(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(folder)
    before = recorded(folder)
    refused = load(folder, written(tmp_path))
    said = capsys.readouterr().err

    assert (refused, recorded(folder)) == (1, before)
    assert "the class ubnd-huyen has no members" in said
    assert "nobody would owe 2.1 (rule R5)" in said
    assert load(folder, written(tmp_path), "--without", "ubnd-huyen") == 0
    assert "nobody would owe 4.1 (rule 4.1), until" in capsys.readouterr().out


def test_another_document_with_the_id_of_one_is_refused_and_the_same_one_is_not(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(folder, DISTRICT)
    first = load(folder, written(tmp_path))
    after = recorded(folder)
    second = load(folder, written(tmp_path, ("document/number", "9/SNV-CCHC")))
    said = capsys.readouterr().err.strip()

    assert (first, second, recorded(folder)) == (0, 1, after)
    assert said == (
        f"id: {S4} is 125/SNV-CCHC of 66.so-noi-vu, issued 2012-03-01; "
        "two programmes never have one id (rule)"
    )
    assert load(folder, written(tmp_path)) == 0
    assert recorded(folder) == after


def test_a_file_with_more_rows_opens_them_though_its_programme_was_issued_before(
    folder: Path, tmp_path: Path
) -> None:
    """As after an upgrade that reads more of a file: what was issued stands as first told."""
    told(folder, DISTRICT)
    load(folder, written(tmp_path, ("inspection_rules/0/plan_due", None)))
    without_plans = recorded(folder)
    again = load(folder, written(tmp_path))

    assert (again, recorded(folder) > without_plans) == (0, True)

"""docs/rules.md: no rule of the five documents is missing, and each opens what the paper says.

What is expected here was read in the documents (and domain 6.2), not worked out by the loader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import click
import pytest
import yaml

from ops import cli, rules_doc
from schemas.event import Document, Event, Opens
from schemas.events.programme import ProgrammeIssued, Provision, ReportingRuleEstablished
from schemas.refusal import Refused
from schemas.times import day_or_none, parse_day
from services.coverage import covered
from services.loader import load
from services.owed import owed_of
from services.programme_reading import builtin_programmes, read_programme
from services.task import ExtendTaskDue, decide
from tests.domain.rules_expected import BESIDE, DECLARED, MEMBERS, NOTHING, OPENS, S1, SAME

BODY, NEXT_YEAR = "06.ban-chi-dao-tinh", parse_day("2009-10-01")
LABELS = sorted({*OPENS, *SAME, *NOTHING, *BESIDE})


@cache
def loaded(programme: str) -> tuple[Event, ...]:
    document = next(one for one in map(read_programme, builtin_programmes()) if one.id == programme)
    declared = DECLARED.get(programme)
    return tuple(load(document, MEMBERS[programme], source="test", declared=declared))


def split(label: str) -> tuple[str, str]:
    programme = next(one for one in MEMBERS if label.startswith(f"{one}-"))
    return programme, label.removeprefix(f"{programme}-")


def openings(programme: str, item: str) -> list[Opens]:
    return [one for one in loaded(programme) if isinstance(one, Opens) and one.item == item]


def rules(programme: str) -> list[str]:
    found = loaded(programme)
    return [one.rule for one in found if isinstance(one, ReportingRuleEstablished)]


def provisions(programme: str) -> dict[str, Provision]:
    (issued,) = (one for one in loaded(programme) if isinstance(one, ProgrammeIssued))
    return {one.id: one for one in issued.provisions or ()}


@pytest.mark.parametrize("label", LABELS)
def test_a_rule_opens_exactly_what_its_document_lays_on_whom(label: str) -> None:
    programme, rule = split(label)
    made = openings(programme, rule)
    if label in OPENS:
        kind, owers, dues = OPENS[label]
        found = {unit: _dues(made, unit) for unit in {one.unit for one in made}}

        assert {one.kind for one in made} == {kind}
        assert found == {unit: sorted(dues, key=str) for unit in owers}
    else:
        assert made == []
    if label in SAME:
        assert [one for one in SAME[label] if not openings(programme, one)] == []
    if label in NOTHING:
        assert (rule in rules(programme)) == NOTHING[label]
    if label in BESIDE:
        assert provisions(programme)[rule].lines == BESIDE[label]


def _dues(made: Sequence[Opens], unit: str) -> list[tuple[str | None, str | None]]:
    of_unit = (one for one in made if one.unit == unit)
    return sorted(((one.period, day_or_none(one.due_before)) for one in of_unit), key=str)


def test_whoever_may_adjust_a_document_is_the_authority_that_issued_all_that_it_opens() -> None:
    """S1:147: the chairman, who acts for the committee; the commands let nobody else extend."""
    rule = provisions(S1)["J1"]
    issuers = {one.issuer for one in loaded(S1) if isinstance(one, Opens)}
    opened = openings(S1, "III.3.6")[0]
    paper = Document(number="9/QĐ-UBND")
    extension = ExtendTaskDue(
        obligation=opened.obligation, by=BODY, due_before=NEXT_YEAR, document=paper
    )
    by_the_chairman = replace(extension, by=rule.by[0])

    assert (rule.by, issuers) == (("06",), {"06"})
    assert len(decide(owed_of([opened]), by_the_chairman, opened.effective_at)) == 1
    with pytest.raises(Refused):
        decide(owed_of([opened]), extension, opened.effective_at)


def test_nothing_is_opened_that_no_row_of_the_table_names() -> None:
    items = {
        f"{programme}-{one.item}"
        for programme in MEMBERS
        for one in loaded(programme)
        if isinstance(one, Opens)
    }

    assert items == set(OPENS)


def test_every_countable_task_and_every_rule_of_the_files_has_a_row() -> None:
    wanted = set()
    for path in builtin_programmes():
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        ids = [one["id"] for one in told["tasks"] if one["countable"]]
        for kind in ("reporting", "inspection", "assessment", "petition", "adjustment"):
            ids += [one["id"] for one in told.get(f"{kind}_rules") or ()]
        wanted |= {f"{told['id']}-{one}" for one in ids}
    in_the_page = set(re.findall(r"`\[(\S+)\]` \|$", rules_doc.page(), re.MULTILINE))

    # Two rows are countable for nobody in general, and open by what is declared or planned.
    beyond = {"dak-lak-guidance-2012-2.3", "dak-lak-guidance-2012-4.1"}
    assert in_the_page == wanted | beyond
    assert in_the_page == set(LABELS)


def test_the_committed_page_is_what_the_program_writes() -> None:
    committed = rules_doc.PAGE.read_text(encoding="utf-8")

    assert committed == rules_doc.page(), "run `lienthong programme coverage --write`"


def test_the_proof_named_on_the_page_exists() -> None:
    name = rules_doc.PROOF.rpartition("::")[2]

    assert name in globals()
    assert __file__.endswith(rules_doc.PROOF.partition("::")[0])


def test_every_command_on_the_page_exists() -> None:
    context = click.Context(cli.lienthong)
    for path in builtin_programmes():
        document = read_programme(path)
        for one in covered(document):
            commands = rules_doc.commands(document.id, one)

            assert commands, one.id
            for command in commands:
                noun, *verb = command.split()
                found = cli.lienthong.get_command(context, noun)
                if verb:
                    assert isinstance(found, click.Group)
                    found = found.commands.get(verb[0])

                assert found is not None, command

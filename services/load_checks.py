"""What a home must hold before a programme file is loaded into it, or nothing of it is recorded.

Pure. Each refusal is one sentence that names the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from schemas.event import Event
from schemas.events.programme import ProgrammeIssued
from schemas.refusal import Reason, Refused
from schemas.times import day_of, format_day
from services.openings import duties
from services.programme import programme_of
from services.programme_document import ProgrammeDocument
from services.standing import CLASS


class Unowed(NamedTuple):
    """What nobody would owe, for the class that is to owe it has no members."""

    unit_class: str
    item: str
    rule: str

    def __str__(self) -> str:
        return (
            f"the class {self.unit_class} has no members among the established units, so nobody "
            f"would owe {self.item} (rule {self.rule})"
        )


def unowed(document: ProgrammeDocument, members: Mapping[str, Sequence[str]]) -> Iterator[Unowed]:
    """The classes without members that owe something, by what they would owe."""
    for duty in duties(document):
        for reference in duty.leads:
            name = reference.removeprefix(CLASS)
            if reference.startswith(CLASS) and not members.get(name):
                yield Unowed(name, duty.item, duty.rule_id)


def check_classes(
    document: ProgrammeDocument, members: Mapping[str, Sequence[str]], without: Set[str]
) -> None:
    """Refused where a class that owes something has no members, but for those of `without`."""
    for one in unowed(document, members):
        if one.unit_class not in without:
            sentence = f"{one}; establish them first, or say --without {one.unit_class}"
            raise Refused(Reason.RULE, sentence, f"unit_classes[{one.unit_class}]")


def check_issued_once(issued: ProgrammeIssued, history: Sequence[Event]) -> ProgrammeIssued | None:
    """How the same document was issued before, None where it was not.

    Refused where the id belongs to another document: other number, issuer or date.
    """
    known = programme_of(history).issued
    if known is not None and _paper(known) != _paper(issued):
        raise Refused(
            Reason.RULE,
            f"{issued.programme} is {known.number} of {known.unit}, issued "
            f"{format_day(day_of(known.effective_at))}; two programmes never have one id",
            "id",
        )
    return known


def _paper(issued: ProgrammeIssued) -> tuple[object, ...]:
    return issued.number, issued.unit, issued.effective_at

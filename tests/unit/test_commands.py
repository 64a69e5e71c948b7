"""Every command of the write side, made from the options that its command line offers."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import click
import pytest

from ops import cli_decide
from ops.cli_decide import DAY, EVENT, EVENT_ID, INSTANT, built, command_of, commands_of
from ops.questions import QUESTIONS
from schemas.event import Document
from schemas.jsonl import to_line
from schemas.times import midnight, parse_day
from services.command import Command
from services.programme import SetClassMembers
from services.unit import RenameUnit
from tests.given_when_then import Office
from tests.office import at, established, submitted

NOUNS = ("unit", "task", "report", "inspection", "record", "programme")
NESTED = {
    "Item": {"id": "1", "kind": "task", "title": "Việc"},
    "Figure": {"name": "budget", "value": 2.0},
}


def classes() -> list[type[Command]]:
    """Every class that some command group offers."""
    modules = [getattr(cli_decide, name) for name in dir(cli_decide) if name.endswith("s")]
    return [cls for one in modules if hasattr(one, "__file__") for cls in commands_of(one)]


def sample(option: click.Parameter) -> str:
    """A value that the option takes."""
    if option.type is DAY:
        return "2020-06-01"
    if option.type is INSTANT:
        return "2020-06-02T08:00:00+07:00"
    if option.type is EVENT_ID:
        return "0190a000-0000-8000-8000-000000000000"
    if option.type is EVENT:
        return to_line(submitted())
    if isinstance(option.type, cli_decide._Nested):
        return json.dumps(NESTED[option.type._cls.__name__])
    return {click.INT: "3", click.FLOAT: "0.5"}.get(option.type, f"{option.name}-1")


def arguments(command: click.Command) -> list[str]:
    """Every option of the command, each with a value."""
    said: list[str] = []
    for one in command.params:
        if isinstance(one, click.Argument):
            said.insert(0, sample(one))
        elif one.name not in ("output", "effective_at"):
            said += [one.opts[0]] if one.is_flag else [one.opts[0], sample(one)]
    return said


def read(cls: type[Command]) -> dict[str, Any]:
    command = command_of(cls, "it")
    given = command.make_context("it", arguments(command)).params
    given.pop("output")
    return given


@pytest.mark.parametrize("cls", classes(), ids=lambda cls: cls.__name__)
def test_every_field_of_a_command_has_an_option_that_arrives(cls: type[Command]) -> None:
    given = read(cls)
    made = built(cls, dict(given))
    own = {f.name for f in dataclasses.fields(cls)} - {f.name for f in dataclasses.fields(Command)}

    assert {name: given[name] for name in own} == {name: getattr(made, name) for name in own}
    assert made.document == Document(number="document_number-1", date=parse_day("2020-06-01"))
    assert (made.effective_at, made.effective_is_day) == (midnight(parse_day("2020-06-01")), True)


def test_every_group_of_decisions_is_looked_at() -> None:
    offered = {name for noun in NOUNS for name in getattr(cli_decide, noun).commands}
    made = {cli_decide.name_of(cls, noun) for noun in NOUNS for cls in classes()}

    assert offered - made - set(QUESTIONS) == {"reform", "handover", "load", "open"}


WHOLE_DAYS: list[Command] = [
    SetClassMembers(by="66", unit_class="cac-so", members=("66.so-a",)),
    RenameUnit(by="centre", unit="66", name="Tỉnh Đắk Lắk"),
]


@pytest.mark.parametrize("command", WHOLE_DAYS, ids=lambda one: type(one).__name__)
def test_what_bears_on_units_holds_from_the_midnight_of_today(command: Command) -> None:
    (event,) = Office(established("centre", None), established("66")).when(
        command, now="2020-06-02 08:00"
    )

    assert at("2020-06-02") == event.effective_at

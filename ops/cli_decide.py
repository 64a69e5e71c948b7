"""Commands that decide: one per command class of the write side, its options from its fields."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import click

from ops import wiring
from ops.cli import Context
from ops.cli_calendar_open import open_ahead
from ops.cli_coverage import coverage
from ops.cli_erase import erase
from ops.cli_handover import handover
from ops.cli_load import load_file
from ops.cli_questions import asking
from ops.cli_reform import reform
from ops.cli_reminder import remind_overdue
from ops.cli_report import suggesting
from ops.cli_reward import propose
from ops.cli_sheet import template
from schemas.event import Document, Event, EventId, Sealed
from schemas.jsonl import Defaults, parse_line, to_line
from schemas.refusal import Refused
from schemas.times import Day, Instant, midnight, parse_instant
from schemas.words_vn import read_day
from services import assessment as assessments
from services import committee as committees
from services import inspection as inspections
from services import inspection_plan as inspection_plans
from services import ladder as ladders
from services import petition as petitions
from services import programme as programmes
from services import record as records
from services import report as reports
from services import report_intake as intakes
from services import reporting_rule as reporting_rules
from services import review_facts as reviews
from services import task as tasks
from services import unit as units
from services import unit_ending as endings
from services.command import HERE, Command
from services.ledger import Ledger
from services.owed import owed_of

BY_DAY = ("effective_is_day",)
ENVELOPE = ("by", "effective_at", "document", "actor_role", "correlation_id")
POSITIONAL = ("obligation", "unit", "programme")
"""The first of these that a command must have stands without an option name."""
BY_OWER = (
    *("Declare", "Submit", "Adopt", "Conduct", "ReportTask", "ReportRemedy"),
    *("SettlePetition", "WithdrawPetition", "TransferPetition", "EscalatePetition"),
)
"""Beginnings of the names of commands that an ower gives about its own duty."""
NAMES = {
    "ExtendTaskDue": "extend",
    "DetermineTaskDue": "set-due",
    "ReportTaskProgress": "progress",
    "DeclareTaskCompletion": "complete",
    "AcceptTaskCompletion": "accept",
    "ReturnTaskCompletion": "return",
    "VerifyAssessment": "verify",
}
"""Where the name does not follow from the class's."""


class _DayType(click.ParamType):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Day:
        try:
            return read_day(value) if isinstance(value, str) else Day(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _InstantType(click.ParamType):
    name = "instant"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Instant:
        try:
            return parse_instant(value) if isinstance(value, str) else Instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _EventIdType(click.ParamType):
    name = "event id"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> EventId:
        try:
            return EventId(UUID(value).bytes if isinstance(value, str) else value)
        except ValueError:
            self.fail(f"{value!r} is no event id; `lienthong events` prints them", param, ctx)


class _EventType(click.ParamType):
    """A whole event as one JSON line, as `lienthong events` prints it."""

    name = "json line"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Event:
        if isinstance(value, Event):
            return value
        try:
            (event,) = parse_line(value, Defaults(source=HERE))
        except (Refused, ValueError) as error:
            self.fail(str(error), param, ctx)
        return event


DAY = _DayType()
INSTANT = _InstantType()
EVENT_ID = _EventIdType()
EVENT = _EventType()


def commands_of(module: ModuleType) -> list[type[Command]]:
    """The command classes that a module of the write side defines, in its order."""
    return [
        found
        for name, found in vars(module).items()
        if isinstance(found, type)
        and issubclass(found, Command)
        and found.__module__ == module.__name__
        and not name.startswith("_")
    ]


def name_of(cls: type[Command], noun: str) -> str:
    """`AssignTask` of the noun task -> `assign`; a second noun stays: `record-finding`."""
    words = re.findall(r"[A-Z][a-z]*", cls.__name__)
    kept = [word.lower() for word in words if word.lower() not in (noun, noun + "s")]
    return NAMES.get(cls.__name__, "-".join(kept))


def group_of(noun: str, help_text: str, modules: Iterable[ModuleType]) -> click.Group:
    """A command group with one command per decision."""
    group = click.Group(noun, help=help_text)
    for module in modules:
        for cls in commands_of(module):
            group.add_command(command_of(cls, name_of(cls, noun)))
    return group


def command_of(cls: type[Command], name: str) -> click.Command:
    """The command of a decision: its options are the class's fields and the envelope's."""
    hints = get_type_hints(cls)
    declared = {field.name: field for field in dataclasses.fields(cls)}
    required = [n for n, f in declared.items() if _required(f)]
    argument = next((n for n in POSITIONAL if n in required), None)
    params: list[click.Parameter] = [click.Argument([argument])] if argument else []
    for field_name, field in declared.items():
        if field_name not in (*ENVELOPE, *BY_DAY, argument):
            params.append(_option(field_name, hints[field_name], field))
    params += _envelope()
    return click.Command(
        name,
        params=params,
        callback=_callback(cls),
        help=" ".join((cls.__doc__ or "").split()),
    )


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _option(name: str, hint: Any, field: dataclasses.Field[Any]) -> click.Option:
    inner = _inner(hint)
    many = get_origin(inner) is tuple
    if many:
        inner = _inner(get_args(inner)[0])
    options: dict[str, Any] = {"type": _type(inner), "required": _required(field)}
    if many:
        options |= {"multiple": True}
    elif inner is bool:
        word = name.replace("_", "-")
        return click.Option([f"--{word}/--no-{word}"], default=bool(field.default))
    elif not _required(field) and isinstance(field.default, str):
        options |= {"default": field.default, "show_default": True}
    return click.Option([f"--{name.replace('_', '-')}", name], **options)


def _envelope() -> list[click.Parameter]:
    return [
        click.Option(["--as", "by"], help="The acting unit; default: the root unit."),
        click.Option(["--at", "effective_at"], type=INSTANT, help="When; default: now."),
        click.Option(["--on", "effective_on"], type=DAY, help="The day, where no hour is known."),
        click.Option(["--document", "document_number"], help="Number of the document behind it."),
        click.Option(["--document-date", "document_date"], type=DAY, help="Date of that document."),
        click.Option(["--role", "actor_role"], help="In what role the unit acts."),
        click.Option(["-o", "output"], type=click.Choice(["table", "jsonl"]), default="table"),
    ]


def _inner(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        branches = [b for b in get_args(hint) if b not in (NoneType, Sealed)]
        return branches[0]
    return hint


def _type(inner: Any) -> click.ParamType:
    if inner is Day:
        return DAY
    if inner is Instant:
        return INSTANT
    if inner is EventId:
        return EVENT_ID
    if inner is Event:
        return EVENT
    if dataclasses.is_dataclass(inner):
        return _Nested(inner)
    return {int: click.INT, float: click.FLOAT, bool: click.BOOL}.get(inner, click.STRING)


class _Nested(click.ParamType):
    """A small record as JSON, e.g. --figures '{"name": "petitions", "value": 12}'."""

    name = "json"

    def __init__(self, cls: Any) -> None:
        self._cls = cls

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._cls(**json.loads(value))
        except (ValueError, TypeError) as error:
            self.fail(f"{value!r} is no {self._cls.__name__}: {error}", param, ctx)


def _callback(cls: type[Command]) -> Callable[..., int]:
    @click.pass_obj
    def run(context: Context, /, **given: Any) -> int:
        output = given.pop("output")
        with wiring.ledger(context.settings) as ledger:
            given["by"] = given["by"] or _acting(cls, ledger, given)
            events = ledger.execute(built(cls, given))
            position = f"{ledger.id}:{ledger.max_notification()}"
        for event in events:
            click.echo(to_line(event) if output == "jsonl" else f"{event.type} {event.key}")
        if output == "table":
            said = f"{len(events)} recorded" if events else "nothing to record, it is so already"
            click.echo(f"{said}; position {position}")
        return 0

    return run


def built(cls: type[Command], given: Mapping[str, Any]) -> Command:
    """The command that these options mean; an option that is None was not given."""
    kept = {key: value for key, value in given.items() if value is not None}
    number, date = kept.pop("document_number", None), kept.pop("document_date", None)
    if number is not None:
        kept["document"] = Document(number=number, date=date)
    if (on := kept.pop("effective_on", None)) is not None:
        kept |= {"effective_at": midnight(on), "effective_is_day": True}
    return cls(**kept)


def _acting(cls: type[Command], ledger: Ledger, given: dict[str, Any]) -> str | None:
    """Who acts where nobody is named: the ower does, the issuer decides, else the root."""
    owed = owed_of(ledger.history(given.get("obligation") or ""))
    if owed.opening is not None:
        at = given.get("effective_at") or wiring.now()
        return owed.ower_at(at) if cls.__name__.startswith(BY_OWER) else owed.opening.issuer
    return wiring.root_of(ledger) or given.get("unit")


unit = group_of(
    "unit",
    "Units: established, renamed, moved, merged, split, dissolved.",
    [units, endings, committees],
)
unit.add_command(reform)
unit.add_command(handover)
task = group_of("task", "Tasks: assign, extend, complete, accept, return, cancel.", [tasks])
report = group_of(
    "report", "Reports: expect, submit, return, accept, consolidate.", [reports, intakes]
)
inspection = group_of(
    "inspection",
    "Inspections, their findings and remedies.",
    [inspections, inspection_plans],
)
record = group_of("record", "Reminders, criticisms, corrections of a record.", [records, ladders])
programme = group_of("programme", "Programmes and their rules.", [programmes, reporting_rules])
programme.add_command(load_file)
programme.add_command(open_ahead)
programme.add_command(coverage)
task.add_command(asking("changes"))
inspection.add_command(asking("inspection-due", "due"))
inspection.add_command(asking("inspection-coverage", "coverage"))
inspection.add_command(asking("inspection-subjects", "subjects"))
inspection.add_command(asking("findings"))
report.add_command(asking("report-due", "due"))
report.add_command(asking("report-missing", "missing"))
report.add_command(asking("report-contents", "contents"))
report.add_command(asking("report-trail", "trail"))
report.add_command(asking("report-plans", "plans"))
programme.add_command(asking("derived"))
report.add_command(suggesting(report.commands["consolidate"]))
task.add_command(asking("helping"))
task.add_command(asking("dependencies"))
programme.add_command(asking("programme-items", "show"))
task.add_command(asking("targets"))
task.add_command(asking("item-coverage", "coverage"))
petition = group_of(
    "petition", "Petitions: receive, pass on, settle; no person is named.", [petitions]
)
petition.add_command(asking("petitions", "figures"))
petition.add_command(asking("petition-where", "where"))
index = group_of("index", "The year's index, ratings, rewards.", [assessments, reviews])
index.add_command(asking("assessment", "show"))
index.add_command(asking("rewards"))
index.add_command(asking("merit"))
index.add_command(asking("surveys"))
index.add_command(propose)
record.add_command(asking("overdue"))
record.add_command(asking("candidates"))
record.add_command(asking("backdated"))
record.add_command(remind_overdue)
record.add_command(erase)
programme.add_command(asking("oversight"))
programme.add_command(asking("oversight-duties"))
report.add_command(template)
programme.add_command(asking("rules"))

"""Two clocks on every read: each route and each command takes T and K, or it is said why not."""

from __future__ import annotations

import click
import pytest

from ops.cli import COMMANDS, lienthong
from ops.http_openapi import openapi

CLOCKS = {"on", "known"}
WITHOUT: dict[str, str] = {
    "/api/units/{code}/stream": "what is live",
    "/api/verification": "what runs now",
    "/api/handover": "what the hand-over is to do now",
    "/api/open": "what the hand-over is to do now",
    "/api/restatements/{event_id}": "both sides of one event",
    "/api/words/{language}": "no figures",
    "/api/openapi.json": "no figures",
    "/metrics": "what runs now",
    "/healthz": "what runs now",
    "/readyz": "what runs now",
    "/": "the page itself",
    "/api/units/{code}/template.xlsx": "what is to be sent now",
    "/api/units/{code}/template.csv": "what is to be sent now",
}
"""Paths that read nothing as of a day, and why."""
YEARS = "/api/units/{code}/review"
"""Its T are the ends of the years that are asked for."""
RUNS = {
    *("verify", "publish", "quarantine list", "unit handover", "unit reform"),
    *("programme load", "programme open", "record remind-overdue"),
    *("archive write", "archive show", "archive verify", "archive pack"),
    *("rebuild status", "rebuild diff"),
}
"""Commands with an output to choose that read nothing as of a day."""


def reads() -> dict[str, set[str]]:
    return {
        path: {one["name"] for one in told["get"].get("parameters", [])}
        for path, told in openapi()["paths"].items()
        if "get" in told
    }


@pytest.mark.parametrize("path", [path for path in reads() if path not in WITHOUT])
def test_every_route_that_reads_takes_both_clocks(path: str) -> None:
    needed = {"known", "from", "to"} if path == YEARS else CLOCKS

    assert needed <= reads()[path]


def test_a_route_that_takes_none_is_there_and_takes_none() -> None:
    assert WITHOUT.keys() <= reads().keys()
    assert not [path for path in WITHOUT if reads()[path] & CLOCKS]


def commands(group: click.Group | None = None, before: str = "") -> dict[str, click.Command]:
    """Every command by its words."""
    held = lienthong if group is None else group
    found: dict[str, click.Command] = {}
    context = click.Context(held)
    for name in COMMANDS if group is None else held.list_commands(context):
        one = held.get_command(context, name)
        assert one is not None
        words = f"{before}{name}"
        found |= commands(one, f"{words} ") if isinstance(one, click.Group) else {words: one}
    return found


def reading() -> dict[str, click.Command]:
    """The commands that print a table or JSON, as one likes; decisions print what they record."""
    return {
        words: one
        for words, one in commands().items()
        if words not in RUNS and "json" in choices(one)
    }


def choices(command: click.Command) -> list[str]:
    """How the command's output may be printed."""
    kinds = [one.type for one in command.params if one.name == "output"]
    return [str(one) for kind in kinds if isinstance(kind, click.Choice) for one in kind.choices]


@pytest.mark.parametrize("words", reading())
def test_every_command_that_reads_takes_both_clocks(words: str) -> None:
    said = {option for param in reading()[words].params for option in param.opts}

    assert {f"--{clock}" for clock in CLOCKS} <= said


def test_the_commands_that_read_are_many() -> None:
    named = {"board", "obligations", "review", "restatements", "waiting", "rank", "calendar"}

    assert named <= reading().keys()
    assert 30 < len(reading())

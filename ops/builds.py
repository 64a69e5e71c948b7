"""The builds of the read model: which one serves, which one stands beside it, where each lives.

A build is one read model made from the log, with a number, a place, a topic of frames, positions
and a consumer group of its own. The first has number 1 and the names of an installation that never
built another one.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ops.settings import Settings
from projections.readmodel_postgres import DEFAULT_SCHEMA
from projections.worker import Names
from schemas.topics import FRAMES, Topic

FIRST = 1
NONE = 0
STATE = "builds.json"
ANSWERING = "answering"
LISTENS = "listens"
"""The door in the folder of a build that listens: who takes its place gets its socket there. It is
there as long as new readers may still come to that build."""


class Builds(NamedTuple):
    """What a home knows of its builds."""

    serving: int = FIRST
    """The build that readers are to be answered from."""
    beside: int = NONE
    """The build that follows beside it: a new one, or after the switch the old one."""
    last: int = FIRST
    """The highest number given so far: none is given twice."""
    differing: int | None = None
    """How much the last comparison of the two found differing; None where there was none."""


def of(home: Path) -> Builds:
    """The builds of a home. Creates nothing."""
    try:
        return Builds(**json.loads((home / STATE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Builds()


def keep(home: Path, builds: Builds) -> None:
    """Write down what is to run and to serve, whole or not at all."""
    write(home / STATE, json.dumps(builds._asdict()))


def write(path: Path, text: str) -> None:
    """Replace a file whole: whoever reads it sees the old one or the new one."""
    scratch = path.with_name(f"{path.name}.new")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, path)


def answering(home: Path) -> int:
    """The build that readers are answered from at present."""
    try:
        return int((home / "builds" / ANSWERING).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return FIRST


def answers(home: Path, number: int) -> None:
    """From now on readers are answered from this build."""
    if answering(home) != number:
        write(home / "builds" / ANSWERING, str(number))


def number(settings: Settings) -> int:
    """The build that these settings name; where they name none, the one that serves."""
    return settings.build or of(settings.home).serving


def named(settings: Settings) -> Settings:
    """The same settings with their build written out, for a process that stays with it."""
    return replace(settings, build=number(settings))


def folder(settings: Settings) -> Path:
    """Where a build keeps what is its own in the home."""
    return settings.home / "builds" / str(number(settings))


def address(settings: Settings) -> str:
    """Where the build's read model lives: `sqlite:PATH` or the address of a PostgreSQL."""
    if number(settings) == FIRST or not settings.read_model.startswith("sqlite:"):
        return settings.read_model
    return f"sqlite:{folder(settings) / 'readmodel.sqlite'}"


def schema(settings: Settings) -> str:
    """The schema of the build's read model, where it lives in PostgreSQL."""
    return DEFAULT_SCHEMA + _suffix(settings, "_")


def frames(settings: Settings) -> Topic:
    """The topic of the build's frames: whoever reads another one's would count twice."""
    return FRAMES._replace(name=FRAMES.name + _suffix(settings, "."))


def names(settings: Settings) -> Names:
    """The topics that a worker of the build reads and writes."""
    prefix = settings.topic_prefix
    return replace(Names.of(prefix), frames=frames(settings).full(prefix))


def group(settings: Settings) -> str:
    """The consumer group of the build's workers."""
    return f"{settings.topic_prefix}{settings.group}{_suffix(settings, '-')}"


def _suffix(settings: Settings, mark: str) -> str:
    at = number(settings)
    return "" if at == FIRST else f"{mark}{at}"

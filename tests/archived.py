"""A small ledger and its archive in several segments, for whoever damages or reads one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from ops.archive.checking import Verdict, verify
from ops.archive.heads import Head
from ops.archive.signing import Signer
from ops.archive.writing import Writer
from ops.simulate import generate
from schemas.event import Event
from schemas.jsonl import Defaults
from schemas.times import as_of
from services.ledger import Ledger
from services.publish import publish
from tests import story

NOW = as_of("2026-07-01T08:00:00+07:00")


def ledger_in(folder: Path) -> Ledger:
    return Ledger.open(f"sqlite:{folder / 'ledger.db'}", clock=lambda: NOW, source="66")


def tell_story(ledger: Ledger) -> None:
    """The worked example: four units, one quarter."""
    outcomes = list(publish(story.quarter(), ledger, Defaults(source="66"), history=True))
    assert {outcome.status for outcome in outcomes} == {"accepted"}


def tell(ledger: Ledger, events: Sequence[Event]) -> None:
    assert {outcome.status for outcome in ledger.record(events, history=True)} == {"accepted"}


def tell_now(ledger: Ledger, event: Event) -> None:
    assert {outcome.status for outcome in ledger.record([event])} == {"accepted"}


def lives(seed: int, obligations: int = 6) -> list[Event]:
    """Random lives of a few obligations, each with four facts."""
    owers = [f"66.u{number}" for number in range(3)]
    return list(generate(seed, owers, obligations, 4, source=f"system-{seed}"))


def write(
    ledger: Ledger, folder: Path, *, signer: Signer | None = None, each: int = 500_000
) -> list[Head]:
    """Whatever is not archived yet, in segments of at most `each` records."""
    return list(Writer(ledger, folder, lambda: NOW, signer, each).write())


def archived(folder: Path, *, signer: Signer | None = None) -> Path:
    """An archive of three segments: the worked example, then two times random lives."""
    ledger = ledger_in(folder)
    tell_story(ledger)
    write(ledger, folder / "archive", signer=signer)
    for seed in (1, 2):
        tell(ledger, lives(seed))
        write(ledger, folder / "archive", signer=signer)
    ledger.close()
    return folder / "archive"


def copy(archive: Path, name: str = "copy") -> Path:
    """The same archive once more, to be spoilt."""
    return Path(shutil.copytree(archive, archive.parent / name))


def faults(archive: Path, **how: object) -> Sequence[str]:
    return checked(archive, **how).faults


def checked(archive: Path, **how: object) -> Verdict:
    return verify(archive, **how)  # type: ignore[arg-type]


def parquets(archive: Path) -> Iterator[Path]:
    """All files with rows, in the order of their names."""
    yield from sorted(archive.glob("segments/*/*/*/*.parquet"))

"""Commands that run something: demo, up, wait, and the processes that `up` starts."""

from __future__ import annotations

import logging
import random
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ops import demo_boards, waiting, wiring
from ops.cli import EXIT_REFUSED, Context
from ops.demo_story import LIVE_SOURCE, sent_now, still_owed, story
from ops.i18n import word
from ops.refill import refill
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import Supervisor
from schemas.event import Event
from services.publish import publish_events
from services.watch import RoleTaken

DEMO_WAIT_SECONDS = 120.0
LIVE_PAUSE_SECONDS = (2.0, 6.0)
"""Between two things that units do while the demo is watched."""
PUBLISH_EVENTS = 1_000
QUIET_LOGGERS = ("aiokafka", "kafka", "faust", "mode")


@click.command()
@click.option("--port", type=int, help="Port of the board.")
@click.pass_obj
def up(context: Context, port: int | None) -> int:
    """Start everything from settings, no demo data, until Ctrl-C."""
    settings = _with_port(context.settings, port)
    with _signals(), Supervisor(settings) as running:
        _hello(running)
        _until_stopped(running)
    return 0


@click.command()
@click.option("--exit", "leave", is_flag=True, help="Print the boards and stop.")
@click.option("--port", type=int, help="Port of the board.")
@click.pass_obj
def demo(context: Context, leave: bool, port: int | None) -> int:
    """Everything on this machine: the five real programmes, real units, a simulated history."""
    settings = _with_port(context.settings, port)
    console = Console(stderr=True)
    with _signals(), Supervisor(settings, quiet=True, console=console) as running:
        console.print(f"Broker: {running.broker}")
        told = _told(settings, console)
        _wait(settings, console)
        demo_boards.show(running.settings, context.language)
        click.echo(f"Broker used: {running.broker}")
        if not leave:
            _hello(running)
            _live(running, told)
    return 0


@click.command()
@click.option("--timeout", default=60.0, show_default=True, help="Seconds.")
@click.pass_obj
def wait(context: Context, timeout: float) -> int:
    """Return when the projections have applied everything recorded so far."""
    if waiting.wait(context.settings, timeout):
        return 0
    click.echo(f"not everything is applied after {timeout:g} s", err=True)
    return EXIT_REFUSED


@click.group()
def run() -> None:
    """The processes that `up` starts; each can be run by itself under systemd."""


@run.command("relay")
@click.pass_obj
def run_relay(context: Context) -> int:
    """Take in the inbox and carry the ledger's log to the topics."""
    from ops import run_relay as process

    _logging(context.settings)
    return process.run(context.settings)


@run.command("worker")
@click.pass_obj
def run_worker(context: Context) -> int:
    """Fold, roll up, answer over HTTP."""
    from ops import run_worker as process

    _logging(context.settings)
    return process.run(context.settings)


@run.command("archive")
@click.pass_obj
def run_archive(context: Context) -> int:
    """Add to the archive, once a local day and whenever enough was recorded."""
    from ops import run_archive as process

    _logging(context.settings)
    return process.run(context.settings)


@run.command("verify")
@click.pass_obj
def run_verify(context: Context) -> int:
    """Hold the read model against the plain fold, round after round, at the lowest priority."""
    from ops import run_verify as process

    _logging(context.settings)
    return process.run(context.settings)


def _logging(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _with_port(settings: Settings, port: int | None) -> Settings:
    return settings if port is None else replace(settings, port=port)


@contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM ends us as Ctrl-C does, so that all children are stopped in order."""

    def interrupted(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupted)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        signal.signal(signal.SIGTERM, before)


def _hello(running: Supervisor) -> None:
    settings = running.settings
    click.echo(f"Broker: {running.broker}")
    click.echo(f"Board: http://{settings.host}:{settings.port}/   (Ctrl-C stops everything)")


def _until_stopped(running: Supervisor) -> None:
    while True:
        running.wait(1.0)


def _told(settings: Settings, console: Console) -> Sequence[Event]:
    """Publish the simulated history once; the same story again says nothing new."""
    with _bar(console) as bar:
        task = bar.add_task("units, programmes, simulated history")
        with wiring.ledger(settings) as ledger:
            events = story(wiring.now())
            bar.update(task, total=len(events))
            for page in _pages(events):
                outcomes = publish_events([[one] for one in page], ledger, history=True)
                refused = next((one for one in outcomes if one.reason is not None), None)
                if refused is not None:
                    raise BrokenEnvironment(f"The story was refused: {refused.sentence}.")
                bar.advance(task, len(page))
    return events


def _pages(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    for start in range(0, len(events), PUBLISH_EVENTS):
        yield events[start : start + PUBLISH_EVENTS]


def _wait(settings: Settings, console: Console) -> None:
    with _bar(console) as bar:
        task = bar.add_task("projections")

        def told(progress: waiting.Progress) -> None:
            bar.update(
                task,
                description=f"projections: {progress.what}",
                completed=progress.done,
                total=max(progress.total, 1),
            )

        if not waiting.wait(settings, DEMO_WAIT_SECONDS, told):
            raise BrokenEnvironment(
                f"The projections did not catch up within {DEMO_WAIT_SECONDS:g} s; "
                f"see {settings.home / 'logs'}."
            )


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<40}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _live(running: Supervisor, told: Sequence[Event]) -> None:
    """While the demo is watched, units go on sending what they still owe."""
    dice = random.Random(LIVE_SOURCE)
    owed = still_owed(told)
    dice.shuffle(owed)
    for opening in owed:
        running.wait(dice.uniform(*LIVE_PAUSE_SECONDS))
        with wiring.ledger(running.settings) as ledger:
            publish_events([[sent_now(opening, wiring.now())]], ledger)
    _until_stopped(running)


@click.group()
def relay() -> None:
    """The relay, which carries the ledger's log to the topics."""


@relay.command("refill")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def relay_refill(context: Context, yes: bool) -> int:
    """Send everything again from the first event, into topics that were made anew.

    Readers know what they have by its event id. The read model is set aside and built anew. Stop
    `lienthong up` first: the relay runs in it.
    """
    if not yes:
        click.confirm("Send every recorded event again?", abort=True)
    found = refill(context.settings)
    click.echo(word("refill.done", context.language).format(count=found.events))
    if found.aside:
        click.echo(word("refill.aside", context.language).format(aside=found.aside))
    return 0


@relay.command("forget-inbox")
@click.pass_obj
def relay_forget_inbox(context: Context) -> int:
    """Begin again at the first record of an inbox that was made anew; ids tell what is known."""
    with wiring.ledger(context.settings, create=False) as ledger:
        try:
            with ledger.lock("intake"):
                ledger.forget_inbox()
        except RoleTaken as error:
            raise BrokenEnvironment(str(error)) from error
    click.echo("the next intake begins at the first record of every partition")
    return 0

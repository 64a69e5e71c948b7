"""Commands that prove or check something: replay, verify, schemas, dashboards, bench, doctor."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from ops import dashboards as dashboard_files
from ops import doctor as doctor_checks
from ops import proof, reading, tables, wiring
from ops.archive.checking import Anchor
from ops.archive.replaying import Archived, opened
from ops.cli import EXIT_BROKEN, EXIT_REFUSED, Context
from ops.cli_board import console
from ops.daily import daily
from ops.i18n import word
from ops.progress import counting
from ops.question import instant as question_instant
from ops.settings import documented
from ops.verify import Check
from projections.ask import TREES, Ask
from schemas import avro, committed, times
from schemas.event import event_types
from schemas.times import day_of


@click.command()
@click.argument("unit", default="")
@click.option("--from", "source", type=click.Choice(proof.SOURCES), default="ledger")
@click.option("--engine", type=click.Choice(proof.ENGINES), default="fold")
@click.option("--head", help="Archive: a head kept elsewhere, its hash or a file with heads.")
@click.option("--unchecked", is_flag=True, help="Archive: count without checking it first.")
@click.option("--on", help="Day or instant T.")
@click.option("--known", help="Day or instant K.")
@click.option("--since", help="Archive by SQL: the figures of each day from this one to --on.")
@click.option("--tree", type=click.Choice(TREES), default="then")
@click.option("--programme")
@click.option("--period")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def replay(
    context: Context,
    unit: str,
    source: str,
    engine: str,
    head: str | None,
    unchecked: bool,
    on: str | None,
    known: str | None,
    since: str | None,
    tree: str,
    programme: str | None,
    period: str | None,
    output: str,
) -> None:
    """Figures of UNIT (default: the root) from the log alone, by the plain fold or by SQL.

    From the archive nothing else is read, and it is checked first.
    """
    ask = Ask(
        on=reading.instant("--on", on),
        known=reading.instant("--known", known),
        tree=tree,
        programme=programme,
        period=period,
    )
    archived = None
    if source == "archive":
        with counting("verifying") as told:
            anchor = None if head is None else Anchor.of(head)
            archived = opened(context.settings.archive, anchor, not unchecked, told)
    elif head is not None or unchecked:
        raise click.UsageError("--head and --unchecked are about --from archive")
    if since is not None:
        if archived is None or engine != "sql" or (programme, period, tree) != (None, None, "then"):
            raise click.UsageError("--since needs --from archive --engine sql, and no other cut")
        _say_daily(context, archived, unit, ask, since, output)
        return
    with counting("replaying") as told:
        found = proof.replayed(context.settings, source, unit, ask, told, engine, archived)
    plainly = found.to_json()
    if output == "json":
        beside = {} if archived is None else {"archive": archived.plain()}
        click.echo(json.dumps({**plainly, **beside}, ensure_ascii=False))
        return
    tables.board(plainly, context.language, console())
    if archived is not None:
        _say_upto(archived, context.language)


def _say_daily(
    context: Context, archived: Archived, unit: str, ask: Ask, since: str, output: str
) -> None:
    """The figures of each day since one."""
    first = day_of(question_instant(since, "--since", times.since))
    last = day_of(wiring.now() if ask.on is None else ask.on)
    rows = [one.plain() for one in daily(archived, unit, first, last, ask.known)]
    if output == "json":
        told = {"unit": unit, "days": rows, "archive": archived.plain()}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    tables.daily(rows, context.language, console())
    _say_upto(archived, context.language)


def _say_upto(archived: Archived, language: str) -> None:
    """Up to where an archive was counted, and who vouches for that."""
    last = archived.last
    told = {"number": last.number, "last": last.last, "at": last.made_at, "hash": last.hash()}
    click.echo(word("archive.counted", language).format(**told))
    if archived.found is None:
        click.echo(word("archive.unchecked", language))
        return
    for sentence in archived.found.vouched:
        click.echo(sentence)


@click.command()
@click.option("--timeout", default=60.0, show_default=True, help="Seconds to catch up first.")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def verify(context: Context, timeout: float, output: str) -> int:
    """Live = replay = SQL, cell by cell; identities; ledger = topics; holes in the numbers."""
    with counting("verifying") as told:
        checks = list(proof.verified(context.settings, timeout, told))
    if output == "json":
        click.echo(json.dumps([plain(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            say(check)
    return 0 if all(check.holds for check in checks) else EXIT_REFUSED


def plain(check: Check) -> dict[str, object]:
    """A check as JSON."""
    return {
        "name": check.name,
        "holds": check.holds,
        "compared": check.compared,
        "differing": check.differing,
        "differences": list(check.differences),
        "remarks": list(check.remarks),
    }


def say(check: Check) -> None:
    """A check as people read it."""
    head, *rest = check.lines()
    click.echo(f"{'ok     ' if check.holds else 'DIFFERS'}  {head}")
    for line in rest:
        click.echo(f"       {line}")


@click.group()
def schemas() -> None:
    """The committed Avro schemas."""


@schemas.command("write")
def schemas_write() -> None:
    """Write what the register says and is not committed yet."""
    written = committed.write()
    for path in written:
        click.echo(path.name)
    click.echo(f"{len(written)} written")


@schemas.command("check")
def schemas_check() -> int:
    """Compare the committed files with the register."""
    problems = list(committed.problems())
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(avro.fingerprints())} schemas, {len(problems)} problems")
    return EXIT_REFUSED if problems else 0


@schemas.command("list")
def schemas_list() -> None:
    """Every event type: its effect, its topic, what it means."""
    for name, cls in sorted(event_types().items()):
        meaning = " ".join((cls.__doc__ or "").split())
        click.echo(f"{name:<34} {cls.effect.name.lower():<11} {cls.topic:<11} {meaning}")


@click.group()
def dashboards() -> None:
    """The Grafana board, the alert rules and the Prometheus configuration."""


@dashboards.command("write")
def dashboards_write() -> None:
    """Write the files from the code."""
    for path in dashboard_files.write():
        click.echo(path.name)


@dashboards.command("check")
def dashboards_check() -> int:
    """Compare the files with the code."""
    differing = list(dashboard_files.differing())
    for path in differing:
        click.echo(f"{path.name} is not what the code says; run `lienthong dashboards write`")
    return EXIT_REFUSED if differing else 0


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def bench(context: Context, arguments: Sequence[str]) -> int:
    """Measure the live path beside its yardsticks, in one run (see --help after `bench`)."""
    from ops.bench import run

    return run(list(arguments), context.settings)


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def soak(context: Context, arguments: Sequence[str]) -> int:
    """Kill workers, poison the stream, reform under load, try random worlds; counts must be right.

    `soak kills`, `soak poison`, `soak reform`, `soak rebuild`, `soak worlds`, `soak year`,
    `soak archive`, `soak mutants`; each says more with --help.
    """
    from ops.soak import run

    return run(list(arguments), context.settings)


@click.command()
@click.option("--settings", "settings_only", is_flag=True, help="Only list the settings.")
@click.pass_obj
def doctor(context: Context, settings_only: bool) -> int:
    """Check this machine and this home; every line says what to do where something is wrong."""
    if settings_only:
        for setting in documented():
            click.echo(f"{setting.variable:<32} {setting.meaning} (default: {setting.default})")
        return 0
    healthy = True
    for check in doctor_checks.checks(context.settings):
        healthy &= check.ok
        click.echo(f"{'ok   ' if check.ok else 'WRONG'}  {check.name}: {check.sentence}")
    return 0 if healthy else EXIT_BROKEN

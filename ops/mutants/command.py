"""`lienthong soak mutants`: whether the comparison of the engines finds what is wrong in one."""

from __future__ import annotations

import argparse
import importlib.util
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from ops import sql
from ops.mutants.judging import ROUNDS, Round
from ops.mutants.sites import Site, sites_of
from ops.mutants.sites_sql import sql_sites_of
from ops.mutants.trying import CAUGHT, INVALID, STOPPED, SURVIVED, Changed, Outcome, tried

CAUGHT_MIN = 0.95
FOLD: dict[str, frozenset[str] | None] = {
    "projections.order": None,
    "projections.obligation": None,
    # The rest of these says things about a life beside its figures.
    "projections.life": frozenset({"Standing"}),
    "projections.steps": None,
}
"""Where the plain fold stands: module -> its functions and classes (None: all)."""
COLUMNS: dict[str, frozenset[str] | None] = {
    "projections.lives": None,
    "projections.turns": None,
    "projections.refolding": None,
    "projections.folding": None,
}
"""Where the fold by columns stands."""
ENGINES = ("fold", "sql", "columns")
SECONDS_MIN = 120.0
PLAIN_SECONDS_MAX = 3_600.0
SLOWER = 4
"""A mutant that takes so many times as long as the program as it is will not end."""


EQUIVALENT = "equivalent"
"""The kind of a mutant that was looked at before and changes no figure: it is not tried."""
LONG_WAY = "long way"
"""The kind of one that only takes SQL's short way to a day from some lives: no figure can change,
for the long way tells those of any life."""
NOT_COUNTED = (INVALID, EQUIVALENT, LONG_WAY)


class Found(NamedTuple):
    """A mutant and what became of it."""

    site: Site
    shown: str
    outcome: Outcome


def all_sites(engine: str) -> list[Site]:
    """Every place of an engine that can be changed, in the order of its files."""
    if engine == "sql":
        names = [f"{sql.__name__}.{one.name}" for one in pkgutil.iter_modules(sql.__path__)]
        return [site for name in names for site in sql_sites_of(name, *_file(name))]
    modules = FOLD if engine == "fold" else COLUMNS
    return [site for name, only in modules.items() for site in sites_of(name, *_file(name), only)]


def _file(module: str) -> tuple[str, bytes]:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return spec.origin, Path(spec.origin).read_bytes()


def mutants(engine: str, seed: int, at: str | None = None) -> list[Site]:
    """All of them in the order in which they are drawn; with `at` those of a file or a line."""
    sites = all_sites(engine)
    if at is not None:
        return [site for site in sites if _place(site).startswith(at)]
    Random(f"mutants:{engine}:{seed}").shuffle(sites)
    return sites


def _place(site: Site) -> str:
    return f"{'/'.join(Path(site.path).parts[-2:])}:{site.line}"


def equivalent() -> dict[str, str]:
    """Mutants that change no figure, as Site.shown shows them, and why."""
    text = Path(__file__).with_name("equivalent.txt").read_text(encoding="utf-8")
    blocks = [block.split("\n") for block in text.strip().split("\n\n")[1:]]
    return {block[0]: " ".join(line.strip() for line in block[1:]) for block in blocks}


def found(
    sites: Sequence[Site], number: int, judged: tuple[int, Sequence[Round]], plain: Outcome
) -> Iterator[Found]:
    """So many that count (0: all there are), one after the other; those that do not beside."""
    rest, known = number, equivalent() if number else {}
    seconds = max(SECONDS_MIN, SLOWER * plain.seconds)
    for site in sites:
        source = Path(site.path).read_bytes()
        changed, shown = site.applied(source), site.shown(source)
        if shown in known:
            outcome = Outcome(EQUIVALENT, known[shown], "", 0.0)
        elif not _compiles(changed, site.path):
            outcome = Outcome(INVALID, "is no Python", "", 0.0)
        else:
            outcome = tried(Changed(site.module, site.path, changed), judged, seconds)
            if outcome.kind == SURVIVED and outcome.ranked > plain.ranked:
                outcome = outcome._replace(kind=LONG_WAY)
        yield Found(site, shown, outcome)
        rest -= outcome.kind not in NOT_COUNTED
        if number and not rest:
            return


def _compiles(source: bytes, path: str) -> bool:
    try:
        compile(source, path, "exec")
    except SyntaxError:
        return False
    return True


def run(arguments: Sequence[str]) -> int:
    """Exit code 0 where enough mutants are caught (CAUGHT_MIN of each engine); see `--help`."""
    asked = _arguments().parse_args(list(arguments))
    judged = (asked.seed, ROUNDS[: asked.rounds])
    plain = tried(None, judged, PLAIN_SECONDS_MAX)
    if plain.kind != SURVIVED:
        print(f"The engines differ as they are: {plain.law}: {plain.sentence}")
        return 1
    rounds = ", ".join(f"{size} {what}" for what, size in judged[1])
    print(f"No change: live = fold = SQL in {plain.seconds:.0f} s; {rounds}", flush=True)
    print(f"  {plain.sentence}", flush=True)
    good = True
    for engine in (asked.engine,) if asked.engine else ENGINES[:2]:
        sites = mutants(engine, asked.seed, asked.at)
        kept = []
        number = 0 if asked.all or asked.at else asked.mutants
        for one in found(sites, number, judged, plain):
            print(_line(one), flush=True)
            kept.append(one)
        good &= _told(engine, len(sites), kept)
    return 0 if good else 1


def _line(one: Found) -> str:
    outcome = one.outcome
    by = f"  by {outcome.law}: {outcome.sentence[:160]}\n" if outcome.law else ""
    head = f"{outcome.kind} in {outcome.seconds:.1f} s: {_place(one.site)}, {one.site.what}"
    return f"{head}\n  {one.shown}\n{by}"


def _told(engine: str, sites: int, tried_: Sequence[Found]) -> bool:
    """The closing lines; whether enough were caught."""
    kinds = [one.outcome.kind for one in tried_]
    counted = sum(kind not in NOT_COUNTED for kind in kinds)
    caught = kinds.count(CAUGHT) + kinds.count(STOPPED)
    part = caught / counted if counted else 0.0
    for one in tried_:
        if one.outcome.kind == SURVIVED:
            print(f"survived: {_place(one.site)}, {one.site.what}: {one.shown}")
    stopped, invalid, same, slow = (kinds.count(kind) for kind in (STOPPED, *NOT_COUNTED))
    print(
        f"{engine}: {counted} mutants, {caught} caught ({part:.1%}), {stopped} of these because "
        f"they stopped; of {sites} places, beside {invalid} drawn that are no program, {same} "
        f"that are known to change no figure and {slow} that only send lives the long way",
        flush=True,
    )
    return part >= CAUGHT_MIN


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lienthong soak mutants",
        description="Changes one place of the plain fold, of the SQL or of the fold by columns at "
        "a time, and checks that live = fold = SQL on random worlds no longer holds. No file is "
        "changed.",
    )
    parser.add_argument("--engine", choices=ENGINES, help="(default: fold, then sql)")
    parser.add_argument("--mutants", type=int, default=40, help="of each engine (default: 40)")
    parser.add_argument("--all", action="store_true", help="every place instead of some")
    parser.add_argument(
        "--at", help="only those of a file or line, such as projections/order.py:57"
    )
    parser.add_argument("--rounds", type=int, help="the first so many (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the choice and of the worlds")
    return parser

"""The command `soak mutants`: what it changes, and that what it changes is found out."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pytest

from ops import mutants
from ops.mutants import command
from ops.mutants.judging import Round
from ops.mutants.sites import Site, sites_of
from ops.mutants.sites_sql import sql_sites_of
from ops.mutants.trying import CAUGHT, INVALID, STOPPED, SURVIVED, Changed, Outcome, tried

FEW: Sequence[Round] = (("lives", 60),)
SECONDS = 120.0


def shown(sites: Sequence[Site], source: bytes) -> list[str]:
    return [site.shown(source) for site in sites]


def after(module: str, old: str, new: str, seconds: float = SECONDS) -> Outcome:
    """What becomes of the program in which a module says something else."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    assert old in source
    changed = Changed(module, spec.origin, source.replace(old, new, 1).encode())
    return tried(changed, (1, FEW), seconds)


def test_every_operator_constant_and_term_of_python_is_a_place() -> None:
    source = b'"""1 < 2."""\nLIMIT = 3\ndef f(a: int = 4) -> bool:\n    return a < 5 and not a\n'
    line = "return a < 5 and not a"

    assert shown(sites_of("m", "m.py", source, None), source) == [
        "def f(a: int = 4) -> bool: → def f(a: int = 3) -> bool:",
        "def f(a: int = 4) -> bool: → def f(a: int = 5) -> bool:",
        f"{line} → return (a < 5)",
        f"{line} → return (not a)",
        f"{line} → return a <= 5 and not a",
        f"{line} → return a < 4 and not a",
        f"{line} → return a < 6 and not a",
        f"{line} → return a < 5 or not a",
        f"{line} → return a < 5 and (a)",
    ]


def test_every_operator_constant_and_term_of_a_statement_is_a_place() -> None:
    source = b'"""a < 1."""\nq = f"SELECT x FROM {t} WHERE a < 1 AND b IS NULL ORDER BY c, d"\n'
    head, tail = 'q = f"SELECT x FROM {t} WHERE', 'ORDER BY c, d"'
    line = f"{head} a < 1 AND b IS NULL {tail}"

    assert set(shown(sql_sites_of("m", "m.py", source), source)) == {
        f"{line} → {head} a <= 1 AND b IS NULL {tail}",
        f"{line} → {head} a < 0 AND b IS NULL {tail}",
        f"{line} → {head} a < 2 AND b IS NULL {tail}",
        f"{line} → {head} a < 1 OR b IS NULL {tail}",
        f"{line} → {head} a < 1 {tail}",
        f"{line} → {head} b IS NULL {tail}",
        f"{line} → {head} a < 1 AND b IS NOT NULL {tail}",
        f'{line} → {head} a < 1 AND b IS NULL ORDER BY c DESC, d"',
        f'{line} → {head} a < 1 AND b IS NULL ORDER BY c"',
    }


@pytest.mark.parametrize("engine", command.ENGINES)
def test_each_engine_has_hundreds_of_places_and_a_seed_says_which_come_first(engine: str) -> None:
    sites = command.all_sites(engine)

    assert len(sites) > 200
    assert len({(site.module, site.start, site.end, site.text) for site in sites}) == len(sites)
    assert command.mutants(engine, 1) == command.mutants(engine, 1)
    assert command.mutants(engine, 1) != command.mutants(engine, 2)
    assert sorted(command.mutants(engine, 1)) == sorted(sites)


def test_the_program_as_it_is_survives() -> None:
    assert SURVIVED == tried(None, (1, FEW), SECONDS).kind


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("projections.steps", "bits | DUE | OVERDUE", "bits | DUE"),
        ("projections.order", "known is not None and fact.recorded_at > known", "False"),
        ("ops.sql.standing", "drops THEN {DROPPED}", "NOT drops THEN {DROPPED}"),
        ("projections.lives", "np.maximum(part[due]", "np.minimum(part[due]"),
    ],
)
def test_an_engine_that_says_something_else_is_caught(module: str, old: str, new: str) -> None:
    assert CAUGHT == after(module, old, new).kind


def test_an_engine_that_stops_is_caught_and_one_that_is_no_sql_does_not_count() -> None:
    assert STOPPED == after("projections.steps", "bits |= ASSIGNED", "raise ValueError").kind
    assert INVALID == after("ops.sql.order", "CREATE OR REPLACE", "CREATE AND REPLACE").kind


def test_a_mutant_that_does_not_end_is_given_up() -> None:
    old, new = "    order: list[Placed] = []\n    while ready:", "    while True:"
    outcome = after("projections.order", old, new + "\n        pass\n    while ready:", 5.0)

    assert (STOPPED, "does not end") == (outcome.kind, outcome.law)


def test_the_command_tells_each_mutant_and_how_many_were_caught(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sites = command.all_sites("fold")
    text = Path(sites[0].path).parent.joinpath("life.py").read_text(encoding="utf-8")
    line = 1 + text[: text.index("return at < midnight")].count("\n")
    asked = ["--engine", "fold", "--at", f"projections/life.py:{line}", "--rounds", "1"]

    assert 0 == mutants.run(asked)
    said = capsys.readouterr().out

    assert "→ return at <= midnight(Day(self.revise))" in said
    assert "fold: 1 mutants, 1 caught (100.0%)" in said

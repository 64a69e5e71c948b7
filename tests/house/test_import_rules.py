"""The import rules bite: a planted breach of each contract is found."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

BREACHES = {
    "Rooms: ops above services and projections, both above schemas": (
        "projections/states.py",
        "import services.task",
    ),
    "Contract, decisions and folds touch no clock, dice, disk or broker": (
        "projections/obligation.py",
        "import random",
    ),
    "Folds do not know who drives them or where they are kept": (
        "projections/steps.py",
        "import projections.app",
    ),
    "The second engine owes the fold nothing": ("ops/sql/words.py", "import projections.steps"),
    "Decisions do not know how they are kept": ("services/task.py", "import services.ledger"),
    "One door: Avro": ("services/publish.py", "import fastavro"),
    "One door: the event store": ("services/intake.py", "import eventsourcing"),
    "One door: Faust and its client": ("projections/judge.py", "import aiokafka"),
    "One door: PostgreSQL": ("projections/worker.py", "import psycopg"),
    "One door each in the wiring: Kafka, metrics, Excel, units": (
        "ops/doctor.py",
        "import kafka",
    ),
}


WIDE_DOORS = {"click": ("cli",), "starlette": ("http",), "uvicorn": ("http", "run_worker")}
"""Libraries whose door is every file of ops that begins with one of these."""


def lint(folder: Path) -> str:
    """What import-linter says in this folder."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_every_contract_has_a_breach_here() -> None:
    assert {contract["name"] for contract in CONTRACTS} == set(BREACHES)


def test_each_breach_breaks_its_contract(tmp_path: Path) -> None:
    for room in ("schemas", "services", "projections", "ops"):
        shutil.copytree(
            ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "*.avsc")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, line in BREACHES.values():
        with (tmp_path / file).open("a", encoding="utf-8") as opened:
            opened.write(f"\n{line}\n")
    said = lint(tmp_path)
    kept = [name for name in BREACHES if f"{name} BROKEN" not in said]

    assert [] == kept, said


@pytest.mark.parametrize(("library", "door"), WIDE_DOORS.items())
def test_a_library_with_a_wide_door_comes_in_nowhere_else(
    library: str, door: tuple[str, ...]
) -> None:
    users = {
        path.relative_to(ROOT)
        for path in (ROOT / "ops").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if library in {imported.split(".")[0] for imported in _imported(node)}
    }

    assert set() == {str(p) for p in users if not (p.name.startswith(door) and len(p.parts) == 2)}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []

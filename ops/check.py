"""`./lienthong test`: style, types, import rules, tests; pytest says which broker was used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).resolve().parents[1]

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Style", ("-m", "ruff", "check", ".")),
    ("Format", ("-m", "ruff", "format", "--check", ".")),
    ("Types", ("-m", "mypy")),
    ("Import rules", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
)


def main(arguments: list[str]) -> int:
    """Run every check, then pytest with the arguments; 0 only where all of them are content.

    With arguments only pytest runs. Without any, the run also fails where Java and Maven exist
    but Kafka did not run.
    """
    console = Console(highlight=False)
    failed = []
    for name, command in () if arguments else CHECKS:
        console.rule(f"[bold]{name}", align="left")
        if subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode:
            failed.append(name)
    if not arguments:
        console.rule("[bold]Tests", align="left")
    tests = [sys.executable, "-m", "pytest", *(arguments or ["--whole"])]
    ended = subprocess.run(tests, cwd=ROOT, check=False).returncode
    if failed:
        console.print(f"[red]Failed before the tests: {', '.join(failed)}.")
    return ended or int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

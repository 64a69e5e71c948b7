"""The house style that a machine can see: sizes, opening sentences, clocks, leftovers."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("schemas", "services", "projections", "ops")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
LINE_CHARS_MAX = 100
TEXT_ENDINGS = {".py", ".md", ".toml", ".yml", ".yaml", ".xml", ".properties", ".service", ".sh"}
NO_ENDING = {"lienthong", "run", "Dockerfile", "LICENSE"}

WALL_CLOCKS_AND_DICE = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.gmtime",
    "time.localtime",
    "os.urandom",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid1",
    "uuid4",
}
DICE = {"random", "secrets"}
NEW_IDS = {
    "services/ledger.py": "a ledger's id is made with it",
    "projections/readmodel_sqlite.py": "a read model's id is made with it",
    "projections/readmodel_postgres.py": "a read model's id is made with it, cursors have names",
}
"""The only files outside ops that may make something random: what exists once, at its creation."""


def committed() -> list[Path]:
    """Every file that is or will be committed."""
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        # An unpacked archive has no git: then everything but what we make ourselves.
        return [p for p in ROOT.rglob("*") if p.is_file() and not _made(p)]
    return [ROOT / name for name in told.stdout.splitlines() if (ROOT / name).is_file()]


def _made(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part in {".venv", ".lienthong", "__pycache__"} for part in parts) or any(
        part.endswith("_cache") for part in parts
    )


FILES = committed()
PYTHON = [path for path in FILES if path.suffix == ".py"]
OURS = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in ROOMS]
WRITTEN = [path for path in FILES if path.suffix in TEXT_ENDINGS or path.name in NO_ENDING]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(node: ast.expr) -> str:
    """`datetime.now` of a call's function, '' where it is no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def test_there_is_something_to_look_at() -> None:
    assert len(OURS) > 60
    assert all((ROOT / room / "py.typed").is_file() for room in ROOMS)


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_file_opens_with_one_sentence_and_is_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    opening = (ast.get_docstring(tree(path)) or "").split("\n\n")[0].strip()

    assert len(opening) >= 20, f"{name(path)} says nothing about itself"
    assert opening.endswith((".", "`", ")")), f"{name(path)} opens with no sentence: {opening}"
    assert len(lines) <= FILE_LINES_MAX
    shown = [re.sub(r"\s+# (type: ignore|noqa).*", "", line) for line in lines]
    assert [] == [n for n, line in enumerate(shown, 1) if len(line) > LINE_CHARS_MAX]


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_function_is_short(path: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert [] == long


@pytest.mark.parametrize("path", OURS, ids=name)
def test_public_names_say_what_they_are(path: Path) -> None:
    bare = [
        node.name
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert [] == bare


@pytest.mark.parametrize("path", OURS, ids=name)
def test_only_ops_knows_what_time_it_is_and_throws_dice(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] == "ops" or name(path) in NEW_IDS:
        return
    calls = {dotted(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    forbidden = {
        call for call in calls if call in WALL_CLOCKS_AND_DICE or call.split(".")[0] in DICE
    }

    assert set() == forbidden


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_nothing_is_left_for_later(path: Path) -> None:
    # The brackets keep these patterns from finding themselves.
    marks = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|NotImplement[e]dError)\b")
    found = [
        f"{number}: {line.strip()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]

    assert [] == found


@pytest.mark.parametrize("path", OURS, ids=name)
def test_every_exception_that_is_silenced_says_why(path: Path) -> None:
    """A broad `except Exception` that goes on, and an empty handler, have a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    silent = []
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or dotted(node.type) in {"Exception", "BaseException"}
        empty = all(isinstance(child, ast.Pass) for child in node.body)
        if any(_ends(child) for child in ast.walk(node)):
            continue
        block = lines[node.lineno - 1 : node.end_lineno]
        if (broad or empty) and not any("#" in line for line in block):
            silent.append(node.lineno)

    assert [] == silent


def _ends(node: ast.AST) -> bool:
    """Whether a handler raises again, or leaves the process at once (projections.app.fatal)."""
    left = isinstance(node, ast.Call) and dotted(node.func) == "fatal"
    return left or isinstance(node, ast.Raise)


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_no_path_of_one_machine_and_no_registry_is_written_down(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    machine = re.findall(r"(?<![\w.])/(?:work|root|tmp)/\S*", text)
    registries = re.findall(
        r"(?i)(?:pyp[i]\.org|pythonh[o]sted|repo1?\.m[a]ven|registry\.n[p]m|"
        r"debian\.org/d[e]bian|proxy\.g[o]lang)",
        text,
    )
    assert [] == machine
    assert [] == registries


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_no_credential_is_written_down(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    keys = re.findall(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}|ghp_\w{30,}", text)
    passwords = re.findall(r"(?i)\w+://[\w.-]+:(?!\$\{|given@)[^@\s/{}]+@", text)

    assert [] == keys
    assert [] == passwords

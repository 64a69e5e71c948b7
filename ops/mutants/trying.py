"""Trying: one mutant in a process of its own, that is judged and forgotten.

The process is a copy of this one, so that libraries need not be loaded again; only our own modules
are, with the changed source in the place of one of them. No file is written.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any, NamedTuple

from ops import duck

FRESH = ("ops", "projections")
"""Packages that are loaded anew; what both engines rest on stays."""
NOT_SQL = ("ParserException", "BinderException", "CatalogException", "SyntaxException")
"""How DuckDB calls what is no valid statement."""


class Outcome(NamedTuple):
    """What became of a mutant: the law that no longer holds and where, in so many seconds.

    `ranked` is that of judging.Verdict.
    """

    kind: str
    law: str
    sentence: str
    seconds: float
    ranked: frozenset[str] = frozenset()


Told = tuple[str, str, str, frozenset[str]]
"""An outcome but for its seconds."""
CAUGHT, STOPPED, SURVIVED, INVALID = "caught", "stopped", "survived", "invalid"
"""The kinds of outcome: a law no longer holds, the engine stops, all is as before, no program."""


class Changed(NamedTuple):
    """A module, and the source that it is to have."""

    module: str
    path: str
    source: bytes


def tried(changed: Changed | None, arguments: Sequence[Any], seconds: float) -> Outcome:
    """Judge a program with one changed module (None: as it is), at most so many seconds long.

    `arguments` go to judging.judge.
    """
    context = get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    began = time.monotonic()
    told: Told
    process = context.Process(target=_try, args=(sending, changed, arguments))
    process.start()
    sending.close()
    try:
        if not receiving.poll(seconds):
            told = (STOPPED, "does not end", f"after {seconds:.0f} s", frozenset())
        else:
            told = receiving.recv()
    except EOFError:
        told = (STOPPED, "its process ended", "", frozenset())
    finally:
        process.kill()
        process.join()
        receiving.close()
    kind, law, sentence, ranked = told
    return Outcome(kind, law, sentence, time.monotonic() - began, ranked)


def _try(sending: Connection, changed: Changed | None, arguments: Sequence[Any]) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] in FRESH]:
        del sys.modules[name]
    if changed is not None:
        sys.meta_path.insert(0, _Finder(changed))
    sending.send(_judged(arguments))
    sending.close()


def _judged(arguments: Sequence[Any]) -> Told:
    try:
        verdict = importlib.import_module("ops.mutants.judging").judge(*arguments)
    except Exception as error:
        # Whatever a mutant raises is what became of it; the parent tells it.
        name, text = type(error).__name__, " ".join(str(error).split())
        is_sql = isinstance(error, duck.Error)
        kind = INVALID if is_sql and name in NOT_SQL else STOPPED
        return kind, f"stops with {name}", text, frozenset()
    kind = SURVIVED if verdict.law is None else CAUGHT
    return kind, verdict.law or "", verdict.sentence, verdict.ranked


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the changed module before its file is found."""

    def __init__(self, changed: Changed) -> None:
        self._changed = changed

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of the changed module; None of any other."""
        if name != self._changed.module:
            return None
        return importlib.util.spec_from_loader(name, _Loader(self._changed))


class _Loader(importlib.abc.SourceLoader):
    def __init__(self, changed: Changed) -> None:
        self._changed = changed

    def get_filename(self, name: str) -> str:
        """Where its lines are those of the mutant."""
        return self._changed.path

    def get_data(self, path: str | bytes) -> bytes:
        """The changed source, never bytecode kept of the file."""
        return self._changed.source

"""The door to DuckDB: SQL over columns, in bounded memory, without network or other files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

MEMORY_MB = 2_048
"""Memory of one connection where the caller says nothing; what is more goes to `spill`."""
THREADS = 2
Error = duckdb.Error
"""What goes wrong inside DuckDB."""


@contextmanager
def opened(
    path: Path | None = None,
    *,
    memory_mb: int = MEMORY_MB,
    threads: int = THREADS,
    spill: Path | None = None,
) -> Iterator[Any]:
    """A connection to a database of its own: in memory, or kept at `path`. Closed at the end."""
    config: dict[str, Any] = {
        "memory_limit": f"{memory_mb}MB",
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if spill is not None:
        config["temp_directory"] = str(spill)
    connection = duckdb.connect(":memory:" if path is None else str(path), config=config)
    # A bar on standard output would stand among what we print.
    connection.execute("SET enable_progress_bar = false")
    try:
        yield connection
    finally:
        connection.close()

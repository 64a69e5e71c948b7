"""What is shown of an archive: its segments, and what the last check of it said."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from ops.archive import layout
from ops.archive.checking import Verdict
from ops.archive.reading import heads_of, manifest_of
from schemas.times import Instant, format_instant


def plain(found: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    last = found.heads[-1] if found.heads else None
    return {
        "holds": found.holds,
        "segments": found.segments,
        "records": found.records,
        "bytes": found.bytes,
        "last": last.last if last else 0,
        "head": last.hash() if last else None,
        "faults": found.faults,
        "vouched": found.vouched,
    }


def keep(folder: Path, found: Verdict, at: Instant) -> None:
    """Keep a verdict beside the archive, for `archive show`."""
    told = {"at": format_instant(at), **plain(found)}
    with suppress(OSError):  # who checks an archive need not be allowed to write there
        (folder / layout.VERDICT).write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def shown(folder: Path) -> dict[str, Any]:
    """The segments in their order, and the last verdict (`checked`, None where there is none).

    Nothing is checked. Raises BrokenEnvironment where there is no archive.
    """
    rows = []
    for head in heads_of(folder):
        topics: Counter[str] = Counter()
        months: Counter[str] = Counter()
        for one in manifest_of(folder, head).files:
            if one.rows:
                topic, month, _ = one.path.split("/")
                topics[topic] += one.rows
                months[month] += one.rows
        rows.append(
            {
                "number": head.number,
                "name": head.name,
                "count": head.count,
                "topics": dict(topics),
                "months": sorted(months),
                "made_at": head.made_at,
                "key": head.key,
                "hash": head.hash(),
            }
        )
    return {"folder": str(folder), "segments": rows, "checked": _last_verdict(folder)}


def _last_verdict(folder: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / layout.VERDICT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found

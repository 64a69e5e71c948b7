"""The committed .avsc files: written from the register, compared with it, never lost.

A type's file is `<name>.avsc`; a compatible revision is `<name>.2.avsc`, then `.3` and so on
(events.md section 4). Old revisions stay: values written under them are read for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas import avro


def revisions(name: str, folder: Path = avro.FOLDER) -> list[Path]:
    """The committed files of a type, oldest first."""
    first = folder / f"{name}.avsc"
    later = [p for p in folder.glob(f"{name}.*.avsc") if p.name.split(".")[-2].isdigit()]
    later.sort(key=lambda path: int(path.name.split(".")[-2]))
    return [first, *later] if first.exists() else later


def text(schema: dict[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def write(folder: Path = avro.FOLDER) -> list[Path]:
    """Write what is missing: a new type's file, or the next revision of a changed one.

    A change of names, docs or defaults alone keeps the fingerprint and rewrites the last file.
    """
    written = []
    for name, schema in sorted(avro.current_schemas().items()):
        files = revisions(name, folder)
        last = files[-1] if files else None
        if last is not None and last.read_text(encoding="utf-8") == text(schema):
            continue
        same = last is not None and avro.fingerprint(json.loads(last.read_text())) == (
            avro.fingerprint(schema)
        )
        path = last if last is not None and same else _next(name, files, folder)
        path.write_text(text(schema), encoding="utf-8")
        written.append(path)
    return written


def _next(name: str, files: list[Path], folder: Path) -> Path:
    return folder / (f"{name}.{len(files) + 1}.avsc" if files else f"{name}.avsc")


def problems(folder: Path = avro.FOLDER) -> Iterator[str]:
    """One sentence for each way in which files and register differ; nothing where they agree."""
    schemas = avro.current_schemas()
    for name, schema in sorted(schemas.items()):
        files = revisions(name, folder)
        if not files:
            yield f"{name} has no committed schema; run `lienthong schemas write`"
        elif files[-1].read_text(encoding="utf-8") != text(schema):
            yield f"{files[-1].name} is not what the code says; run `lienthong schemas write`"
    seen: dict[bytes, str] = {}
    for path in sorted(folder.glob("*.avsc")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        key = avro.fingerprint(schema)
        if key in seen:
            yield f"{path.name} and {seen[key]} have one fingerprint; a revision must differ"
        seen[key] = path.name
        name = avro.type_name(schema)
        if name not in schemas:
            yield f"{path.name} holds {name}, which no class registers"

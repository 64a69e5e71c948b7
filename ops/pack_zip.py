"""The file of a pack: a zip with exactly one form for its contents, so that every change shows.

Names are sorted, times fixed and nothing is compressed (the files of the archive are already).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from schemas.refusal import Reason, Refused

Content = bytes | Path
"""What stands in an entry: bytes, or those of a file."""
WRITTEN_AT = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the first that a zip can tell."""
MODE = 0o644 << 16
UNIX = 3
CHUNK_BYTES = 1024 * 1024
_BROKEN = (BadZipFile, OSError, EOFError, RuntimeError, ValueError)
"""What reading a spoilt zip raises."""


def write(path: Path, contents: Mapping[str, Content]) -> None:
    """Make a pack at `path`, whole or not at all. Raises Refused where something is there."""
    if path.exists():
        raise Refused(Reason.RULE, f"{path} is there already; name another file", "file")
    made = path.with_name(f"{path.name}.writing")
    try:
        _write(made, contents)
        made.rename(path)
    finally:
        made.unlink(missing_ok=True)


def _write(path: Path, contents: Mapping[str, Content]) -> None:
    with ZipFile(path, "w") as file:
        for name in sorted(contents):
            content = contents[name]
            entry = ZipInfo(name, WRITTEN_AT)
            entry.create_system, entry.external_attr = UNIX, MODE
            entry.file_size = len(content) if isinstance(content, bytes) else _size(content)
            with file.open(entry, "w") as into:
                if isinstance(content, bytes):
                    into.write(content)
                else:
                    with content.open("rb") as source:
                        shutil.copyfileobj(source, into, CHUNK_BYTES)


def unpack(path: Path, folder: Path, say: Callable[[str], None]) -> None:
    """Lay what can be read of a pack into an empty folder; what cannot is told to `say`.

    Nothing is written outside the folder, nor more than the pack has bytes.
    """
    try:
        with ZipFile(path) as file:
            for entry, wrong in _judged(file, _size(path)):
                said = wrong or _laid(file, entry, folder)
                if said:
                    say(f"{entry.filename}: {said}")
    except _BROKEN as error:
        say(f"{path.name}: it cannot be read as a zip ({error})")


def _judged(file: ZipFile, bytes_max: int) -> Iterator[tuple[ZipInfo, str]]:
    """Each entry, and why it is not to be read ('': it is)."""
    seen: set[str] = set()
    laid = 0
    for entry in file.infolist():
        name = entry.filename
        laid += entry.file_size
        if any(part in ("", ".", "..") for part in name.split("/")) or "\\" in name:
            yield entry, "it is no place in a pack"
        elif name in seen:
            yield entry, "it stands twice"
        elif entry.compress_type or laid > bytes_max:
            yield entry, "it is larger than what is packed of it"
        else:
            yield entry, ""
        seen.add(name)


def _laid(file: ZipFile, entry: ZipInfo, folder: Path) -> str:
    """Lay one entry down; what is wrong with it, '' where nothing is."""
    into = folder / entry.filename
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with file.open(entry) as source, into.open("wb") as made:
            shutil.copyfileobj(source, made, CHUNK_BYTES)
    except _BROKEN as error:
        into.unlink(missing_ok=True)
        return f"its bytes are not those that were packed ({error})"
    return ""


def first_difference(path: Path, contents: Mapping[str, Content], scratch: Path) -> int | None:
    """The first byte at which a pack is not the one form of its contents; None where it is.

    `scratch` is a file that may be written.
    """
    _write(scratch, contents)
    at = 0
    with path.open("rb") as ours, scratch.open("rb") as theirs:
        while True:
            one, other = ours.read(CHUNK_BYTES), theirs.read(CHUNK_BYTES)
            if one != other:
                pairs = zip(one, other, strict=False)
                same = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
                return at + (min(len(one), len(other)) if same is None else same)
            if not one:
                return None
            at += len(one)


def _size(path: Path) -> int:
    return path.stat().st_size

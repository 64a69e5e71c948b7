"""The audit pack: one file with which anybody can check, elsewhere, what a unit's figures were.

It holds the archive up to its last head, and what is worked out from that alone. Because the rest
follows from the archive, a check makes it again and compares it byte by byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ops import VERSION, pack_zip
from ops.archive import layout
from ops.archive.checking import Anchor, Verdict, verify
from ops.archive.heads import Head, canonical
from ops.archive.reading import manifest_of
from ops.archive.replaying import Archived
from ops.pack_figures import Question, Side, sides_of
from ops.pack_verdict import verdict_text
from ops.pack_zip import Content
from ops.proof import Told
from ops.settings import BrokenEnvironment
from schemas.refusal import Reason, Refused
from schemas.times import format_day, instant_or_none, parse_day, parse_instant

FORMAT = 1
"""Of what is in a pack; another one is not read."""
ARCHIVE = "archive"
PACK = "pack.json"
SUMS = "SHA256SUMS"
VERDICT = "VERDICT.txt"
OBLIGATIONS = ("obligations-from.jsonl", "obligations-to.jsonl")
MADE_BY = f"lienthong {VERSION}"


def make(archived: Archived, asked: Question, path: Path, told: Told) -> str:
    """Make a pack from an archive that was checked; its hash, 64 hex digits.

    Raises Refused where two ways to a figure differ, and as `sides_of` does.
    """
    sides = sides_of(archived, asked, told)
    if wrong := [said for side in sides for said in side.differing]:
        raise Refused(Reason.RULE, f"nothing is packed: {wrong[0]}", "unit")
    pack_zip.write(path, _contents(archived, asked, sides, MADE_BY))
    return hash_of(path)


def check(path: Path, anchor: Anchor | None, keys: Sequence[str], told: Told) -> Verdict:
    """Check a pack with nothing but its file: the archive in it, and all that follows from that.

    Raises BrokenEnvironment where there is no file.
    """
    if not path.is_file():
        raise BrokenEnvironment(f"There is no pack at {path}.")
    with TemporaryDirectory(prefix="lienthong-pack-") as name:
        folder = Path(name) / "pack"
        folder.mkdir()
        spoilt: list[str] = []
        pack_zip.unpack(path, folder, spoilt.append)
        found = Verdict(faults=spoilt)
        if (folder / ARCHIVE / layout.HEADS).is_file():
            found = verify(folder / ARCHIVE, anchor, keys, told)
            found.faults[:0] = spoilt
        elif not spoilt:
            found.faults.append(f"{ARCHIVE}/{layout.HEADS}: it is missing")
        if found.holds and not found.heads:
            found.faults.append(f"{ARCHIVE}/{layout.HEADS}: it has no head")
        if found.holds:
            found.faults += _follows(path, folder, found, told)
        else:
            found.vouched.append("The figures were not made again: first the pack must be whole.")
    return found


def hash_of(path: Path) -> str:
    """The hash of a file, 64 hex digits."""
    whole = sha256()
    with path.open("rb") as file:
        while block := file.read(pack_zip.CHUNK_BYTES):
            whole.update(block)
    return whole.hexdigest()


def _follows(path: Path, folder: Path, found: Verdict, told: Told) -> Iterator[str]:
    """Whether everything beside the archive is what follows from it, and the file its one form."""
    try:
        asked, made_by = _question(json.loads((folder / PACK).read_bytes()))
    except (OSError, KeyError, TypeError, ValueError, RecursionError):
        yield f"{PACK}: it does not say what was packed"
        return
    archived = Archived(folder / ARCHIVE, found.heads, found)
    try:
        sides = sides_of(archived, asked, told)
    except Refused as refused:
        yield f"{PACK}: the archive does not give what was packed: {refused.sentence}"
        return
    yield from (said for side in sides for said in side.differing)
    wanted = _contents(archived, asked, sides, made_by)
    wrong = list(_unlike(folder, wanted))
    yield from wrong
    if not wrong:
        at = pack_zip.first_difference(path, wanted, folder.with_name("again.zip"))
        if at is not None:
            yield f"{path.name}, byte {at}: the file is not in the one form of a pack"
    found.vouched.append(
        f"Made again from the packed facts: the figures of {asked.unit} on "
        f"{format_day(asked.start)} and {format_day(asked.end)}, by the fold and by SQL."
    )
    if made_by != MADE_BY:
        found.vouched.append(f"It says that {made_by} made it; it was checked by {MADE_BY}.")


def _unlike(folder: Path, wanted: Mapping[str, Content]) -> Iterator[str]:
    there = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    for name in sorted(there - wanted.keys()):
        yield f"{name}: it is no part of the pack"
    for name, content in sorted(wanted.items()):
        if name not in there:
            yield f"{name}: it is missing"
        elif isinstance(content, bytes):
            now = (folder / name).read_bytes()
            if now != content:
                yield f"{name}, line {_line(now, content)}: it is not what the facts say"


def _line(one: bytes, other: bytes) -> int:
    """The first line that differs, from 1."""
    ours, theirs = one.split(b"\n"), other.split(b"\n")
    pairs = enumerate(zip(ours, theirs, strict=False), start=1)
    return next((n for n, (a, b) in pairs if a != b), min(len(ours), len(theirs)))


def _question(plain: dict[str, Any]) -> tuple[Question, str]:
    """What a pack says of itself. Raises ValueError and its like for anything else."""
    unit, made_by, known = plain["unit"], plain["made_by"], plain["known"]
    if plain["format"] != FORMAT or not isinstance(unit, str) or not isinstance(made_by, str):
        raise ValueError("it is of another form")
    on = (parse_day(plain["from"]["on"]), parse_day(plain["to"]["on"]))
    return Question(unit, *on, None if known is None else parse_instant(known)), made_by


def _contents(
    archived: Archived, asked: Question, sides: tuple[Side, Side], made_by: str
) -> dict[str, Content]:
    """Everything that a pack holds, by its place."""
    made: dict[str, Content] = dict(_archive(archived))
    last = archived.last
    plain = {
        "format": FORMAT,
        "made_by": made_by,
        "unit": asked.unit,
        "known": instant_or_none(asked.known),
        "ledger": last.ledger,
        "head": archived.plain(),
        "from": sides[0].plain,
        "to": sides[1].plain,
    }
    made[PACK] = canonical(plain) + b"\n"
    for name, side in zip(OBLIGATIONS, sides, strict=True):
        made[name] = b"".join(canonical(row) + b"\n" for row in side.rows)
    made[VERDICT] = verdict_text(plain, sum(head.count for head in archived.heads)).encode()
    made[SUMS] = "".join(f"{_sum(made[name])}  {name}\n" for name in sorted(made)).encode()
    return made


def _archive(archived: Archived) -> Iterator[tuple[str, Content]]:
    """Heads, manifests, schemas and rows, as they lie in the archive."""
    yield f"{ARCHIVE}/{layout.HEADS}", b"".join(head.line() + b"\n" for head in archived.heads)
    for head in archived.heads:
        yield from _segment(archived.folder, head)


def _segment(folder: Path, head: Head) -> Iterator[tuple[str, Content]]:
    place = layout.segment(folder, head.name)
    for name in (layout.MANIFEST, *(one.path for one in manifest_of(folder, head).files)):
        yield f"{ARCHIVE}/{layout.SEGMENTS}/{head.name}/{name}", place / name


def _sum(content: Content) -> str:
    return sha256(content).hexdigest() if isinstance(content, bytes) else hash_of(content)

"""`lienthong soak archive`: an archive spoilt in thousands of ways; every one must be found.

Who spoils it may be careless (bits flip, files are lost) or mean: then the hashes above the change
are made anew, up to the heads themselves. The last true head is all that the check is given.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import NamedTuple

from ops import wiring
from ops.archive import layout
from ops.archive.checking import Anchor, verify
from ops.archive.checking_segment import Known
from ops.archive.heads import NO_HEAD, Head
from ops.archive.manifest import BLOCK_BYTES, Manifest, block_of, hash_of
from ops.archive.writing import Writer
from ops.progress import counting_bar
from ops.simulate import generate
from services.ledger import Ledger

SEGMENTS, OBLIGATIONS, FACTS_EACH = 4, 4, 3
"""Of the archive that is spoilt: small, so that thousands of checks take minutes."""
SURVIVORS_SHOWN = 20

Files = dict[str, bytes]
"""Place in the folder of an archive -> content."""
Mutation = Callable[[Files, Files, Random], None]
"""Changes the first files; the second are those of another archive."""


def made(folder: Path, seed: int) -> Files:
    """The files of a new archive of random lives, written in `folder`."""
    url = f"sqlite:{folder / 'ledger.sqlite'}"
    ledger = Ledger.open(url, clock=wiring.now, source="soak")
    try:
        for number in range(SEGMENTS):
            # A source's records do not go back in time, so each life has a source of its own.
            source = f"soak-{number}"
            events = generate(seed + number, ["u1", "u2"], OBLIGATIONS, FACTS_EACH, source=source)
            ledger.record(list(events), history=True)
            list(Writer(ledger, folder / "archive", wiring.now).write())
    finally:
        ledger.close()
    return files_in(folder / "archive")


def files_in(folder: Path) -> Files:
    """All files of a folder."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _flip(files: Files, other: Files, rng: Random) -> None:
    name = _any(files, rng)
    content = bytearray(files[name])
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    files[name] = bytes(content)


def _delete_bytes(files: Files, other: Files, rng: Random) -> None:
    name, start, end = _stretch(files, rng)
    files[name] = files[name][:start] + files[name][end:]


def _insert_bytes(files: Files, other: Files, rng: Random) -> None:
    name, start, end = _stretch(files, rng)
    new = rng.choice((rng.randbytes(end - start), files[name][start:end], b"\n", b" "))
    files[name] = files[name][:start] + new + files[name][start:]


def _swap_bytes(files: Files, other: Files, rng: Random) -> None:
    name = _any(files, rng)
    content = files[name]
    a, b, c = sorted(rng.randrange(len(content) + 1) for _ in range(3))
    files[name] = content[:a] + content[b:c] + content[a:b] + content[c:]


def _cut_file(files: Files, other: Files, rng: Random) -> None:
    name = _any(files, rng)
    files[name] = files[name][: rng.randrange(len(files[name]))]


def _lose_file(files: Files, other: Files, rng: Random) -> None:
    del files[rng.choice([name for name in sorted(files) if name != layout.HEADS])]


def _add_file(files: Files, other: Files, rng: Random) -> None:
    name = rng.choice([name for name in sorted(files) if name != layout.HEADS])
    files[f"{name}.{rng.randrange(1_000)}"] = files[name]


def _swap_files(files: Files, other: Files, rng: Random) -> None:
    a, b = rng.sample(sorted(files), 2)
    files[a], files[b] = files[b], files[a]


def _foreign_file(files: Files, other: Files, rng: Random) -> None:
    name = rng.choice(sorted(files))
    files[name] = other[rng.choice(sorted(other))]


def _foreign_segment(files: Files, other: Files, rng: Random) -> None:
    name = rng.choice(_segments(files))
    _drop_segment(files, name)
    taken = rng.choice(_segments(other))
    for path, content in other.items():
        if path.startswith(f"{taken}/"):
            files[name + path.removeprefix(taken)] = content


def _lose_segment(files: Files, other: Files, rng: Random) -> None:
    _drop_segment(files, rng.choice(_segments(files)))


def _swap_segments(files: Files, other: Files, rng: Random) -> None:
    a, b = rng.sample(_segments(files), 2)
    moved = {
        {a: b, b: a}.get(_segment(path), _segment(path)) + path.removeprefix(_segment(path)): one
        for path, one in files.items()
    }
    files.clear()
    files.update(moved)


def _foreign_archive(files: Files, other: Files, rng: Random) -> None:
    files.clear()
    files.update(other)


def _cut_tail(files: Files, other: Files, rng: Random) -> None:
    lines = files[layout.HEADS].splitlines(keepends=True)
    kept = rng.randrange(len(lines))
    for line in lines[kept:]:
        _drop_segment(files, f"{layout.SEGMENTS}/{Head.read(line[:-1]).name}")
    files[layout.HEADS] = b"".join(lines[:kept])


def _shuffle_heads(files: Files, other: Files, rng: Random) -> None:
    lines = files[layout.HEADS].splitlines(keepends=True)
    how = rng.randrange(4)
    at = rng.randrange(len(lines))
    if how == 0:
        del lines[at]
    elif how == 1:
        lines.insert(rng.randrange(len(lines)), lines[at])
    elif how == 2:
        lines.append(lines.pop(rng.randrange(len(lines) - 1)))
    else:
        lines[at] = rng.choice(other[layout.HEADS].splitlines(keepends=True))
    files[layout.HEADS] = b"".join(lines)


def _with_seals(change: Mutation, heads: bool) -> Mutation:
    """The same change, by somebody who makes the hashes above it anew: manifests, and `heads`."""

    def changed(files: Files, other: Files, rng: Random) -> None:
        change(files, other, rng)
        _seal_again(files, heads)

    return changed


MUTATIONS: Mapping[str, Mutation] = {
    "flipped bit": _flip,
    "deleted bytes": _delete_bytes,
    "inserted bytes": _insert_bytes,
    "swapped bytes": _swap_bytes,
    "file cut short": _cut_file,
    "file lost": _lose_file,
    "file added": _add_file,
    "files swapped": _swap_files,
    "file of another chain": _foreign_file,
    "segment of another chain": _foreign_segment,
    "archive of another chain": _foreign_archive,
    "segment lost": _lose_segment,
    "segments swapped": _swap_segments,
    "tail cut": _cut_tail,
    "heads re-ordered": _shuffle_heads,
    "files swapped, manifests made anew": _with_seals(_swap_files, heads=False),
    "files swapped, all sealed anew": _with_seals(_swap_files, heads=True),
    "file of another chain, all sealed anew": _with_seals(_foreign_file, heads=True),
    "file lost, all sealed anew": _with_seals(_lose_file, heads=True),
    "tail cut, all sealed anew": _with_seals(_cut_tail, heads=True),
}
"""What may be done to an archive, by name."""


class Tried(NamedTuple):
    """One mutation: its name, and what the check said of it (nothing: it was not found)."""

    name: str
    seed: int
    faults: Sequence[str]
    found_alone: bool
    """Whether it shows even to who holds no head."""


class Spoiler:
    """An archive in a folder that is spoilt, checked and mended again and again."""

    def __init__(self, folder: Path, seed: int) -> None:
        (folder / "other").mkdir()
        self._true = self._there = made(folder, seed)
        self._other = made(folder / "other", seed + 1_000_000)
        self._place = folder / "archive"
        lines = self._true[layout.HEADS].splitlines()
        self._anchor = Anchor(sha256(lines[-1]).hexdigest(), Head.read(lines[-1]))
        self._known: Known = {}
        found = verify(self._place, self._anchor, known=self._known)
        if found.faults:
            raise RuntimeError(f"the archive is wrong before it is spoilt: {found.faults}")

    def tried(self, seed: int) -> Tried:
        """The mutation of a seed, which changes at least one byte."""
        rng = Random(seed)
        name = rng.choice(sorted(MUTATIONS))
        files = dict(self._true)
        while files == self._true:
            MUTATIONS[name](files, self._other, rng)
        self._put(files)
        try:
            found = verify(self._place, self._anchor, known=self._known)
        finally:
            self._put(self._true)
        return Tried(name, seed, found.faults, len(found.faults) > len(found.lacking))

    def _put(self, files: Files) -> None:
        """Make the folder hold exactly these files."""
        lost = self._there.keys() - files.keys()
        for name in lost:
            (self._place / name).unlink()
        for name, content in files.items():
            if self._there.get(name) != content:
                (self._place / name).parent.mkdir(parents=True, exist_ok=True)
                (self._place / name).write_bytes(content)
        for root, _, _ in os.walk(self._place, topdown=False) if lost else ():
            if root != str(self._place) and not os.listdir(root):
                os.rmdir(root)
        self._there = files


def tried(mutations: int, seed: int) -> Iterator[Tried]:
    """That many mutations of one archive, one after the other."""
    folder = Path(tempfile.mkdtemp(prefix="lienthong-archive-"))
    try:
        spoiler = Spoiler(folder, seed)
        for number in range(seed, seed + mutations):
            yield spoiler.tried(number)
    finally:
        shutil.rmtree(folder)


def run(arguments: Sequence[str]) -> int:
    """Exit code 0 where every mutation is found and has a place, else 1; see `--help`."""
    asked = _arguments().parse_args(list(arguments))
    counts: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    survivors: list[Tried] = []
    with counting_bar(remaining=True) as bar:
        task = bar.add_task("mutations", total=asked.mutations)
        for one in tried(asked.mutations, asked.seed):
            counts[one.name] += 1
            alone[one.name] += one.found_alone
            if not has_place(one.faults):
                survivors.append(one)
            bar.advance(task)
    for name in sorted(counts):
        missed = sum(one.name == name for one in survivors)
        print(
            f"{name}: {counts[name]} tried, {counts[name] - missed} found, "
            f"{alone[name]} of them without a head"
        )
    for survivor in survivors[:SURVIVORS_SHOWN]:
        print(f"seed {survivor.seed}: {survivor.name} was not found")
    print(
        f"{asked.mutations} mutations from seed {asked.seed} on: "
        f"{asked.mutations - len(survivors)} found with their place, {len(survivors)} not; "
        f"{alone.total()} show without a head, too"
    )
    return 1 if survivors else 0


def has_place(faults: Sequence[str]) -> bool:
    """Whether something was found, and every sentence of it begins with a place."""
    return bool(faults) and all(_begins_with_place(fault) for fault in faults)


def _begins_with_place(fault: str) -> bool:
    place, colon, _ = fault.partition(":")
    return bool(colon) and bool(place)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lienthong soak archive",
        description="Spoils an archive at random, by carelessness and by malice, and checks that "
        "`archive verify` with the last true head finds every change and says where.",
    )
    parser.add_argument("--mutations", type=int, default=10_000, help="(default: 10000)")
    parser.add_argument("--seed", type=int, default=1, help="of the first one; the next ones +1")
    return parser


def _any(files: Files, rng: Random) -> str:
    """A file of any kind: of heads and manifests there are few, and they seal the rest."""
    seals = [name for name in files if name.endswith((layout.HEADS, layout.MANIFEST))]
    return rng.choice(sorted(rng.choice((seals, [layout.HEADS], list(files), list(files)))))


def _stretch(files: Files, rng: Random) -> tuple[str, int, int]:
    """A file, and at least one byte of it."""
    name = _any(files, rng)
    start = rng.randrange(len(files[name]))
    return name, start, min(len(files[name]), start + rng.randrange(1, 200))


def _segment(path: str) -> str:
    return "/".join(path.split("/")[:2]) if path.startswith(f"{layout.SEGMENTS}/") else path


def _segments(files: Files) -> list[str]:
    return sorted({_segment(path) for path in files if path != layout.HEADS})


def _drop_segment(files: Files, name: str) -> None:
    for path in [path for path in files if path.startswith(f"{name}/")]:
        del files[path]


def _seal_again(files: Files, heads: bool) -> None:
    """Manifests that fit the files, and (`heads`) a chain of heads that fits the manifests."""
    for segment in _segments(files):
        place = f"{segment}/{layout.MANIFEST}"
        try:
            old = Manifest.read(files[place])
        except (KeyError, ValueError):
            continue  # a manifest that was itself changed is left so
        named = {one.path: one for one in old.files}
        kept = [
            replace(named[path], **_hashes(files[f"{segment}/{path}"]))  # type: ignore[arg-type]
            for path in named
            if f"{segment}/{path}" in files
        ]
        files[place] = replace(old, files=tuple(kept)).content()
    if heads:
        files[layout.HEADS] = b"".join(_heads_again(files))


def _heads_again(files: Files) -> Iterator[bytes]:
    previous = NO_HEAD
    for line in files[layout.HEADS].split(b"\n"):
        try:
            head = Head.read(line)
        except ValueError:
            continue  # neither is a line that was changed
        content = files.get(f"{layout.SEGMENTS}/{head.name}/{layout.MANIFEST}", b"")
        head = replace(head, manifest=hash_of(content), previous=previous)
        previous = head.hash()
        yield head.line() + b"\n"


def _hashes(content: bytes) -> dict[str, object]:
    blocks = range(0, len(content), BLOCK_BYTES)
    return {
        "bytes": len(content),
        "sha256": hash_of(content),
        "blocks": tuple(block_of(content[at : at + BLOCK_BYTES]) for at in blocks),
    }

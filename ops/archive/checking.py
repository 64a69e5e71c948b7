"""Checking an archive with nothing but its folder: every hash again, every value read again.

Faults are told by their place. What nobody outside vouches for is told, too: who can write the
folder could write all of it anew, or cut its tail, and only a head kept elsewhere shows that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from ops import duck
from ops.archive import layout
from ops.archive.checking_segment import Judged, Known, check_segment
from ops.archive.contents_wide import Reader
from ops.archive.heads import NO_HEAD, Head
from ops.archive.staging import MEMORY_MB
from ops.settings import BrokenEnvironment

Told = Callable[[int], None]
"""Told how many records were checked so far."""


@dataclass(frozen=True)
class Anchor:
    """A head that somebody kept elsewhere: its hash, and the head itself where it is at hand."""

    hash: str
    head: Head | None = None

    @classmethod
    def of(cls, text: str) -> Anchor:
        """From a hash, or from a file with heads, of which the last one counts.

        Raises BrokenEnvironment for anything else.
        """
        if len(text) == len(NO_HEAD) and set(text.lower()) <= set("0123456789abcdef"):
            return cls(text.lower())
        try:
            head = Head.read(Path(text).read_bytes().strip(b"\n").split(b"\n")[-1])
        except OSError as error:
            raise BrokenEnvironment(
                f"--head {text}: it is no hash of 64 digits, and no file ({error.strerror})."
            ) from error
        except ValueError as error:
            raise BrokenEnvironment(f"--head {text}: {error}.") from error
        return cls(head.hash(), head)


@dataclass
class Verdict:
    """What a check found: `faults` in sentences with their place, what is there, who vouches."""

    heads: list[Head] = field(default_factory=list)
    segments: int = 0
    records: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    """Those of the faults that show only to who holds a head."""
    vouched: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(
    folder: Path,
    anchor: Anchor | None = None,
    keys: Collection[str] = (),
    told: Told = lambda count: None,
    known: Known | None = None,
) -> Verdict:
    """Check everything. `keys`: only heads signed with one of these public keys are believed.

    `known` keeps what stands in files by their hash, for who checks many copies of one archive.
    Raises BrokenEnvironment where there is no archive.
    """
    if not (folder / layout.HEADS).is_file():
        raise BrokenEnvironment(f"There is no archive in {folder}: it has no {layout.HEADS}.")
    verdict = Verdict()
    with layout.held(folder, alone=False):
        lines, rest = layout.lines_of(folder)
        verdict.heads = list(_heads(lines, rest, keys, verdict.faults))
        verdict.faults += _strangers(folder, verdict.heads)
    with ExitStack() as stack:
        opening = duck.opened(memory_mb=MEMORY_MB, threads=1)
        reader = Reader(cache(lambda: stack.enter_context(opening)))
        _check_segments(reader, folder, verdict, told, known)
    hashes = [sha256(line).hexdigest() for line in lines]
    _vouch(verdict, hashes, anchor, keys)
    verdict.faults += verdict.lacking
    return verdict


def _check_segments(
    reader: Reader, folder: Path, verdict: Verdict, told: Told, known: Known | None
) -> None:
    judged = Judged()
    for head in verdict.heads:
        if not layout.segment(folder, head.name).is_dir():
            verdict.faults.append(
                f"segment {head.name}: it is missing, with the numbers {head.first} to {head.last}"
            )
            judged.skip(head)
            continue
        verdict.faults += check_segment(reader, folder, head, judged, known)
        verdict.segments += 1
        told(judged.records)
    verdict.records, verdict.bytes = judged.records, judged.bytes


def _heads(
    lines: list[bytes], rest: bytes, keys: Collection[str], faults: list[str]
) -> Iterator[Head]:
    """The heads that can be read; what is wrong with the chain goes to `faults`."""
    before: Head | None = None
    previous, at = NO_HEAD, 0
    for number, line in enumerate(lines, start=1):
        place = f"{layout.HEADS}, line {number} (bytes {at} to {at + len(line)})"
        at += len(line) + 1
        try:
            head = Head.read(line)
        except ValueError as error:
            faults.append(f"{place}: {error}")
            previous, before = sha256(line).hexdigest(), None
            continue
        faults += [f"{place}: {said}" for said in _links(head, number, previous, before, keys)]
        previous, before = sha256(line).hexdigest(), head
        yield head
    if rest:
        faults.append(
            f"{layout.HEADS}, bytes {at} to {at + len(rest)}: it ends in the middle of a head"
        )


def _links(
    head: Head, number: int, previous: str, before: Head | None, keys: Collection[str]
) -> Iterator[str]:
    """What is wrong between a head and the one before it, and with its signature."""
    if head.number != number:
        yield f"head {head.number} stands here"
    if head.previous != previous:
        yield f"head {head.number} does not follow the head before it"
    if head.last < head.first or head.count == 0:
        yield f"head {head.number} seals nothing"
    if before is None:
        if number == 1 and head.first != 1:
            yield f"the archive begins at number {head.first}"
    else:
        if head.ledger != before.ledger:
            yield f"head {head.number} is of another ledger, {head.ledger}"
        if head.epoch < before.epoch:
            yield f"head {head.number} is of epoch {head.epoch}, after epoch {before.epoch}"
        if head.first != before.last + 1:
            yield f"number {before.last} is followed by number {head.first}"
        if before.signature and not head.signature:
            yield f"head {head.number} is not signed, and those before it are"
    if head.signature and not head.holds_signature:
        yield f"the signature of head {head.number} is not that of its key"
    if keys and (not head.signature or head.key not in keys):
        yield f"head {head.number} is not signed with a key that you gave"


def _strangers(folder: Path, heads: list[Head]) -> Iterator[str]:
    """What lies in the folder and was never sealed."""
    for path in sorted(folder.iterdir()):
        if path.name not in layout.KNOWN:
            yield f"{path.name}: it is no part of an archive"
    names = {head.name for head in heads}
    segments = folder / layout.SEGMENTS
    for path in sorted(segments.iterdir() if segments.is_dir() else ()):
        if path.name not in names:
            yield f"segment {path.name}: no head seals it"


def _vouch(
    verdict: Verdict, hashes: list[str], anchor: Anchor | None, keys: Collection[str]
) -> None:
    """Say up to where somebody outside vouches."""
    last = verdict.heads[-1] if verdict.heads else None
    if last is None:
        verdict.vouched.append("There is no head, so nothing is vouched for.")
    if anchor is not None:
        _hold_against(anchor, verdict, hashes)
    elif last is not None:
        verdict.vouched.append(
            f"No head was given: that nothing was cut off after number {last.last}, and that the "
            "whole was not made anew, nobody vouches for. Keep the last head elsewhere: "
            f"{last.hash()}"
        )
    signed = [head for head in verdict.heads if head.signature]
    if not signed and last is not None:
        verdict.vouched.append("The heads are not signed.")
    if signed and not keys:
        named = ", ".join(sorted({head.key for head in signed}))
        verdict.vouched.append(f"Heads are signed; hold the key against the one you know: {named}")


def _hold_against(anchor: Anchor, verdict: Verdict, hashes: list[str]) -> None:
    last = verdict.heads[-1] if verdict.heads else None
    ends = f"it ends with head {last.number} at number {last.last}" if last else "it has no head"
    if anchor.hash not in hashes:
        kept = anchor.head
        named = f"head {kept.number} up to number {kept.last}" if kept else anchor.hash
        cut = ""
        if kept is not None and kept.last > (last.last if last else 0):
            gone = (last.last if last else 0) + 1
            cut = f", so the numbers {gone} to {kept.last} were cut off"
        verdict.lacking.append(
            f"{layout.HEADS}: the head that you hold ({named}) is not there; {ends}{cut}"
        )
        return
    place = hashes.index(anchor.hash)
    vouched = next((head for head in verdict.heads if head.hash() == anchor.hash), None)
    upto = f"head {place + 1}" + (f" at number {vouched.last}" if vouched else "")
    verdict.vouched.append(f"The head that you hold vouches for everything up to {upto}.")
    after = len(hashes) - place - 1
    if after:
        verdict.vouched.append(
            f"The heads after it ({after}) follow it, but nobody vouches that they are all."
        )

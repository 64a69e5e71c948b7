"""Writing the archive: segment after segment from the ledger, in memory that does not grow.

A segment is made aside, made durable, moved to its place and only then sealed by its head: whatever
a kill leaves behind is nothing, and the next writer begins again after the last head.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from ops import VERSION
from ops.archive import layout, manifest
from ops.archive.columns import COLUMNS, leaf_hash
from ops.archive.heads import NO_HEAD, Head
from ops.archive.manifest import Manifest
from ops.archive.reading import last_record
from ops.archive.sealing import seal
from ops.archive.signing import Signer
from ops.archive.staging import Part, Staging, staging
from ops.settings import BrokenEnvironment
from schemas import avro
from schemas.times import Instant, format_instant
from services.ledger import Ledger
from services.withheld import Withheld

SEGMENT_RECORDS = 500_000
"""Records after which a segment ends, so that whoever checks it needs bounded memory."""
PAGE = 20_000
"""Records that are read and made into columns at once."""
ROLE = "archive"
"""The role in which one process writes the archive of a ledger."""

Told = Callable[[int], None]
"""Told how many records were written so far."""
Parts = Callable[[Path, dict[str, str]], Iterator[Part]]
"""Writes the files with rows into a folder, what is said of the segment into each."""


class Writer:
    """Writes the archive of one ledger. Hold `ledger.lock(ROLE)` for as long as it lives.

    Raises BrokenEnvironment where the archive is not this ledger's, or holds more than it.
    """

    def __init__(
        self,
        ledger: Ledger,
        folder: Path,
        clock: Callable[[], Instant],
        signer: Signer | None = None,
        segment_records: int = SEGMENT_RECORDS,
    ) -> None:
        self._ledger = ledger
        self._folder = folder
        self._clock = clock
        self._signer = signer
        self._most = segment_records
        self._withheld = Withheld(ledger)
        (folder / layout.SEGMENTS).mkdir(parents=True, exist_ok=True)
        (folder / layout.HEADS).touch()
        self.last = self._recovered()
        """The last head; None while there is none."""
        self._check_ledger()

    @property
    def position(self) -> int:
        """The last number of the ledger that the archive covers."""
        return self.last.last if self.last else 0

    def write(self, told: Told = lambda count: None) -> Iterator[Head]:
        """Segment after segment up to the present end of the ledger."""
        upto = self._ledger.max_notification()
        done = 0
        while self.position < upto:
            head = self.segment(upto, told, done)
            if head is None:
                return
            done += head.count
            yield head

    def segment(self, upto: int, told: Told = lambda count: None, done: int = 0) -> Head | None:
        """The next segment, up to a number at most; None where nothing of it may be seen yet.

        `done`: how many records this run wrote before.
        """
        work = self._folder / layout.WRITING
        made = work / "segment"
        made.mkdir(parents=True)
        try:
            with staging(work / "spill") as rows:
                schemas, last, count = self._fill(rows, upto, lambda count: told(done + count))
                if count == 0:
                    return None
                head = self._head(rows, made, schemas, last)
            self._join(made, head)
        finally:
            shutil.rmtree(work)
        self.last = head
        return head

    def _fill(self, rows: Staging, upto: int, told: Told) -> tuple[set[bytes], int, int]:
        """Take records in; which fingerprints they have, the last number told, how many.

        What still waits behind the last that is told belongs to the next segment: a ledger that
        is made again from the archive numbers what comes next after the last that it holds.
        """
        schemas: set[bytes] = set()
        after, last, count = self.position, self.position, 0
        while count < self._most and after < upto:
            page = self._ledger.notifications(after, min(PAGE, self._most - count, upto - after))
            if not page:
                break
            seen = list(self._withheld.told(page))
            if seen:
                rows.take([one.id for _, one in seen], [one.value for _, one in seen])
                schemas.update(one.value[2 : avro.HEADER_BYTES] for _, one in seen)
                last = seen[-1].at
            after = page[-1].id
            count += len(seen)
            told(count)
        return schemas, last, count

    def _head(self, rows: Staging, made: Path, schemas: set[bytes], last: int) -> Head:
        """Write everything of a segment but its place; the head that seals it."""
        before = self.last
        found = seal(rows.sealable(), before.sources if before else {})
        sealed = fill(made, f"{self.position + 1}-{last}", self._ledger.id, rows.write, schemas)
        head = Head(
            number=before.number + 1 if before else 1,
            ledger=self._ledger.id,
            epoch=self._ledger.epoch,
            first=self.position + 1,
            last=last,
            count=found.records,
            root=found.root,
            manifest=sealed,
            sources=found.sources,
            previous=before.hash() if before else NO_HEAD,
            made_at=format_instant(self._clock()),
        )
        return head.signed(self._signer)

    def _join(self, made: Path, head: Head) -> None:
        layout.make_durable(made)
        with layout.held(self._folder, alone=True):
            made.rename(layout.segment(self._folder, head.name))
            layout.make_durable(self._folder / layout.SEGMENTS)
            layout.append_line(self._folder, head.line())

    def _recovered(self) -> Head | None:
        """Remove what a kill left behind; the last head."""
        shutil.rmtree(self._folder / layout.WRITING, ignore_errors=True)
        with layout.held(self._folder, alone=True):
            lines, rest = layout.lines_of(self._folder)
            if rest:
                # Only a whole line seals; the segment it would have sealed is written again.
                layout.cut_to(self._folder, sum(len(line) + 1 for line in lines))
            last = _head_of(lines[-1]) if lines else None
            begins = f"{last.last + 1 if last else 1}-"
            for left in (self._folder / layout.SEGMENTS).glob(f"{begins}*"):
                shutil.rmtree(left)
        return last

    def _check_ledger(self) -> None:
        last, ledger = self.last, self._ledger
        if last is None:
            return
        if last.ledger != ledger.id:
            raise BrokenEnvironment(
                f"The archive in {self._folder} is of ledger {last.ledger}, and this is "
                f"{ledger.id}; name another folder with LIENTHONG_ARCHIVE."
            )
        ends_at = ledger.max_notification()
        if last.epoch > ledger.epoch or last.last > ends_at:
            raise BrokenEnvironment(
                f"The archive holds epoch {last.epoch} up to number {last.last}, the ledger epoch "
                f"{ledger.epoch} up to {ends_at}: the ledger is an older copy. Restore it first."
            )
        number, leaf = last_record(self._folder, last)
        held = ledger.notifications(number - 1, last.last - number + 1)
        if not held or held[0].id != number or leaf_hash(held[0].value) != leaf:
            raise BrokenEnvironment(
                f"Number {number} of the ledger is not what the archive holds: they have gone "
                "different ways. `lienthong archive verify` checks the archive."
            )
        passed = {one.id for one in held[1:] if one.id <= last.last}
        if not passed <= self._withheld.numbers(last.last):
            raise BrokenEnvironment(
                f"The archive passed over the numbers after {number}, and the ledger was made "
                "again since and has used them: name another folder with LIENTHONG_ARCHIVE."
            )


def fill(made: Path, name: str, ledger: str, parts_of: Parts, schemas: set[bytes]) -> str:
    """Write the files of a segment, by its name, and its manifest; the hash of that."""
    about = {
        "ledger": ledger,
        "segment": name,
        "writer": f"lienthong {VERSION}",
        "columns": ", ".join(f"{column} {kind}" for column, kind in COLUMNS),
        "schemas": " ".join(sorted(key.hex() for key in schemas)),
    }
    parts = [
        manifest.sealed(made, part.path, part.rows, part.first, part.last)
        for part in parts_of(made, about)
    ]
    content = Manifest(
        segment=name,
        ledger=ledger,
        count=sum(part.rows for part in parts),
        writer=about["writer"],
        files=(*parts, *(manifest.sealed(made, path) for path in _write_schemas(made, schemas))),
    ).content()
    (made / layout.MANIFEST).write_bytes(content)
    return manifest.hash_of(content)


def _head_of(line: bytes) -> Head:
    try:
        return Head.read(line)
    except ValueError as error:
        raise BrokenEnvironment(
            f"The last line of {layout.HEADS} is no head: {error}; "
            "`lienthong archive verify` says more."
        ) from error


@cache
def _committed() -> dict[bytes, Path]:
    """Fingerprint -> the committed file of the schema."""
    paths = sorted(avro.FOLDER.glob("*.avsc"))
    return {avro.fingerprint(json.loads(path.read_text(encoding="utf-8"))): path for path in paths}


def _write_schemas(made: Path, keys: set[bytes]) -> Iterator[str]:
    (made / layout.SCHEMAS).mkdir()
    for path in sorted(_committed()[key] for key in keys if key in _committed()):
        shutil.copyfile(path, made / layout.SCHEMAS / path.name)
        yield f"{layout.SCHEMAS}/{path.name}"

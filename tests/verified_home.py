"""A home in one process as `run worker` has it, with verifying beside it over model and log."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ops import readside, wiring
from ops.embedded import SqliteLog
from ops.log import Outgoing, all_records
from ops.settings import Settings
from ops.supervisor import log_file
from ops.verify_beside import Beside
from projections.readmodel_sqlite import SqliteModel
from projections.runner import PlainRunner
from projections.worker import Names
from schemas import frame
from schemas.frame import Frame
from schemas.jsonl import Defaults
from schemas.measures import MEASURES
from schemas.topics import EVENTS, FRAMES, TOPICS
from services.ledger import Ledger
from services.publish import publish
from services.relay import Relay


class VerifiedHome:
    def __init__(self, folder: Path) -> None:
        self.settings = Settings.load({}, home=folder, log="sqlite", source="66")
        self._prefix = self.settings.topic_prefix
        self.ledger = Ledger.open(self.settings.ledger, clock=wiring.now, source="66")
        self.log = SqliteLog(log_file(folder))
        self.log.create(TOPICS, self._prefix)
        self._relay = Relay(self.ledger, self.log, prefix=self._prefix)
        self._file = Path(self.settings.read_model.removeprefix("sqlite:"))
        self.model = SqliteModel(self._file, generation=1)
        self.side = readside.live(self.settings, self.log, self.model)
        parts = self.side.parts
        self.runner = PlainRunner(self.log, parts.workers, wiring.now, parts.context)
        self.runner.open()
        self.beside = Beside(self.model, self.log, Names.of(self._prefix), wiring.now)

    def tell(self, lines: Sequence[str]) -> None:
        """Record lines with their own recorded_at, and relay them."""
        for outcome in publish(lines, self.ledger, Defaults(source="66"), history=True):
            assert outcome.status == "accepted", outcome
        while self._relay.step():
            pass

    def told(self, partition: int) -> Frame:
        """The last frame of a partition that changes counts."""
        topic = FRAMES.full(self._prefix)
        ((_, end),) = self.log.ends(topic)
        made = [frame.decode(one.value or b"") for one in all_records(self.log, topic, 0, 0, end)]
        return [one for one in made if one.version.partition == partition and len(one)][-1]

    def spoil_figures(self, partition: int, measure: str) -> Frame:
        """One more of a measure in the first cell that the partition told last; what was so."""
        right = self.told(partition)
        counts = right.counts.copy()
        counts[0, MEASURES.index(measure)] += 1
        wrong = frame.encode(replace(right, counts=counts))
        self.log.append([Outgoing(FRAMES.full(self._prefix), b"", wrong)])
        self.runner.drain()
        return right

    def write_out(self, partition: int) -> None:
        """What the partition told last stands as a snapshot in the read model, too."""
        name = f"{self.log.cluster_id()}/{partition}".encode()
        row = (FRAMES.full(self._prefix), 0, name, frame.encode(self.told(partition)))
        with closing(sqlite3.connect(self._file)) as db, db:
            db.execute("INSERT INTO snapshots VALUES (?, ?, ?, ?)", row)

    def lose_facts(self, obligation: str) -> None:
        """The read model forgets all that it kept of an obligation."""
        with closing(sqlite3.connect(self._file)) as db, db:
            for table, column in (("obligations", "id"), ("journal", "topic")):
                wanted = obligation.encode() if column == "id" else EVENTS.full(self._prefix)
                db.execute(f"DELETE FROM {table} WHERE {column} = ?", (wanted,))

    def partition_of(self, obligation: str) -> int:
        """Where the obligation's events are."""
        topic = EVENTS.full(self._prefix)
        for partition, (start, end) in enumerate(self.log.ends(topic)):
            for one in all_records(self.log, topic, partition, start, end):
                if one.key == obligation.encode():
                    return partition
        raise LookupError(obligation)

    def close(self) -> None:
        self.model.close()
        self.log.close()
        self.ledger.close()

"""A whole home without its processes: ledger, relay, workers and read model, run step by step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ops import wiring
from ops.comparison import Parts
from ops.embedded import SqliteLog
from ops.settings import Settings
from ops.supervisor import log_file
from projections.board_worker import BoardWorker
from projections.boards import Boards
from projections.context import Context
from projections.engine import Engine
from projections.fold_worker import FoldWorker, Source
from projections.readmodel_sqlite import SqliteModel
from projections.runner import PlainRunner
from projections.worker import Names
from schemas import frame
from schemas.frame import Version
from schemas.jsonl import Defaults
from schemas.topics import TOPICS
from services.ledger import Ledger
from services.publish import publish
from services.relay import Relay


class SmallHome:
    """Everything of one home on the log in SQLite; `settings` name it to whoever opens it too."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.load({}, home=folder, log="sqlite", source="66")
        prefix = self.settings.topic_prefix
        self.ledger = Ledger.open(self.settings.ledger, clock=wiring.now, source="66")
        self.log = SqliteLog(log_file(folder))
        self.log.create(TOPICS, prefix)
        self.relay = Relay(self.ledger, self.log, prefix=prefix)
        self.model_file = Path(self.settings.read_model.removeprefix("sqlite:"))
        self.model = SqliteModel(self.model_file, generation=1)
        self.names = Names.of(prefix)
        self.engine, self.boards = Engine(), Boards(wiring.now)
        fold = FoldWorker(self.model, self.names, self.engine, self._frames)
        board = BoardWorker(self.model, self.names, self.boards)
        self.context = Context(
            self.log,
            self.model,
            self.names,
            units=self.boards.tell_units,
            programmes=self.boards.tell_programmes,
        )
        self.runner = PlainRunner(self.log, [fold, board], wiring.now)
        self.runner.open()

    @property
    def parts(self) -> Parts:
        return Parts(self.ledger, self.model, self.log, self.settings.topic_prefix)

    def tell(self, lines: Sequence[str]) -> None:
        """Record lines with their own recorded_at, and relay them."""
        for outcome in publish(lines, self.ledger, Defaults(source="66"), history=True):
            assert outcome.status == "accepted", outcome
        while self.relay.step():
            pass

    def catch_up(self) -> None:
        """Apply everything that is on the topics."""
        self.context.load()
        self.runner.drain()

    def _frames(self, source: Source, *, whole: bool) -> list[bytes]:
        version = Version(
            "here", source.generation, source.topic_id, source.partition, source.offset
        )
        make = self.engine.whole_frame if whole else self.engine.frame
        return [frame.encode(one) for one in make(source.partition, version)]

    def close(self) -> None:
        self.model.close()
        self.log.close()
        self.ledger.close()

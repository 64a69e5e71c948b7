"""The process `run worker`: fold, boards, HTTP and metrics in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import uvicorn

from ops import VERSION, home, readside, supervisor, verification, wiring
from ops.allocator import keep_large_blocks_apart, leave_out_of_collections
from ops.calendar import CalendarProcess
from ops.gauges import Gauges
from ops.handover import HandoverProcess
from ops.http import Parts, make_app
from ops.http_guard import hosts_for, noticing
from ops.http_service import Outcome, Readiness
from ops.http_token import read_or_make
from ops.kafka import KafkaLog
from ops.log import Log
from ops.metrics import Metrics
from ops.position import Applied
from ops.question import Sources
from ops.reached import Reached
from ops.registers import Registers
from ops.reminder import ReminderProcess, reminder_of
from ops.settings import BrokenEnvironment, Settings
from ops.sheet_taking import Taken, grid_of, take
from projections.app import FaustRunner, Group, credentials
from projections.leaving import stop_on_signals
from projections.parts import Parts as ReadSide
from projections.readmodel import ModelUnusable, ReadModel
from projections.runner import PlainRunner
from schemas.jsonl import Defaults
from services.ledger import Ledger
from services.publish import publish

STOP_SECONDS_MAX = 5.0
TURNS = 8
"""Of everything else in the loop, between two steps of the plain runner."""

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT. Raises BrokenEnvironment where model and log do not fit."""
    keep_large_blocks_apart()
    log = supervisor.open_log(settings)
    model = wiring.model_of(settings, create=True)
    try:
        side = readside.live(settings, log, model)
        leave_out_of_collections()
        asyncio.run(_run(settings, log, side))
    except ModelUnusable as error:
        raise BrokenEnvironment(str(error)) from error
    finally:
        model.close()
        log.close()
    return 0


async def _run(settings: Settings, log: Log, side: readside.Live) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    if isinstance(log, KafkaLog):
        await _with_faust(settings, log, side, stop)
    else:
        await _plainly(settings, log, side, stop)


async def _with_faust(
    settings: Settings, log: Log, side: readside.Live, stop: asyncio.Event
) -> None:
    runner = FaustRunner(
        group_of(settings, side.parts.model),
        side.parts.workers,
        log,
        wiring.now,
        readside.partitions(settings),
        side.parts.context,
    )

    def ready() -> Readiness:
        if not runner.ready:
            return Readiness(False, "the worker has no partitions yet; wait a few seconds")
        return readiness(side.parts, readside.partitions(settings), alone=_is_alone(settings))

    http = _Http(settings, log, side, ready, runner.asked)
    await runner.run(stop, [http.serve])


def group_of(settings: Settings, model: ReadModel) -> Group:
    """The consumer group of the workers over this read model, and the name of a lone worker.

    Raises BrokenEnvironment where no Kafka runs.
    """
    return Group(
        id=f"{settings.topic_prefix}{settings.group}",
        bootstrap=_kafka_address(settings),
        # The read model is this home's and no other's, so two homes never have one name.
        instance=f"worker-{model.id}" if _is_alone(settings) else None,
        commit_seconds=settings.commit_interval_ms / 1000,
        credentials=credentials(
            settings.kafka_security,
            ca_file=settings.kafka_ca_file or None,
            cert_file=settings.kafka_cert_file or None,
            key_file=settings.kafka_key_file or None,
            mechanism=settings.kafka_sasl_mechanism,
            user=settings.kafka_user,
            password=settings.kafka_password(),
        ),
    )


def _is_alone(settings: Settings) -> bool:
    """Whether no second worker can share our partitions: a file of SQLite has one writer."""
    return settings.read_model.startswith("sqlite:")


def readiness(parts: ReadSide, wanted: Mapping[str, int], *, alone: bool) -> Readiness:
    """Whether a load balancer may send readers here; `wanted`: partitions of each topic.

    Ready is who can answer with everything that is on the log: all partitions are here, and
    folded. A worker that cannot share them (`alone`) waits for that. Where several share them,
    boards come from the one that has the frames of all, so it alone is ready; the others fold for
    it and say so. Its lists of obligations leave out those of the others, which its sentence says.
    """
    missing = {w.topic: wanted[w.topic] - len(w.partitions()) for w in parts.workers}
    left, every = sum(missing.values()), sum(wanted[topic] for topic in missing)
    if left and alone:
        return Readiness(False, f"{left} of {every} partitions are not here yet; wait a little")
    if missing[parts.board.topic]:
        return Readiness(False, "another worker of the group has the boards; ask that one")
    behind = sum(worker.behind() for worker in parts.workers)
    if behind:
        return Readiness(False, f"{behind} records are not folded yet; figures are older")
    if left:
        sentence = f"everything here is folded; lists leave out {left} partitions of other workers"
        return Readiness(True, sentence)
    return Readiness(True, "everything on the log is folded")


async def _plainly(settings: Settings, log: Log, side: readside.Live, stop: asyncio.Event) -> None:
    """Without Kafka: the plain runner takes its steps in this loop, HTTP between them."""
    runner = PlainRunner(log, side.parts.workers, wiring.now, side.parts.context)
    runner.open()
    wanted = readside.partitions(settings)
    http = _Http(settings, log, side, lambda: readiness(side.parts, wanted, alone=True))
    serving = asyncio.create_task(http.serve(stop))
    while not stop.is_set() and not serving.done():
        done = runner.step()
        if not done:
            runner.look_around()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.02)
        # A request passes through several tasks before it is answered.
        for _ in range(TURNS):
            await asyncio.sleep(0)
    # Where HTTP ended by itself its error leaves the process, and the supervisor starts it again.
    await serving


def _kafka_address(settings: Settings) -> str:
    if settings.kafka:
        return settings.kafka
    found = home.running(settings.home)
    if found is None or not found.kafka:
        raise BrokenEnvironment("No Kafka runs for this home; start `lienthong up`.")
    return found.kafka


class _Http:
    """The HTTP server of a worker process, in the worker's own loop."""

    def __init__(
        self,
        settings: Settings,
        log: Log,
        side: readside.Live,
        ready: Callable[[], Readiness],
        asked: Callable[[], None] = lambda: None,
    ) -> None:
        """`asked` is called with every request."""
        self._settings = settings
        self._log = log
        self._side = side
        self._ready = ready
        self._asked = asked
        self._reached = Reached()

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until told to stop."""
        with wiring.ledger(self._settings) as ledger:
            await self._serve(stop, ledger)

    async def _serve(self, stop: asyncio.Event, ledger: Ledger) -> None:
        parts = self._side.parts
        handover = self._handover(ledger)
        calendar = CalendarProcess(ledger, wiring.now, self._settings.open_ahead_days)
        gauges = Gauges(
            clock=wiring.now,
            boards=parts.boards,
            workers={"fold": parts.fold, "board": parts.board},
            model=parts.model,
            ledger=ledger,
            held=parts.engine.waiting,
            ready=self._ready,
            streams=lambda: hub.subscribers,
            reached=self._reached,
            handover=handover.figures,
            restated=parts.restatements.counts,
            calendar=calendar.counts,
            verification=self._verification,
            version=VERSION,
        )
        app = make_app(self._asked_of(ledger, gauges))
        hub = app.state.hub
        server = _Server(self._config(app))
        applied = Applied(ledger, self._log, parts)
        parts.boards.position = applied
        following = asyncio.create_task(applied.follow(stop))
        recording = {
            asyncio.create_task(handover.follow(stop)),
            asyncio.create_task(calendar.follow(stop)),
            asyncio.create_task(self._reminder(ledger).follow(stop)),
        }
        serving = asyncio.create_task(server.serve())
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        waiting.cancel()
        following.cancel()
        async with asyncio.timeout(STOP_SECONDS_MAX):
            await serving
        if not stop.is_set():
            for task in recording:
                task.cancel()
        # What they are recording is a page each; the ledger stays open for that.
        await asyncio.wait(recording, timeout=STOP_SECONDS_MAX)

    def _asked_of(self, ledger: Ledger, gauges: Gauges) -> Parts:
        """What HTTP answers from."""
        return Parts(
            boards=self._side.query,
            sources=Sources(self._side.query, Registers(ledger)),
            publish=self._publish,
            take_sheet=self._take_sheet,
            token=read_or_make(self._settings.home),
            ready=self._ready,
            metrics=Metrics(gauges.read).scrape,
            programmes=self._side.query.programmes,
            waiting=self._side.query.waiting,
            past=self._side.query,
            verification=self._verification,
            clock=wiring.now,
            reached=self._reached,
            hosts=hosts_for(self._settings.host),
        )

    def _config(self, app: Callable[..., Any]) -> uvicorn.Config:
        return uvicorn.Config(
            noticing(app, self._asked),
            host=self._settings.host,
            port=self._settings.port,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )

    def _handover(self, ledger: Ledger) -> HandoverProcess:
        side = self._side
        return HandoverProcess(side.query, side.parts.engine, ledger, wiring.now, self._behind)

    def _reminder(self, ledger: Ledger) -> ReminderProcess:
        return reminder_of(self._settings, self._side.query, ledger, wiring.now, self._behind)

    def _verification(self) -> Mapping[str, Any]:
        return verification.read(self._settings.home)

    def _behind(self) -> int:
        return sum(worker.behind() for worker in self._side.parts.workers)

    def _publish(self, lines: Sequence[str]) -> Iterator[Outcome]:
        """Record lines; called in a thread, with a ledger of its own for each request."""
        with wiring.ledger(self._settings) as ledger:
            defaults = Defaults(source=ledger.source, root=wiring.root_of(ledger))
            found = list(publish(lines, ledger, defaults))
        for one in found:
            ids = [str(UUID(bytes=event_id)) for event_id in one.event_ids]
            reason = None if one.reason is None else str(one.reason)
            yield _Answer(one.line_no, str(one.status), ids, reason, one.sentence or None)

    def _take_sheet(self, content: bytes, name: str, acting: str | None) -> Taken:
        """Record a sheet; called in a thread, with a ledger of its own for each request."""
        grid = grid_of(content, name)
        with wiring.ledger(self._settings) as ledger:
            return take(ledger, grid, acting)


class _Answer(NamedTuple):
    """An outcome as HTTP tells it."""

    line_no: int
    status: str
    event_ids: Sequence[str]
    reason: str | None
    sentence: str | None


class _Server(uvicorn.Server):
    """Leaves signals to the worker, which stops everything in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

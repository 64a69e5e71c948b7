"""The process `run worker`: fold, boards, HTTP and metrics in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import uvicorn

from ops import VERSION, builds, home, readside, supervisor, verification, wiring
from ops.allocator import keep_large_blocks_apart, leave_out_of_collections
from ops.build_log import BuildLog, Holding, asked_beside
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
from ops.serving import Role
from ops.settings import BrokenEnvironment, Settings
from ops.sheet_taking import Taken, grid_of, take
from projections.app import FaustRunner, Group, credentials
from projections.leaving import stop_on_signals
from projections.parts import Parts as ReadSide
from projections.readmodel import ModelUnusable, ReadModel, generation_at
from projections.runner import PlainRunner
from schemas.jsonl import Defaults
from schemas.times import day_of
from services.ledger import Ledger
from services.publish import publish

STOP_SECONDS_MAX = 5.0
TURNS = 8
"""Of everything else in the loop, between two steps of the plain runner."""

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT. Raises BrokenEnvironment where model and log do not fit."""
    keep_large_blocks_apart()
    settings = builds.named(settings)
    with home.in_use(builds.folder(settings)):
        _run(settings)
    return 0


def _run(settings: Settings) -> None:
    role = Role(settings)
    opened = supervisor.open_log(settings)
    log = BuildLog(opened, role, builds.names(settings).frames)
    model = wiring.model_of(settings, create=True)
    try:
        side = readside.live(settings, log, model, tells=lambda: role.serves)
        leave_out_of_collections()
        asyncio.run(_until_told(settings, log, side, role, kafka=isinstance(opened, KafkaLog)))
    except ModelUnusable as error:
        raise BrokenEnvironment(str(error)) from error
    finally:
        model.close()
        log.close()


async def _until_told(
    settings: Settings, log: BuildLog, side: readside.Live, role: Role, *, kafka: bool
) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    if kafka and role.serves:
        await _with_faust(settings, log, side, role, stop)
    # One that follows is driven plainly on Kafka, too: it can stand still, and has no group. One
    # that Faust has driven goes on from what is in memory: nobody took its partitions meanwhile.
    if not stop.is_set():
        await _plainly(settings, log, side, role, stop)


async def _with_faust(
    settings: Settings, log: Log, side: readside.Live, role: Role, stop: asyncio.Event
) -> None:
    """Until told to stop, or until another build serves and this one is to stand still."""
    enough = asyncio.Event()

    async def look() -> None:
        await asked_beside(builds.folder(settings), role, stop)
        enough.set()

    looking = asyncio.create_task(look())
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

    http = _Http(settings, log, side, role, ready, runner.asked)
    await runner.run(enough, [http.serve])
    await looking


def group_of(settings: Settings, model: ReadModel) -> Group:
    """The consumer group of the workers over this read model, and the name of a lone worker.

    Raises BrokenEnvironment where no Kafka runs.
    """
    return Group(
        id=builds.group(settings),
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


async def _plainly(
    settings: Settings, log: BuildLog, side: readside.Live, role: Role, stop: asyncio.Event
) -> None:
    """The plain runner takes its steps in this loop, HTTP between them."""
    holding = Holding(builds.folder(settings), log, side.parts)
    runner = PlainRunner(log, side.parts.workers, wiring.now, side.parts.context)
    runner.open()
    wanted = readside.partitions(settings)
    http = _Http(settings, log, side, role, lambda: readiness(side.parts, wanted, alone=True))
    serving = asyncio.create_task(http.serve(stop))
    while not stop.is_set() and not serving.done():
        started = time.monotonic()
        holding.look(wiring.now(), beside=not role.serves)
        done = runner.step()
        if not done:
            runner.look_around()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.02)
        if not role.serves:
            holding.say()
            # What is beside takes half of a core at most: a niced process could not be raised
            # again when it comes to serve.
            await asyncio.sleep(time.monotonic() - started)
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
        role: Role,
        ready: Callable[[], Readiness],
        asked: Callable[[], None] = lambda: None,
    ) -> None:
        """`asked` is called with every request."""
        self._settings = settings
        self._log = log
        self._side = side
        self._role = role
        self._ready = ready
        self._asked = asked
        self._reached = Reached()

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve whenever this build is to, until told to stop."""
        with wiring.ledger(self._settings) as ledger:
            while await self._role.comes(stop):
                leave = asyncio.Event()
                going = asyncio.create_task(self._role.goes(stop, leave))
                taking_over = self._role.takes_over
                telling = asyncio.create_task(self._tell_all(needed=taking_over))
                await self._serve(leave, ledger)
                await telling
                going.cancel()
                if not leave.is_set():
                    return

    async def _tell_all(self, *, needed: bool) -> None:
        """Tell subscribers everything, with versions above those that another build told."""
        if not needed:
            return
        parts = self._side.parts
        await asyncio.to_thread(parts.model.renew, generation_at(wiring.now()))
        parts.board.tell_again(parts.boards.tree.at(day_of(wiring.now())).preorder)
        for number in parts.fold.partitions():
            parts.fold.tell_again(number, await asyncio.to_thread(self._kept, number))

    def _kept(self, partition: int) -> list[bytes]:
        parts = self._side.parts
        return [key for key, _ in parts.model.states(parts.fold.topic, partition)]

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
        await self._answer(server, stop, following, recording)

    async def _answer(
        self,
        server: _Server,
        stop: asyncio.Event,
        following: asyncio.Task[None],
        recording: set[asyncio.Task[None]],
    ) -> None:
        """Let the server run until told to stop; then end it, and what runs beside it."""
        listener = self._role.listener(self._settings.host, self._settings.port)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        answering = asyncio.create_task(self._role.answers(server, listener))
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        for task in (waiting, following, answering):
            task.cancel()
        async with asyncio.timeout(STOP_SECONDS_MAX):
            await asyncio.gather(serving, self._role.closed(listener))
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

"""The read side of a home, put together: live behind the workers, or from the read model alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ops import builds, wiring
from ops.log import Log
from ops.settings import Settings
from projections import outlets
from projections.board_worker import restated_by_units
from projections.boards import Boards
from projections.late import types_of
from projections.parts import Parts, behind, make_parts
from projections.past import Past, Types
from projections.query import Query
from projections.readmodel import ReadModel
from schemas import avro
from schemas.frame import Version
from schemas.times import Instant
from schemas.topics import EVENTS, PROGRAMMES, UNITS, partition_of

Clock = Callable[[], Instant]


@dataclass(frozen=True)
class Live:
    """What one worker process has in memory, and who answers from it."""

    parts: Parts
    query: Query


def live(
    settings: Settings,
    log: Log,
    model: ReadModel,
    clock: Clock = wiring.now,
    tells: Callable[[], bool] = lambda: True,
) -> Live:
    """The workers of one process over a log, with everything they need.

    Nothing is told to subscribers while this is not the one that `tells` them.
    """
    names = builds.names(settings)
    parts = make_parts(
        model,
        log,
        names,
        clock,
        log.cluster_id(),
        boards_outlet=outlets.boards_outlet(names.boards, clock),
        obligations_outlet=outlets.obligations_outlet(names.obligations),
        restatements_outlet=outlets.restatements_outlet(names.restatements),
        tells=tells,
    )
    past = Past(parts.restatements, types_in(settings, model))
    return Live(parts, Query(parts.boards, parts.engine, clock, past))


def partitions(settings: Settings) -> dict[str, int]:
    """How many partitions each topic that we consume must have."""
    prefix, frames = settings.topic_prefix, builds.frames(settings)
    return {topic.full(prefix): topic.partitions for topic in (EVENTS, frames, UNITS, PROGRAMMES)}


def from_model(settings: Settings, model: ReadModel, clock: Clock = wiring.now) -> Query:
    """What the read model holds, without any log: for commands where no server runs."""
    boards = Boards(clock)
    engine, restatements = behind(boards)
    prefix = settings.topic_prefix
    for topic, told in ((PROGRAMMES, boards.tell_programmes), (UNITS, boards.tell_units)):
        kept = model.noted(topic.full(prefix))
        told([(offset, avro.decode(value)) for offset, value in kept])
    events = EVENTS.full(prefix)
    for at in model.positions():
        if at.topic == events:
            engine.open(at.partition, model.states(events, at.partition))
            version = Version(
                "read-model", model.generation, at.topic_id, at.partition, at.next_offset
            )
            for one in engine.whole_frame(at.partition, version):
                boards.apply_frame(one)
        elif at.topic == builds.names(settings).frames:
            for told_before in restated_by_units(model.snapshots(at.topic, at.partition)):
                restatements.units.remember(told_before)
    return Query(boards, engine, clock, Past(restatements, types_in(settings, model)))


def types_in(settings: Settings, model: ReadModel) -> Types:
    """(obligation) -> by event id the type of each of its facts, as the read model holds them."""
    topic = EVENTS.full(settings.topic_prefix)

    def types(obligation: str) -> dict[bytes, str]:
        key = obligation.encode()
        return types_of(model.state(topic, partition_of(key, EVENTS.partitions), key))

    return types

"""What is still there of a build that was removed: nothing, if `rebuild cancel` did its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from ops import builds, supervisor, wiring
from ops.kafka import KafkaLog
from ops.log import NoSuchTopic
from ops.settings import Settings
from projections.readmodel import ModelMissing
from schemas.topics import FRAMES

PROCESSES = Path("/proc")


def remains(settings: Settings, number: int) -> list[str]:
    """Files, read model, topic of frames, consumer group and processes of a build of this home."""
    build = replace(settings, build=number)
    return [*_kept(build), *_on_log(build), *processes_of(settings, number)]


def _kept(build: Settings) -> Iterator[str]:
    for place in (builds.folder(build), supervisor.worker_log(build)):
        if place.exists():
            yield str(place)
    try:
        wiring.model_of(build, create=False).close()
    except ModelMissing:
        return
    yield f"the read model of build {build.build}"


def _on_log(build: Settings) -> Iterator[str]:
    topic = builds.frames(build)
    with closing(supervisor.open_log(build)) as log:
        # The first build's topic is part of the contract: it is there for ever.
        if topic != FRAMES:
            with suppress(NoSuchTopic):
                log.ends(topic.full(build.topic_prefix))
                yield topic.full(build.topic_prefix)
        if isinstance(log, KafkaLog) and builds.group(build) in log.groups():
            yield builds.group(build)


def processes_of(settings: Settings, number: int) -> list[str]:
    """The ids of the processes that were told to work on this build of this home."""
    told = {f"LIENTHONG_HOME={settings.home}", f"LIENTHONG_BUILD={number}"}
    found = []
    for place in PROCESSES.glob("[0-9]*"):
        try:
            environ = (place / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # It has ended, or is another user's.
        if told <= set(environ):
            found.append(f"process {place.name}")
    return found

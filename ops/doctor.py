"""The doctor: what of this installation is well, what is not, and what to do about it."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from importlib import import_module, metadata, util
from pathlib import Path
from typing import NamedTuple

from ops import home, java, wiring
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import open_log
from schemas.topics import TOPICS

ROOMS = ("services", "schemas", "projections", "ops")
OURS = "lienthong"
DISK_BYTES_MIN = 1024**3
"""Less free space than this is said: a log that cannot grow stops everything."""
CLOCK_SECONDS_MAX = 60.0
"""How far the clock may stand before the newest file of the home."""
_PYTHON = sys.version_info[:3]
_GIB = 1024**3


class Check(NamedTuple):
    """One thing looked at: its name, whether it is well, and one sentence."""

    name: str
    ok: bool
    sentence: str


def checks(settings: Settings) -> Iterator[Check]:
    """Look at one thing after the other; nothing is created or changed."""
    looks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("python", _python),
        ("packages", lambda _: packages(metadata.packages_distributions())),
        ("checksums", _checksums),
        ("java", _java),
        ("kafka jars", _jars),
        ("home", _home),
        ("disk", _disk),
        ("clock", lambda found: clock(found.home, time.time())),
        ("server", _server),
        ("log", _log),
        ("ledger", _ledger),
        ("read model", _read_model),
    )
    for name, look in looks:
        try:
            yield Check(name, True, look(settings))
        except BrokenEnvironment as error:
            yield Check(name, False, str(error))
        except Exception as error:
            # Whatever breaks is what the doctor is asked for: a driver's error, a bad file.
            yield Check(name, False, f"It fails: {error} ({type(error).__name__}).")


def packages(owners: Mapping[str, list[str]]) -> str:
    """Our four package names are generic: nobody else may own them in this environment."""
    for room in ROOMS:
        strangers = sorted(set(owners.get(room, [])) - {OURS})
        if strangers:
            raise BrokenEnvironment(
                f"Package {strangers[0]} also owns the name `{room}`; uninstall it, or give "
                "Lienthong an environment of its own."
            )
    places = {str(Path(str(import_module(room).__file__)).parents[1]) for room in ROOMS}
    if len(places) > 1:
        raise BrokenEnvironment(f"Our packages come from several places: {', '.join(places)}.")
    return f"services, schemas, projections and ops are ours, from {places.pop()}."


def clock(folder: Path, now_seconds: float) -> str:
    """The clock must not stand before what was already written: recorded_at never decreases."""
    written = [path.stat().st_mtime for path in folder.glob("*") if path.is_file()]
    behind = max(written, default=0.0) - now_seconds
    if behind > CLOCK_SECONDS_MAX:
        raise BrokenEnvironment(
            f"The clock stands {behind:.0f} seconds before the newest file of {folder}; set it."
        )
    return time.strftime("It is %Y-%m-%d %H:%M:%S UTC.", time.gmtime(now_seconds))


def _python(_: Settings) -> str:
    return f"Python {'.'.join(map(str, _PYTHON))}."


def _checksums(_: Settings) -> str:
    if util.find_spec("crc32c") is None:
        raise BrokenEnvironment("Package crc32c is missing; Kafka is read at half the speed.")
    return "Checksums are computed in C."


def _java(_: Settings) -> str:
    found = java.find_java()
    if found is None:
        raise BrokenEnvironment(
            "There is no Java of version 17 or later; install one, or the `java` extra."
        )
    return f"Java {java.java_major(found)} at {found}."


def _jars(settings: Settings) -> str:
    folder = java.jars_folder(settings.cache)
    if folder.is_dir():
        return f"Apache Kafka {java.kafka_version(folder)} in {folder}."
    maven = java.find_maven()
    if maven is None:
        raise BrokenEnvironment(
            "Kafka's jars are not here and there is no Maven to get them; without them the "
            "log in SQLite is used."
        )
    return f"Not here yet; {maven} gets them when they are needed."


def _home(settings: Settings) -> str:
    folder = settings.home
    if not folder.exists():
        return f"{folder} does not exist yet; the first command that writes makes it."
    if folder.stat().st_mode & 0o077:
        raise BrokenEnvironment(f"{folder} can be read by others; run `chmod 700 {folder}`.")
    return f"{folder}, ours alone."


def _disk(settings: Settings) -> str:
    place = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(place).free
    if free < DISK_BYTES_MIN:
        raise BrokenEnvironment(f"Only {free / _GIB:.1f} GiB are free at {place}.")
    return f"{free / _GIB:.0f} GiB are free at {place}."


def _server(settings: Settings) -> str:
    found = home.running(settings.home)
    if found is None:
        return "Nothing runs on this home; `lienthong up` starts it."
    return f"Process {found.pid} runs this home at {found.http}, with {found.broker}."


def _log(settings: Settings) -> str:
    if not settings.kafka and home.running(settings.home) is None:
        return "No log runs now."
    with closing(open_log(settings)) as log:
        differences = log.differences(TOPICS, settings.topic_prefix)
        if differences:
            raise BrokenEnvironment(" ".join(differences))
        return (
            f"Log {log.cluster_id()} answers; its {len(TOPICS)} topics have the right "
            "partitions and message limits."
        )


def _ledger(settings: Settings) -> str:
    if _absent(settings.ledger):
        return "There is none yet; the first fact makes it."
    with wiring.ledger(settings, create=False) as ledger:
        return (
            f"Ledger {ledger.id}, epoch {ledger.epoch}, {ledger.max_notification()} notifications."
        )


def _read_model(settings: Settings) -> str:
    if _absent(settings.read_model):
        return "There is none yet; the worker makes it."
    with wiring.read_model(settings):
        return "It opens."


def _absent(address: str) -> bool:
    kind, _, path = address.partition(":")
    return kind == "sqlite" and not Path(path).exists()

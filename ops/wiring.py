"""Builds the parts of an installation from its settings; commands and processes start here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from ops import builds
from ops.keys import KeyStore, key_store
from ops.settings import BrokenEnvironment, Settings
from projections.readmodel import ModelMissing, ModelUnreachable, ReadModel, generation_at
from projections.readmodel_postgres import PostgresModel
from projections.readmodel_sqlite import SqliteModel
from schemas import avro
from schemas.event import event_types
from schemas.events.unit import UnitEstablished
from schemas.quarantine import Quarantined
from schemas.times import Instant
from schemas.topics import UNITS
from schemas.tree import Tree
from schemas.unit_facts import unit_fact
from services.ledger import Ledger, LedgerMissing, LedgerUnreachable

ROOT_SOUGHT_IN = 10_000
"""Recorded events among which the root's establishment is looked for: it comes first."""
QUARANTINE_ROWS_MAX = 200_000
"""Most quarantined records that one listing reads."""


def now() -> Instant:
    """The wall clock, in milliseconds."""
    return Instant(time.time_ns() // 1_000_000)


@contextmanager
def ledger(settings: Settings, *, create: bool = True) -> Iterator[Ledger]:
    """The ledger, open. Raises BrokenEnvironment where it is missing and shall not be made."""
    if create:
        settings.home.mkdir(parents=True, exist_ok=True)
    with key_store(settings) as keys, _opened(settings, create, keys) as found:
        yield found


@contextmanager
def _opened(settings: Settings, create: bool, keys: KeyStore | None) -> Iterator[Ledger]:
    try:
        opened = Ledger.open(
            settings.ledger, clock=now, source=settings.source, create=create, keys=keys
        )
    except LedgerUnreachable as error:
        raise BrokenEnvironment(f"{error}; see LIENTHONG_LEDGER.") from error
    except LedgerMissing as error:
        raise BrokenEnvironment(
            "There is no ledger yet: publish something first, or name the home with --home."
        ) from error
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def read_model(settings: Settings, *, create: bool = False) -> Iterator[ReadModel]:
    """The read model, open. Raises BrokenEnvironment where it is missing."""
    try:
        model = model_of(settings, create=create)
    except ModelUnreachable as error:
        raise BrokenEnvironment(f"{error}; see LIENTHONG_READ_MODEL.") from error
    except ModelMissing as error:
        raise BrokenEnvironment(
            "There is no read model yet: start `lienthong up` once, or name the home with --home."
        ) from error
    try:
        yield model
    finally:
        model.close()


def model_of(settings: Settings, *, create: bool) -> ReadModel:
    """The read model behind its one interface, SQLite or PostgreSQL by its address."""
    generation = generation_at(now()) if create else None
    address = builds.address(settings)
    if address.startswith("sqlite:"):
        return SqliteModel(Path(address.removeprefix("sqlite:")), generation=generation)
    return PostgresModel(address, generation=generation, schema=builds.schema(settings))


def root_of(opened: Ledger) -> str | None:
    """The code of the root unit; None while nobody established one."""
    for one in islice(opened.events(), ROOT_SOUGHT_IN):
        if one.event_name == UnitEstablished.type:
            event = avro.decode(one.value)
            if isinstance(event, UnitEstablished) and event.parent is None:
                return event.unit
    return None


def tree_of(opened: Ledger) -> Tree:
    """The unit tree of everything recorded; offsets are the ledger's own numbers."""
    names = {name for name, cls in event_types().items() if cls.topic == UNITS.name}
    told = ((one.id, unit_fact(avro.decode(one.value))) for one in opened.events(names=names))
    return Tree.of((at, fact) for at, fact in told if fact is not None)


def notification_of(opened: Ledger, position: str) -> int:
    """The notification number in a position token `ledger-id:number`, or a bare number.

    Raises BrokenEnvironment where the token is of another ledger.
    """
    identity, _, number = position.rpartition(":")
    if identity and identity != opened.id:
        raise BrokenEnvironment(f"The position {position} belongs to another ledger.")
    if not number.isdigit():
        raise BrokenEnvironment(f"{position!r} is no position; use what `publish` printed.")
    return int(number)


def quarantined(settings: Settings) -> list[Quarantined]:
    """All quarantined records of both sides, oldest first; [] where nothing exists yet."""
    found: list[Quarantined] = []
    try:
        with ledger(settings, create=False) as opened:
            found += [one.record for one in opened.refusals(limit=QUARANTINE_ROWS_MAX)]
    except BrokenEnvironment:
        pass  # a worker may run where no ledger is
    try:
        with read_model(settings) as model:
            found += [one for _, one in model.quarantined(limit=QUARANTINE_ROWS_MAX)]
    except BrokenEnvironment:
        pass  # and a relay where no read model is
    return sorted(found, key=lambda one: (one.at, one.place))

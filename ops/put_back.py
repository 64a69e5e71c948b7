"""Putting a ledger back where none is: made beside its place, completed from the topics, moved in.

From what it is made, a backup or an archive, is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from ops import builds, wiring
from ops.home import held
from ops.keys import KeyStore, key_store
from ops.log import Log, Record, all_records
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import Supervisor, open_log
from projections.readmodel import generation_at
from schemas import avro
from schemas.events.ladder import TextsErased
from schemas.topics import EVENTS, PROGRAMMES, UNITS
from services.ledger import Ledger
from services.restoring import RestoreStopped, TakenBack, take_back

SQLITE = "sqlite:"
PRIVATE = 0o700

Lay = Callable[[str], None]
"""Writes a database at an address at which there is none."""


class PutBack(NamedTuple):
    """What was put back. `erased`: keys deleted again because the log says so."""

    taken: TakenBack
    read_model: bool
    erased: int


def put_back(settings: Settings, ledger: Lay, read_model: Lay | None, *, alone: bool) -> PutBack:
    """Lay a ledger, and a read model, where none is; take back what the topics hold beyond it.

    `alone`: there are no topics any more; nothing is taken back. Raises BrokenEnvironment with
    nothing in place where something is there already, or the topics are not this ledger's.
    """
    _must_be_empty(settings)
    try:
        if alone:
            with held(settings.home):
                return _put_in_place(settings, ledger, read_model, None)
        with Supervisor(settings, parts=()) as running, closing(open_log(running.settings)) as log:
            return _put_in_place(settings, ledger, read_model, log)
    except RestoreStopped as error:
        raise BrokenEnvironment(f"Nothing was restored: {error}.") from error


def has_model(settings: Settings) -> bool:
    """Whether there is a read model at the home's address of one."""
    try:
        with wiring.read_model(settings):
            return True
    except BrokenEnvironment:
        return False


def _put_in_place(
    settings: Settings, ledger: Lay, read_model: Lay | None, log: Log | None
) -> PutBack:
    scratch = _laid(settings.ledger, ledger)
    records = iter(()) if log is None else _sent(log, settings.topic_prefix)
    taken = take_back(scratch, records)
    if read_model is not None:
        _in_place(_laid(settings.read_model, read_model), settings.read_model)
    with_model = has_model(settings)
    if with_model:
        with closing(wiring.model_of(settings, create=True)) as opened:
            opened.renew(max(opened.generation + 1, generation_at(wiring.now())))
    # The ledger last: where one stands, all that belongs to it stands too.
    _in_place(scratch, settings.ledger)
    with key_store(settings) as keys, wiring.ledger(settings, create=False) as found:
        erased = 0 if keys is None else _erase_again(found, keys)
    return PutBack(taken, with_model, erased)


def _erase_again(ledger: Ledger, keys: KeyStore) -> int:
    """A key store out of a backup may hold keys that were deleted since; the log names them."""
    ids: list[str] = []
    for one in ledger.events(names=(TextsErased.type,)):
        event = avro.decode(one.value)
        assert isinstance(event, TextsErased)
        ids += event.key_ids
    return keys.delete(ids) if ids else 0


def _sent(log: Log, prefix: str) -> Iterator[Record]:
    for topic in (UNITS, PROGRAMMES, EVENTS):
        name = topic.full(prefix)
        for partition, (start, end) in enumerate(log.ends(name)):
            yield from all_records(log, name, partition, start, end)


def _laid(url: str, lay: Lay) -> str:
    """Lay a database beside its place; its address until it is in place."""
    if not url.startswith(SQLITE):
        lay(url)
        return url
    place = Path(url.removeprefix(SQLITE))
    place.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    scratch = place.with_name(f"{place.name}.restoring")
    for ending in ("", "-wal", "-shm"):
        # Of a restore that was broken off.
        scratch.with_name(scratch.name + ending).unlink(missing_ok=True)
    lay(f"{SQLITE}{scratch}")
    return f"{SQLITE}{scratch}"


def _in_place(scratch: str, url: str) -> None:
    if scratch != url:
        # Every connection to it is closed by now, so that its log of writes is empty and gone.
        Path(scratch.removeprefix(SQLITE)).rename(url.removeprefix(SQLITE))


def _must_be_empty(settings: Settings) -> None:
    if (known := settings.home / builds.STATE).exists():
        raise BrokenEnvironment(f"{known} exists; move it away before you restore.")
    for url in (settings.ledger, settings.read_model):
        place = Path(url.removeprefix(SQLITE))
        there = [place.with_name(place.name + ending) for ending in ("", "-wal", "-shm")]
        if url.startswith(SQLITE) and (found := [path for path in there if path.exists()]):
            raise BrokenEnvironment(f"{found[0]} exists; move it away before you restore.")

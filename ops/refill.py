"""Refill: topics that were made anew are filled from the ledger, and what is live begins anew.

The ledger alone knows everything that was ever sent, in its order, so that of each obligation all
records stand again in the order of their recording. Positions of a read model belong to topics that
are gone, so it is set aside; the new one is of a later generation, and readers take it for newer.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ops import builds, home, wiring
from ops.settings import BrokenEnvironment, Settings
from projections import readmodel_postgres, readmodel_sqlite
from projections.readmodel import generation_at
from services.ledger import RelayState
from services.watch import RoleTaken


class Refilled(NamedTuple):
    """What the next start will do: send so many events; where the former read model is now."""

    events: int
    aside: str


def refill(settings: Settings) -> Refilled:
    """Let the relay begin at the first event and the read model with nothing.

    Raises BrokenEnvironment where something runs on the home.
    """
    if home.running(settings.home) is not None:
        raise BrokenEnvironment(
            f"Something runs on home {settings.home}; stop `lienthong up` first."
        )
    if builds.of(settings.home).beside != builds.NONE:
        raise BrokenEnvironment(
            "A build stands beside the one that serves; `rebuild cancel` first."
        )
    with wiring.ledger(settings, create=False) as ledger:
        try:
            with ledger.lock("relay"):
                ledger.set_relay_state(RelayState())
                return Refilled(ledger.max_notification(), _set_aside(settings))
        except RoleTaken as error:
            raise BrokenEnvironment(str(error)) from error


def _set_aside(settings: Settings) -> str:
    # The name is what the generation of a model made now would be: never used before.
    name = f"before_{generation_at(wiring.now())}"
    address = builds.address(settings)
    if address.startswith("sqlite:"):
        path = Path(address.removeprefix("sqlite:"))
        return str(readmodel_sqlite.set_aside(path, name) or "")
    return readmodel_postgres.set_aside(address, name, builds.schema(settings)) or ""

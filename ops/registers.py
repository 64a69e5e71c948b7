"""What only the ledger knows: registers of whole events, followed when somebody asks.

An unannounced inspection is in none of them until it was held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ops.i18n import LANGUAGES, word
from projections.register import Register, corrected
from schemas import avro
from schemas.event import Event
from schemas.refusal import Reason, Refused
from schemas.times import Instant
from services.ledger import Ledger
from services.sealing import told
from services.withheld import Withheld

Types = Sequence[type[Event]]
ERASED = " / ".join(word("text.erased", language) for language in LANGUAGES)
"""What stands, in every language, where a text cannot be read any more."""


class News(NamedTuple):
    """What the ledger has for a register since it was last told, and how far that reaches."""

    events: Sequence[tuple[int, Event]]
    until: int


class Registers:
    """One register for each set of types that a question names. `ledger` None: none is here."""

    def __init__(self, ledger: Ledger | None) -> None:
        self._ledger = ledger
        self._held: dict[frozenset[str], Register] = {}
        self._withheld: Withheld | None = None

    def of(self, types: Types) -> Register:
        """The register of these types, as far as it was told."""
        key = frozenset(one.type for one in types)
        return self._held.setdefault(key, Register(types))

    def read(self, types: Types) -> News:
        """What its register was not told yet; in any thread. Raises Refused without a ledger."""
        ledger, register, withheld = self._opened(), self.of(types), self._others_see()
        end = ledger.max_notification()
        # A register wants rare types: most of a ledger is never read.
        told = (
            one
            for page in ledger.pages(register.position, register.types | withheld.turns)
            for one in withheld.told(page)
        )
        events = [
            (at, avro.decode(one.value)) for at, one in told if one.event_name in register.types
        ]
        return News(events, max([end, *(at for at, _ in events)]))

    def tell(self, types: Types, news: News) -> None:
        """Tell the register; in the thread that answers. Told twice does no harm."""
        register = self.of(types)
        for at, event in news.events:
            register.tell(at, event)
        register.position = max(register.position, news.until)

    def follow(self, types: Types) -> None:
        """Read and tell in one go."""
        self.tell(types, self.read(types))

    def history(self, obligation: str, on: Instant, known: Instant | None) -> list[Event]:
        """All that holds of one obligation, texts included. Raises Refused without a ledger."""
        ledger, seen = self._opened(), self._others_see().history(obligation)
        return corrected([told(ledger.readable(one), ERASED) for one in seen], on, known)

    def records(self, obligation: str) -> list[tuple[int, Event]]:
        """All that was recorded of one obligation, with its numbers in the ledger, as it was told.

        Raises Refused without a ledger.
        """
        told = self._others_see().records(obligation)
        return [(one.id, avro.decode(one.value)) for one in told]

    def _others_see(self) -> Withheld:
        if self._withheld is None:
            self._withheld = Withheld(self._opened())
        return self._withheld

    def _opened(self) -> Ledger:
        if self._ledger is None:
            raise Refused(Reason.RULE, "this process has no ledger; ask one that has", "ledger")
        return self._ledger


def streams_of(events: Iterable[Event]) -> list[str]:
    """The obligations, units or programmes that events bear on, each once, in their order."""
    return list(dict.fromkeys(event.key for event in events))

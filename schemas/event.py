"""What an event is: envelope, effects, the register of types. The read side knows only effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import IntEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, NewType, TypeVar

from schemas.times import Day, Instant

EventId = NewType("EventId", bytes)
"""Sixteen bytes of a UUID; ids that we derive from a line are of version 8 (RFC 9562)."""


def id_of(content: bytes) -> EventId:
    """The id (UUIDv8, RFC 9562) that follows from content: the same content, the same id."""
    raw = bytearray(sha256(content).digest()[:16])
    raw[6] = (raw[6] & 0x0F) | 0x80
    raw[8] = (raw[8] & 0x3F) | 0x80
    return EventId(bytes(raw))


NOT_RECORDED = Instant(0)
"""`recorded_at` of an event that no ledger has accepted yet."""


class Effect(IntEnum):
    """How an event bears on the obligation it names. The order of the first nine is their rank."""

    OPENS = 0
    AMENDS = 1
    MOVES = 2
    MEETS = 3
    ACCEPTS = 4
    RETURNS = 5
    HANDS_OVER = 6
    DROPS = 7
    NOTES = 8
    CORRECTS = 9
    CONTEXT = 10


@dataclass(frozen=True)
class OneOf:
    """The field holds one of these words (checked by us, never an Avro enumeration)."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """The field is a string of this shape: `code`, `obligation` or `word`."""

    name: str


Code = Annotated[str, Shape("code")]
ObligationId = Annotated[str, Shape("obligation")]
Word = Annotated[str, Shape("word")]

OBLIGATION_KINDS = (
    "task",
    "report",
    "plan",
    "inspection_plan",
    "inspection",
    "self_assessment",
    "remedy",
    "petition_settlement",
)
DONE_WHEN = ("sent", "declared", "accepted")
NOTES = (
    "progress",
    "received",
    "consolidated",
    "included",
    "announced",
    "urged",
    "reminded",
    "criticised",
)


ObligationKind = Annotated[str, OneOf(OBLIGATION_KINDS)]
DoneWhen = Annotated[str, OneOf(DONE_WHEN)]


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """Free text encrypted under a key of its obligation; without the key it is erased."""

    key_id: Word
    nonce: bytes
    ciphertext: bytes


Text = str | Sealed
"""Free text, at most limits.TEXT_CHARS_MAX characters, without names of persons."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """The paper behind a fact: its number, its date, the office that signed."""

    number: Word
    date: Day | None = None
    signed_by: Word | None = None
    digital_signature: bytes | None = None


def const(value: Any) -> Any:
    """A field whose value belongs to the type: on the wire, but not in the human form."""
    return field(default=value, metadata={"const": True})


def key_on(topic: str, unit: str, programme: str | None, obligation: str | None) -> str:
    """The key of a record on a topic: what all records of one obligation, say, have in common."""
    if topic == "units":
        return unit
    return (programme if topic == "programmes" else obligation) or ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact that a unit recorded. Field order on the wire is `wire_fields`, not the order here."""

    type: ClassVar[str] = ""
    effect: ClassVar[Effect] = Effect.CONTEXT
    topic: ClassVar[str] = "events"

    recorded_at: Instant = NOT_RECORDED
    event_id: EventId
    effective_at: Instant
    effective_is_day: bool = False
    source_seq: int = 0
    correlation_id: EventId | None = None
    causation_id: EventId | None = None
    obligation: ObligationId | None = None
    unit: Code
    by: Code
    source: Word
    programme: Code | None = None

    actor_role: Word | None = None
    written_at: Instant | None = None
    imported_at: Instant | None = None
    document: Document | None = None

    @property
    def key(self) -> str:
        """The key of the event's record on its topic."""
        return key_on(self.topic, self.unit, self.programme, self.obligation)


ENVELOPE = tuple(f.name for f in fields(Event))[:12]
TAIL = tuple(f.name for f in fields(Event))[12:]


@dataclass(frozen=True, kw_only=True)
class Opens(Event):
    """From now on the unit owes this."""

    effect: ClassVar[Effect] = Effect.OPENS
    kind: ObligationKind
    item: Word
    area: Word | None = None
    period: Word | None = None
    due_before: Day | None = None
    done_when: DoneWhen = "declared"
    issuer: Code


@dataclass(frozen=True, kw_only=True)
class Moves(Event):
    """The due is another day now; `extends` where the issuer lengthened it."""

    effect: ClassVar[Effect] = Effect.MOVES
    due_before: Day | None = None
    extends: bool = const(False)


@dataclass(frozen=True, kw_only=True)
class Meets(Event):
    """The ower did what it owed, by its own word."""

    effect: ClassVar[Effect] = Effect.MEETS


@dataclass(frozen=True, kw_only=True)
class Accepts(Event):
    """The recipient is content."""

    effect: ClassVar[Effect] = Effect.ACCEPTS


@dataclass(frozen=True, kw_only=True)
class Returns(Event):
    """The recipient sent it back for revision, until `revise_before` (exclusive local midnight)."""

    effect: ClassVar[Effect] = Effect.RETURNS
    revise_before: Day | None = None


@dataclass(frozen=True, kw_only=True)
class HandsOver(Event):
    """Another unit owes it from now on."""

    effect: ClassVar[Effect] = Effect.HANDS_OVER
    to_unit: Code


@dataclass(frozen=True, kw_only=True)
class Drops(Event):
    """It is owed no longer."""

    effect: ClassVar[Effect] = Effect.DROPS


@dataclass(frozen=True, kw_only=True)
class Amends(Event):
    """What is owed is described anew; `area` where the area changed."""

    effect: ClassVar[Effect] = Effect.AMENDS
    area: Word | None = None


@dataclass(frozen=True, kw_only=True)
class Notes(Event):
    """Something worth keeping that changes no count of obligations."""

    effect: ClassVar[Effect] = Effect.NOTES
    note: Annotated[str, OneOf(NOTES)] = const("progress")


@dataclass(frozen=True, kw_only=True)
class Corrects(Event):
    """An earlier record was wrong: `void` takes it back, `replacement` is its whole new value."""

    effect: ClassVar[Effect] = Effect.CORRECTS
    target: EventId
    void: bool = False
    replacement: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Context(Event):
    """Something that bears on no single obligation: a unit, a programme, a rule."""

    effect: ClassVar[Effect] = Effect.CONTEXT


EFFECT_BASES: tuple[type[Event], ...] = (
    Opens,
    Amends,
    Moves,
    Meets,
    Accepts,
    Returns,
    HandsOver,
    Drops,
    Notes,
    Corrects,
    Context,
)
"""The base class of each effect, at the effect's value."""

_E = TypeVar("_E", bound=type[Event])
_register: dict[str, type[Event]] = {}


def event(name: str, *, topic: str = "events") -> Callable[[_E], _E]:
    """Enter a class into the register under its name, which is for ever.

    Raises ValueError where the name is taken or the class has no docstring of its own.
    """

    def enter(cls: _E) -> _E:
        if name in _register:
            raise ValueError(f"{name} is registered already")
        if not cls.__doc__ or cls.__doc__.startswith(f"{cls.__name__}("):
            raise ValueError(f"{name}: say in a docstring what the event means")
        cls.type = name
        cls.topic = topic
        _register[name] = cls
        return cls

    return enter


def event_types() -> MappingProxyType[str, type[Event]]:
    """All registered types by name."""
    import schemas.events  # noqa: F401  (fills the register; events import this module)

    return MappingProxyType(_register)


def effect_fields(effect: Effect) -> tuple[str, ...]:
    """Names of the fields that all types of this effect share, in wire order."""
    shared = set(ENVELOPE) | set(TAIL)
    return tuple(f.name for f in fields(EFFECT_BASES[effect]) if f.name not in shared)


def wire_fields(cls: type[Event]) -> tuple[str, ...]:
    """Field names in wire order: envelope, the effect's fields, tail, the type's own."""
    of_effect = effect_fields(cls.effect)
    known = {*ENVELOPE, *TAIL, *of_effect}
    own = tuple(f.name for f in fields(cls) if f.name not in known)
    return (*ENVELOPE, *of_effect, *TAIL, *own)

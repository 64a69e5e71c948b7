"""Boards: the figures of one unit, as counts that add up, and their forms on the wire."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas import measures
from schemas.avro import MARKER, decode_record, fingerprint, register_record
from schemas.board_schema import INSPECTIONS, NAME, RATES, SCHEMA
from schemas.measures import MEASURES, OBLIGATION_MEASURES
from schemas.positions import Positions
from schemas.times import Instant, day_of, end_of_day, format_day, format_instant, instant_or_none
from schemas.varint import varint

if TYPE_CHECKING:
    from schemas.past import Succession

TOP = len(OBLIGATION_MEASURES)
ENCODED_KEPT = 8_192
"""Groups of counts whose bytes are kept: the groups of a commune's board are mostly alike."""
BY = (
    "kind",
    "area",
    "level",
    "unit_kind",
    "child",
    "item",
    "period",
    "due_month",
    "due_year",
    "programme",
    "sector",
    "oversight",
)
"""The cuts that a board can be taken apart by; the last three are groupings beside the tree."""


@dataclass(frozen=True, slots=True)
class Counts:
    """One count per measure, in the order of MEASURES. Counts are added, rates never are."""

    values: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(MEASURES):
            raise ValueError(f"{len(MEASURES)} counts are needed, {len(self.values)} were given")

    @classmethod
    def of(cls, **given: int) -> Counts:
        """Counts by the names of their measures; the others are 0. Raises KeyError."""
        values = [0] * len(MEASURES)
        for name, value in given.items():
            values[_INDEX[name]] = value
        return cls(tuple(values))

    @classmethod
    def total(cls, parts: Iterable[Counts]) -> Counts:
        """The sum."""
        return cls(tuple(map(sum, zip(ZERO.values, *(part.values for part in parts), strict=True))))

    def __add__(self, other: Counts) -> Counts:
        return Counts(tuple(a + b for a, b in zip(self.values, other.values, strict=True)))

    def __sub__(self, other: Counts) -> Counts:
        return Counts(tuple(a - b for a, b in zip(self.values, other.values, strict=True)))

    def __neg__(self) -> Counts:
        return ZERO - self

    def __bool__(self) -> bool:
        return any(self.values)

    def __getitem__(self, measure: int | str) -> int:
        """A count by its index (schemas.measures) or its name."""
        return self.values[_INDEX[measure] if isinstance(measure, str) else measure]

    @property
    def completion_rate(self) -> float | None:
        """C / A, how far the whole plan is; None where nothing is assigned."""
        return _rate(self[measures.COMPLETED], self[measures.ASSIGNED])

    @property
    def due_completion_rate(self) -> float | None:
        """Cd / D, whether we keep up; None where nothing is due."""
        return _rate(self[measures.COMPLETED_OF_DUE], self[measures.DUE])

    @property
    def on_time_rate(self) -> float | None:
        """On time among the due; None where nothing is due."""
        return _rate(self[measures.ON_TIME_OF_DUE], self[measures.DUE])

    def broken_identities(self) -> list[str]:
        """The identities of domain 7.3 that do not hold; empty where all is right."""
        n = dict(zip(MEASURES, self.values, strict=True))
        checks = {
            "due = completed_of_due + in_revision + overdue": n["due"]
            == n["completed_of_due"] + n["in_revision"] + n["overdue"],
            "completed = completed_of_due + completed_early": n["completed"]
            == n["completed_of_due"] + n["completed_early"],
            "completed = on_time + late": n["completed"] == n["on_time"] + n["late"],
            "overdue <= due <= assigned": n["overdue"] <= n["due"] <= n["assigned"],
            "no count below 0": min(self.values) >= 0,
        }
        return [sentence for sentence, holds in checks.items() if not holds]

    def plain(self) -> dict[str, Any]:
        """The counts and rates of the contract, `inspections` in a mapping of their own."""
        return {
            **dict(zip(OBLIGATION_MEASURES, self.values, strict=False)),
            "inspections": dict(zip(INSPECTIONS, self.values[TOP:], strict=True)),
            **{rate: getattr(self, rate) for rate in RATES},
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Counts:
        """The inverse of `plain`."""
        top = [plain[name] for name in OBLIGATION_MEASURES]
        return cls((*top, *(plain["inspections"][name] for name in INSPECTIONS)))


_INDEX = {name: index for index, name in enumerate(MEASURES)}
ZERO = Counts((0,) * len(MEASURES))


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class Ladder(NamedTuple):
    """How many documents urged, reminded or criticised; one document is counted once."""

    urged: int = 0
    reminded: int = 0
    criticised: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The figures of one group of units.

    `ladder` is None where it cannot be told, as for one programme. `due_this_year` and
    `carried_over` cover the programmes in force: what is due in the year of the board, and what
    was due before it and is still open; None where the board asks for something else.
    """

    counts: Counts
    ladder: Ladder | None = None
    due_this_year: Counts | None = None
    carried_over: Counts | None = None

    def plain(self) -> dict[str, Any]:
        """As in JSON and in Avro; the two columns only where they are there."""
        out = self.counts.plain()
        out["ladder"] = None if self.ladder is None else self.ladder._asdict()
        if self.due_this_year is not None:
            out["due_this_year"] = self.due_this_year.plain()
        if self.carried_over is not None:
            out["carried_over"] = self.carried_over.plain()
        return out

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Figures:
        """The inverse of `plain`."""
        ladder, year, carried = (
            plain.get(name) for name in ("ladder", "due_this_year", "carried_over")
        )
        return cls(
            counts=Counts.read(plain),
            ladder=None if ladder is None else Ladder(**ladder),
            due_this_year=None if year is None else Counts.read(year),
            carried_over=None if carried is None else Counts.read(carried),
        )


class Row(NamedTuple):
    """One part of a board taken apart; `key` None is what has no such word.

    `inferred` says that nobody told us of the part: we found it by names.
    """

    key: str | None
    name: str | None
    figures: Figures
    inferred: bool = False

    def plain(self) -> dict[str, Any]:
        """As in JSON."""
        said = {"inferred": True} if self.inferred else {}
        return {"key": self.key, "name": self.name, **said, **self.figures.plain()}


@dataclass(frozen=True, kw_only=True)
class Board:
    """One unit at one instant.

    `on` is the instant T, `known` the instant K (None: now). `by` and `rows` are there where the
    board was asked to be taken apart, `succession` where it counts the past of predecessors too;
    `positions` say what was counted, on the topic in a header (schemas.positions); `forecast` says
    that T lies ahead.
    """

    unit: str
    name: str
    level: str
    closed: bool
    on: Instant
    known: Instant | None
    tree_version: int
    position: str
    version: int
    own: Figures
    subtree: Figures
    by_level: Mapping[str, Figures] = field(default_factory=dict)
    by_unit_kind: Mapping[str, Figures] = field(default_factory=dict)
    by: str | None = None
    rows: Sequence[Row] = ()
    succession: Succession | None = None
    positions: Positions | None = None
    forecast: bool = False

    def to_json(self) -> dict[str, Any]:
        """The board of the contract. A day's board says the day, another one its instant."""
        out: dict[str, Any] = {
            "unit": self.unit,
            "name": self.name,
            "level": self.level,
            "closed": self.closed,
            "on": format_on(self.on),
            "known": instant_or_none(self.known),
            "tree_version": self.tree_version,
            "position": self.position,
            "version": self.version,
            **self._groups(),
        }
        if self.positions is not None:
            out["positions"] = self.positions.plain()
        if self.forecast:
            out["forecast"] = True
        if self.by is not None:
            out["by"] = self.by
            out["rows"] = [row.plain() for row in self.rows]
        if self.succession is not None:
            out["succession"] = self.succession.plain()
        return out

    def _groups(self) -> dict[str, Any]:
        return {
            "own": self.own.plain(),
            "subtree": self.subtree.plain(),
            "by_level": {key: figures.plain() for key, figures in self.by_level.items()},
            "by_unit_kind": {key: figures.plain() for key, figures in self.by_unit_kind.items()},
        }

    def figures(self) -> Iterable[Figures]:
        """Every group of figures on the board."""
        yield from (self.own, self.subtree, *self.by_level.values(), *self.by_unit_kind.values())
        yield from (row.figures for row in self.rows)
        if self.succession is not None:
            yield from self.succession.figures()

    def encode(self) -> bytes:
        """The value of the board's record on the topic `boards`; rows are not on it.

        Written by hand: thousands of boards change at midnight, and a general writer takes ten
        times as long. A test compares it with schemas.avro.
        """
        known = b"\0" if self.known is None else b"\2" + varint(self.known)
        return b"".join(
            (
                _head(),
                *map(_string, (self.unit, self.name, self.level)),
                b"\1" if self.closed else b"\0",
                varint(self.on),
                known,
                varint(self.tree_version),
                _string(self.position),
                varint(self.version),
                _figures(self.own),
                _figures(self.subtree),
                _map(self.by_level),
                _map(self.by_unit_kind),
            )
        )

    def plain(self) -> dict[str, Any]:
        """The fields of the board's record, as a general Avro writer takes them."""
        names = [name for name in (f["name"] for f in SCHEMA["fields"]) if name not in _GROUPS]
        return {**{name: getattr(self, name) for name in names}, **self._groups()}

    @classmethod
    def decode(cls, value: bytes) -> Board:
        """The inverse of `encode`. Raises Refused."""
        fields = decode_record(NAME, value)
        for name in ("own", "subtree"):
            fields[name] = Figures.read(fields[name])
        for name in ("by_level", "by_unit_kind"):
            fields[name] = {key: Figures.read(part) for key, part in fields[name].items()}
        return cls(**fields)


def format_on(on: Instant) -> str:
    """The day, where the instant is its last millisecond; else the instant."""
    day = day_of(on)
    return format_day(day) if on == end_of_day(day) else format_instant(on)


_GROUPS = ("own", "subtree", "by_level", "by_unit_kind")
_DOUBLE = struct.Struct("<d")
_VARINTS = tuple(varint(number) for number in range(4096))


@cache
def _head() -> bytes:
    return MARKER + fingerprint(SCHEMA)


def _string(text: str) -> bytes:
    value = text.encode()
    return varint(len(value)) + value


def _map(groups: Mapping[str, Figures]) -> bytes:
    if not groups:
        return b"\0"
    parts = [_string(key) + _figures(figures) for key, figures in groups.items()]
    return varint(len(parts)) + b"".join(parts) + b"\0"


def _figures(figures: Figures) -> bytes:
    ladder, year, carried = figures.ladder, figures.due_this_year, figures.carried_over
    return b"".join(
        (
            _counts(figures.counts),
            b"\0" if ladder is None else b"\2" + _longs(ladder),
            b"\0" if year is None else b"\2" + _counts(year),
            b"\0" if carried is None else b"\2" + _counts(carried),
        )
    )


def _counts(counts: Counts) -> bytes:
    return _encoded(counts.values)


@lru_cache(ENCODED_KEPT)
def _encoded(values: tuple[int, ...]) -> bytes:
    counts = Counts(values)
    rates = b"".join(
        b"\0" if rate is None else b"\2" + _DOUBLE.pack(rate)
        for rate in (counts.completion_rate, counts.due_completion_rate, counts.on_time_rate)
    )
    return _longs(values) + rates


def _longs(numbers: Sequence[int]) -> bytes:
    if min(numbers) >= 0 and max(numbers) < len(_VARINTS):
        return b"".join([_VARINTS[number] for number in numbers])
    return b"".join(map(varint, numbers))


register_record(NAME, SCHEMA)

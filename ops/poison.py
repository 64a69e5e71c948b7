"""Poison: records that must end in quarantine, one for each reason that bytes alone can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import NamedTuple

from schemas import avro, frame
from schemas.event import Event, EventId, Opens
from schemas.events.report import ReportSubmitted
from schemas.events.unit import UnitEstablished
from schemas.frame import Frame, Version
from schemas.limits import FUTURE_TOLERANCE_MS, MESSAGE_BYTES_MAX
from schemas.refusal import Reason
from schemas.times import Day, Instant

FAR_DAY = Day(5_000_000)
"""A day in the fourteenth millennium: no calendar that we use has it."""


class Poison(NamedTuple):
    """A record's key and value, and the reason for which it must be refused."""

    key: bytes | None
    value: bytes | None
    reason: Reason


def poisons(sound: Event, rng: Random) -> Iterator[Poison]:
    """One of each kind, made from a sound opening."""
    key, value = sound.key.encode(), avro.encode(sound)
    yield Poison(key, None, Reason.NULL_VALUE)
    yield Poison(key, rng.randbytes(rng.randrange(1, 60)).lstrip(b"\x00"), Reason.NOT_AVRO)
    yield Poison(key, value[: rng.randrange(11, len(value))], Reason.NOT_AVRO)
    yield Poison(key, value + b"\x00", Reason.NOT_AVRO)
    yield Poison(key, avro.MARKER + rng.randbytes(8) + value[10:], Reason.UNKNOWN_FINGERPRINT)
    yield Poison(key, avro.confluent_framed(value, 77), Reason.UNKNOWN_SCHEMA_ID)
    empty = Frame(version=Version("c", 1, "t", 0, 0))
    yield Poison(key, frame.encode(empty), Reason.UNKNOWN_TYPE)
    yield Poison(key, rng.randbytes(8) * (MESSAGE_BYTES_MAX // 8 + 1), Reason.TOO_LARGE)
    yield Poison(b"elsewhere", value, Reason.KEY_MISMATCH)
    yield Poison(None, value, Reason.KEY_MISMATCH)
    yield from _against_the_contract(sound, rng)


def _against_the_contract(sound: Event, rng: Random) -> Iterator[Poison]:
    """Well-formed Avro that says what nobody may say."""
    yield _poison(_unit(sound), Reason.WRONG_TOPIC)
    yield _poison(replace(sound, unit="Not a code"), Reason.BAD_CODE)
    yield _poison(replace(sound, source=""), Reason.EMPTY_STRING)
    yield _poison(replace(sound, source="x" * 300), Reason.TOO_LONG)
    yield _poison(replace(sound, source="Đa\u0301"), Reason.NOT_NFC)
    yield _poison(replace(sound, obligation=None), Reason.MISSING_FIELD)
    if isinstance(sound, Opens):
        yield _poison(replace(sound, kind="party"), Reason.NOT_IN_LIST)
        yield _poison(replace(sound, due_before=FAR_DAY), Reason.IMPOSSIBLE_DAY)
    yield _poison(_tomorrow(sound, rng), Reason.FUTURE)


def _poison(event: Event, reason: Reason) -> Poison:
    return Poison(event.key.encode(), avro.encode(event), reason)


def _unit(sound: Event) -> Event:
    return UnitEstablished(
        recorded_at=sound.recorded_at,
        event_id=sound.event_id,
        effective_at=Instant(0),
        unit="u0",
        by="u0",
        source=sound.source,
        name="U",
        level="province",
        kind="government",
        parent="centre",
    )


def _tomorrow(sound: Event, rng: Random) -> Event:
    return ReportSubmitted(
        recorded_at=sound.recorded_at,
        event_id=EventId(rng.randbytes(16)),
        effective_at=Instant(sound.recorded_at + FUTURE_TOLERANCE_MS + 1),
        obligation=sound.obligation,
        unit=sound.unit,
        by=sound.unit,
        source=sound.source,
    )

"""The contract with Kafka: topic names, partitions, keys, retention, and who writes them."""

from __future__ import annotations

from typing import NamedTuple

from schemas.limits import MESSAGE_BYTES_MAX, QUARANTINE_MESSAGE_BYTES_MAX

DEFAULT_PREFIX = "lienthong."
RECORD_OVERHEAD_BYTES = 100_000
"""Room for key, headers and framing around the largest value."""


class Topic(NamedTuple):
    """One topic; `key` says what its records are keyed by. Compacted ones have no tombstones."""

    name: str
    partitions: int
    key: str
    compacted: bool = False
    bytes_max: int = MESSAGE_BYTES_MAX + RECORD_OVERHEAD_BYTES
    direction: str = "out"
    keep_for_ever: bool = False

    def full(self, prefix: str) -> str:
        """The name on the broker."""
        return prefix + self.name


INBOX = Topic("inbox", 6, "any", direction="in")
EVENTS = Topic("events", 12, "obligation id", keep_for_ever=True)
UNITS = Topic("units", 1, "unit code", keep_for_ever=True)
PROGRAMMES = Topic("programmes", 1, "programme id", keep_for_ever=True)
BOARDS = Topic("boards", 6, "unit code", compacted=True)
OBLIGATIONS = Topic("obligations", 12, "obligation id", compacted=True)
RESTATEMENTS = Topic("restatements", 1, "unit code")
QUARANTINE = Topic(
    "quarantine", 1, "topic/partition/offset", bytes_max=QUARANTINE_MESSAGE_BYTES_MAX
)
HEADS = Topic("heads", 1, "ledger id", keep_for_ever=True)
FRAMES = Topic(
    "frames",
    1,
    "source partition",
    bytes_max=QUARANTINE_MESSAGE_BYTES_MAX,
    direction="internal",
)

TOPICS = (
    INBOX,
    EVENTS,
    UNITS,
    PROGRAMMES,
    BOARDS,
    OBLIGATIONS,
    RESTATEMENTS,
    QUARANTINE,
    HEADS,
    FRAMES,
)

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Kafka's murmur2 of a key: the hash of its default partitioner, as an unsigned 32-bit int."""
    length = len(data)
    h = (_SEED ^ length) & _MASK
    for at in range(0, length - length % 4, 4):
        k = int.from_bytes(data[at : at + 4], "little")
        k = (k * _M) & _MASK
        k ^= k >> 24
        k = (k * _M) & _MASK
        h = ((h * _M) & _MASK) ^ k
    rest = data[length - length % 4 :]
    if rest:
        h ^= int.from_bytes(rest, "little")
        h = (h * _M) & _MASK
    h ^= h >> 13
    h = (h * _M) & _MASK
    h ^= h >> 15
    return h


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that Kafka's default partitioner gives this key."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions

"""Kafka's metadata in the version that tells topic ids; kafka-python ends short of it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple

from kafka import errors
from kafka.protocol.abstract import AbstractType
from kafka.protocol.api import Request, Response
from kafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_UNKNOWN = {errors.UnknownTopicOrPartitionError.errno, errors.InvalidTopicError.errno}


class Described(NamedTuple):
    """One topic: its id as Kafka's tools print it, and the leader of each partition (-1: none)."""

    id: str
    leaders: list[int]


class Metadata(NamedTuple):
    """The cluster's id and those of the asked topics that exist."""

    cluster_id: str
    topics: dict[str, Described]


def ask(admin: Any, names: Sequence[str]) -> Metadata:
    """Ask a KafkaAdminClient for these topics. Raises kafka-python's errors."""
    asked: list[tuple[None, str, dict[int, bytes]]] = [(None, name, {}) for name in names]
    answer = admin.send_request(_MetadataRequest(asked, False, False, {}))
    topics = {}
    for error, name, identity, _, partitions, *_ in answer.topics:
        if error not in _UNKNOWN:
            leaders = {number: leader for _, number, leader, *_ in partitions}
            topics[name] = Described(identity, [leaders[number] for number in sorted(leaders)])
    return Metadata(answer.cluster_id, topics)


class _TopicId(AbstractType):  # type: ignore[misc]  # kafka-python is untyped
    """Kafka's uuid on the wire: 16 bytes; shown as its tools show it, base64url unpadded."""

    @classmethod
    def encode(cls, value: str | None) -> bytes:
        return bytes(16) if value is None else base64.urlsafe_b64decode(value + "==")

    @classmethod
    def decode(cls, data: Any) -> str:
        return base64.urlsafe_b64encode(data.read(16)).decode().rstrip("=")


class _MetadataResponse(Response):  # type: ignore[misc]  # kafka-python is untyped
    """Version 12 of Kafka's Metadata response, which kafka-python ends short of (at 8)."""

    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString()),
                ("port", Int32),
                ("rack", CompactString()),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString()),
                ("topic_id", _TopicId),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request):  # type: ignore[misc]  # kafka-python is untyped
    """Version 12 of Kafka's Metadata request: topics by name or by id."""

    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _TopicId), ("name", CompactString()), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )

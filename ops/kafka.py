"""The log on Apache Kafka: the only door of kafka-python."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic

from ops import kafka_metadata
from ops.log import (
    GroupInUse,
    LogFailed,
    NoSuchPartition,
    NoSuchTopic,
    Outgoing,
    OutOfRange,
    Record,
    RecordTooLarge,
    limit_sentence,
    partition_sentence,
)
from ops.settings import BrokenEnvironment, Settings
from schemas.topics import Topic

REQUEST_BYTES_MAX = 8 * 1024 * 1024
BATCH_BYTES = 512 * 1024
FETCH_BYTES = 4 * 1024 * 1024
LINGER_MS = 10
"""Only until append() flushes, so it costs no time; it keeps the first record from going alone."""
DELIVERY_SECONDS_MAX = 120.0
CONNECT_SECONDS_MAX = 5.0
ANSWER_SECONDS_MAX = 15.0
END_LOOK_SECONDS = 0.02
"""Between two looks whether a partition whose last offsets hold nothing is read to its end."""
REPLICATED = 3
"""From this many copies on, two of them must have a record before it counts as written."""


def client_options(settings: Settings, bootstrap: str = "") -> dict[str, Any]:
    """What every client of kafka-python is given: addresses and security."""
    options: dict[str, Any] = {
        "bootstrap_servers": (bootstrap or settings.kafka).split(","),
        "security_protocol": settings.kafka_security.upper(),
        "client_id": f"lienthong-{settings.source}",
        # The library's own limit is 30 seconds; a broker that is back is wanted at once.
        "reconnect_backoff_max_ms": 1_000,
        "api_version_auto_timeout_ms": int(CONNECT_SECONDS_MAX * 1000),
    }
    if settings.kafka_security.endswith("ssl"):
        options["ssl_context"] = _tls(settings)
    if settings.kafka_security.startswith("sasl"):
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_user
        options["sasl_plain_password"] = settings.kafka_password()
    return options


def _tls(settings: Settings) -> ssl.SSLContext:
    """TLS 1.2 or later, host name checked; the library's own context is of an older kind."""
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file or None)
        if settings.kafka_cert_file:
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file or None)
    except (OSError, ssl.SSLError) as error:
        raise BrokenEnvironment(
            f"The certificates for Kafka cannot be used: {error}; see LIENTHONG_KAFKA_CA_FILE, "
            "LIENTHONG_KAFKA_CERT_FILE and LIENTHONG_KAFKA_KEY_FILE."
        ) from error
    return context


class KafkaLog:
    """A Kafka cluster as a log. Fulfils ops.log.Log: idempotent, acks=all, read_committed."""

    def __init__(self, options: dict[str, Any], replication: int = 1) -> None:
        self._options = options
        self._replication = replication
        self._lock = threading.Lock()
        self._ask_lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._readers: dict[TopicPartition, _Reader] = {}
        self._partitions: dict[str, int] = {}

    @classmethod
    def of(cls, settings: Settings, bootstrap: str = "") -> KafkaLog:
        """The log at these addresses, else at those of the settings."""
        return cls(client_options(settings, bootstrap), settings.replication)

    def cluster_id(self) -> str:
        """Kafka's own id of the cluster."""
        return self._metadata([]).cluster_id

    def topic_id(self, topic: str) -> str:
        """Kafka's own id of the topic, in the form its tools print."""
        return self._described(topic).id

    def ends(self, topic: str) -> list[tuple[int, int]]:
        """Start and last stable offset of each partition."""
        places = [TopicPartition(topic, part) for part in range(self._count(topic))]
        with self._failures(), self._ask_lock:
            offsets = self._client("offsets", KafkaConsumer, isolation_level="read_committed")
            starts = offsets.beginning_offsets(places)
            ends = offsets.end_offsets(places)
        return [(starts[place], ends[place]) for place in places]

    def read(
        self,
        topic: str,
        partition: int,
        offset: int,
        limit: int,
        wait_seconds: float = 0.0,
        end: int | None = None,
    ) -> list[Record]:
        """Records from the offset on; one connection per partition, opened at its first read."""
        place = TopicPartition(topic, partition)
        with self._lock:
            reader = self._readers.get(place)
        if reader is None:
            if not 0 <= partition < self._count(topic):
                raise NoSuchPartition(topic, partition)
            with self._failures(), self._lock:
                reader = self._readers.setdefault(place, _Reader(place, self._options))
        with self._failures():
            try:
                return reader.read(offset, limit, wait_seconds, end)
            except kafka_errors.OffsetOutOfRangeError as error:
                raise OutOfRange(topic, partition, offset) from error

    def append(self, messages: Sequence[Outgoing]) -> None:
        """Send all, wait for all; the first failure is raised."""
        if not messages:
            return
        for topic in {message.topic for message in messages}:
            self._count(topic)
        try:
            with self._failures():
                self._send(messages)
        except LogFailed:
            self._drop_producer()
            raise

    def _send(self, messages: Sequence[Outgoing]) -> None:
        producer = self._producer()
        sent = [
            producer.send(
                message.topic,
                value=message.value,
                key=message.key,
                headers=list(message.headers),
                partition=message.partition,
            )
            for message in messages
        ]
        producer.flush(DELIVERY_SECONDS_MAX)
        for message, future in zip(messages, sent, strict=True):
            if not future.succeeded():
                _explain(message, future.exception)

    def _drop_producer(self) -> None:
        """After a failure its sequence numbers are no longer sure: the next append makes another.

        What it had not sent is given up, so that nothing of it arrives after a second try.
        """
        with self._lock:
            producer = self._clients.pop("producer", None)
        if producer is not None:
            producer.close(timeout=0)

    def create(self, topics: Sequence[Topic], prefix: str) -> None:
        """Create the missing topics with their policies; existing ones are left as they are."""
        wanted = [self._new(topic, prefix) for topic in topics]
        with self._asking() as admin:
            there = set(admin.list_topics())
            missing = [topic for topic in wanted if topic.name not in there]
            if missing:
                with suppress(kafka_errors.TopicAlreadyExistsError):
                    admin.create_topics(missing)
        for topic in topics:
            self._wait_for(topic.full(prefix))

    def remove(self, topics: Sequence[str], groups: Sequence[str]) -> None:
        """Delete the topics with their records, and the groups, of which nobody may be a member."""
        with self._asking() as admin:
            if there := sorted(set(topics) & set(admin.list_topics())):
                admin.delete_topics(there)
            known = {found[0] for found in admin.list_consumer_groups()}
            for group, error in admin.delete_consumer_groups(sorted(known & set(groups))):
                if error is kafka_errors.NonEmptyGroupError:
                    raise GroupInUse(group)
                if error is not kafka_errors.NoError:
                    raise LogFailed(f"Kafka did not delete the group {group}: {error.__name__}.")
        self._partitions.clear()

    def groups(self) -> list[str]:
        """The consumer groups that the cluster knows."""
        with self._asking() as admin:
            return [found[0] for found in admin.list_consumer_groups()]

    def differences(self, topics: Sequence[Topic], prefix: str) -> list[str]:
        """What is missing, has another number of partitions, policy, or too small a limit."""
        said = []
        for topic in topics:
            name = topic.full(prefix)
            try:
                found = len(self._described(name).leaders)
            except NoSuchTopic as missing:
                said.append(str(missing))
                continue
            if found != topic.partitions:
                said.append(partition_sentence(name, found, topic.partitions))
            said += self._policy_differences(name, topic)
        return said

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for reader in self._readers.values():
                reader.close()
            producer = self._clients.pop("producer", None)
            if producer is not None:
                producer.close(timeout=5)
            for client in self._clients.values():
                client.close()
            self._readers.clear()
            self._clients.clear()

    def _policy_differences(self, name: str, topic: Topic) -> list[str]:
        found = self._configuration(name)
        limit, policy = int(found["max.message.bytes"]), found["cleanup.policy"]
        said = []
        if limit < topic.bytes_max:
            said.append(limit_sentence(name, limit, topic.bytes_max))
        wanted = "compact" if topic.compacted else "delete"
        if policy != wanted:
            said.append(f"Topic {name} has cleanup.policy {policy} but must have {wanted}.")
        return said

    def _configuration(self, name: str) -> dict[str, str]:
        resource = ConfigResource(ConfigResourceType.TOPIC, name)
        with self._asking() as admin:
            answers = admin.describe_configs([resource])
        return {entry[0]: entry[1] for entry in answers[0].resources[0][4]}

    def _new(self, topic: Topic, prefix: str) -> NewTopic:
        policy = {
            "cleanup.policy": "compact" if topic.compacted else "delete",
            "max.message.bytes": str(topic.bytes_max),
        }
        if topic.keep_for_ever:
            policy["retention.ms"] = "-1"
        if self._replication >= REPLICATED:
            policy["min.insync.replicas"] = str(self._replication - 1)
        return NewTopic(
            topic.full(prefix), topic.partitions, self._replication, topic_configs=policy
        )

    def _wait_for(self, name: str) -> None:
        """Wait until a topic that was just made has a leader for each partition."""
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while time.monotonic() < deadline:
            with suppress(NoSuchTopic):
                if min(self._described(name).leaders) >= 0:
                    return
            time.sleep(0.05)
        raise LogFailed(f"Topic {name} has no leader after {ANSWER_SECONDS_MAX:.0f} seconds.")

    def _count(self, topic: str) -> int:
        """How many partitions the topic has; asked once: the count is part of the contract."""
        if topic not in self._partitions:
            self._partitions[topic] = len(self._described(topic).leaders)
        return self._partitions[topic]

    def _described(self, topic: str) -> kafka_metadata.Described:
        found = self._metadata([topic]).topics
        if topic not in found:
            raise NoSuchTopic(topic)
        return found[topic]

    def _metadata(self, topics: list[str]) -> kafka_metadata.Metadata:
        with self._asking() as admin:
            return kafka_metadata.ask(admin, topics)

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """The admin client, for one thread at a time: the library's is not made for several."""
        with self._failures(), self._ask_lock:
            yield self._client("admin", KafkaAdminClient)

    def _producer(self) -> Any:
        return self._client(
            "producer",
            KafkaProducer,
            acks="all",
            enable_idempotence=True,
            batch_size=BATCH_BYTES,
            linger_ms=LINGER_MS,
            max_request_size=REQUEST_BYTES_MAX,
            delivery_timeout_ms=int(DELIVERY_SECONDS_MAX * 1000),
            allow_auto_create_topics=False,
        )

    def _client(self, name: str, make: Any, **options: Any) -> Any:
        with self._lock:
            if name not in self._clients:
                self._clients[name] = make(**self._options, **options)
            return self._clients[name]

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Errors of the library -> LogFailed with the addresses asked."""
        try:
            yield
        except (kafka_errors.KafkaError, OSError) as error:
            # OSError: a certificate that nobody vouches for comes through as Python raised it.
            where = ",".join(self._options["bootstrap_servers"])
            raise LogFailed(f"Kafka at {where} failed: {error}.") from error


class _Reader:
    """One partition read by one connection, which goes on where it stands as long as it can."""

    def __init__(self, place: TopicPartition, options: dict[str, Any]) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._position = -1
        self._consumer = KafkaConsumer(
            **options,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=FETCH_BYTES,
            allow_auto_create_topics=False,
        )
        self._consumer.assign([place])

    def read(self, offset: int, limit: int, wait_seconds: float, end: int | None) -> list[Record]:
        """See ops.log.Log.read."""
        with self._lock:
            if offset != self._position:
                self._consumer.seek(self._place, offset)
                self._position = offset
            if end is None:
                return self._poll(limit, wait_seconds)
            deadline = time.monotonic() + wait_seconds
            while not (records := self._poll(limit, END_LOOK_SECONDS)):
                # It moves over what holds no record: marks of transactions, what they took back.
                if self._consumer.position(self._place) >= end:
                    return []
                if time.monotonic() > deadline:
                    raise LogFailed(
                        f"Kafka gave no record of {self._place.topic}/{self._place.partition} from "
                        f"offset {offset} on within {wait_seconds:g} seconds, and it ends at {end}."
                    )
            return records

    def _poll(self, limit: int, wait_seconds: float) -> list[Record]:
        found = self._consumer.poll(timeout_ms=int(wait_seconds * 1000), max_records=limit)
        records = [_record(self._place, raw) for raw in found.get(self._place, ())]
        if records:
            self._position = records[-1].offset + 1
        return records

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._consumer.close()


def _explain(message: Outgoing, error: Exception | None) -> None:
    if isinstance(error, kafka_errors.MessageSizeTooLargeError):
        size = len(message.key or b"") + len(message.value or b"")
        raise RecordTooLarge(message.topic, size) from error
    raise LogFailed(f"Kafka did not take a record for {message.topic}: {error}.") from error


def _record(place: TopicPartition, raw: Any) -> Record:
    return Record(
        place.topic, place.partition, raw.offset, raw.timestamp, raw.key, raw.value, raw.headers
    )

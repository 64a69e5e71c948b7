"""The judge: what the bytes of one record alone show. What depends on other facts is the fold's."""

from __future__ import annotations

from collections.abc import Callable

from schemas import avro
from schemas.checks import check, check_future
from schemas.event import Event
from schemas.limits import MESSAGE_BYTES_MAX
from schemas.refusal import Reason, Refused


def judge(
    key: bytes | None,
    value: bytes | None,
    topic: str,
    schema_ids: Callable[[int], bytes] | None = None,
) -> Event:
    """The event in a record of `topic` (events, units or programmes; without prefix).

    Raises Refused where the record can never be taken, whatever else arrives: null, too large,
    not Avro, unknown type, a field against the contract, a key that is not the event's, a time
    ahead of its recording. The same record is refused for the same reason for ever.
    """
    if value is not None and len(value) > MESSAGE_BYTES_MAX:
        raise Refused(
            Reason.TOO_LARGE,
            f"the value has {len(value)} bytes; {MESSAGE_BYTES_MAX} at most",
            "value",
        )
    event = avro.decode(value, schema_ids)
    if event.topic != topic:
        raise Refused(
            Reason.WRONG_TOPIC, f"{event.type} belongs on the topic {event.topic}", "value"
        )
    check(event)
    check_future(event, event.recorded_at)
    if key != event.key.encode():
        shown = "null" if key is None else repr(key[:80])
        raise Refused(
            Reason.KEY_MISMATCH,
            f"the record's key is {shown}, but the event's is {event.key!r}; records of one"
            " obligation must share its partition",
            "key",
        )
    return event

"""Heads on the topic `heads`: whoever reads it holds what a cut or rewritten archive cannot match.

The record's value is the head's own line, so that its hash is the head's. At least once.
"""

from __future__ import annotations

from collections.abc import Sequence

from ops.archive.heads import Head
from ops.log import Log, Outgoing, all_records
from ops.settings import BrokenEnvironment
from schemas.topics import HEADS

PAGE = 500


def publish(heads: Sequence[Head], log: Log, prefix: str) -> int:
    """Send the heads that the topic does not have yet; how many.

    Raises BrokenEnvironment where the topic ends with a head that the archive does not have.
    """
    topic = HEADS.full(prefix)
    log.create([HEADS], prefix)
    number = _sent(heads, log, topic)
    for start in range(number, len(heads), PAGE):
        log.append(
            [
                Outgoing(topic, head.ledger.encode(), head.line())
                for head in heads[start : start + PAGE]
            ]
        )
    return len(heads) - number


def _sent(heads: Sequence[Head], log: Log, topic: str) -> int:
    """The number of the last head on the topic; 0 where there is none."""
    ((start, end),) = log.ends(topic)
    found = list(all_records(log, topic, 0, max(start, end - 1), end))
    if not found:
        return 0
    line = found[-1].value or b""
    try:
        last = Head.read(line)
    except ValueError as error:
        raise BrokenEnvironment(
            f"{topic}/0/{found[-1].offset} is no head of an archive; only `archive write` may "
            "write this topic."
        ) from error
    if last.number > len(heads) or heads[last.number - 1].line() != line:
        raise BrokenEnvironment(
            f"Topic {topic} ends with head {last.number} of ledger {last.ledger} up to number "
            f"{last.last}, and the archive does not have it: the archive was cut, made anew or is "
            "an older copy. `lienthong archive verify --head HASH` says more, "
            f"with {last.hash()}"
        )
    return last.number

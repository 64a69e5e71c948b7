"""Where the records of facts stand on their topic: what an auditor reads to see them himself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from projections.shard import Shard, bytes16


class Place(NamedTuple):
    """A record of a topic. Told twice, it is the one that was recorded first."""

    partition: int
    offset: int


def places_of(shard: Shard, number: int) -> dict[bytes, Place]:
    """Event id -> the place of its record, of all facts of one obligation."""
    _, facts = shard.chains(np.array([number]))
    partition = int(shard.entries.data["partition"][number])
    return {
        bytes16(row["id0"], row["id1"]): Place(partition, int(row["offset"]))
        for row in shard.facts.data[facts]
    }

"""Large frames are told in parts that make the same whole."""

from __future__ import annotations

import numpy as np

from projections.framing import messages
from projections.sources import Sources
from schemas import frame
from schemas.frame import Frame, LadderEntry, Version
from schemas.measures import MEASURES, Slice
from schemas.slices import Slices
from schemas.times import Day


def large(cells: int) -> Frame:
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 1_000, (cells, len(MEASURES))).astype(np.int32)
    return Frame(
        version=Version("c", 1, "t", 0, 10),
        units=tuple(f"u{n}" for n in range(50)),
        slices=Slices.of(Slice("task", None, "p", f"i{n}", None, None) for n in range(20)),
        ower=(np.arange(cells) % 50).astype(np.int32),
        cut=(np.arange(cells) // 50 % 20).astype(np.int32),
        day=(np.arange(cells) // 1_000).astype(np.int32),
        counts=counts,
        ladder=tuple(LadderEntry("urged", bytes([n]) * 16, "u1", n) for n in range(9)),
    )


def test_a_small_frame_is_one_message() -> None:
    told = large(10)

    assert messages([told]) == [frame.encode(told)]


def test_the_parts_of_a_large_frame_fit_and_make_the_same_whole() -> None:
    told = large(5_000)
    whole, apart = Sources(), Sources()
    whole.apply(told)
    parts = messages([told], 20_000)
    for part in parts:
        apart.apply(frame.decode(part))

    assert len(parts) > 1
    assert max(map(len, parts)) <= 20_000
    for owers in (np.arange(50), np.array([3, 7])):
        a, b = (s.select(np.sort(owers), Day(10)).rows.sum(0).tolist() for s in (whole, apart))
        assert a == b
    assert whole.ladder.entries() == apart.ladder.entries()

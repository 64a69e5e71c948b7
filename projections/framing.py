"""Frames as messages: one that is too large for its topic is told in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from schemas import frame
from schemas.frame import Frame
from schemas.topics import FRAMES, RECORD_OVERHEAD_BYTES

VALUE_BYTES_MAX = FRAMES.bytes_max - RECORD_OVERHEAD_BYTES


def messages(told: Sequence[Frame], bytes_max: int = VALUE_BYTES_MAX) -> list[bytes]:
    """The values that tell frames of one version, each naming its place among all of them.

    Readers hold them until the last one has come.
    """
    pieces = [piece for one in told for piece in _pieces(one, bytes_max)]
    if len(pieces) == 1:
        return [value for _, value in pieces]
    numbered = (replace(one, part=at, parts=len(pieces)) for at, (one, _) in enumerate(pieces))
    return [frame.encode(one) for one in numbered]


def _pieces(told: Frame, bytes_max: int) -> list[tuple[Frame, bytes]]:
    """The frame, cut up until each piece fits, with the value of each."""
    told = replace(told, part=0, parts=1)
    value = frame.encode(told)
    if len(value) <= bytes_max or len(told) + len(told.ladder) < 2:
        return [(told, value)]
    cells, entries = len(told) // 2, len(told.ladder) // 2
    first = replace(_rows(told, slice(0, cells)), ladder=told.ladder[:entries])
    rest = replace(_rows(told, slice(cells, None)), ladder=told.ladder[entries:])
    return _pieces(first, bytes_max) + _pieces(rest, bytes_max)


def _rows(told: Frame, rows: slice) -> Frame:
    """Some cells of a frame, with the units and slices that they name."""
    units, ower = _used(told.ower[rows])
    cuts, cut = _used(told.cut[rows])
    return replace(
        told,
        units=tuple(told.units[at] for at in units),
        slices=told.slices.only(cuts),
        ower=ower,
        cut=cut,
        day=told.day[rows],
        counts=told.counts[rows],
    )


def _used(indexes: NDArray[np.int32]) -> tuple[list[int], NDArray[np.int32]]:
    used, back = np.unique(indexes, return_inverse=True)
    return used.tolist(), back.astype(np.int32)

"""Frames as messages: one that is too large for its topic is told in parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from schemas import frame
from schemas.frame import Frame
from schemas.topics import FRAMES, RECORD_OVERHEAD_BYTES

VALUE_BYTES_MAX = FRAMES.bytes_max - RECORD_OVERHEAD_BYTES


def messages(told: Frame, bytes_max: int = VALUE_BYTES_MAX) -> list[bytes]:
    """The values that tell a frame. Parts bear one version; readers take what is not older."""
    value = frame.encode(told)
    if len(value) <= bytes_max or len(told) + len(told.ladder) < 2:
        return [value]
    cells, entries = len(told) // 2, len(told.ladder) // 2
    first = replace(_rows(told, slice(0, cells)), ladder=told.ladder[:entries])
    rest = replace(_rows(told, slice(cells, None)), ladder=told.ladder[entries:])
    return messages(first, bytes_max) + messages(rest, bytes_max)


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

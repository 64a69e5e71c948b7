"""Frames told in several parts: held until all of them are there.

One part alone is half of a commit: a board made between two parts would tear what was committed
together.
"""

from __future__ import annotations

from schemas.frame import Frame

Place = tuple[str, int]


class Whole:
    """The parts that came so far, by cluster and partition."""

    def __init__(self) -> None:
        self._held: dict[Place, list[Frame]] = {}

    def __bool__(self) -> bool:
        """Whether parts are held: what stands in memory is not all that was told."""
        return bool(self._held)

    def take(self, told: Frame) -> list[Frame]:
        """What is to be applied now, in one go: nothing before the last part of a version.

        Where a newer version begins before an older one was whole, as much as there is of the
        older one is applied first: absolute values that no later frame need repeat.
        """
        place = (told.version.cluster, told.version.partition)
        held = self._held.get(place, [])
        if held and told.version.rank < held[0].version.rank:
            return [told]
        before = held if held and told.version != held[0].version else []
        if before:
            held = []
        if told.parts > 1:
            held = [*held, told]
            if {frame.part for frame in held} != set(range(told.parts)):
                self._held[place] = held
                return before
            told_now = held
        else:
            told_now = [*held, told]
        self._held.pop(place, None)
        return [*before, *told_now]

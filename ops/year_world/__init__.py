"""A year of one province, counted two ways: by the live boards, and by hand from the duties.

A year follows from its province and its seed, so a failure is told by both and comes again.
"""

from ops.year_world.command import run

__all__ = ["run"]

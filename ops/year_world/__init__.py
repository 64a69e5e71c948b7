"""A year of one province, counted by the live boards, by hand from the duties, and by SQL.

A year follows from its province and its seed, so a failure is told by both and comes again.
"""

from ops.year_world.command import run

__all__ = ["run"]

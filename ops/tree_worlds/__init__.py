"""Random worlds in which the tree changes: the live boards against a batch that owes them nothing.

A world follows from its seed and its shape, so a failure is told by both and comes again.
"""

from ops.tree_worlds.command import run

__all__ = ["run"]

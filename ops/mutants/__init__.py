"""Mutants: one changed place of one engine at a time; the comparison of the engines must notice."""

from ops.mutants.command import run

__all__ = ["run"]

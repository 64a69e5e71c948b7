"""Benches: the live path beside its yardsticks, all in one run on one machine."""

from ops.bench.command import run

__all__ = ["run"]

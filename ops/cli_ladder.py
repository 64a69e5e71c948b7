"""The commands `ladder` and `year`: documents that pressed a unit, and its figures of a year."""

from __future__ import annotations

from ops.cli_questions import asking

ladder = asking("ladder")
year = asking("year")

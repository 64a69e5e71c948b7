"""The command that says where a unit stands beside others."""

from __future__ import annotations

from ops.cli_questions import asking

rank = asking("rank")

"""Commands of a unit's own duties: its calendar."""

from __future__ import annotations

from ops.cli_questions import asking

calendar = asking("calendar")

"""The answer to a question as a sheet, titled by its name in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops import phase_tables, sheets
from ops.i18n import word
from ops.questions import QUESTIONS
from ops.sheets import Sheet


def sheet(name: str, found: Mapping[str, Any], language: str) -> Sheet:
    """The answer `found` to the question of that name in QUESTIONS."""
    title = word(f"question.{name}", language)
    # Phases are compared where they stand side by side.
    if name in ("phases", "programme-phases"):
        return phase_tables.sheet(found, title, language)
    return sheets.answer(found, QUESTIONS[name], title, language)

"""The table of questions: what can be asked beyond boards and lists, and who answers it.

A row here is a route, a part of the OpenAPI document and `Reader.ask`; `ops.cli_questions` makes
the command of a row.
"""

from __future__ import annotations

from collections.abc import Mapping

from ops import (
    answers_coverage,
    answers_due,
    answers_index,
    answers_ladder,
    answers_petitions,
    answers_rewards,
    answers_surveys,
    answers_targets,
    answers_year,
)
from ops.question import Question

QUESTIONS: Mapping[str, Question] = {
    "changes": answers_due.CHANGES,
    "petitions": answers_petitions.PETITIONS,
    "petition-where": answers_petitions.WHERE,
    "assessment": answers_index.ASSESSMENT,
    "rank": answers_index.RANK,
    "rewards": answers_rewards.REWARDS,
    "merit": answers_rewards.MERIT,
    "targets": answers_targets.TARGETS,
    "surveys": answers_surveys.SURVEYS,
    "item-coverage": answers_coverage.COVERAGE,
    "ladder": answers_ladder.LADDER,
    "overdue": answers_ladder.OVERDUE,
    "candidates": answers_ladder.CANDIDATES,
    "year": answers_year.YEAR_FIGURES,
}

"""The table of questions: what can be asked beyond boards and lists, and who answers it.

A row here is a route, a part of the OpenAPI document and `Reader.ask`; `ops.cli_questions` makes
the command of a row.
"""

from __future__ import annotations

from collections.abc import Mapping

from ops import (
    answers_backdated,
    answers_calendar,
    answers_coverage,
    answers_diff,
    answers_due,
    answers_explain,
    answers_findings,
    answers_helping,
    answers_index,
    answers_inspection,
    answers_ladder,
    answers_oversight,
    answers_petitions,
    answers_phases,
    answers_plans,
    answers_programme,
    answers_report,
    answers_report_parts,
    answers_rewards,
    answers_rules,
    answers_surveys,
    answers_targets,
    answers_year,
)
from ops.question import Question

QUESTIONS: Mapping[str, Question] = {
    "changes": answers_due.CHANGES,
    "inspection-due": answers_inspection.INSPECTION_DUE,
    "inspection-coverage": answers_inspection.INSPECTION_COVERAGE,
    "inspection-subjects": answers_inspection.INSPECTION_SUBJECTS,
    "findings": answers_findings.FINDINGS,
    "derived": answers_plans.DERIVED,
    "report-plans": answers_plans.PLANS,
    "report-due": answers_report.REPORTS_DUE,
    "report-missing": answers_report.REPORTS_MISSING,
    "report-contents": answers_report_parts.REPORT_CONTENTS,
    "report-trail": answers_report_parts.REPORT_TRAIL,
    "calendar": answers_calendar.CALENDAR,
    "helping": answers_helping.HELPING,
    "dependencies": answers_helping.DEPENDENCIES,
    "programme-items": answers_programme.SHOWN,
    "phases": answers_phases.PHASES,
    "programme-phases": answers_phases.PROGRAMME_PHASES,
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
    "oversight": answers_oversight.OVERSIGHT,
    "oversight-duties": answers_oversight.DUTIES,
    "rules": answers_rules.RULES,
    "backdated": answers_backdated.BACKDATED,
    "explain": answers_explain.EXPLAIN,
    "diff": answers_diff.DIFF,
}

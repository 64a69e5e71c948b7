"""The table of questions: what can be asked beyond boards and lists, and who answers it.

A row here is a route, a part of the OpenAPI document and `Reader.ask`; `ops.cli_questions` makes
the command of a row.
"""

from __future__ import annotations

from collections.abc import Mapping

from ops import answers_due, answers_rules
from ops.question import Question

QUESTIONS: Mapping[str, Question] = {
    "changes": answers_due.CHANGES,
    "rules": answers_rules.RULES,
}

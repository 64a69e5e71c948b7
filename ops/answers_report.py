"""Questions of those who get reports: what is due to them, and what has not come (1 to 4, 22)."""

from __future__ import annotations

from ops.question import Asked, Column, Json, Question, Sources, text_parameter, whole_parameter
from ops.reports_received import Report, Which, cells, counted, reads, received
from projections.reporting import OPEN

WHICH = (
    text_parameter("programme", "Only of this programme."),
    text_parameter("period", "Only of this period (2012-Q2), then also what was sent."),
    text_parameter("item", "Only of this item or rule."),
)


def due(sources: Sources, asked: Asked) -> Json:
    """The reports that go to the unit or through it; how many stand how."""
    rows = [
        cells(sources, asked, one, asked.subject)
        for one in received(sources, asked, asked.subject, which(asked))
    ]
    return {"rows": rows, "states": counted(list(rows))}


def missing(sources: Sources, asked: Asked) -> Json:
    """Those of them that were not sent, or were sent back and have not come again.

    With `reminded` only what is overdue after so many reminders: what may be criticised.
    """
    reminders: int = asked.given["reminded"]
    found = received(sources, asked, asked.subject, which(asked))
    rows = [
        cells(sources, asked, one, asked.subject) for one in found if _waited(one, asked, reminders)
    ]
    return {"rows": rows, "states": counted(list(rows))}


def _waited(one: Report, asked: Asked, reminders: int) -> bool:
    if reminders and (one.state != "overdue" or one.sent.reminded < reminders):
        return False
    return one.state in OPEN and one.role(asked.subject) != "copied"


def which(asked: Asked) -> Which:
    """The reports that these parameters mean."""
    return Which(asked.given["programme"], asked.given["period"], asked.given["item"])


REPORTS_DUE = Question(
    help="The reports that go to a unit or through it: who owes them, who has sent what.",
    answer=due,
    columns=(
        Column("unit_name"),
        Column("title"),
        Column("period", "period"),
        Column("state", "word:state"),
        Column("due_before", "day"),
        Column("to_names"),
        Column("via_name"),
        Column("role", "word:report_role"),
        Column("sent_at", "instant"),
        Column("received_at", "instant"),
        Column("data_cutoff_on", "day"),
        Column("template"),
        Column("other_template", "flag"),
        Column("obligation"),
    ),
    parameters=WHICH,
    reads=reads,
)
REPORTS_MISSING = Question(
    help="The reports that a unit still waits for; how late they are, how often reminded of.",
    answer=missing,
    columns=(
        Column("unit_name"),
        Column("title"),
        Column("period", "period"),
        Column("state", "word:state"),
        Column("due_before", "day"),
        Column("days_overdue", "count"),
        Column("reminded", "count"),
        Column("revise_before", "day"),
        Column("reasons", "words:reason"),
        Column("obligation"),
    ),
    parameters=(
        *WHICH,
        whole_parameter("reminded", "Only what is overdue after so many reminders.", 0, 99, 0),
    ),
    reads=reads,
)

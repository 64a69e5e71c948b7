"""Questions about findings: which are open, and which remedies are due (question 16)."""

from __future__ import annotations

from collections import Counter

from ops.answers_inspection import DONE, GONE, TOLD, name_in, of_kind, reads, tree_of
from ops.question import Asked, Column, Json, Question, Sources, choice_parameter
from projections.states import CODES
from schemas.event import Event
from schemas.events.finding import FindingAmended, FindingRecorded, RemedyRequired

SHOWN = ("open", "all", *(code for code in CODES if code != "transferred"))


def findings(sources: Sources, asked: Asked) -> Json:
    """What the unit and all below it must mend, in the order of dues, those without a day last.

    `states` counts all of them by their state. Texts are the inspector's words.
    """
    wanted = asked.given["state"] or "open"
    day = tree_of(sources, asked)
    owed = of_kind(sources, asked, "remedy")
    rows: list[Json] = []
    for row in owed:
        if not _shown(row["state"], wanted):
            continue
        terms = sources.registers.of(TOLD).of(row["obligation"], asked.on, asked.known)
        found = next((one for one in terms if isinstance(one, FindingRecorded)), None)
        required = [one for one in terms if isinstance(one, RemedyRequired)]
        kept = ("obligation", "unit", "unit_name", "area", "state", "due_before")
        rows.append(
            {
                **{key: row[key] for key in (*kept, "days_overdue", "revise_before")},
                "finding": None if found is None else found.finding_kind,
                "found_at": row["opened_at"],
                "measure_taken": required[-1].measure if required else None,
                "inspector": name_in(day, row["issuer"]),
                "inspection": None if found is None else found.inspection,
                "finding_text": _words(
                    sources.registers.history(row["obligation"], asked.on, asked.known)
                ),
            }
        )
    return {"rows": rows, "states": dict(Counter(row["state"] for row in owed))}


def _shown(state: str, wanted: str) -> bool:
    if wanted == "open":
        return state not in (*DONE, *GONE)
    return state == wanted or (wanted == "all" and state not in GONE)


def _words(history: list[Event]) -> str | None:
    """The finding as last described; None where it has no words or they are sealed."""
    told = (one for one in reversed(history) if isinstance(one, FindingAmended | FindingRecorded))
    return next((one.text for one in told if isinstance(one.text, str)), None)


FINDINGS = Question(
    help="Which findings are open and which remedies are due, of a unit and all below it.",
    answer=findings,
    columns=(
        Column("obligation"),
        Column("unit_name"),
        Column("finding", "word:finding"),
        Column("state", "word:state"),
        Column("due_before", "day"),
        Column("days_overdue", "count"),
        Column("measure_taken", "word:measure_taken"),
        Column("inspector"),
        Column("found_at", "instant"),
        Column("finding_text"),
    ),
    parameters=(
        choice_parameter("state", "open (default), all, or one state of obligations.", SHOWN),
    ),
    reads=reads,
)

"""docs/rules.md: every rule of the five documents, what it opens, the command and the proof.

Written by `lienthong programme coverage --write`; a test holds the committed page to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas.times import format_day
from services.coverage import KINDS, Covered, Opened, covered
from services.programme_document import ProgrammeDocument
from services.programme_reading import builtin_programmes, read_programme

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rules.md"
TITLE_CHARS_MAX = 90
"""Longest title in a row; the page is read beside the document, which has the whole."""
PROOF = "tests/domain/test_rules_table.py::test_a_rule_opens_exactly_what_its_document_lays_on_whom"

_WORDS = ("nhiệm vụ", "báo cáo", "kiểm tra", "đánh giá", "kiến nghị", "điều chỉnh")
_KIND_WORDS = dict(zip(KINDS, _WORDS, strict=True))
_WHY = {
    "on_demand": "on demand: asked for case by case",
    "after_event": "when its event happens, each time anew; a person says so and asks",
    "by_reference": "its period and day stand in another document: a rule is made once known",
    "ongoing": "all the time: no period and no day, nobody can be late",
    "embedded": "a part of other reports: nothing is sent for it alone",
    "no_period": "no period and no day: planned when it is decided",
    "no_inspector": "names nobody who inspects, no period and no day: planned when it is decided",
    "provision": "says how it is done; what follows from it is said by the command",
}
_OF_WHY = {
    "on_demand": ("report request",),
    "after_event": ("programme meet-condition", "report request"),
    "by_reference": ("programme establish-reporting-rule",),
    "ongoing": ("report request",),
    "embedded": ("report submit",),
}
_OF_SORT = {
    "emulation_criterion": ("rank", "index merit"),
    "discipline": ("record remind", "record criticise"),
    "index": ("index verify", "index show"),
    "unit_rating": ("index publish-rating", "rank"),
    "satisfaction": ("index record-survey",),
    "satisfaction_survey": ("index record-survey",),
    "sociological_survey": ("index record-survey",),
    "reward": ("index propose-commendation", "index award-commendation"),
    "provincial_index_self_assessment": ("report request", "index verify"),
    "publication_and_remedy": ("index publish-rating", "inspection require-remedy"),
    "index_reference": ("programme show",),
    "internal_feedback": ("report submit",),
}
_OF_KIND = {
    "inspection_rule": ("inspection plan", "inspection conduct"),
    "petition_rule": ("petition receive", "petition settle"),
    "adjustment_rule": ("programme amend", "task amend", "task extend"),
}
_OF_RULE = {
    ("bac-kan-2006-2010", "P3"): ("petition transfer",),
    ("bac-kan-2006-2010", "P4"): ("petition escalate",),
    ("bac-kan-2006-2010", "P5"): ("petition figures", "report submit"),
    ("dak-lak-guidance-2012", "J1"): ("programme declare-participation", "task complete"),
}
"""Rules of one document that speak of different deeds, in words alone."""

_HEAD = f"""# Rules

Every rule of the five documents: what loading it opens, and what proves it. Written by
`lienthong programme coverage --write`; `lienthong programme coverage FILE` says it of any file.

- *opens*: for **each** ower, over the document's whole life; the first period and its due, which
  is exclusive: on time is before that day. `no_due`: the document names no day; somebody sets it.
  "= row" is the same duty as that row, for one duty is one obligation. *content* is never counted;
  the reason stands beside it, and `programme show` prints it.
- *inferred*: what the paper does not say and the file marks. **due**: its day is such a guess.
- *command*: everything is loaded by the command above its table; here stands what follows.
- *proof*: the test `{PROOF}`
  has one case for each row, named here.
"""


def page() -> str:
    """The whole page, as it is committed."""
    return "\n".join([_HEAD, *(line for path in builtin_programmes() for line in _table(path))])


def write() -> Path:
    """Write the page where the repository keeps it."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    return PAGE


def proof(programme: str, one: Covered) -> str:
    """The id of the test of a row."""
    return f"{PROOF}[{label(programme, one)}]"


def label(programme: str, one: Covered) -> str:
    """What a row is called among the tests."""
    return f"{programme}-{one.id}"


def _table(path: Path) -> Iterator[str]:
    document = read_programme(path)
    yield f"## {document.number}, `{document.id}`"
    yield ""
    yield f"{document.title}. Loaded by `lienthong programme load services/programmes/{path.name}`."
    yield ""
    yield from table(document, proven=True)
    yield ""


def table(document: ProgrammeDocument, *, proven: bool = False) -> Iterator[str]:
    """A document's rows in Markdown; `proven` where the tests of this repository name them."""
    heads = ["id", "kind", "what", "due as written", "opens", "inferred", "command"]
    if proven:
        heads.append("proof")
    yield _line(heads)
    yield _line(["---"] * len(heads))
    for one in covered(document):
        yield _line(_cells(document, one, proven))


def _cells(document: ProgrammeDocument, one: Covered, proven: bool) -> Iterator[str]:
    yield one.id
    yield _KIND_WORDS[one.kind]
    yield _cut(one.title)
    yield one.due or "–"
    opens = (_opened(one, found) for found in one.opens)
    yield "; ".join(opens) or f"content: {_WHY[one.why or '']}"
    marks = (f"**{word}**" if word == "due" else word for word in sorted(one.inferred))
    yield ", ".join(marks) or "–"
    yield ", ".join(f"`{command}`" for command in commands(document.id, one))
    if proven:
        yield f"`[{label(document.id, one)}]`"


def _opened(one: Covered, found: Opened) -> str:
    if one.id != found.item:
        return f"= {found.item}"
    due = f"before {format_day(found.due_before)}" if found.due_before is not None else "`no_due`"
    first = f"{found.period}: {due}" if found.period else due
    leads = ", ".join(found.leads)
    declared = ", where it declares the condition" if found.conditional else ""
    return f"{found.each} {found.kind} of each of {leads}{declared}; {first}"


def commands(programme: str, one: Covered) -> tuple[str, ...]:
    """What a person does with a rule besides loading it."""
    if (programme, one.id) in _OF_RULE:
        return _OF_RULE[programme, one.id]
    found = list(_OF_SORT.get(one.sort or "", ()) if one.kind != "reporting_rule" else ())
    for opened in one.opens:
        found += ["programme declare-participation"] if opened.conditional else []
        found += [] if opened.due_before is not None else [_setting(opened)]
        found += [_meeting(opened)]
    if not one.opens and not found:
        found += _OF_KIND.get(one.kind) or _OF_WHY.get(one.why or "", ("report request",))
    return tuple(dict.fromkeys(found))


def _setting(opened: Opened) -> str:
    """Who gives a day to what has none."""
    return "task set-due" if opened.kind == "task" else "report determine-due"


def _meeting(opened: Opened) -> str:
    by_kind = {"task": "task complete", "inspection": "inspection conduct"}
    return by_kind.get(opened.kind, "report submit")


def _cut(text: str) -> str:
    return text if len(text) <= TITLE_CHARS_MAX else f"{text[: TITLE_CHARS_MAX - 1]}…"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"

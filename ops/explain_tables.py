"""An explanation, and a difference of two states, as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.console import Console

from ops import tables
from ops.i18n import word, words

Found = Mapping[str, Any]


def explanation(found: Found, language: str, console: Console) -> None:
    """Print what a figure is made of: its verdict, then each obligation with its events."""
    measure = word(f"measure.{found['measure']}", language)
    head = [f"{found['name']} {found['unit']}", measure]
    if found["by"]:
        head.append(f"{word('cut.' + found['by'], language)}: {found['key']}")
    _say(console, " · ".join([*head, _as_of(found, language)]))
    _say(console, f"{_verdict(found, language)}: {found['sentence']}")
    for remark in found["remarks"]:
        _say(console, remark)
    for row in found["rows"]:
        _obligation(row, language, console)
    _pages(found, language, console)


def difference(found: Found, language: str, console: Console) -> None:
    """Print what differs between two states: figures, units, then obligations and events."""
    first, second = (_as_of(state, language) for state in found["states"])
    _say(console, f"{found['name']} {found['unit']} · {first} → {second}")
    _say(console, f"{_verdict(found, language)}: {found['sentence']}")
    for name, (before, after, change) in found["figures"].items():
        counts = f"{tables.count(before, language)} → {tables.count(after, language)}"
        _say(console, f"  {word(f'measure.{name}', language)}: {counts} ({change:+d})")
    for unit in found["units"]:
        way = word("explain.came" if unit["came"] else "explain.went", language)
        cause = f"{unit['because']} {unit['event_id']}" if unit["because"] else ""
        _say(console, f"  {way}: {unit['name']} {unit['unit']} {cause}".rstrip())
    for row in found["rows"]:
        _say(console, "")
        _say(console, f"{row['obligation']} · {row['unit_name']} · {_because(row, language)}")
        gone, come = (_measures(row[f"counted_{one}"], language) for one in ("before", "after"))
        _say(console, f"  - {gone or '–'}  + {come or '–'}")
        _events(row["events"], language, console)
    _pages(found, language, console)


SHOWN: Mapping[str, Callable[[Found, str, Console], None]] = {
    "explain": explanation,
    "diff": difference,
}
"""How the answer to each of the two questions is printed."""


def _obligation(row: Found, language: str, console: Console) -> None:
    state = word(f"state.{row['state']}", language) if row["state"] else row["kind"]
    what = row["obligation"] or f"{row['programme']} {row['item']}"
    since = f"{word('column.since', language)} {tables.day(row['since'])}"
    _say(console, "")
    _say(console, f"{what} · {state} · {since} · {_because(row, language)}")
    path = " → ".join(f"{one['name']} ({one['unit']})" for one in row["path"])
    _say(console, f"  {word('explain.path', language)}: {path}")
    if row["due_before"]:
        due = f"{word('column.due_before', language)} {tables.day(row['due_before'])}"
        rule = row["rule_text"] or "–"
        _say(console, f"  {due} · {word('explain.rule', language)}: {rule}")
    _events(row["events"], language, console)


def _events(events: Iterable[Found], language: str, console: Console) -> None:
    for one in events:
        number = one["notification"]
        ledger = "" if number is None else word("explain.ledger", language).format(number=number)
        recorded = word("explain.recorded", language).format(at=tables.day(one["recorded_at"]))
        effect = word(f"effect.{one['effect']}", language)
        what = f"{effect} ({one['type']})"
        said = [tables.day(one["effective_at"]), what, one["by_name"], one["document"]]
        said += [
            recorded,
            ledger,
            _place(one, language),
            one["event_id"],
            word(f"explain_role.{one['role']}", language),
        ]
        # Sentences of the fold are in English; the role says the same in a word.
        said.append(one["sentence"] if language == "en" else None)
        _say(console, "  " + " · ".join(str(part) for part in said if part))


def _place(event: Found, language: str) -> str:
    """Where its record stands on its topic; "–" where the read side does not know."""
    if event["offset"] is None:
        return word("explain.no_place", language).format(topic=event["topic"])
    return word("explain.place", language).format(**event)


def _because(row: Found, language: str) -> str:
    known = words(language)
    causes = (row["because"] or "–").split(", ")
    because = ", ".join(known.get(f"because.{one}", one) for one in causes)
    return f"{word('column.because', language)} {because}"


def _measures(names: str | None, language: str) -> str:
    return ", ".join(
        word(f"measure.{name}", language) for name in (names or "").split(", ") if name
    )


def _as_of(found: Found, language: str) -> str:
    said = word("ui.as_of", language).format(at=tables.day(found["on"]))
    return f"{said} (K {tables.day(found['known'])})" if found["known"] else said


def _verdict(found: Found, language: str) -> str:
    return word("explain.agrees" if found["agrees"] else "explain.differs", language)


def _pages(found: Found, language: str, console: Console) -> None:
    if found["pages"] > 1:
        shown = word("explain.page", language)
        _say(console, shown.format(page=found["page"], pages=found["pages"]))


def _say(console: Console, text: str) -> None:
    # Ids are never broken: a reader copies them.
    console.print(text, markup=False, highlight=False, soft_wrap=True)

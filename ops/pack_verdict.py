"""The words of a pack: what was packed and checked, for people, in Vietnamese and in English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.i18n import LANGUAGES, word
from schemas.measures import MEASURES


def verdict_text(plain: Mapping[str, Any], records: int) -> str:
    """What a pack says in words; `plain` is its pack.json, `records` how many records it holds."""
    parts = ("\n".join(_lines(plain, records, language)) for language in LANGUAGES)
    return "\n\n".join(parts) + "\n"


def _lines(plain: Mapping[str, Any], records: int, language: str) -> Iterator[str]:
    head, sides = plain["head"], (plain["from"], plain["to"])
    told = {
        "unit": plain["unit"],
        "name": sides[1]["board"]["name"],
        "start": sides[0]["on"],
        "end": sides[1]["on"],
        "known": plain["known"] or word("pack.known_all", language),
        "records": records,
        **{key: head[key] for key in ("head", "last", "hash", "made_at")},
        "ledger": plain["ledger"],
        "made_by": plain["made_by"],
    }
    yield word("pack.title", language).format(**told)
    yield word("pack.asked", language).format(**told)
    yield word("pack.holds", language).format(**told)
    yield ""
    for side in sides:
        names = " > ".join(one["name"] for one in side["tree"])
        yield word("pack.figures", language).format(on=side["on"], path=names)
        shown = _shown(side["board"]["subtree"])
        yield from (f"  {word(f'measure.{name}', language)}: {shown[name]}" for name in MEASURES)
        yield "  " + word("pack.behind", language).format(**_behind(side))
    yield ""
    for key in ("pack.agree", "pack.vouches", "pack.check"):
        yield word(key, language).format(**told)


def _shown(counts: Mapping[str, Any]) -> dict[str, int]:
    """The counts of a board by the names of their measures."""
    held = counts["inspections"]
    inspected = {"inspections_conducted": held["conducted"]}
    findings = {name: held[name] for name in ("findings_open", "findings_closed")}
    return {**counts, **inspected, **findings}


def _behind(side: Mapping[str, Any]) -> dict[str, int]:
    return {
        "obligations": side["obligations"],
        "content": side["content"],
        "rules": len(side["rules"]),
    }

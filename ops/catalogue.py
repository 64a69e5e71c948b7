"""The catalogue: programmes with the titles of their items and areas, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import yaml

from ops.http_service import Json
from projections.programmes import Programme
from services.programme_reading import builtin_programmes

Words = dict[str, str]
"""A title by language; the document's own is `vi`."""


def catalogue(programmes: Iterable[Programme]) -> list[Json]:
    """The programmes known from their events, the newest first.

    English titles are there for the programmes that the product ships.
    """
    ordered = sorted(programmes, key=lambda one: (-one.issued.effective_at, one.id))
    return [_entry(one) for one in ordered]


def _entry(programme: Programme) -> Json:
    shipped = _shipped().get(programme.id, {})
    items: dict[str, Words] = {}
    for item in programme.issued.items:
        if isinstance(item.title, str):
            items[item.id] = {"vi": item.title}
    for item_id, english in shipped.get("items", {}).items():
        items.setdefault(item_id, {}).update(english)
    issued = programme.issued
    title = issued.title if isinstance(issued.title, str) else programme.id
    return {
        "programme": programme.id,
        "unit": programme.unit,
        "number": str(issued.number),
        "name": f"{title} ({issued.number})",
        "closed": programme.closed_at is not None,
        "items": items,
        "areas": shipped.get("areas", {}),
    }


@cache
def _shipped() -> Mapping[str, Mapping[str, dict[str, Words]]]:
    """By programme: `items` and `areas` of the files that the product ships."""
    found = {}
    for path in builtin_programmes():
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        items = {
            str(row["id"]): _words(row.get("text_vi"), row.get("name_en"))
            for row in document["reporting_rules"]
        }
        # A task's own title stands before that of the rule that realises it.
        items |= {
            str(row["id"]): _words(row.get("title_vi"), row.get("title_en"))
            for row in document["tasks"]
        }
        areas = {
            str(row["id"]): _words(row.get("name_vi"), row.get("name_en"))
            for row in document["areas"]
        }
        found[str(document["id"])] = {"items": items, "areas": areas}
    return found


def _words(vietnamese: str | None, english: str | None) -> Words:
    both = {"vi": vietnamese, "en": english}
    return {language: text for language, text in both.items() if text}

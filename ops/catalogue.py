"""The catalogue: programmes with the titles of their items and areas, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import yaml

from ops.http_service import Json
from services.programme_reading import builtin_programmes

Words = dict[str, str]
"""A title by language; the document's own is `vi`."""


def catalogue(programmes: Iterable[Mapping[str, Any]]) -> list[Json]:
    """The programmes of Query.programmes(), the newest first, with titles by language.

    English titles, and names of areas, are there for the programmes that the product ships.
    """
    ordered = sorted(programmes, key=lambda one: (one.get("covers_from") or "", one["programme"]))
    return [_entry(one) for one in reversed(ordered)]


def _entry(programme: Mapping[str, Any]) -> Json:
    shipped = _shipped().get(programme["programme"], {})
    english = shipped.get("items", {})
    items = {
        item: {**english.get(item, {}), "vi": title} for item, title in programme["items"].items()
    }
    return {**programme, "items": items, "areas": shipped.get("areas", {})}


@cache
def _shipped() -> Mapping[str, Mapping[str, dict[str, Words]]]:
    """By programme: English titles of `items` and both names of `areas`, from the shipped files."""
    found = {}
    for path in builtin_programmes():
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        rules = {
            str(row["id"]): _words(en=row.get("name_en")) for row in document["reporting_rules"]
        }
        tasks = {str(row["id"]): _words(en=row.get("title_en")) for row in document["tasks"]}
        areas = {
            str(row["id"]): _words(vi=row.get("name_vi"), en=row.get("name_en"))
            for row in document["areas"]
        }
        found[str(document["id"])] = {"items": rules | tasks, "areas": areas}
    return found


def _words(**titles: str | None) -> Words:
    return {language: text for language, text in titles.items() if text}

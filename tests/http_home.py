"""An app over boards in memory with a client that speaks to it without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import httpx
from jsonschema import Draft202012Validator

from ops.http import Parts, make_app
from ops.http_openapi import openapi
from ops.reached import Reached
from schemas.times import Instant
from tests import given
from tests.board_world import Owed, Unit, World

TOKEN = "a-token-for-tests"
AUTHORIZED = {"authorization": f"Bearer {TOKEN}"}
UNITS = (
    Unit("centre", "Trung ương", "centre", "government", None),
    Unit("66", "Đắk Lắk", "province", "people_committee", "centre"),
    Unit("66.so-a", "Sở A", "province", "department", "66"),
    Unit("66.so-b", "Sở B", "province", "department", "66"),
    Unit("66.643", "Huyện X", "district", "people_committee", "66"),
    Unit("66.644", "Huyện Y", "district", "people_committee", "66"),
)


def owed(unit: str, *facts: given.Fact) -> Owed:
    return Owed(f"q2:{unit}", [given.opens(unit=unit), *facts])


def four_owers() -> list[Owed]:
    """The worked example of domain 7.3."""
    return [
        owed("66.so-a", given.met("2012-06-05")),
        owed(
            "66.643",
            given.met("2012-06-07 23:30"),
            given.returned("2012-06-11", "2012-06-15"),
            given.met("2012-06-13"),
        ),
        owed("66.so-b", given.met("2012-06-08 09:00")),
        owed("66.644", given.met("2012-06-20")),
    ]


class Clock:
    def __init__(self, at: str) -> None:
        self.now = given.instant(at)

    def __call__(self) -> Instant:
        return self.now


class Line(NamedTuple):
    line_no: int
    status: str
    event_ids: Sequence[str] = ()
    reason: str | None = None
    sentence: str | None = None


class Book:
    """A ledger of lines: refuses what has no `type`, remembers the rest."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def publish(self, lines: Sequence[str]) -> Iterable[Line]:
        for number, line in enumerate(lines, 1):
            try:
                known = "type" in json.loads(line)
            except ValueError:
                yield Line(number, "refused", (), "not_json", "the line is not JSON")
                continue
            if not known:
                yield Line(number, "refused", (), "missing_field", "type is missing")
            elif line in self.lines:
                yield Line(number, "duplicate", ("1",))
            else:
                self.lines.append(line)
                yield Line(number, "accepted", ("1",))


class Home:
    """An app with its parts and a client that speaks to it without a socket."""

    def __init__(self, at: str = "2012-06-12", **parts: object) -> None:
        self.clock = Clock(at)
        self.world = World(UNITS, four_owers(), self.clock)
        self.book = Book()
        self.reached = Reached()
        self.parts = Parts(
            boards=self.world,
            publish=self.book.publish,
            token=TOKEN,
            clock=self.clock,
            reached=self.reached,
        )
        self.parts = replace(self.parts, **parts)
        self.app = make_app(self.parts)

    def ask(self, path: str, method: str = "GET", **options: object) -> httpx.Response:
        return asyncio.run(self._ask(path, method, options))

    async def _ask(self, path: str, method: str, options: Mapping[str, object]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **options)

    def post(self, body: bytes | str, **headers: str) -> httpx.Response:
        return self.ask("/api/events", "POST", content=body, headers=AUTHORIZED | headers)


def valid(name: str, value: object) -> None:
    """Checks a value against a schema of the OpenAPI document."""
    document = openapi()
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(value)]

    assert errors == []

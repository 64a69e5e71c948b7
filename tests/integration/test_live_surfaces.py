"""A running home without Kafka: events in over HTTP; boards, streams and Prometheus follow."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.grafana_board import queries
from ops.http_token import TOKEN_FILE
from ops.settings import Settings
from ops.supervisor import Supervisor
from tests.prometheus_server import Prometheus, until

PATIENCE_SECONDS = 30.0
SILENT_WHEN_WELL = {"Refusals by reason"}
TREE = (
    ("centre", "Trung ương", "centre", "government", None),
    ("66", "Đắk Lắk", "province", "people_committee", "centre"),
    ("66.so-a", "Sở A", "province", "department", "66"),
    ("66.643", "Huyện X", "district", "people_committee", "66"),
)
DUTY = "dak-lak-guidance-2012:5.1:2012-Q2:66.so-a"


def units() -> list[dict[str, object]]:
    return [
        {
            "type": "unit.established.v1",
            "unit": code,
            "name": name,
            "level": level,
            "kind": kind,
            "parent": parent,
            "effective_at": "2012-01-01T00:00:00+07:00",
        }
        for code, name, level, kind, parent in TREE
    ]


def expected() -> dict[str, object]:
    return {
        "type": "report.expected.v1",
        "obligation": DUTY,
        "unit": "66.so-a",
        "programme": "dak-lak-guidance-2012",
        "area": "reporting",
        "period": "2012-Q2",
        "kind": "report",
        "item": "5.1",
        "done_when": "sent",
        "due_before": "2012-06-08",
        "issuer": "66",
        "effective_at": "2012-04-01T00:00:00+07:00",
    }


def submitted() -> dict[str, object]:
    return {
        "type": "report.submitted.v1",
        "obligation": DUTY,
        "unit": "66.so-a",
        "effective_at": "2012-06-09T09:00:00+07:00",
    }


class Running:
    """A home whose processes run, asked over HTTP alone."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.port = supervisor.settings.port
        self.url = f"http://127.0.0.1:{self.port}"
        self._home = supervisor.settings.home

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def ready(self) -> bool:
        with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)

    def post(self, *events: dict[str, object]) -> dict[str, Any]:
        token = (self._home / TOKEN_FILE).read_text().strip()
        body = "\n".join(json.dumps(event) for event in events).encode()
        headers = {"authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{self.url}/api/events", body, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))

    def figures(self, unit: str) -> dict[str, Any]:
        return dict(self.get(f"/api/units/{unit}/board")["subtree"])

    def boards(self, unit: str) -> Iterator[dict[str, Any]]:
        """The boards of one stream as they come."""
        stream = f"{self.url}/api/units/{unit}/stream"
        with urllib.request.urlopen(stream, timeout=PATIENCE_SECONDS) as lines:
            for line in lines:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("home")
    settings = Settings.load({}, home=folder, log="sqlite", port=0, source="home")
    with Supervisor(settings, quiet=True) as supervisor:
        home = Running(supervisor)
        until(home.ready, "the home to be ready")
        told = home.post(*units(), expected())
        assert told["accepted"] == len(TREE) + 1, told
        until(lambda: home.figures("66")["overdue"] == 1, "the first figures")
        yield home


def test_a_duty_told_over_http_stands_on_every_board_above(running: Running) -> None:
    told = {unit: running.figures(unit)["overdue"] for unit in ("centre", "66", "66.so-a")}

    assert told == {"centre": 1, "66": 1, "66.so-a": 1}
    assert running.figures("66.643")["due_completion_rate"] is None


def test_the_same_lines_again_say_nothing_new(running: Running) -> None:
    said = running.post(*units(), expected())

    assert (said["accepted"], said["duplicate"]) == (0, len(TREE) + 1)


def test_the_list_names_what_is_overdue(running: Running) -> None:
    (one,) = running.get("/api/units/66/obligations?state=overdue")["obligations"]

    assert (one["obligation"], one["unit_name"]) == (DUTY, "Sở A")


def test_a_real_prometheus_gets_an_answer_to_every_panel(running: Running, tmp_path: Path) -> None:
    prometheus = Prometheus(tmp_path, running.port)
    try:
        until(lambda: bool(prometheus.query("lienthong_ready == 1")), "the first scrape")
        wanted = {title for title, _ in queries()} - SILENT_WHEN_WELL
        until(
            lambda: wanted <= {title for title, promql in queries() if prometheus.query(promql)},
            "an answer to every panel",
        )
        overdue = prometheus.query('lienthong_board_overdue{unit="66"}')
        silent = prometheus.query('lienthong_silent_units{level="province"}')
    finally:
        prometheus.stop()

    assert [vector["value"][1] for vector in overdue] == ["1"]
    assert [vector["value"][1] for vector in silent] == ["1"]


def test_a_stream_shows_the_change_soon_after_it_was_told(running: Running) -> None:
    boards = running.boards("66")
    before = next(boards)["subtree"]
    started = time.monotonic()
    running.post(submitted())
    after = next(boards)["subtree"]
    waited = time.monotonic() - started

    assert (before["overdue"], before["late"]) == (1, 0)
    assert (after["overdue"], after["late"]) == (0, 1)
    assert waited < PATIENCE_SECONDS


def test_the_past_is_still_what_it_was(running: Running) -> None:
    past = running.get("/api/units/66/board?on=2012-06-08")["subtree"]

    assert past["overdue"] == 1

"""Every query of the Grafana board and every alert rule, run by a real Prometheus."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest

from ops.alerts import ALERTS
from ops.dashboards import HERE
from ops.grafana_board import queries
from ops.http import Parts, make_app
from ops.metrics import Metrics, Reading
from schemas.times import Instant
from tests import sample_readings
from tests.board_world import World
from tests.prometheus_server import SCRAPE_SECONDS, Prometheus, tool, until
from tests.web_server import Served

SILENT_WHEN_WELL = {"Refusals by reason"}
"""Panels whose query leaves out what is zero."""


class Scraped:
    """A Lienthong over HTTP whose reading is set by the test; `tick` counts the scrapes."""

    def __init__(self) -> None:
        self.read: Callable[[int], Reading] = sample_readings.healthy
        self.tick = 0
        world = World((), (), lambda: Instant(0))
        self._served = Served(make_app(Parts(boards=world, metrics=Metrics(self._reading).scrape)))
        self.port = self._served.port

    def _reading(self) -> Reading:
        self.tick += 1
        return self.read(self.tick)

    def stop(self) -> None:
        self._served.stop()


@pytest.fixture(scope="module")
def scraped() -> Iterator[Scraped]:
    server = Scraped()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def real(scraped: Scraped, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    server = Prometheus(tmp_path_factory.mktemp("prometheus"), scraped.port)
    yield server
    server.stop()


def scrapes(scraped: Scraped, count: int) -> None:
    wanted = scraped.tick + count
    until(lambda: scraped.tick >= wanted, f"{count} scrapes")


def test_promtool_finds_nothing_wrong_with_the_committed_files() -> None:
    folder = HERE / "prometheus"
    for command in (
        ["check", "config", "--lint=all", "--lint-fatal", str(folder / "prometheus.yml")],
        ["check", "rules", "--lint=all", "--lint-fatal", str(folder / "alerts.yml")],
    ):
        done = subprocess.run([tool("promtool"), *command], capture_output=True, text=True)

        assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_nothing_wrong_with_the_metrics() -> None:
    text = Metrics(sample_readings.healthy).text()
    done = subprocess.run([tool("promtool"), "check", "metrics"], input=text, capture_output=True)

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_a_healthy_process_answers_every_panel_and_raises_no_alert(
    scraped: Scraped, real: Prometheus
) -> None:
    scraped.read = sample_readings.healthy
    until(lambda: bool(real.query("up == 1")), "the first scrape")
    scrapes(scraped, 6)
    empty = {title for title, promql in queries() if not real.query(promql)}
    raised = {alert.name for alert in ALERTS if real.query(alert.expression)}

    assert empty == SILENT_WHEN_WELL
    assert raised == set()
    assert [vector["value"][1] for vector in real.query(queries()[1][1])] == ["1"]


def test_prometheus_has_loaded_every_rule(real: Prometheus) -> None:
    until(lambda: bool(real.get("/api/v1/rules")["groups"]), "the rules")
    groups = real.get("/api/v1/rules")["groups"]
    rules = groups[0]["rules"]

    assert [rule["name"] for rule in rules] == [alert.name for alert in ALERTS]
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}


def test_a_sick_process_raises_every_alert(scraped: Scraped, real: Prometheus) -> None:
    scraped.read = sample_readings.sick
    scrapes(scraped, 8)
    raised = {
        alert.name
        for alert in ALERTS
        # What does not move is judged over five minutes: here over the time since it got sick.
        if real.query(alert.expression.replace("[5m]", f"[{5 * SCRAPE_SECONDS}s]"))
    }

    assert {alert.name for alert in ALERTS} - raised == {"LienthongDown"}


def test_refusals_are_shown_by_reason(real: Prometheus) -> None:
    promql = dict(queries())["Refusals by reason"]

    assert [vector["metric"] for vector in real.query(promql)] == [{"reason": "not_avro"}]


def test_a_process_that_is_gone_raises_the_first_alert(scraped: Scraped, real: Prometheus) -> None:
    scraped.stop()

    until(lambda: bool(real.query(ALERTS[0].expression)), "the alert that it is down")

"""Compose, image and units: held to their schema, and to the settings that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.java import POM
from ops.settings import PREFIX, Settings, documented

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
UNITS = sorted((ROOT / "ops" / "systemd").glob("*.service"))
KNOWN = {setting.variable for setting in documented()}
OF_THE_OPERATOR = {"POSTGRES_PASSWORD", "GRAFANA_PASSWORD"}
"""What the person who starts compose gives, besides our settings; the file's opening says so."""


def test_the_compose_file_holds_to_the_compose_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema"]
    done = subprocess.run(
        [*check, "--builtin-schema", "vendor.compose-spec", str(COMPOSE_FILE)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout + done.stderr


def test_the_five_services_are_there() -> None:
    assert {"kafka", "postgres", "app", "prometheus", "grafana"} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_pinned_watched_and_on_loopback(service: str) -> None:
    found = SERVICES[service]

    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+[\w.-]*", found["image"])
    assert found["healthcheck"]["test"][0] == "CMD"
    for port in found.get("ports", []):
        assert port.startswith("127.0.0.1:")
    for volume in found.get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).is_dir()
    for needed in found.get("depends_on", {}).values():
        assert {"condition": "service_healthy"} == needed


def test_every_variable_of_the_compose_file_is_a_setting_or_the_operators() -> None:
    text = COMPOSE_FILE.read_text(encoding="utf-8")
    given = {name for service in SERVICES.values() for name in service.get("environment", {})}
    asked = set(re.findall(r"\$\{(\w+)", text))

    assert set() == {name for name in given if name.startswith(PREFIX)} - KNOWN
    assert OF_THE_OPERATOR | {"LIENTHONG_SOURCE", "LIENTHONG_LOG_LEVEL"} == asked
    assert set() == set(re.findall(r"LIENTHONG_[A-Z_]*[A-Z]", text)) - KNOWN - {"LIENTHONG_KAFKA"}


def test_the_values_of_the_compose_file_are_good_settings() -> None:
    environment = {
        name: re.sub(r"\$\{\w+(?::-([^}]*)|:\?[^}]*)\}", lambda m: m[1] or "given", value)
        for name, value in SERVICES["app"]["environment"].items()
    }
    settings = Settings.load(environment)

    assert "postgresql://lienthong:given@postgres/ledger" == settings.ledger
    assert ("kafka:19092", 8000) == (settings.kafka, settings.port)


def test_compose_runs_the_kafka_that_the_tests_run() -> None:
    version = re.search(r"kafka_2\.13</artifactId>\s*<version>([\d.]+)<", POM.read_text())

    assert version is not None
    assert f"apache/kafka:{version[1]}" == SERVICES["kafka"]["image"]


def test_the_image_is_pinned_holds_the_rooms_and_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()

    assert re.fullmatch(r"FROM python:\d+\.\d+\.\d+-[\w-]+", lines[1])
    assert {"schemas", "services", "projections", "ops"} <= {
        line.split()[1] for line in lines if line.startswith("COPY")
    }
    assert "USER lienthong" in lines


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_names_settings_that_exist(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")

    assert set() == set(re.findall(r"(LIENTHONG_\w+)=", text)) - KNOWN - {"LIENTHONG_NAME"}
    assert "NoNewPrivileges=yes" in text
    assert re.search(r"(?m)^ExecStart=/opt/lienthong/lienthong (up|run worker|run verify)$", text)

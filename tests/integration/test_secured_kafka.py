"""A province's Kafka: everything of ours speaks TLS and logs in, and says so where it may not."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ops.broker import Broker
from ops.kafka import KafkaLog
from ops.log import LogFailed, Outgoing
from ops.settings import Settings
from ops.supervisor import Supervisor
from tests.secured_kafka import SecuredBroker, settings_of

READY_SECONDS_MAX = 120.0


@pytest.fixture(scope="module")
def secured(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    home = tmp_path_factory.mktemp("secured")
    with SecuredBroker(Settings.load({}, home=home)) as broker:
        yield broker


def is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def test_the_whole_of_lienthong_runs_on_it(secured: SecuredBroker, tmp_path: Path) -> None:
    settings = settings_of(secured, tmp_path / "home")
    with Supervisor(settings, quiet=True) as running:
        address = f"http://127.0.0.1:{running.settings.port}"
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not is_ready(address) and time.monotonic() < deadline:
            time.sleep(0.2)
        words = {path.name: path.read_text() for path in (settings.home / "logs").iterdir()}

        assert is_ready(address), words


def test_a_wrong_password_is_said(secured: SecuredBroker, tmp_path: Path) -> None:
    settings = settings_of(secured, tmp_path / "home")
    Path(settings.kafka_password_file).write_text("wrong")

    with pytest.raises(LogFailed, match=f"Kafka at {secured.secure} failed"):
        KafkaLog.of(settings).cluster_id()


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secured: SecuredBroker, tmp_path: Path
) -> None:
    settings = replace(settings_of(secured, tmp_path / "home"), kafka_ca_file="")

    with pytest.raises(LogFailed, match=f"Kafka at {secured.secure} failed"):
        KafkaLog.of(settings).append([Outgoing("t", b"k", b"v")])

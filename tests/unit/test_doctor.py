"""The doctor says what is wrong and what to do; it creates nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ops.doctor import checks, clock, packages
from ops.embedded import SqliteLog
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import Supervisor, log_file
from schemas.topics import TOPICS


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({}, home=tmp_path / "home", log="sqlite", port=0)


def bad(settings: Settings) -> dict[str, str]:
    return {check.name: check.sentence for check in checks(settings) if not check.ok}


def test_a_machine_without_a_home_is_well_and_stays_without(settings: Settings) -> None:
    assert {} == bad(settings)
    assert not settings.home.exists()


def test_a_running_home_is_named(settings: Settings) -> None:
    with Supervisor(settings, parts=[]):
        said = {check.name: check.sentence for check in checks(settings)}

    assert said["server"].startswith(f"Process {os.getpid()} runs this home at http://127.0.0.1:")
    assert f"its {len(TOPICS)} topics have the right partitions" in said["log"]


def test_a_topic_with_another_partition_count_is_found(settings: Settings) -> None:
    with Supervisor(settings, parts=[]):
        other = settings.topic_prefix + "x."
        log = SqliteLog(log_file(settings.home))
        log.create([topic._replace(partitions=3) for topic in TOPICS], other)
        log.close()
        found = bad(Settings.load({}, home=settings.home, log="sqlite", topic_prefix=other))

    assert ["log"] == list(found)
    assert "has 3 partitions but must have 12" in found["log"]


def test_a_kafka_that_does_not_answer_is_said(settings: Settings, tmp_path: Path) -> None:
    away = Settings.load({}, home=tmp_path / "home", kafka="127.0.0.1:1")

    assert "Kafka at 127.0.0.1:1 failed" in bad(away)["log"]


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    away = Settings.load({}, home=tmp_path / "home", ledger="postgresql://a@127.0.0.1:1/b")

    found = bad(away)

    assert ["ledger"] == list(found)
    assert found["ledger"].startswith("the ledger's database cannot be used: ")


def test_a_home_that_others_can_read_is_said(settings: Settings) -> None:
    settings.home.mkdir(mode=0o755)
    settings.home.chmod(0o755)

    assert "run `chmod 700" in bad(settings)["home"]


def test_a_stranger_that_owns_one_of_our_names_is_named() -> None:
    with pytest.raises(BrokenEnvironment, match="Package ops-framework also owns the name `ops`"):
        packages({"ops": ["lienthong", "ops-framework"], "schemas": ["lienthong"]})


def test_a_clock_that_went_back_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").touch()
    written = (tmp_path / "ledger.sqlite").stat().st_mtime

    assert clock(tmp_path, written + 5).startswith("It is ")
    with pytest.raises(BrokenEnvironment, match="stands 3600 seconds before the newest file"):
        clock(tmp_path, written - 3600)

"""What every test may ask for: a real Kafka and PostgreSQL; and what is said where one lacks."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from ops.broker import Broker
from ops.java import can_run_kafka
from ops.kafka import KafkaLog
from ops.settings import Settings, in_ci
from tests.demo_home import Ran, run
from tests.postgres_server import PostgresServer, find_postgres

BROKER_USED = pytest.StashKey[str]()
LEFT_OUT = pytest.StashKey[list[str]]()

# How long an example takes says how busy the machine is; pytest's own timeout is the limit.
hypothesis.settings.register_profile("lienthong", deadline=None)
hypothesis.settings.load_profile("lienthong")
CACHE = Settings.load().cache
"""The one thing that tests take from the environment: where Kafka's jars already are."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole",
        action="store_true",
        help="fail where Java and Maven exist but Kafka did not run, as `./lienthong test` does",
    )


@pytest.fixture(scope="session")
def kafka(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """Apache Kafka, started once for the run: `.bootstrap`, `.version`, `.pid`.

    Tests share it, so each uses its own `topic_prefix`. A test that needs to stop a broker starts
    one of its own.
    """
    home = tmp_path_factory.mktemp("kafka-home")
    with Broker(Settings.load({}, home=home, cache=CACHE)) as broker:
        pytestconfig.stash[BROKER_USED] = f"Apache Kafka {broker.version} (KRaft, started here)"
        yield broker
        # Closing thousands of logs in order takes half a minute, and they end with this run.
        if broker.pid:
            os.kill(broker.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home on which the demo runs, once for the run."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def demo(demo_home: Path, kafka: Broker) -> Ran:
    """The demo, ended; its home can be read from then on."""
    return run(demo_home, "demo", "--exit", "--port", "0")


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test uses."""
    return f"t{uuid.uuid4().hex[:12]}."


@pytest.fixture
def kafka_settings(kafka: Broker, topic_prefix: str, tmp_path: object) -> Settings:
    """Settings of an empty home on the shared broker, with topics and group of its own."""
    return Settings.load(
        {}, home=tmp_path, kafka=kafka.bootstrap, topic_prefix=topic_prefix, group=topic_prefix
    )


@pytest.fixture
def kafka_log(kafka_settings: Settings) -> Iterator[KafkaLog]:
    """The port to the shared broker; no topic exists yet under `topic_prefix`."""
    log = KafkaLog.of(kafka_settings)
    yield log
    log.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = find_postgres()
    assert programs is not None
    server = PostgresServer(programs)
    yield server
    server.close()


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """The address of a fresh PostgreSQL database."""
    return postgres_server.database()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and say so, what this machine cannot run; in CI nothing may be left out."""
    lacking = {
        "kafka": can_run_kafka(CACHE),
        "postgres": "" if find_postgres() else "No PostgreSQL server is installed here.",
    }
    config.stash[LEFT_OUT] = []
    for service, sentence in lacking.items():
        needing = [item for item in items if sentence and _needs(item, service)]
        if needing and in_ci():
            raise pytest.UsageError(f"{sentence} In CI it must be there.")
        if needing:
            config.hook.pytest_deselected(items=needing)
            items[:] = [item for item in items if item not in needing]
            config.stash[LEFT_OUT].append(f"{len(needing)} tests were left out: {sentence}")
    if lacking["kafka"]:
        config.stash[BROKER_USED] = f"the log in SQLite. {lacking['kafka']}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if config.getoption("--whole") and BROKER_USED not in config.stash and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        config.stash[BROKER_USED] = "none: Java and Maven are here, but Kafka did not run."


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for sentence in config.stash.get(LEFT_OUT, []):
        terminalreporter.write_line(sentence, yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line of the run, after pytest's own."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(reporter, pytest.TerminalReporter) and not config.option.collectonly:
        used = config.stash.get(BROKER_USED, "none (no test of this run needed one)")
        reporter.write_line(f"Broker used: {used}")


def _needs(item: pytest.Item, service: str) -> bool:
    """Whether a test asks for a service, by fixture or as the value of a parameter."""
    if service in getattr(item, "fixturenames", ()):
        return True
    parameters = getattr(item, "callspec", None)
    return parameters is not None and service in map(str, parameters.params.values())

"""Settings: everything that may differ between installations, read once from LIENTHONG_*."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

PREFIX = "LIENTHONG_"
EXIT_BROKEN = 3
COMMIT_INTERVAL_MS_MAX = 1_000
"""Nobody may wait longer than this for a durable figure."""
LOG_LEVELS = ("debug", "info", "warning", "error")
SECURITY_PROTOCOLS = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
SASL_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
LOGS = ("auto", "kafka", "sqlite")
REMIND = ("standing", "all", "off")
ERASURE = ("off", "on")

T = TypeVar("T")


class BrokenEnvironment(Exception):
    """Something around us is missing or wrong. `str()` is one sentence; the exit code is 3."""

    exit_code = EXIT_BROKEN


class Setting(NamedTuple):
    """What a person is told about one setting: its variable, meaning and default as text."""

    variable: str
    meaning: str
    default: str

    def as_row(self) -> str:
        """Its row of the table of settings in the README."""
        return f"| `{self.variable}` | {self.meaning} | {self.default or 'empty'} |"


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ValueError(f"write a whole number from {low} to {high}")
        return int(value)

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"write one of {', '.join(choices)}")
        return value

    return read


def _database(value: str) -> str:
    if value.startswith("sqlite:") and len(value) > len("sqlite:"):
        return value
    if value.startswith("postgresql://") and len(value) > len("postgresql://"):
        return value
    raise ValueError("write sqlite:PATH or postgresql://USER@HOST/DATABASE")


def _bootstrap(value: str) -> str:
    for address in value.split(","):
        host, colon, port = address.strip().rpartition(":")
        if not (host and colon and port.isdigit() and 0 < int(port) < 65_536):
            raise ValueError("write HOST:PORT, several with commas between them")
    return ",".join(address.strip() for address in value.split(","))


def _name(value: str) -> str:
    if len(value) > 100 or not all(c.isascii() and (c.isalnum() or c in "._-") for c in value):
        raise ValueError("write at most 100 letters, digits, dots, dashes and underscores")
    return value


def _about(read: Callable[[str], Any], meaning: str, shown: str) -> dict[str, Any]:
    return {"read": read, "meaning": meaning, "shown": shown}


def _setting(
    read: Callable[[str], T], default: T, meaning: str, *, shown: str | None = None
) -> Any:
    """A documented field; `shown` is the default as text where it depends on the home."""
    text = shown if shown is not None else str(default)
    return field(default=default, metadata=_about(read, meaning, text))


def _home_default() -> Path:
    """`.lienthong/` beside the launcher; beside the caller where there is no launcher."""
    root = Path(__file__).resolve().parents[1]
    return (root if (root / "lienthong").is_file() else Path.cwd()) / ".lienthong"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation's settings; frozen. Field `ledger` is the variable `LIENTHONG_LEDGER`."""

    home: Path = field(
        metadata=_about(_path, "folder of everything this installation keeps", ".lienthong")
    )
    ledger: str = _setting(
        _database, "", "where the ledger lives", shown="sqlite:HOME/ledger.sqlite"
    )
    read_model: str = _setting(
        _database, "", "where the read model lives", shown="sqlite:HOME/readmodel.sqlite"
    )
    log: str = _setting(
        _one_of(*LOGS),
        "auto",
        "what carries the events: kafka, sqlite, or auto (Kafka wherever it can run)",
    )
    kafka: str = _setting(
        _bootstrap, "", "addresses of a Kafka cluster; empty: one is started on this machine"
    )
    kafka_port: int = _setting(
        _number(0, 65_535), 0, "port of the Kafka that is started here; 0: any free one"
    )
    kafka_heap_mb: int = _setting(
        _number(128, 65_536), 384, "memory of the Kafka that is started here"
    )
    kafka_security: str = _setting(
        _one_of(*SECURITY_PROTOCOLS), "plaintext", "how the Kafka cluster is spoken to"
    )
    kafka_ca_file: str = _setting(_text, "", "certificate authority of the Kafka cluster")
    kafka_cert_file: str = _setting(_text, "", "our client certificate for Kafka")
    kafka_key_file: str = _setting(_text, "", "key of our client certificate for Kafka")
    kafka_sasl_mechanism: str = _setting(
        _one_of(*SASL_MECHANISMS), "SCRAM-SHA-512", "how we log in where security is sasl_*"
    )
    kafka_user: str = _setting(_text, "", "our user name at the Kafka cluster")
    kafka_password_file: str = _setting(
        _text, "", "file that holds our password at the Kafka cluster"
    )
    replication: int = _setting(
        _number(1, 9), 1, "copies of each topic that we create; 3 in production"
    )
    topic_prefix: str = _setting(
        _name, "lienthong.", "first part of every topic name, so that homes can share a cluster"
    )
    group: str = _setting(_name, "lienthong", "consumer group of the workers")
    build: int = _setting(
        _number(0, 999_999), 0, "build of the read model to work on; 0: the one that serves"
    )
    host: str = _setting(_text, "127.0.0.1", "address that HTTP listens on")
    port: int = _setting(_number(0, 65_535), 8_000, "port that HTTP listens on")
    source: str = _setting(_name, "lienthong", "name of this system in the events it records")
    open_ahead_days: int = _setting(
        _number(0, 3_660), 45, "days before its opening day on which the calendar opens a duty"
    )
    commit_interval_ms: int = _setting(
        _number(1, COMMIT_INTERVAL_MS_MAX), 500, "longest time between two durable commits"
    )
    remind: str = _setting(
        _one_of(*REMIND),
        "standing",
        "what the system reminds of, once: duties that name a standing agency, all, or none (off)",
    )
    holidays: str = _setting(
        _text, "", "file of days off, one a line; no reminder goes out", shown="HOME/holidays.txt"
    )
    erasure: str = _setting(
        _one_of(*ERASURE),
        "off",
        "on: free texts of obligations are encrypted before they are stored, so that they can be "
        "erased",
    )
    keys: Path = field(
        metadata=_about(
            _path, "file of the keys of encrypted texts; no part of any backup", "HOME/keys.sqlite"
        )
    )
    archive: Path = field(
        metadata=_about(_path, "folder of the archive (`archive write`)", "HOME/archive")
    )
    archive_every: int = _setting(
        _number(0, 10_000_000),
        0,
        "records after which `up` adds to the archive, and once a local day; 0: never by itself",
    )
    archive_key_file: str = _setting(
        _text, "", "Ed25519 key that signs the heads of the archive; empty: they are unsigned"
    )
    verify_seconds: int = _setting(
        _number(0, 86_400),
        0,
        "seconds between two rounds of verifying beside live, at the lowest priority; 0: off",
    )
    log_level: str = _setting(_one_of(*LOG_LEVELS), "info", "how much is written to the logs")
    cache: Path = field(
        metadata=_about(
            _path, "folder for downloaded jars, shared by all homes", "~/.cache/lienthong"
        )
    )

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """Settings from the environment; `given` (from command-line options) wins.

        Empty variables count as absent. Raises BrokenEnvironment with one sentence for a value
        that cannot be used and for a LIENTHONG_ variable that nobody knows.
        """
        env = os.environ if environ is None else environ
        known = {variable(f): f for f in fields(cls)}
        for name in sorted(env):
            if name.startswith(PREFIX) and name not in known:
                raise BrokenEnvironment(f"{name} is not a setting; `lienthong doctor` lists them.")
        values: dict[str, Any] = {}
        for name, spec in known.items():
            if env.get(name):
                values[spec.name] = _read(name, env[name], spec)
        values.update({k: v for k, v in given.items() if v is not None})
        home = values.setdefault("home", _home_default())
        values.setdefault("ledger", f"sqlite:{home / 'ledger.sqlite'}")
        values.setdefault("read_model", f"sqlite:{home / 'readmodel.sqlite'}")
        values.setdefault("keys", home / "keys.sqlite")
        values.setdefault("archive", home / "archive")
        values.setdefault("cache", _cache_default(env))
        return cls(**values)._checked()

    def _checked(self) -> Settings:
        """The settings themselves; raises where two of them do not go together."""
        if self.kafka_security.startswith("sasl") and not (
            self.kafka_user and self.kafka_password_file
        ):
            raise BrokenEnvironment(
                f"LIENTHONG_KAFKA_SECURITY is {self.kafka_security}, so LIENTHONG_KAFKA_USER and "
                "LIENTHONG_KAFKA_PASSWORD_FILE must be set too."
            )
        if self.log == "sqlite" and self.kafka:
            raise BrokenEnvironment(
                "LIENTHONG_LOG is sqlite but LIENTHONG_KAFKA names a cluster; unset one of them."
            )
        return self

    def kafka_password(self) -> str:
        """Our password at the Kafka cluster, from its file; '' where none is set."""
        if not self.kafka_password_file:
            return ""
        try:
            return Path(self.kafka_password_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BrokenEnvironment(
                f"LIENTHONG_KAFKA_PASSWORD_FILE cannot be read: {error.strerror}."
            ) from error

    def environment(self) -> dict[str, str]:
        """These settings as variables, for a child process that shall see the same ones."""
        shown = {variable(f): str(getattr(self, f.name)) for f in fields(self)}
        return {name: value for name, value in shown.items() if value}


def variable(spec: Field[Any]) -> str:
    """The environment variable of a field of Settings."""
    return PREFIX + spec.name.upper()


def documented() -> list[Setting]:
    """Every setting with its meaning and default, in the order of the class."""
    return [
        Setting(variable(f), f.metadata["meaning"], f.metadata["shown"]) for f in fields(Settings)
    ]


def inherited() -> dict[str, str]:
    """The variables of this process, as the base of a child's environment."""
    return dict(os.environ)


def java_home() -> str:
    """JAVA_HOME, '' where it is not set."""
    return os.environ.get("JAVA_HOME", "")


def in_ci() -> bool:
    """Whether this run is a continuous-integration run, where nothing may be left out."""
    return os.environ.get("CI", "") not in ("", "0", "false")


def _read(name: str, text: str, spec: Field[Any]) -> Any:
    try:
        return spec.metadata["read"](text)
    except ValueError as error:
        raise BrokenEnvironment(f"{name}: {text!r} cannot be used; {error}.") from error


def _cache_default(env: Mapping[str, str]) -> Path:
    base = env.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "lienthong"


def python() -> str:
    """The interpreter that runs us, for child processes."""
    return sys.executable

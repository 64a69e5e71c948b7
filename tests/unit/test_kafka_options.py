"""A province's Kafka: how settings become what its clients are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.kafka import client_options
from ops.settings import BrokenEnvironment, Settings


def test_a_plain_broker_needs_an_address_only() -> None:
    options = client_options(Settings.load({"LIENTHONG_KAFKA": "a:1,b:2"}))

    assert ["a:1", "b:2"] == options["bootstrap_servers"]
    assert "PLAINTEXT" == options["security_protocol"]
    assert [] == [name for name in options if name.startswith(("ssl", "sasl"))]


def test_tls_and_login_reach_the_client(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("geheim\n", encoding="utf-8")
    options = client_options(
        Settings.load(
            {
                "LIENTHONG_KAFKA": "kafka.example:9093",
                "LIENTHONG_KAFKA_SECURITY": "sasl_ssl",
                "LIENTHONG_KAFKA_USER": "province-87",
                "LIENTHONG_KAFKA_PASSWORD_FILE": str(tmp_path / "word"),
            }
        )
    )

    assert {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "province-87",
        "sasl_plain_password": "geheim",
    } == {name: options[name] for name in options if name.startswith(("sa", "sec"))}
    assert options["ssl_context"].check_hostname


def test_a_certificate_that_cannot_be_read_is_said() -> None:
    settings = Settings.load(
        {
            "LIENTHONG_KAFKA": "kafka.example:9093",
            "LIENTHONG_KAFKA_SECURITY": "ssl",
            "LIENTHONG_KAFKA_CA_FILE": "nowhere.pem",
        }
    )

    with pytest.raises(BrokenEnvironment, match="see LIENTHONG_KAFKA_CA_FILE"):
        client_options(settings)

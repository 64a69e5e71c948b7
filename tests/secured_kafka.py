"""A Kafka as a province has it: TLS and SCRAM on the listener that clients may use."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from ops import java
from ops.broker import HOST, Broker
from ops.settings import Settings

USER = "province-87"
WORD = "only-in-tests"

PROPERTIES = """
listeners={listeners},SECURE://{host}:{port}
advertised.listeners={advertised},SECURE://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PKCS12
ssl.keystore.location={keys}
ssl.keystore.password={word}
"""


class SecuredBroker(Broker):
    """The broker with one listener more: `secure` is its address, `authority` its certificate."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        settings.home.mkdir(parents=True, exist_ok=True)
        self._keys = settings.home / "keys.p12"
        self.authority = settings.home / "authority.pem"
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.secure = f"{HOST}:{probe.getsockname()[1]}"
        self._make_keys()

    def start(self) -> None:
        """Start, and give the user its password through the plain listener."""
        super().start()
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        asked = UserScramCredentialUpsertion(USER, how, WORD.encode())
        for done in admin.alter_user_scram_credentials([asked]).values():
            done.result(timeout=30)

    def _write_properties(self, ports: object) -> None:
        super()._write_properties(ports)  # type: ignore[arg-type]  # passed on as it came
        text = self._properties.read_text(encoding="utf-8")
        lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        changed = PROPERTIES.format(
            listeners=lines["listeners"],
            advertised=lines["advertised.listeners"],
            host=HOST,
            port=self.secure.rpartition(":")[2],
            keys=self._keys,
            word=WORD,
        )
        self._properties.write_text(text + changed, encoding="utf-8")

    def _make_keys(self) -> None:
        found = java.find_java()
        assert found is not None
        keytool = str(found.resolve().parent / "keytool")
        store = ["-keystore", str(self._keys), "-storetype", "PKCS12", "-storepass", WORD]
        make = ["-genkeypair", "-alias", "kafka", "-keyalg", "RSA", "-validity", "2"]
        make += ["-dname", "CN=kafka", "-ext", f"san=ip:{HOST}"]
        show = ["-exportcert", "-rfc", "-alias", "kafka", "-file", str(self.authority)]
        for command in (make, show):
            subprocess.run([keytool, *command, *store], check=True, capture_output=True)


def settings_of(broker: SecuredBroker, home: Path) -> Settings:
    """The settings of a home that speaks to this broker as a province would."""
    word = home.parent / "word"
    word.write_text(WORD, encoding="utf-8")
    return Settings.load(
        {},
        home=home,
        port=0,
        kafka=broker.secure,
        kafka_security="sasl_ssl",
        kafka_ca_file=str(broker.authority),
        kafka_user=USER,
        kafka_password_file=str(word),
    )

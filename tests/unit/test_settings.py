"""Settings come from LIENTHONG_* alone, and a bad one is said in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.settings import PREFIX, BrokenEnvironment, Settings, documented


def test_without_any_variable_everything_lives_in_the_home() -> None:
    settings = Settings.load({}, home=Path("/h"))

    assert "sqlite:/h/ledger.sqlite" == settings.ledger
    assert "sqlite:/h/readmodel.sqlite" == settings.read_model
    assert ("", "auto", "lienthong.", "127.0.0.1", 8000) == (
        settings.kafka,
        settings.log,
        settings.topic_prefix,
        settings.host,
        settings.port,
    )


def test_the_default_home_is_beside_the_launcher() -> None:
    home = Settings.load({}).home

    assert ".lienthong" == home.name
    assert (home.parent / "lienthong").is_file()


def test_options_win_over_variables_and_variables_over_defaults() -> None:
    settings = Settings.load({"LIENTHONG_PORT": "9000", "LIENTHONG_SOURCE": "a"}, port=9001)

    assert (9001, "a") == (settings.port, settings.source)


def test_an_empty_variable_is_no_variable() -> None:
    assert 8000 == Settings.load({"LIENTHONG_PORT": ""}).port


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "http", "LIENTHONG_PORT: 'http' cannot be used; write a whole number from"),
        ("PORT", "70000", "write a whole number from 0 to 65535"),
        ("COMMIT_INTERVAL_MS", "5000", "write a whole number from 1 to 1000"),
        ("LEDGER", "mysql://x", "write sqlite:PATH or postgresql://USER@HOST/DATABASE"),
        ("READ_MODEL", "sqlite:", "write sqlite:PATH or"),
        ("KAFKA", "broker", "write HOST:PORT, several with commas between them"),
        ("KAFKA", "a:1,b", "write HOST:PORT"),
        ("KAFKA_SECURITY", "tls", "write one of plaintext, ssl, sasl_plaintext, sasl_ssl"),
        ("LOG_LEVEL", "loud", "write one of debug, info, warning, error"),
        ("TOPIC_PREFIX", "a b", "write at most 100 letters"),
    ],
)
def test_a_bad_value_is_one_sentence_with_its_variable(
    name: str, value: str, sentence: str
) -> None:
    with pytest.raises(BrokenEnvironment) as said:
        Settings.load({PREFIX + name: value})

    assert str(said.value).startswith(PREFIX + name)
    assert sentence in str(said.value)
    assert 3 == said.value.exit_code


def test_a_variable_that_nobody_knows_is_said() -> None:
    with pytest.raises(BrokenEnvironment, match="LIENTHONG_PROT is not a setting"):
        Settings.load({"LIENTHONG_PROT": "1"})


def test_settings_that_do_not_go_together_are_said() -> None:
    with pytest.raises(BrokenEnvironment, match="LIENTHONG_KAFKA_USER"):
        Settings.load({"LIENTHONG_KAFKA_SECURITY": "sasl_ssl"})
    with pytest.raises(BrokenEnvironment, match="unset one of them"):
        Settings.load({"LIENTHONG_LOG": "sqlite", "LIENTHONG_KAFKA": "a:1"})


def test_a_child_process_sees_the_same_settings(tmp_path: Path) -> None:
    settings = Settings.load({"LIENTHONG_KAFKA": "a:1, b:2"}, home=tmp_path, port=7)

    assert settings == Settings.load(settings.environment())
    assert "a:1,b:2" == settings.kafka


def test_the_password_is_read_from_its_file_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("hunter2\n")
    settings = Settings.load(
        {
            "LIENTHONG_KAFKA_SECURITY": "sasl_ssl",
            "LIENTHONG_KAFKA_USER": "province-87",
            "LIENTHONG_KAFKA_PASSWORD_FILE": str(tmp_path / "p"),
        }
    )

    assert "hunter2" == settings.kafka_password()
    assert "hunter2" not in repr(settings) + str(settings.environment())


def test_a_password_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    settings = Settings.load({}, kafka_password_file=str(tmp_path / "none"))

    with pytest.raises(BrokenEnvironment, match="cannot be read: No such file"):
        settings.kafka_password()


def test_every_setting_is_documented() -> None:
    for setting in documented():
        assert setting.meaning, setting.variable
        assert setting.variable.startswith(PREFIX)

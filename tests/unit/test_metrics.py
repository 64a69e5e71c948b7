"""The metrics: every one documented, every one given, labels bounded."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from ops.dashboards import differing
from ops.metrics import BOARD_UNITS_MAX, Metrics, Reading, samples
from ops.metrics_table import METRICS, as_markdown
from schemas.refusal import Reason
from tests.sample_readings import healthy, sick


def values(reading: Reading) -> dict[tuple[str, tuple[object, ...]], float]:
    return {(name, labels): value for name, labels, value in samples(reading)}


def test_every_metric_is_given_by_a_full_reading() -> None:
    assert {name for name, _, _ in samples(healthy())} == set(METRICS)


def test_every_metric_has_as_many_labels_as_its_table_says() -> None:
    wrong = [
        name for name, labels, _ in samples(sick(1)) if len(labels) != len(METRICS[name].labels)
    ]

    assert wrong == []


def test_the_text_is_read_back_by_a_parser() -> None:
    text = Metrics(healthy).text().decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    names = [sample.labels["name"] for sample in families["lienthong_board_overdue"].samples]

    assert len(families) == len(METRICS)
    assert 'Sở "A"\\' in names
    assert all(family.documentation for family in families.values())


def test_every_name_and_help_is_written_as_prometheus_asks() -> None:
    counters = {name for name, metric in METRICS.items() if metric.kind == "counter"}

    assert {name for name in METRICS if not name.startswith("lienthong_")} == set()
    assert {name for name in METRICS if name.endswith("_total")} == counters
    assert [name for name, metric in METRICS.items() if not metric.help.endswith(".")] == []


def test_a_process_that_knows_little_says_little() -> None:
    assert {name for name, _, _ in samples(Reading())} == {
        "lienthong_build_info",
        "lienthong_ready",
        "lienthong_http_streams",
        "lienthong_refusals_total",
        "lienthong_board_units_left_out",
    }


def test_refusals_of_every_reason_are_there_from_the_start() -> None:
    found = {labels[0] for name, labels, _ in samples(healthy()) if name.endswith("refusals_total")}

    assert found == {reason.value for reason in Reason}


def test_units_beyond_the_limit_are_left_out_and_told() -> None:
    found = values(sick(1))
    shown = [key for key in found if key[0] == "lienthong_board_overdue"]

    assert len({labels for _, labels in shown}) <= BOARD_UNITS_MAX
    assert found["lienthong_board_units_left_out", ()] == 5


def test_communes_have_no_metric_of_their_own_but_count_in_their_level() -> None:
    found = values(healthy())
    units = {labels[0] for name, labels in found if name == "lienthong_board_due"}

    assert units == {"centre", "66", "66.so-a", "66.643"}
    assert found["lienthong_level_due", ("commune",)] == 4


def test_the_table_of_metrics_names_each_once() -> None:
    text = as_markdown()

    assert [name for name in METRICS if text.count(f"`{name}`") != 1] == []


def test_the_committed_dashboards_are_those_that_would_be_written() -> None:
    assert list(differing()) == []

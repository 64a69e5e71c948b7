"""The first Grafana board, as data: is it alive, is it late, what is refused, who is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

Json = dict[str, object]

WIDTH = 24
"""Columns of a Grafana board."""
UID = "lienthong-overview"
_SOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
_PROVINCES = 'level="province",kind="people_committee"'
_CENTRE = 'level="centre"'


class Panel(NamedTuple):
    """One panel. `queries` are (legend, PromQL); `kind` is Grafana's panel type."""

    title: str
    kind: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    width: int = 6
    height: int = 8
    description: str = ""
    red_from: float | None = None


def _share(part: str, whole: str, labels: str) -> str:
    # Where nothing is due there is no rate: 0 / 0 is NaN, and "> 0" leaves such a unit out.
    chosen = f"lienthong_board_{whole}{{{labels}}}"
    return f"lienthong_board_{part}{{{labels}}} / ({chosen} > 0)"


PANELS = (
    Panel(
        "Overdue, whole country",
        "stat",
        (("", f"lienthong_board_overdue{{{_CENTRE}}}"),),
        width=4,
        height=4,
        red_from=1,
    ),
    Panel(
        "Completion of what is due",
        "stat",
        (("", _share("completed_of_due", "due", _CENTRE)),),
        unit="percentunit",
        width=4,
        height=4,
    ),
    Panel(
        "On time",
        "stat",
        (("", _share("on_time_of_due", "due", _CENTRE)),),
        unit="percentunit",
        width=4,
        height=4,
    ),
    Panel(
        "Ready",
        "stat",
        (("", "min(lienthong_ready)"),),
        width=4,
        height=4,
        description="1 once answers can be relied on.",
    ),
    Panel(
        "Behind the topics",
        "stat",
        (("", "max(lienthong_lag_seconds)"),),
        unit="s",
        width=4,
        height=4,
        red_from=60,
    ),
    Panel(
        "Refused in 24 hours",
        "stat",
        (("", "sum(delta(lienthong_quarantine_records[24h]))"),),
        width=4,
        height=4,
        red_from=1,
    ),
    Panel(
        "Overdue by province",
        "bargauge",
        (("{{name}}", f"sort_desc(lienthong_board_overdue{{{_PROVINCES}}})"),),
        width=12,
        height=11,
        red_from=1,
    ),
    Panel(
        "Completion of what is due, by province",
        "bargauge",
        (("{{name}}", f"sort({_share('completed_of_due', 'due', _PROVINCES)})"),),
        unit="percentunit",
        width=12,
        height=11,
    ),
    Panel(
        "Overdue over time, by province",
        "timeseries",
        (("{{name}}", f"lienthong_board_overdue{{{_PROVINCES}}}"),),
        width=12,
    ),
    Panel(
        "Overdue by level",
        "timeseries",
        (("{{level}}", "sum by (level) (lienthong_level_overdue)"),),
        width=6,
    ),
    Panel(
        "Silent units by level",
        "timeseries",
        (("{{level}}", "sum by (level) (lienthong_silent_units)"),),
        width=6,
        description="Units with something past its due that have completed none of it.",
    ),
    Panel(
        "Lag in events",
        "timeseries",
        (("{{topic}}", "sum by (topic) (lienthong_lag_events)"),),
        width=8,
    ),
    Panel(
        "Lag in seconds",
        "timeseries",
        (("{{topic}}", "max by (topic) (lienthong_lag_seconds)"),),
        unit="s",
        width=8,
    ),
    Panel(
        "Events folded per second",
        "timeseries",
        (
            ("{{worker}}", "sum by (worker) (rate(lienthong_events_total[$__rate_interval]))"),
            (
                "duplicates, {{worker}}",
                "sum by (worker) (rate(lienthong_duplicates_total[$__rate_interval]))",
            ),
        ),
        unit="ops",
        width=8,
    ),
    Panel(
        "Refusals by reason",
        "timeseries",
        (
            (
                "{{reason}}",
                "sum by (reason) (delta(lienthong_quarantine_records[$__rate_interval])) > 0",
            ),
        ),
        width=8,
    ),
    Panel(
        "Quarantine and held",
        "timeseries",
        (
            ("quarantine, {{side}}", "sum by (side) (lienthong_quarantine_records)"),
            ("held facts", "sum(lienthong_held_facts)"),
        ),
        width=8,
    ),
    Panel(
        "Recorded but not on the topics",
        "timeseries",
        (
            ("ledger − relay", "lienthong_ledger_position - lienthong_relay_position"),
            ("outbox", "lienthong_outbox_messages"),
        ),
        width=8,
    ),
    Panel(
        "Commits",
        "timeseries",
        (
            (
                "mean, {{worker}}",
                "rate(lienthong_commit_seconds_total[$__rate_interval])"
                " / (rate(lienthong_commits_total[$__rate_interval]) > 0)",
            ),
            ("longest, {{worker}}", "lienthong_commit_seconds_max"),
        ),
        unit="s",
        width=8,
    ),
    Panel(
        "Holes and vanished offsets",
        "timeseries",
        (
            ("holes", "sum(increase(lienthong_holes_total[$__rate_interval]))"),
            ("vanished", "sum(increase(lienthong_vanished_total[$__rate_interval]))"),
        ),
        width=8,
    ),
    Panel(
        "Limits reached, streams",
        "timeseries",
        (
            (
                "{{limit}}",
                "sum by (limit) (increase(lienthong_limit_reached_total[$__rate_interval]))",
            ),
            ("open streams", "sum(lienthong_http_streams)"),
        ),
        width=8,
    ),
    Panel(
        "Restated figures by cause",
        "timeseries",
        (
            (
                "{{cause}}",
                "sum by (cause) (increase(lienthong_restatements_total[$__rate_interval]))",
            ),
        ),
        width=8,
        description="Figures of days gone by that late facts, corrections or unit events changed.",
    ),
)


def board() -> Json:
    """The board in Grafana's JSON model."""
    return {
        "uid": UID,
        "title": "Lienthong",
        "tags": ["lienthong"],
        "timezone": "Asia/Ho_Chi_Minh",
        "schemaVersion": 39,
        "refresh": "30s",
        "editable": True,
        "time": {"from": "now-24h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_placed(PANELS)),
    }


def queries() -> list[tuple[str, str]]:
    """(panel title, PromQL) of every query on the board."""
    return [(panel.title, promql) for panel in PANELS for _, promql in panel.queries]


def _placed(panels: Iterable[Panel]) -> Iterable[Json]:
    """The panels from left to right, a new row where one does not fit."""
    x = y = row = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > WIDTH:
            x, y, row = 0, y + row, 0
        place: Json = {"x": x, "y": y, "w": panel.width, "h": panel.height}
        x, row = x + panel.width, max(row, panel.height)
        yield _panel(number, panel, place)


def _panel(number: int, panel: Panel, place: Json) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    if panel.red_from is not None:
        steps.append({"color": "red", "value": panel.red_from})
    rate = panel.unit == "percentunit"
    defaults: Json = {
        "unit": panel.unit,
        "noValue": "no data",
        "thresholds": {"mode": "absolute", "steps": steps},
        **({"min": 0, "max": 1} if rate else {"min": 0}),
    }
    instant = panel.kind != "timeseries"
    targets = [
        {
            "refId": chr(ord("A") + index),
            "datasource": _SOURCE,
            "expr": promql,
            "legendFormat": legend,
            "instant": instant,
            "range": not instant,
        }
        for index, (legend, promql) in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _options(panel.kind),
        "targets": targets,
    }


def _options(kind: str) -> Json:
    last = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    if kind == "stat":
        return {"reduceOptions": last, "colorMode": "value", "graphMode": "area"}
    if kind == "bargauge":
        return {"reduceOptions": last, "orientation": "horizontal", "displayMode": "basic"}
    return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}

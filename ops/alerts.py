"""The alert rules: what an operator is called for, and what to do first."""

from __future__ import annotations

from typing import NamedTuple


class Alert(NamedTuple):
    """One rule. `lasts`: how long the expression must hold; `first`: what to do first."""

    name: str
    expression: str
    lasts: str
    severity: str
    summary: str
    first: str


_PROVINCES = 'level="province",kind="people_committee"'

ALERTS = (
    Alert(
        "LienthongDown",
        'up{job="lienthong"} == 0',
        "1m",
        "critical",
        "{{ $labels.instance }} does not answer",
        "Look whether the process runs and what its log says last; run lienthong doctor.",
    ),
    Alert(
        "LienthongNotReady",
        "lienthong_ready == 0",
        "5m",
        "warning",
        "{{ $labels.instance }} has not caught up with its topics",
        "Ask /readyz for the reason; compare lag with the rate of folded events.",
    ),
    Alert(
        "LienthongLag",
        "max by (instance, topic) (lienthong_lag_seconds) > 60",
        "5m",
        "critical",
        "Figures are {{ $value | humanizeDuration }} behind {{ $labels.topic }}",
        "See whether events are folded at all; add a worker where they are, slowly.",
    ),
    Alert(
        "LienthongRelayStuck",
        "lienthong_ledger_position - lienthong_relay_position > 0"
        " and changes(lienthong_relay_position[5m]) == 0",
        "5m",
        "critical",
        "{{ $value }} recorded events do not reach the topics",
        "Look at the relay's log: it stops where the topic's last record is not the ledger's.",
    ),
    Alert(
        "LienthongCommitsStuck",
        "lienthong_unwritten_events > 0 and on (instance, worker)"
        " changes(lienthong_commits_total[5m]) == 0",
        "5m",
        "critical",
        "{{ $value }} folded events of {{ $labels.worker }} are not durable",
        "Look for a full disk or a locked read model.",
    ),
    Alert(
        "LienthongSlowCommits",
        "rate(lienthong_commit_seconds_total[5m]) / rate(lienthong_commits_total[5m]) > 1",
        "10m",
        "warning",
        "A commit of {{ $labels.worker }} takes {{ $value | humanizeDuration }}",
        "Look at the disk of the read model.",
    ),
    Alert(
        "LienthongOutboxGrows",
        "lienthong_outbox_messages > 10000",
        "10m",
        "warning",
        "{{ $value }} messages wait to be sent",
        "See whether the broker takes messages.",
    ),
    Alert(
        "LienthongRefusals",
        "sum by (side, reason) (delta(lienthong_quarantine_records[15m])) > 0",
        "0m",
        "warning",
        "{{ $value | humanize }} records refused ({{ $labels.side }}): {{ $labels.reason }}",
        "Run lienthong quarantine list and tell the source that sent them.",
    ),
    Alert(
        "LienthongVanished",
        "increase(lienthong_vanished_total[1h]) > 0",
        "0m",
        "critical",
        "{{ $value | humanize }} offsets are missing on the topics",
        "Run lienthong verify: it compares with the ledger and names what is missing.",
    ),
    Alert(
        "LienthongVerifyDiffers",
        "sum by (instance) (lienthong_verify_differing) > 0",
        "0m",
        "critical",
        "{{ $value }} figures or facts of {{ $labels.instance }} are not what the log says",
        "Ask /api/verification: it names unit, measure, day and event; then run lienthong verify.",
    ),
    Alert(
        "LienthongVerifyStuck",
        "lienthong_verify_age_seconds > 3600",
        "5m",
        "warning",
        "The last verdict on {{ $labels.instance }} is {{ $value | humanizeDuration }} old",
        "Look whether the process run verify lives and what its log says last.",
    ),
    Alert(
        "LienthongPartitionsLost",
        "increase(lienthong_partitions_lost_total[15m]) > 3",
        "0m",
        "warning",
        "Workers take partitions from each other",
        "See whether a worker pauses for long, or two homes share one group id.",
    ),
    Alert(
        "LienthongHeldFacts",
        "lienthong_held_facts > 0",
        "1d",
        "info",
        "{{ $value }} facts wait for another fact",
        "Look which obligations or units nobody has opened or established.",
    ),
    Alert(
        "LienthongTreeConflict",
        "lienthong_tree_conflicts > 0",
        "0m",
        "warning",
        "{{ $value }} unit events contradict each other",
        "The common superior of both units decides with an event of its own.",
    ),
    Alert(
        "LienthongHandoverLeft",
        "lienthong_handover_left > 0",
        "1h",
        "warning",
        "{{ $value }} open obligations stay with units that have ended: {{ $labels.reason }}",
        "Run lienthong unit handover; the worker's log says what the ledger refused, and why.",
    ),
    Alert(
        "LienthongLimitReached",
        "sum by (limit) (increase(lienthong_limit_reached_total[15m])) > 0",
        "0m",
        "warning",
        "The limit {{ $labels.limit }} turned something away",
        "See who sends so much; raise the limit only with a reason.",
    ),
    Alert(
        "LienthongUnitsLeftOut",
        "lienthong_board_units_left_out > 0",
        "1h",
        "info",
        "{{ $value }} units have no board metric",
        "Read their boards over HTTP.",
    ),
    Alert(
        "LienthongSilentUnits",
        "sum by (level) (lienthong_silent_units) > 0",
        "1d",
        "info",
        "{{ $value }} units of level {{ $labels.level }} have answered nothing that is past due",
        "Urge them; the list is on the web board, state overdue.",
    ),
    Alert(
        "LienthongOverdueProvince",
        f"lienthong_board_overdue{{{_PROVINCES}}} / lienthong_board_due{{{_PROVINCES}}} > 0.25",
        "1d",
        "info",
        "{{ $labels.name }}: {{ $value | humanizePercentage }} of what is due is overdue",
        "Open the province's board and sort its units by overdue.",
    ),
)


def rules() -> dict[str, object]:
    """The rules file, as data."""
    return {
        "groups": [
            {
                "name": "lienthong",
                "rules": [
                    {
                        "alert": alert.name,
                        "expr": alert.expression,
                        "for": alert.lasts,
                        "labels": {"severity": alert.severity},
                        "annotations": {"summary": alert.summary, "first": alert.first},
                    }
                    for alert in ALERTS
                ],
            }
        ]
    }

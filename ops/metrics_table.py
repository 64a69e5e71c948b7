"""Every metric by name: its kind, its labels, and what it tells; the source of docs and output."""

from __future__ import annotations

from typing import NamedTuple

COUNTER, GAUGE = "counter", "gauge"


class Metric(NamedTuple):
    """One metric. `labels` in the order in which values are given."""

    kind: str
    labels: tuple[str, ...]
    help: str


_UNIT = ("unit", "name", "level", "kind")
_PLACE = ("topic", "partition")

METRICS: dict[str, Metric] = {
    "lienthong_build_info": Metric(GAUGE, ("version",), "Always 1; the version that runs."),
    "lienthong_ready": Metric(GAUGE, (), "1 once answers can be relied on, else 0."),
    "lienthong_lag_events": Metric(GAUGE, _PLACE, "Events on the log that are not folded yet."),
    "lienthong_lag_seconds": Metric(
        GAUGE, _PLACE, "Age of the oldest event that is not folded yet; 0 where none waits."
    ),
    "lienthong_events_total": Metric(
        COUNTER, ("worker",), "Records folded since the start, duplicates included."
    ),
    "lienthong_duplicates_total": Metric(
        COUNTER, ("worker",), "Records whose event was known already."
    ),
    "lienthong_refusals_total": Metric(
        COUNTER, ("reason",), "Records put into quarantine by this process, by reason code."
    ),
    "lienthong_batches_total": Metric(COUNTER, ("worker",), "Lists of records folded at once."),
    "lienthong_fold_seconds_total": Metric(COUNTER, ("worker",), "Time spent on folding."),
    "lienthong_skipped_total": Metric(
        COUNTER, ("worker",), "Records that came again although they were folded."
    ),
    "lienthong_foreign_total": Metric(
        COUNTER, ("worker",), "Records of partitions that were not ours (any more)."
    ),
    "lienthong_holes_total": Metric(
        COUNTER, ("worker",), "Offsets missing where the next record was expected."
    ),
    "lienthong_vanished_total": Metric(
        COUNTER, ("worker",), "Missing offsets that were still missing when read once more."
    ),
    "lienthong_partitions_lost_total": Metric(
        COUNTER, ("worker",), "Partitions given up because another worker had taken them."
    ),
    "lienthong_commits_total": Metric(COUNTER, ("worker",), "Durable commits of the read model."),
    "lienthong_commit_seconds_total": Metric(COUNTER, ("worker",), "Time spent on commits."),
    "lienthong_commit_seconds_max": Metric(
        GAUGE, ("worker",), "The longest commit since the start."
    ),
    "lienthong_sent_total": Metric(
        COUNTER, ("worker",), "Outgoing messages that the log has acknowledged."
    ),
    "lienthong_unwritten_events": Metric(
        GAUGE, ("worker",), "Events folded but not durable yet; a crash folds them again."
    ),
    "lienthong_outbox_messages": Metric(
        GAUGE, (), "Messages that are durable but not acknowledged by the log yet."
    ),
    "lienthong_held_facts": Metric(
        GAUGE, (), "Facts that wait for another fact, as a report nobody expected yet."
    ),
    "lienthong_quarantine_records": Metric(
        GAUGE,
        ("side", "reason"),
        "Records in quarantine; side is write (refused at the door) or read (on the topics).",
    ),
    "lienthong_tree_version": Metric(GAUGE, (), "Offset + 1 of the last unit event applied."),
    "lienthong_tree_conflicts": Metric(
        GAUGE, (), "Unit events that contradict another one and wait for a decision."
    ),
    "lienthong_ledger_position": Metric(GAUGE, (), "Last notification in the ledger."),
    "lienthong_relay_position": Metric(
        GAUGE, (), "Last notification that the log has acknowledged."
    ),
    "lienthong_limit_reached_total": Metric(
        COUNTER, ("limit",), "How often a named limit turned something away."
    ),
    "lienthong_handed_over_total": Metric(
        COUNTER, (), "Open obligations of ended units that were handed over by themselves."
    ),
    "lienthong_handover_left": Metric(
        GAUGE,
        ("reason",),
        "Open obligations of ended units that stayed at the last look: nobody receives them, the"
        " ledger refused, or unmoved because the ledger here does not have them open (any more).",
    ),
    "lienthong_restatements_total": Metric(
        COUNTER,
        ("cause",),
        "Figures of days gone by restated since the start, by cause: a late_fact, a correction, a"
        " unit_event.",
    ),
    "lienthong_calendar_total": Metric(
        COUNTER,
        ("what",),
        "What the calendar recorded since the start: obligations opened, given a day (determined),"
        " dropped before they began, or refused by the ledger.",
    ),
    "lienthong_verify_compared": Metric(
        GAUGE,
        ("partition",),
        "Cells and facts that verifying beside live compared when it last looked at a partition.",
    ),
    "lienthong_verify_differing": Metric(
        GAUGE, ("partition",), "Those that differ from the plain fold; anything but 0 is a fault."
    ),
    "lienthong_verify_left_out": Metric(
        GAUGE,
        ("partition",),
        "1 where the last look at a partition compared nothing: it has more than may be held in"
        " memory, or its log is cut; /api/verification says what.",
    ),
    "lienthong_verify_age_seconds": Metric(
        GAUGE, (), "Age of the last verdict of verifying beside live; absent where it is off."
    ),
    "lienthong_http_streams": Metric(GAUGE, (), "Open live streams."),
    "lienthong_board_assigned": Metric(
        GAUGE, _UNIT, "Obligations with a due, of the unit and all below it."
    ),
    "lienthong_board_due": Metric(GAUGE, _UNIT, "Those whose due has passed."),
    "lienthong_board_completed": Metric(GAUGE, _UNIT, "Those that are completed."),
    "lienthong_board_completed_of_due": Metric(
        GAUGE, _UNIT, "Those whose due has passed and that are completed."
    ),
    "lienthong_board_on_time_of_due": Metric(
        GAUGE, _UNIT, "Those whose due has passed and that were completed on time."
    ),
    "lienthong_board_in_revision": Metric(
        GAUGE, _UNIT, "Those returned, or waiting for acceptance, past their due."
    ),
    "lienthong_board_overdue": Metric(
        GAUGE, _UNIT, "Those past their due, neither completed nor in revision."
    ),
    "lienthong_board_units_left_out": Metric(
        GAUGE, (), "Units without a board metric, because there are more than the limit."
    ),
    "lienthong_level_assigned": Metric(
        GAUGE, ("level",), "Obligations with a due, owed by units of this level."
    ),
    "lienthong_level_due": Metric(GAUGE, ("level",), "Those whose due has passed."),
    "lienthong_level_completed": Metric(GAUGE, ("level",), "Those that are completed."),
    "lienthong_level_overdue": Metric(GAUGE, ("level",), "Those that are overdue."),
    "lienthong_silent_units": Metric(
        GAUGE, ("level",), "Units with something past its due that have completed none of it."
    ),
}


def as_markdown() -> str:
    """The table of all metrics, as documentation."""
    head = (
        "# Metrics\n\n"
        "Generated by `lienthong dashboards write` from `ops/metrics_table.py`; do not edit.\n\n"
        "| metric | kind | labels | what it tells |\n| --- | --- | --- | --- |\n"
    )
    rows = [
        f"| `{name}` | {metric.kind} | {', '.join(metric.labels)} | {metric.help} |\n"
        for name, metric in METRICS.items()
    ]
    return head + "".join(rows)

"""Words of phases of years side by side."""

from __future__ import annotations

from collections.abc import Mapping

PHASES: Mapping[str, tuple[str, str]] = {
    "page.phases": ("So sánh các giai đoạn", "Phases side by side"),
    "phases.title": ("so sánh giai đoạn {phases}", "phases {phases} side by side"),
    "phases.all": ("Tất cả", "All"),
    "phases.compare": ("So sánh", "Compare"),
    "phases.outside": (
        "Đến hạn ngoài các giai đoạn này: {count} việc",
        "Due in none of these phases: {count}",
    ),
    "phases.change": (
        "{figure}: giai đoạn {last} so với {first}",
        "{figure}: {last} against {first}",
    ),
    "column.group": ("Nhóm", "Group"),
    "column.group_name": ("Tên", "Name"),
    "column.phase": ("Giai đoạn", "Phase"),
    "column.assigned_at_end": ("Được giao (cuối giai đoạn)", "Assigned (end of phase)"),
    "column.completed_at_end": ("Hoàn thành (cuối giai đoạn)", "Completed (end of phase)"),
    "column.on_time_at_end": ("Đúng hạn (cuối giai đoạn)", "On time (end of phase)"),
    "column.overdue_at_end": ("Quá hạn (cuối giai đoạn)", "Overdue (end of phase)"),
    "column.completion_rate_at_end": (
        "Tỷ lệ hoàn thành (cuối giai đoạn)",
        "Completion rate (end of phase)",
    ),
    "column.cancelled": ("Đã huỷ / được miễn", "Cancelled / waived"),
}

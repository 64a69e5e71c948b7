"""Words of the calendar and of the questions about a unit's own duties."""

from __future__ import annotations

from collections.abc import Mapping

DUTIES: Mapping[str, tuple[str, str]] = {
    "page.calendar": ("Lịch công việc", "Calendar"),
    "column.due_before": ("Trước ngày", "Before"),
    "column.state": ("Trạng thái", "State"),
    "column.days_left": ("Còn (ngày)", "Days left"),
    "column.days_overdue": ("Quá hạn (ngày)", "Days overdue"),
    "column.title": ("Nội dung", "What"),
    "column.period": ("Kỳ", "Period"),
    "column.ower": ("Đơn vị thực hiện", "Owed by"),
    "column.to": ("Gửi đến", "To"),
    "column.via": ("Thông qua", "Via"),
    "column.copied": ("Đồng gửi", "Copied to"),
    "column.skips": ("Không qua", "Passes by"),
    "column.together": ("Gửi chung được với", "One paper with"),
    "column.estimate_from": ("Số liệu ước từ ngày", "Estimates from"),
}

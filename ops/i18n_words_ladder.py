"""Words of the ladder, of oversight and of the year's figures."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, tuple[str, str]]

LADDER: Words = {
    "page.ladder": ("Đôn đốc, nhắc nhở, phê bình", "Urging, reminders, criticism"),
    "column.note": ("Hình thức", "Step"),
    "column.role": ("Tư cách", "Role"),
    "column.pressed": ("Đơn vị được nhắc", "Units"),
    "column.named": ("Số việc nêu tên", "Duties named"),
    "column.unit": ("Mã đơn vị", "Unit"),
    "column.name": ("Đơn vị", "Name"),
    "column.item": ("Mục", "Item"),
    "column.period": ("Kỳ", "Period"),
    "column.due_before": ("Hạn (trước ngày)", "Due before"),
    "column.days_overdue": ("Số ngày quá hạn", "Days overdue"),
    "column.reminded": ("Số lần nhắc nhở", "Reminders"),
    "column.reminded_at": ("Nhắc nhở gần nhất", "Last reminder"),
    "column.criticised": ("Số lần phê bình", "Criticisms"),
    "column.tasks_due": ("Nhiệm vụ đến hạn", "Tasks due"),
    "column.tasks_on_time": ("Nhiệm vụ đúng hạn", "Tasks on time"),
    "column.tasks_late": ("Nhiệm vụ xong quá hạn", "Tasks late"),
    "column.tasks_overdue": ("Nhiệm vụ quá hạn", "Tasks overdue"),
    "column.reports_due": ("Báo cáo đến hạn", "Reports due"),
    "column.reports_on_time": ("Báo cáo đúng hạn", "Reports on time"),
    "column.reports_late": ("Báo cáo gửi quá hạn", "Reports late"),
    "column.reports_overdue": ("Báo cáo quá hạn", "Reports overdue"),
    "column.findings_open": ("Kết luận chưa khắc phục", "Findings open"),
    "column.findings_closed": ("Kết luận đã khắc phục", "Findings closed"),
    "role.system": ("hệ thống nhắc thay", "the system"),
}

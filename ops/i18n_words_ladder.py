"""Words of the ladder, of oversight and of the year's figures."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, tuple[str, str]]

LADDER: Words = {
    "page.ladder": ("Đôn đốc, nhắc nhở, phê bình", "Urging, reminders, criticism"),
    "ladder.year": ("Năm {year}", "Year {year}"),
    "ladder.documents": ("Văn bản đôn đốc, nhắc nhở, phê bình", "Documents"),
    "ladder.candidates": (
        "Vẫn quá hạn sau khi đã nhắc nhở",
        "Still overdue after reminders",
    ),
    "ladder.a_person_decides": (
        "Phê bình luôn do người có thẩm quyền quyết định, bằng văn bản",
        "A person decides to criticise, and issues a document",
    ),
    "ladder.figures": ("Số liệu thi đua trong năm", "The year's figures"),
    "column.note": ("Hình thức", "Step"),
    "column.pressed": ("Đơn vị được nhắc", "Units"),
    "column.named": ("Số việc nêu tên", "Duties named"),
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
    "column.member": ("Thành viên phụ trách", "Member"),
    "column.areas": ("Lĩnh vực", "Areas"),
    "column.units": ("Đơn vị phụ trách", "Units"),
    "remind.dry": (
        "Chạy thử: {documents} văn bản nhắc nhở, {count} việc; thêm --apply để ghi nhận",
        "Dry run: {documents} reminders, {count} duties; --apply records them",
    ),
    "remind.applied": (
        "Đã ghi nhận {documents} văn bản nhắc nhở, {count} việc",
        "Recorded {documents} reminders, {count} duties",
    ),
    "role.system": ("hệ thống nhắc thay", "the system"),
}

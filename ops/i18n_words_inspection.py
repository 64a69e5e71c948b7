"""Words of the questions about inspections and findings."""

from __future__ import annotations

from collections.abc import Mapping

INSPECTIONS: Mapping[str, tuple[str, str]] = {
    "page.inspections": ("Kiểm tra cải cách hành chính", "Inspections"),
    "inspections.due": ("Còn phải làm, {period}", "Still owed, {period}"),
    "inspections.coverage": ("Kết quả kiểm tra năm {year}", "Coverage of {year}"),
    "inspections.subjects": ("Đơn vị được kiểm tra năm {year}", "Units inspected in {year}"),
    "inspections.findings": ("Kết luận chưa khắc phục", "Findings still open"),
    "column.suggested": ("Gợi ý hạn (trước ngày)", "Suggested due before"),
    "column.planned_on": ("Dự kiến ngày", "Planned for"),
    "column.completed_at": ("Hoàn thành lúc", "Done"),
    "column.duties_owed": ("Phải kiểm tra (lần)", "Owed"),
    "column.duties_done": ("Đã thực hiện", "Done of these"),
    "column.inspections": ("Số cuộc kiểm tra", "Inspections"),
    "column.unannounced": ("Trong đó đột xuất", "Unannounced"),
    "column.subjects_count": ("Số đối tượng kiểm tra", "Subjects"),
    "column.inspected": ("Đã được kiểm tra", "Inspected"),
    "column.never": ("Chưa được kiểm tra", "Never inspected"),
    "column.areas_count": ("Số lĩnh vực", "Areas"),
    "column.inspected_times": ("Số lần", "Times"),
    "column.last_on": ("Lần cuối", "Last"),
    "column.bodies": ("Cơ quan kiểm tra", "Inspected by"),
    "column.planned_by": ("Có trong kế hoạch của", "In the plan of"),
    "column.areas_named": ("Lĩnh vực", "Areas inspected"),
    "column.finding": ("Kết luận", "Finding"),
    "column.measure_taken": ("Biện pháp", "Measure"),
    "column.inspector": ("Cơ quan kết luận", "Found by"),
    "column.found_at": ("Phát hiện lúc", "Found"),
    "column.finding_text": ("Nội dung", "Text"),
    "finding.shortcoming": ("thiếu sót", "shortcoming"),
    "finding.delay": ("chậm trễ", "delay"),
    "measure_taken.correct": ("uốn nắn", "correct"),
    "measure_taken.remedy": ("khắc phục", "remedy"),
}

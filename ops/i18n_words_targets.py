"""Words of targets with quantities."""

from __future__ import annotations

from collections.abc import Mapping

TARGETS: Mapping[str, tuple[str, str]] = {
    "page.targets": ("Chỉ tiêu định lượng", "Targets"),
    "column.target": ("Chỉ tiêu", "Target"),
    "column.measured": ("Đã đạt", "Measured"),
    "column.counted_in": ("Đơn vị tính", "Counted in"),
    "column.taken_up": ("Đưa vào kế hoạch", "Taken up"),
    "column.left_out": ("Còn thiếu", "Left out"),
    "column.share": ("Tỷ lệ đạt", "Share"),
    "column.reported": ("Đã báo cáo tiến độ", "Reported"),
    "column.reached": ("Đạt chỉ tiêu", "Reached"),
    "column.done": ("Hoàn thành", "Done"),
    "column.measured_at": ("Tính đến", "Measured on"),
    "measure_unit.percent": ("%", "%"),
}

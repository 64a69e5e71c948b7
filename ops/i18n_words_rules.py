"""Words of the question about rules."""

from __future__ import annotations

from collections.abc import Mapping

RULES: Mapping[str, tuple[str, str]] = {
    "column.rule": ("Quy định", "Rule"),
    "column.standing": ("Hiệu lực", "Standing"),
    "column.opens_on": ("Ngày mở", "Opens on"),
    "standing.in_force": ("đang áp dụng", "in force"),
    "standing.waits_for_day": ("chờ ấn định ngày", "waits for a day"),
    "standing.waits_for_event": ("chờ điều kiện", "waits for its condition"),
    "standing.by_declaration": ("theo đăng ký của đơn vị", "for those who declare"),
    "standing.in_parts": ("theo từng mục con", "by its parts"),
    "standing.opens_nothing": ("không mở kỳ", "opens nothing by itself"),
    "standing.over": ("đã qua", "over"),
    "standing.withdrawn": ("đã bãi bỏ", "withdrawn"),
    "standing.dropped": ("đã đưa ra khỏi chương trình", "item dropped"),
    "standing.closed": ("chương trình đã kết thúc", "programme closed"),
}

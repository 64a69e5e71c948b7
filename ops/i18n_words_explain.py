"""Words of the questions behind a figure and between two states."""

from __future__ import annotations

from collections.abc import Mapping

EXPLAIN: Mapping[str, tuple[str, str]] = {
    "question.explain": ("Nguồn gốc số liệu", "Where a figure comes from"),
    "question.diff": ("So sánh hai thời điểm", "What differs between two states"),
    "page.explain": ("Nguồn gốc số liệu", "Where a figure comes from"),
    "column.since": ("Được tính từ", "Counted since"),
    "column.because": ("Vì", "Because of"),
    "column.rule_text": ("Căn cứ thời hạn", "Rule of the due"),
    "column.figure": ("Trên bảng số liệu", "On the board"),
    "column.agrees": ("Khớp", "Agrees"),
    "column.units_total": ("Đơn vị đến hoặc đi", "Units that came or went"),
    "because.clock": ("đến ngày hạn", "the day came"),
    "because.tree": ("đơn vị được sắp xếp lại", "units were rearranged"),
    "cut.column": ("Cột", "Column"),
    "explain.board": (
        "Trên bảng số liệu: {figure}; đếm lại từ các việc: {total}",
        "On the board: {figure}; counted again from the obligations: {total}",
    ),
    "explain.agrees": ("khớp", "agrees"),
    "explain.differs": ("KHÔNG KHỚP", "DIFFERS"),
    "explain.path": ("Đơn vị cấp trên", "Way up"),
    "explain.rule": ("Căn cứ", "Rule"),
    "explain.decides": ("quyết định tình trạng", "decides the state"),
    "explain.counts": ("được tính trước đó", "counted before"),
    "explain.later": ("sau thời điểm này", "after this instant"),
    "explain.corrects": ("đính chính", "corrects"),
    "explain.ledger": ("sổ cái số {number}", "ledger no. {number}"),
    "explain.recorded": ("ghi nhận {at}", "recorded {at}"),
    "explain.page": ("trang {page}/{pages}", "page {page} of {pages}"),
    "explain.came": ("đến", "came"),
    "explain.went": ("đi", "went"),
}

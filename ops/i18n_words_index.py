"""Words of the index, of ranks and of rewards."""

from __future__ import annotations

from collections.abc import Mapping

INDEX: Mapping[str, tuple[str, str]] = {
    "page.merit": ("Thi đua, khen thưởng", "Emulation and rewards"),
    "page.rank": ("Xếp hạng", "Ranks"),
    "column.self_score": ("Tự chấm", "Own score"),
    "column.verified_score": ("Thẩm định", "Verified"),
    "column.difference": ("Chênh lệch", "Difference"),
    "column.rank": ("Hạng", "Rank"),
    "column.on_time_of_due": ("Đúng hạn", "On time"),
    "column.due_completion_rate": ("Hoàn thành việc đến hạn", "Completed of due"),
    "column.index_score": ("Điểm chỉ số", "Index score"),
    "column.proposed_name": ("Được đề nghị", "Proposed"),
    "column.persons": ("Số cá nhân", "Persons"),
    "column.form": ("Hình thức khen thưởng", "Form"),
    "reward.bang-khen": ("Bằng khen", "Certificate of merit"),
    "reward.giay-khen": ("Giấy khen", "Letter of commendation"),
    "reward.co-thi-dua": ("Cờ thi đua", "Emulation flag"),
    "column.awarded_at": ("Khen thưởng ngày", "Awarded"),
    "column.changed": ("Số liệu đã đổi", "Figures changed"),
    "column.qualifies": ("Đủ điều kiện theo số liệu", "Qualifies"),
    "column.is_proposed": ("Đã đề nghị", "Is proposed"),
    "column.is_awarded": ("Đã khen thưởng", "Is awarded"),
    "column.survey": ("Cuộc khảo sát", "Survey"),
    "column.surveyed": ("Nội dung khảo sát", "About"),
    "column.sample": ("Số phiếu", "Answers"),
    "column.result": ("Kết quả", "Result"),
    "column.published_rank": ("Hạng công bố", "Published rank"),
    "column.rating_class": ("Xếp loại", "Class"),
}

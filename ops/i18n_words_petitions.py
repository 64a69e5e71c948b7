"""Words of petitions: the columns of report R5, what is done with one, how it ends."""

from __future__ import annotations

from collections.abc import Mapping

PETITIONS: Mapping[str, tuple[str, str]] = {
    "page.petitions": ("Phản ánh, kiến nghị", "Petitions"),
    "column.deed": ("Việc đã làm", "Done"),
    "column.outcome": ("Kết quả giải quyết", "Outcome"),
    "column.to_name": ("Chuyển đến", "Passed to"),
    "column.holder_name": ("Nơi đang giữ", "Held by"),
    "column.reason": ("Lý do", "Reason"),
    "column.carried": ("Tồn kỳ trước", "Carried over"),
    "column.received": ("Tiếp nhận", "Received"),
    "column.taken_over": ("Nhận chuyển đến", "Taken over"),
    "column.transferred": ("Chuyển cơ quan có thẩm quyền", "Transferred"),
    "column.escalated": ("Báo cáo cấp trên", "Escalated"),
    "column.settled": ("Đã giải quyết", "Settled"),
    "column.withdrawn": ("Đã rút", "Withdrawn"),
    "column.open": ("Đang giải quyết", "Open"),
    "petition.received": ("tiếp nhận", "received"),
    "petition.transferred": ("chuyển cơ quan có thẩm quyền", "transferred"),
    "petition.escalated": ("báo cáo cấp trên", "escalated"),
    "petition.settled": ("giải quyết", "settled"),
    "petition.withdrawn": ("được rút", "withdrawn"),
    "outcome.accepted": ("chấp nhận", "accepted"),
    "outcome.explained": ("đã giải thích, trả lời", "explained"),
    "outcome.rejected": ("không chấp nhận", "rejected"),
    "outcome.other": ("khác", "other"),
}

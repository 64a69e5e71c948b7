"""Words of the domain's questions: headings of columns, and codes that answers hold."""

from __future__ import annotations

from collections.abc import Mapping

from ops.i18n_words_opening import OPENING
from ops.i18n_words_rules import RULES

Words = Mapping[str, tuple[str, str]]

ANSWERS: Words = {
    "answer.rows": ("{count} dòng", "{count} rows"),
    "ui.yes": ("có", "yes"),
}

DUE_CHANGES: Words = {
    "page.changes": ("Điều chỉnh thời hạn và nội dung", "Changes of dues and terms"),
    "column.at": ("Thời điểm", "When"),
    "column.obligation": ("Mã việc", "Obligation"),
    "column.what": ("Thay đổi", "Change"),
    "column.before": ("Hạn cũ (trước ngày)", "Due before, old"),
    "column.after": ("Hạn mới (trước ngày)", "Due before, new"),
    "column.lapsed": ("Khi đã quá hạn", "After it lapsed"),
    "column.by": ("Người quyết định", "By"),
    "column.document": ("Văn bản", "Document"),
    "column.recorded_at": ("Ghi nhận lúc", "Recorded"),
    "change.extended": ("gia hạn", "extended"),
    "change.determined": ("xác định thời hạn", "due set"),
    "change.amended": ("điều chỉnh nội dung", "amended"),
    "change.no_authority": ("không có thẩm quyền", "no authority"),
}

DOMAIN: Words = {**ANSWERS, **DUE_CHANGES, **OPENING, **RULES}

"""Words of the domain's questions: headings of columns, and codes that answers hold."""

from __future__ import annotations

from collections.abc import Mapping

from ops.i18n_words_archive import ARCHIVE
from ops.i18n_words_duties import DUTIES
from ops.i18n_words_explain import EXPLAIN
from ops.i18n_words_index import INDEX
from ops.i18n_words_inspection import INSPECTIONS
from ops.i18n_words_keeping import WORDS as KEEPING
from ops.i18n_words_ladder import LADDER
from ops.i18n_words_opening import OPENING
from ops.i18n_words_petitions import PETITIONS
from ops.i18n_words_phases import PHASES
from ops.i18n_words_questions import QUESTION_NAMES
from ops.i18n_words_report import REPORTS
from ops.i18n_words_rules import RULES
from ops.i18n_words_sheet import SHEETS
from ops.i18n_words_targets import TARGETS
from ops.i18n_words_verify import VERIFY

Words = Mapping[str, tuple[str, str]]

ANSWERS: Words = {
    "column.to": ("Gửi đến", "To"),
    "column.via": ("Thông qua", "Via"),
    "column.kind": ("Loại việc", "Kind"),
    "column.owers": ("Số đơn vị", "Owers"),
    "column.area": ("Lĩnh vực", "Area"),
    "column.name": ("Đơn vị", "Name"),
    "column.sent_at": ("Gửi lúc", "Sent"),
    "column.on_time_rate": ("Tỷ lệ đúng hạn", "On-time rate"),
    "column.completion_rate": ("Tỷ lệ hoàn thành", "Completion rate"),
    "column.unit": ("Mã đơn vị", "Unit"),
    "column.item": ("Mục", "Item"),
    "column.due": ("Đến hạn", "Due"),
    "column.findings_open": ("Kết luận chưa khắc phục", "Findings open"),
    "column.findings_closed": ("Kết luận đã khắc phục", "Findings closed"),
    "column.by_name": ("Cơ quan thực hiện", "By"),
    "column.role": ("Vai trò", "Role"),
    "column.reminded": ("Số lần nhắc nhở", "Reminders"),
    "column.assigned": ("Được giao", "Assigned"),
    "column.completed": ("Hoàn thành", "Completed"),
    "column.in_revision": ("Trả lại, chờ bổ sung", "In revision"),
    "column.on_time": ("Hoàn thành đúng hạn", "On time"),
    "column.late": ("Hoàn thành quá hạn", "Late"),
    "column.overdue": ("Quá hạn", "Overdue"),
    "column.title": ("Nội dung", "What"),
    "column.period": ("Kỳ", "Period"),
    "column.programme": ("Chương trình", "Programme"),
    "column.days_overdue": ("Số ngày quá hạn", "Days overdue"),
    "column.due_before": ("Hạn (trước ngày)", "Due before"),
    "column.state": ("Tình trạng", "State"),
    "column.unit_name": ("Đơn vị", "Unit"),
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
    "column.extended": ("Được gia hạn", "Extended"),
    "column.on_time_original_due": ("Đúng hạn theo thời hạn đầu", "On time by the first due"),
    "column.lapsed": ("Khi đã quá hạn", "After it lapsed"),
    "column.by": ("Người quyết định", "By"),
    "column.document": ("Văn bản", "Document"),
    "column.recorded_at": ("Ghi nhận lúc", "Recorded"),
    "change.extended": ("gia hạn", "extended"),
    "change.determined": ("xác định thời hạn", "due set"),
    "change.amended": ("điều chỉnh nội dung", "amended"),
    "change.no_authority": ("không có thẩm quyền", "no authority"),
}

DOMAIN: Words = {
    **ANSWERS,
    **DUE_CHANGES,
    **DUTIES,
    **INDEX,
    **INSPECTIONS,
    **LADDER,
    **ARCHIVE,
    **OPENING,
    **PETITIONS,
    **PHASES,
    **QUESTION_NAMES,
    **KEEPING,
    **REPORTS,
    **RULES,
    **EXPLAIN,
    **SHEETS,
    **TARGETS,
    **VERIFY,
}

"""Words of spreadsheets: headings that no page has, and what the template of reports says."""

from __future__ import annotations

from collections.abc import Mapping

SHEETS: Mapping[str, tuple[str, str]] = {
    "sheet.due_before": ("Thời hạn (trước ngày)", "Due before"),
    "sheet.days_overdue": ("Số ngày quá hạn", "Days overdue"),
    "sheet.revise_before": ("Bổ sung trước ngày", "To be sent again before"),
    "sheet.completed_at": ("Hoàn thành lúc", "Completed"),
    "sheet.extended": ("Được gia hạn", "Extended"),
    "sheet.documents": ("Số văn bản đôn đốc, nhắc nhở", "Reminders"),
    "sheet.issuer": ("Nơi giao", "Issuer"),
    "sheet.unit": ("Mã đơn vị", "Code of the unit"),
    "sheet.obligation": ("Mã việc", "Obligation"),
    "sheet.part": ("Phạm vi", "Of what"),
    "form.title": (
        "Báo cáo phải gửi của {name} ({unit})",
        "Reports that {name} ({unit}) is to send",
    ),
    "form.how": (
        "Ghi ngày gửi dạng 08/06/2012; không thêm, xoá, đổi chỗ hay gộp ô; dòng chưa gửi để trống.",
        "Write days as 08/06/2012; add, move or merge nothing; leave blank what was not sent.",
    ),
    "form.number": ("Số văn bản", "Number of the document"),
    "form.sent_on": ("Ngày gửi", "Sent on"),
    "form.data_cutoff_on": ("Số liệu đến hết ngày", "Figures up to"),
    "form.text": ("Ghi chú", "Note"),
    "form.figure": ("Số liệu: {name}", "Figure: {name}"),
    "form.merged": ("là ô gộp; hãy bỏ gộp ô", "is merged; take the cells apart"),
    "form.hidden": (
        "đang bị ẩn hoặc bị lọc; hãy hiện ra rồi gửi lại",
        "is hidden or filtered out; show it and send the file again",
    ),
    "form.other_template": (
        "tệp không theo mẫu {version}; hãy lấy mẫu bằng lệnh `lienthong report template`",
        "the file is not of the template {version}; `lienthong report template` writes one",
    ),
    "form.other_column": (
        "cột {column} phải là “{wanted}”, không phải “{found}”",
        "column {column} must be “{wanted}”, not “{found}”",
    ),
    "form.no_column": (
        "cột {column} (“{found}”) không có trong mẫu",
        "the template has no column {column} (“{found}”)",
    ),
    "form.figure_name": (
        "tên số liệu “{found}” không dùng được hoặc bị lặp",
        "the figure's name “{found}” cannot be used, or is there twice",
    ),
    "form.missing_day": ("chưa ghi ngày gửi", "say the day on which it was sent"),
    "form.missing_obligation": (
        "thiếu mã việc; không thêm dòng vào mẫu",
        "names no obligation; no rows are added to the template",
    ),
    "form.twice": (
        "mã việc này đã có ở ô {first}",
        "names an obligation that stands in {first} already",
    ),
    "form.formula": (
        "là công thức hoặc bắt đầu bằng = + - @; hãy ghi chữ",
        "is a formula or begins with = + - @; write text",
    ),
    "form.not_text": ("“{found}” không phải là chữ", "“{found}” is no text"),
    "form.spaces": (
        "có khoảng trắng ở đầu hoặc cuối, hoặc để trống mà không xoá",
        "has spaces at its beginning or end, or nothing but spaces",
    ),
    "form.not_nfc": (
        "chữ có dấu không theo chuẩn Unicode dựng sẵn (NFC)",
        "its accents are not in the composed form of Unicode (NFC)",
    ),
    "form.control": (
        "có ký tự điều khiển hoặc xuống dòng",
        "holds control characters or line breaks",
    ),
    "form.too_long": ("dài quá {most} ký tự", "is longer than {most} characters"),
    "form.not_a_day": (
        "không đọc được ngày “{found}”; hãy ghi như 08/06/2012",
        "“{found}” is not a day; write it as 08/06/2012",
    ),
    "form.not_a_number": (
        "“{found}” không phải là số; ô số không được định dạng chữ",
        "“{found}” is no number; a number is not kept as text",
    ),
    "form.thousands": (
        "“{found}” đọc được hai cách; hãy ghi số không có dấu phân cách hàng nghìn",
        "“{found}” can be read in two ways; write it without marks for thousands",
    ),
    "form.refused": ("không nhận: {sentence}", "refused: {sentence}"),
    "form.nothing": (
        "Không có dòng nào được điền.",
        "No row is filled in.",
    ),
    "form.none_taken": (
        "{count} chỗ sai; chưa ghi nhận dòng nào của {file}",
        "{count} places are wrong; nothing of {file} was recorded",
    ),
    "form.taken": (
        "{rows} dòng: {accepted} báo cáo đã ghi nhận, {before} đã ghi nhận trước đó",
        "{rows} rows: {accepted} recorded, {before} recorded before",
    ),
    "form.written": ("{count} báo cáo chưa gửi trong {file}", "{count} open reports in {file}"),
}

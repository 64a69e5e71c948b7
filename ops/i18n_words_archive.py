"""Words of the archive: what was written, and what a check of it found."""

from __future__ import annotations

from collections.abc import Mapping

ARCHIVE: Mapping[str, tuple[str, str]] = {
    "archive.segment": ("Đoạn", "Segment"),
    "archive.records": ("Bản ghi", "Records"),
    "archive.topics": ("Chủ đề", "Topics"),
    "archive.months": ("Tháng", "Months"),
    "archive.made": ("Lập lúc", "Made at"),
    "archive.signed": ("Khoá ký", "Signed by"),
    "archive.written": (
        "Đã ghi {records} bản ghi vào {segments} đoạn lưu trữ tại {place}",
        "{records} records written in {segments} segments in {place}",
    ),
    "archive.unpublished": (
        "Không có luồng sự kiện nào đang chạy: đầu đoạn chưa được công bố, lần ghi sau sẽ gửi.",
        "No log is running: the heads are not published; the next write sends them.",
    ),
    "archive.unsigned": (
        "Đầu đoạn chưa được ký: chưa đặt LIENTHONG_ARCHIVE_KEY_FILE.",
        "The heads are not signed: LIENTHONG_ARCHIVE_KEY_FILE is not set.",
    ),
    "archive.holds": (
        "Nguyên vẹn: {segments} đoạn, {records} bản ghi, {mb} MB, không có sai lệch",
        "Whole: {segments} segments, {records} records, {mb} MB, nothing is wrong",
    ),
    "archive.broken": (
        "SAI LỆCH: {faults} chỗ trong {segments} đoạn, {records} bản ghi, {mb} MB",
        "WRONG: {faults} faults in {segments} segments, {records} records, {mb} MB",
    ),
    "archive.never": ("Chưa kiểm tra lần nào.", "It was never checked here."),
    "archive.checked": (
        "Kiểm tra gần nhất {at}: nguyên vẹn đến số {last}.",
        "Last checked at {at}: whole up to number {last}.",
    ),
    "archive.failed": (
        "Kiểm tra gần nhất {at}: có sai lệch; `lienthong archive verify` cho biết chỗ nào.",
        "Last checked at {at}: something is wrong; `lienthong archive verify` says where.",
    ),
    "archive.counted": (
        "Tính đến đầu đoạn {number} (bản ghi số {last}, lập lúc {at}): {hash}",
        "Counted up to head {number} (number {last}, made at {at}): {hash}",
    ),
    "archive.unchecked": (
        "CHƯA KIỂM TRA: không ai bảo đảm kho lưu này nguyên vẹn.",
        "NOT CHECKED: nobody vouches that this archive is whole.",
    ),
    "pack.title": (
        "HỒ SƠ KIỂM TRA: {unit} {name}, từ {start} đến {end}",
        "AUDIT PACK: {unit} {name}, from {start} to {end}",
    ),
    "pack.asked": (
        "Số liệu cuối mỗi ngày, theo những gì đã ghi nhận: {known}.",
        "Figures at the end of each day, as known: {known}.",
    ),
    "pack.known_all": ("toàn bộ bản ghi trong hồ sơ", "all records of this pack"),
    "pack.holds": (
        "Sổ cái {ledger}: {records} bản ghi đến đầu đoạn {head} (số {last}, lập lúc {made_at}). "
        "Chương trình: {made_by}.",
        "Ledger {ledger}: {records} records up to head {head} (number {last}, made at {made_at}). "
        "Program: {made_by}.",
    ),
    "pack.figures": ("Ngày {on} — {path}:", "On {on} — {path}:"),
    "pack.behind": (
        "Đứng sau các số này: {obligations} nghĩa vụ, {content} mục nội dung, {rules} quy định",
        "Behind these figures: {obligations} obligations, {content} items of content, "
        "{rules} rules",
    ),
    "pack.agree": (
        "Kết luận: hai cách tính độc lập (gấp sự kiện và SQL) và tổng các nghĩa vụ cho cùng số.",
        "Verdict: two independent ways of counting (the fold and SQL) and the sum of the "
        "obligations give the same figures.",
    ),
    "pack.vouches": (
        "Hồ sơ chỉ tự chứng minh là khớp với đầu đoạn {hash}; hãy so đầu đoạn này với bản được "
        "giữ ở nơi khác.",
        "The pack proves only that it fits head {hash}; hold that head against one that is kept "
        "elsewhere.",
    ),
    "pack.check": (
        "Kiểm tra lại trên máy khác: lienthong archive verify HỒ_SƠ.zip --head {hash}",
        "Check it again on another machine: lienthong archive verify PACK.zip --head {hash}",
    ),
    "pack.made": (
        "Đã đóng gói {unit} ({start} đến {end}) vào {place}: {hash}",
        "{unit} ({start} to {end}) is packed in {place}: {hash}",
    ),
}

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
}

"""Words of keeping: erased texts, backups, restored homes, refilled topics."""

from __future__ import annotations

WORDS = {
    "text.erased": ("đã xoá", "erased"),
    "erase.done": (
        "{obligation}: đã xoá {count} khoá; không ai đọc lại được các nội dung đã mã hoá",
        "{obligation}: {count} keys deleted; nobody can read its encrypted texts again",
    ),
    "erase.nothing": (
        "{obligation}: không có khoá nào để xoá",
        "{obligation}: there is no key to delete",
    ),
    "backup.done": (
        "Đã sao lưu vào {folder} đến số {last}: {files}",
        "Backed up to {folder}, up to number {last}: {files}",
    ),
    "restore.done": (
        "Đã khôi phục đến số {last} ({made}), lấy lại {taken} bản ghi từ các topic; "
        "kỷ nguyên {epoch}",
        "Restored up to number {last} ({made}), {taken} records taken back from the topics; "
        "epoch {epoch}",
    ),
    "restore.missing": (
        "Thiếu {count} bản ghi, không còn ở đâu: {numbers}",
        "{count} records are held nowhere any more: {numbers}",
    ),
    "restore.erased": (
        "Đã xoá lại {count} khoá mà sổ ghi là đã xoá",
        "{count} keys deleted again that the log says are deleted",
    ),
    "refill.done": (
        "Lần khởi động tới sẽ gửi lại {count} sự kiện",
        "{count} events will be sent again at the next start",
    ),
    "refill.aside": (
        "mô hình đọc cũ nay ở {aside}; mô hình mới được dựng từ các topic",
        "the former read model is now {aside}; a new one is built from the topics",
    ),
}

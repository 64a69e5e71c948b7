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
    "restore.archive": (
        "Đã dựng lại sổ từ kho lưu đến đầu đoạn {head} (số {last}, {made}): {records} bản ghi, "
        "lấy lại {taken} bản ghi từ các topic; kỷ nguyên {epoch}",
        "The ledger is made again from the archive up to head {head} (number {last}, {made}): "
        "{records} records, {taken} taken back from the topics; epoch {epoch}",
    ),
    "restore.lacks_withheld": (
        "Kho lưu không có các cuộc kiểm tra đột xuất chưa tiến hành: phải ghi lại các kế hoạch đó.",
        "Unannounced inspections that were not held yet are in no archive: plan them again.",
    ),
    "restore.lacks_refusals": (
        "Kho lưu không có các bản ghi bị từ chối và vị trí đã đọc của hộp nhận: hộp nhận được đọc "
        "lại từ đầu, bản ghi đã có thì bỏ qua, bản ghi sai lại bị từ chối.",
        "Refusals, and how far the inbox was read, are in no archive: the inbox is read again "
        "from its first record; what is recorded is known, what is wrong is refused again.",
    ),
    "restore.lacks_keys": (
        "Kho lưu không có khoá của các nội dung đã mã hoá: hãy đặt lại tệp khoá (LIENTHONG_KEYS); "
        "thiếu nó thì không ai đọc được các nội dung đó, và ai gửi lại thì bị từ chối.",
        "Keys of encrypted texts are in no archive: put the key file (LIENTHONG_KEYS) back; "
        "without it nobody reads those texts, and an event with one is refused when sent again.",
    ),
    "restore.lacks_model": (
        "Số liệu được dựng lại từ các topic ở lần khởi động tới; nếu các topic đã mất thì mọi sự "
        "kiện được gửi lại.",
        "Figures are made again from the topics at the next start; where the topics are gone, "
        "every event is sent again.",
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

"""Words of the calendar: what it opens ahead, and what it takes back."""

from __future__ import annotations

from collections.abc import Mapping

OPENING: Mapping[str, tuple[str, str]] = {
    "opening.what": ("Kết quả", "What"),
    "opening.obligation": ("Mã việc", "Obligation"),
    "opening.unit": ("Đơn vị", "Unit"),
    "opening.opens_on": ("Ngày mở", "Opens on"),
    "opening.due_before": ("Hạn (trước ngày)", "Due before"),
    "opening.opened": ("mở", "opened"),
    "opening.determined": ("ấn định hạn", "due set"),
    "opening.dropped": ("thôi yêu cầu", "dropped"),
    "opening.done": (
        "Đến {until}: mở {opened}, ấn định hạn {determined}, thôi yêu cầu {dropped}, "
        "từ chối {refused}",
        "Until {until}: {opened} opened, {determined} given a day, {dropped} dropped, "
        "{refused} refused",
    ),
    "opening.would": (
        "Đến {until}, chưa ghi: mở {opened}, ấn định hạn {determined}, thôi yêu cầu {dropped}",
        "Until {until}, not recorded: {opened} to open, {determined} to be given a day, "
        "{dropped} to drop",
    ),
}

"""Words of the page of verifying beside live."""

from __future__ import annotations

from collections.abc import Mapping

VERIFY: Mapping[str, tuple[str, str]] = {
    "page.verify": ("Đối chiếu số liệu", "Verification"),
    "verify.off": (
        "Chưa bật đối chiếu liên tục (LIENTHONG_VERIFY_SECONDS).",
        "Continuous verification is off (LIENTHONG_VERIFY_SECONDS).",
    ),
    "verify.waiting": ("Đang đối chiếu vòng đầu tiên", "The first round is under way"),
    "verify.holds": (
        "Số liệu đang hiển thị khớp với nhật ký sự kiện",
        "The live figures are those of the log",
    ),
    "verify.differs": (
        "Số liệu đang hiển thị khác với nhật ký sự kiện",
        "The live figures differ from the log",
    ),
    "verify.round": (
        "Vòng {round} · đã so {compared} · khác {differing} · lúc {at}",
        "Round {round} · {compared} compared · {differing} differ · at {at}",
    ),
    "verify.differences": ("Chỗ khác nhau", "What differs"),
    "verify.partitions": ("Các phân vùng", "Partitions"),
    "verify.partition": ("Phân vùng", "Partition"),
    "verify.offset": ("Vị trí", "Offset"),
    "verify.units": ("Phần đơn vị", "Part of the units"),
    "verify.compared": ("Đã so", "Compared"),
    "verify.differing": ("Khác", "Differing"),
    "verify.remark": ("Ghi chú", "Remark"),
    "verify.unit": ("Đơn vị", "Unit"),
    "verify.measure": ("Chỉ số", "Measure"),
    "verify.day": ("Ngày", "Day"),
    "verify.what": ("Lát cắt", "Slice"),
    "verify.live": ("Đang hiển thị", "Live"),
    "verify.fold": ("Theo nhật ký", "By the log"),
    "verify.obligation": ("Nhiệm vụ", "Obligation"),
    "verify.event_id": ("Sự kiện đầu tiên", "First event"),
}

"""The words of reforms, hand-overs, reviews and restatements; see i18n_words for the whole."""

from __future__ import annotations

from collections.abc import Mapping

REVIEW: Mapping[str, tuple[str, str]] = {
    "review.title": ("Tổng kết {first}–{last}", "Review {first}–{last}"),
    "review.on": ("Tính đến", "As of"),
    "review.tree": ("Theo địa giới", "Tree of units"),
    "review.then": ("khi đó", "then"),
    "review.now": ("hiện nay", "now"),
    "review.succession": ("kể cả tiền thân", "succession"),
    "review.year_end": ("cuối năm", "end of year"),
    "review.day_before": ("trước ngày sắp xếp", "day before a reform"),
    "review.reform_day": ("ngày sắp xếp", "day of a reform"),
    "review.today": ("hôm nay", "today"),
    "review.reasons": (
        "Vì sao số liệu ngày {on} khác nhau (khi đó → {tree})",
        "Why the figures of {on} differ (then → {tree})",
    ),
    "review.came": (
        "{day}: {name} ({unit}) về đơn vị này ({what}, sự kiện {event}): {counts}",
        "{day}: {name} ({unit}) came ({what}, event {event}): {counts}",
    ),
    "review.left": (
        "{day}: {name} ({unit}) rời đơn vị này ({what}, sự kiện {event}): {counts}",
        "{day}: {name} ({unit}) left ({what}, event {event}): {counts}",
    ),
    "review.predecessor": (
        "{day}: tiền thân {name} ({unit}) ({what}, sự kiện {event}): {counts}",
        "{day}: predecessor {name} ({unit}) ({what}, event {event}): {counts}",
    ),
    "review.came_many": (
        "{day}: {number} đơn vị về đơn vị này ({what}): {counts}; như {names}",
        "{day}: {number} units came ({what}): {counts}; such as {names}",
    ),
    "review.left_many": (
        "{day}: {number} đơn vị rời đơn vị này ({what}): {counts}; như {names}",
        "{day}: {number} units left ({what}): {counts}; such as {names}",
    ),
    "review.predecessor_many": (
        "{day}: {number} đơn vị tiền thân ({what}): {counts}; như {names}",
        "{day}: {number} predecessors ({what}): {counts}; such as {names}",
    ),
    "review.remainder": ("chưa giải thích được: {counts}", "not explained: {counts}"),
    "review.explained": (
        "Mọi khác biệt đều có lý do, không còn phần dư",
        "Every difference is explained; the remainder is 0",
    ),
    "review.not_explained": (
        "Có khác biệt chưa giải thích được",
        "Some difference is not explained",
    ),
    "review.left_out": (
        "{count} ngày có thay đổi nhỏ không hiện ở đây",
        "{count} days of smaller changes are not shown",
    ),
    "ending.established": ("thành lập", "established"),
    "ending.renamed": ("đổi tên", "renamed"),
    "ending.moved": ("chuyển đơn vị cấp trên", "moved"),
    "ending.merged": ("sáp nhập", "merged"),
    "ending.split": ("chia tách", "split"),
    "ending.dissolved": ("giải thể", "dissolved"),
    "ending.level_ended": ("kết thúc một cấp", "level ended"),
    "ending.followed": ("theo đơn vị kế thừa", "followed its successor"),
}

REFORM: Mapping[str, tuple[str, str]] = {
    "reform.title": ("Đợt sắp xếp {reform}, từ ngày {day}", "Reform {reform}, from {day}"),
    "reform.before": ("Trước", "Before"),
    "reform.after": ("Sau", "After"),
    "reform.offices": ("Cơ quan cùng cấp, trước", "Offices, before"),
    "reform.offices_after": ("Cơ quan cùng cấp, sau", "Offices, after"),
    "reform.code": ("Mã", "Code"),
    "reform.province": ("Tỉnh, thành phố", "Province"),
    "reform.ended": ("Đơn vị kết thúc hoạt động", "Unit that ends"),
    "reform.receiver": ("Nhiệm vụ chuyển về", "Obligations go to"),
    "reform.rule": ("Theo quy tắc", "By the rule"),
    "reform.units": ("Số đơn vị", "Units"),
    "reform.place": ("Vị trí trong tệp", "Place in the file"),
    "reform.merged": ("sáp nhập vào", "merged into"),
    "reform.split": ("chia tách: đơn vị kế thừa chính", "split: main successor"),
    "reform.dissolved": ("giải thể: đơn vị kế thừa thứ nhất", "dissolved: first successor"),
    "reform.no_successor": (
        "không có đơn vị kế thừa: về đơn vị cấp trên",
        "no successor: to the unit above",
    ),
    "reform.inferred": ("suy luận", "inferred"),
    "reform.more": ("… và {count} mục khác; xem đủ bằng -o json", "… {count} more; see -o json"),
    "reform.conflicts": (
        "Dữ liệu mâu thuẫn liên quan đến đợt sắp xếp",
        "Conflicting records that bear on it",
    ),
    "reform.pending": (
        "Đợt sắp xếp khác chưa có hiệu lực: {reform}, {parts} / {of} phần",
        "Another reform is not in force yet: {reform}, {parts} of {of} parts",
    ),
    "reform.dry": (
        "Chạy thử, chưa ghi gì; --apply sẽ ghi {count} sự kiện",
        "Dry run, nothing recorded; --apply records {count} events",
    ),
    "reform.in_force": (
        "Đã có hiệu lực: {count} sự kiện đã được ghi",
        "In force already: {count} events are recorded",
    ),
    "reform.applied": (
        "Có hiệu lực: {fresh} sự kiện vừa ghi, {before} đã ghi từ trước",
        "In force: {fresh} recorded, {before} recorded before",
    ),
}

HANDOVER: Mapping[str, tuple[str, str]] = {
    "handover.title": (
        "Nhiệm vụ còn mở của đơn vị đã kết thúc hoạt động, ngày {day}",
        "Open obligations of units that have ended, on {day}",
    ),
    "handover.open": ("Nhiệm vụ còn mở", "Open obligations"),
    "handover.none": ("Không có gì để chuyển giao", "Nothing is to be handed over"),
    "handover.nobody": (
        "{count} nhiệm vụ của đơn vị chưa được thành lập, không ai nhận",
        "{count} are owed by units that nobody established; nobody receives them",
    ),
    "handover.dry": (
        "Chạy thử, chưa ghi gì; --apply sẽ chuyển giao {count} nhiệm vụ",
        "Dry run, nothing recorded; --apply hands over {count}",
    ),
    "handover.applied": (
        "Đã chuyển giao {moved} nhiệm vụ; {left} giữ nguyên",
        "{moved} handed over; {left} stay where they are",
    ),
    "handover.unread": (
        "Chưa đếm nhiệm vụ còn mở: chưa có dữ liệu đọc, hãy chạy `lienthong up`",
        "Open obligations are not counted: there is nothing to read yet, start `lienthong up`",
    ),
}

RESTATED: Mapping[str, tuple[str, str]] = {
    "restated.board": (
        "Số liệu của ngày này đã được điều chỉnh {count} lần, lần cuối ghi ngày {at}",
        "The figures of this day were restated {count} times since, last recorded {at}",
    ),
    "restated.more": ("ít nhất {count}", "at least {count}"),
    "restated.recorded": ("Ghi ngày", "Recorded"),
    "restated.scope": ("Phạm vi", "Scope"),
    "restated.own": ("riêng", "own"),
    "restated.subtree": ("cả cấp dưới", "with all below"),
    "restated.measure": ("Chỉ tiêu", "Measure"),
    "restated.days": ("Các ngày", "Days"),
    "restated.difference": ("Chênh lệch", "Difference"),
    "restated.event": ("Sự kiện", "Event"),
    "restated.count": ("{count} điều chỉnh số liệu", "{count} restatements"),
    "restated.more_listed": ("còn nữa, xem --limit", "there are more, see --limit"),
    "restated.obligation": ("Việc {obligation}", "Obligation {obligation}"),
    "restated.told": (
        "{event}, do {by} báo, có hiệu lực {effective}, ghi {recorded}",
        "{event}, by {by}, effective {effective}, recorded {recorded}",
    ),
    "restated.corrects": ("đính chính sự kiện {event}", "corrects the event {event}"),
    "restated.before": ("Đã biết trước đó", "Known before"),
    "restated.steps": (
        "Các bước của việc này (-: không còn, +: mới có)",
        "Steps of this obligation (-: no longer, +: new)",
    ),
    "restated.nothing": (
        "Sự kiện này không làm thay đổi số liệu đã công bố.",
        "This event has changed no published figure.",
    ),
}

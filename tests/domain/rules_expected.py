"""What the five documents lay on whom, read in the papers: by `<programme>-<row or rule>`."""

from __future__ import annotations

S0, S1, S2, S3, S4 = (
    "lang-son-review-2001-2010",
    "bac-kan-2006-2010",
    "lang-son-2018",
    "dong-thap-review-2011-2020",
    "dak-lak-guidance-2012",
)
MEMBERS = {
    S0: {"so-ban-nganh": ["20.so-a"], "ubnd-huyen-thanh-pho": ["20.d"]},
    S1: {
        "so-nganh": ["06.so-a"],
        "co-quan-chuyen-mon": ["06.so-a"],
        "ubnd-huyen-thi-xa": ["06.d"],
        "ban-chi-dao-huyen": ["06.d.bcd"],
        "trung-tam-mot-cua": ["06.d.mot-cua"],
    },
    S2: {"so-ban-nganh": ["20.so-a"], "ubnd-huyen-thanh-pho": ["20.d"]},
    S3: {"so-nganh": ["87.so-a"], "ubnd-huyen": ["87.d"]},
    S4: {"so-ban-nganh": ["66.so-a"], "ubnd-huyen": ["66.d"]},
}
DECLARED = {S3: {"2.a": {"87.d"}}, S4: {"2.3": {"66.so-a"}}}
"""Whoever says that a condition holds: 2.a "đối với các cơ quan, địa phương có điều kiện" (S3:73),
2.3 "đã ban hành kế hoạch … trước thời điểm UBND tỉnh ban hành Chương trình" (S4:41)."""

Dues = list[tuple[str | None, str | None]]


def once(due: str) -> Dues:
    return [(None, due)]


def yearly(first: int, last: int, *parts: tuple[str, str | None], shift: int = 0) -> Dues:
    """(part of the year, month and day of the due) in each year; `01-01` is of the next one."""
    return [
        (f"{year}{part}", due and f"{year + shift + (due == '01-01')}-{due}")
        for year in range(first, last + 1)
        for part, due in parts
    ]


def quarters(*dues: str | None) -> list[tuple[str, str | None]]:
    return [(f"-Q{number}", due) for number, due in enumerate(dues, start=1)]


D0, D1, D2, D3, D4 = (
    ("20.so-a", "20.d"),
    ("06.so-a", "06.d"),
    ("20.so-a", "20.d"),
    ("87.so-a", "87.d"),
    ("66.so-a", "66.d"),
)
BODIES = ("06.ban-chi-dao-tinh", "06.d.bcd")
MONTHS = [(f"-{month:02}", None) for month in range(1, 13)]
Expected = tuple[str, tuple[str, ...], Dues]

_S0: dict[str, Expected] = {
    "III.1.1": ("report", ("20.so-a",), once("2010-06-30")),
    "III.1.2.1": ("report", ("20.so-tu-phap",), once("2010-06-30")),
    "III.1.2.2": ("report", ("20.van-phong-ubnd-tinh",), once("2010-06-30")),
    "III.1.2.3": ("report", ("20.so-noi-vu",), once("2010-06-30")),
    "III.1.2.4": ("report", ("20.so-tai-chinh",), once("2010-06-30")),
    "III.1.2.5": ("report", ("20.so-khoa-hoc-cong-nghe",), once("2010-06-30")),
    "III.1.2.6": ("report", ("20.so-thong-tin-truyen-thong",), once("2010-06-30")),
    "III.1.2.7": ("report", ("20.so-ke-hoach-dau-tu",), once("2010-06-30")),
    "III.2": ("report", ("20.d",), once("2010-06-30")),
    "III.3.7": ("task", ("20.so-noi-vu",), once("2011-01-01")),
}
_S1: dict[str, Expected] = {
    "III.2.2.2": ("plan", ("06.so-tai-chinh",), once("2007-05-01")),
    "III.2.2.4.b": ("plan", ("06.van-phong-ubnd-tinh",), once("2007-05-01")),
    "III.3.2.a": ("plan", D1, yearly(2007, 2010, ("", "04-01"))),
    "III.3.2.b": ("report", D1, yearly(2007, 2010, ("", "04-01"))),
    "III.3.3.a": (
        "inspection",
        BODIES,
        yearly(2007, 2010, *quarters("04-01", "07-01", "10-01", "01-01")),
    ),
    "III.3.3.b": ("inspection_plan", BODIES, yearly(2007, 2010, ("", "04-01"))),
    "III.3.5.a": ("task", ("06.so-a",), once("2008-01-01")),
    "III.3.6": ("task", ("06.ban-chi-dao-tinh",), once("2008-10-01")),
    "III.3.7": ("task", ("06",), once("2011-01-01")),
    "R1a": ("report", ("06.ban-chi-dao-tinh",), yearly(2007, 2010, ("-H1", None))),
    "R1b": ("report", ("06.ban-chi-dao-tinh",), yearly(2007, 2010, ("", None))),
    "R2a": ("report", D1, yearly(2007, 2010, ("-H1", "06-20"))),
    "R2b": ("report", D1, yearly(2007, 2010, ("", "12-20"))),
    "R3": ("report", ("06",), yearly(2007, 2010, ("", None))),
    # The decision holds since 19 February 2007: the first month is February.
    "R4": ("report", ("06.d.mot-cua",), yearly(2007, 2010, *MONTHS)[1:]),
    "R5": ("report", D1, yearly(2007, 2010, *quarters("03-20", "06-20", "09-20", "12-20"))),
}
_S2: dict[str, Expected] = {
    "R1": ("report", D2, yearly(2018, 2018, *quarters(None, None, None, None))),
    "R2": ("report", D2, yearly(2018, 2018, ("-H1", None))),
    "R3": ("report", D2, yearly(2018, 2018, ("", None))),
}
_THEMES = (
    *("tu-phap", "thong-tin-truyen-thong", "van-phong-ubnd-tinh", "noi-vu", "noi-vu", "noi-vu"),
    *("noi-vu", "noi-vu", "tai-chinh", "khoa-hoc-cong-nghe", "thong-tin-truyen-thong", "y-te"),
    *("giao-duc-dao-tao", "ke-hoach-dau-tu"),
)
"""Who leads thematic report 3.1, 3.2, … (S3:75-89)."""
SNV3 = ("87.so-noi-vu",)
_S3: dict[str, Expected] = {
    "1": ("task", SNV3, once("2020-03-01")),
    "2.a": ("task", ("87.d",), once("2020-06-01")),
    "2.b": ("report", D3, once("2020-06-01")),
    **{
        f"3.{number}": (
            "report",
            (f"87.{name}" if name.startswith("van-phong") else f"87.so-{name}",),
            once("2020-05-15"),
        )
        for number, name in enumerate(_THEMES, start=1)
    },
    "4": ("task", SNV3, once("2020-06-01")),
    "5": ("task", SNV3, once("2020-07-01")),
    "6": ("task", ("87.dai-ptth", "87.bao-dong-thap", "87.cong-ttdt"), once("2021-01-01")),
    "7": ("task", SNV3, once("2020-07-01")),
    "8": ("task", SNV3, once("2020-10-01")),
    "9": ("task", SNV3, once("2021-01-01")),
}
_S4: dict[str, Expected] = {
    "2.1": ("plan", D4, once("2012-03-16")),
    "2.2": ("plan", D4, once("2012-03-16")),
    "2.3": ("task", ("66.so-a",), once("2012-03-16")),
    # "Trước ngày 30/7/2012 … phải gửi kế hoạch cải cách hành chính năm 2013" (S4:43).
    "2.4": ("plan", D4, yearly(2013, 2020, ("", "07-30"), shift=-1)),
    "3.1": ("self_assessment", D4, yearly(2012, 2020, ("", "11-15"))),
    "4.1": ("inspection_plan", D4, yearly(2012, 2020, ("", None))),
    "5.1": ("report", D4, yearly(2012, 2020, *quarters("03-08", "06-08", "09-08", "12-08"))),
    "5.2": ("report", D4, yearly(2012, 2020, ("-H1", "06-08"))),
    "5.3": ("report", D4, yearly(2012, 2020, ("", "12-03"))),
    "R4": (
        "report",
        ("66.so-noi-vu",),
        yearly(2012, 2020, *quarters(None, None, None, None), ("-H1", None), ("", None)),
    ),
    "R9": ("report", ("66.so-noi-vu",), yearly(2012, 2020, ("", None))),
}
OPENS: dict[str, Expected] = {
    f"{programme}-{row}": expected
    for programme, rows in ((S0, _S0), (S1, _S1), (S2, _S2), (S3, _S3), (S4, _S4))
    for row, expected in rows.items()
}
"""What each row opens: the kind, every ower, and every (period, due before) of each of them."""

SAME: dict[str, tuple[str, ...]] = {
    f"{S0}-R1": ("III.1.1", "III.2"),
    f"{S0}-R2": tuple(f"III.1.2.{number}" for number in range(1, 8)),
    f"{S0}-R3": ("III.3.7",),
    f"{S1}-R7": ("III.3.2.b",),
    f"{S1}-I1": ("III.3.3.a", "III.3.3.b"),
    f"{S1}-I2": ("III.3.3.a", "III.3.3.b"),
    f"{S1}-P5": ("R5",),
    f"{S3}-R1": ("2.b",),
    f"{S3}-R2": tuple(f"3.{number}" for number in range(1, 15)),
    f"{S3}-R3": ("7",),
    f"{S3}-R4": ("9",),
    **{f"{S4}-R{number}": (f"5.{number}",) for number in (1, 2, 3)},
    f"{S4}-R5": ("2.1",),
    f"{S4}-R6": ("2.2",),
    f"{S4}-R7": ("2.4",),
    f"{S4}-R8": ("3.1",),
    f"{S4}-I1": ("4.1",),
    f"{S4}-A1": ("3.1",),
}
"""Rules that state the duty of other rows: one duty is one obligation."""

NOTHING: dict[str, bool] = {
    f"{S1}-R6": True,
    f"{S1}-R8": True,
    f"{S1}-R9": False,
    **{f"{S2}-R{number}": True for number in (4, 5, 6, 7)},
}
"""Reporting rules that open nothing by themselves; whether they are told as rules all the same."""

BESIDE: dict[str, tuple[int, ...]] = {
    f"{S0}-I1": (108,),
    f"{S0}-I2": (94,),
    f"{S0}-A1": (56,),
    f"{S1}-I1": (149, 167),
    f"{S1}-I2": (167,),
    f"{S1}-I3": (139, 149),
    f"{S1}-I4": (149,),
    f"{S1}-I5": (135,),
    f"{S1}-I6": (143,),
    f"{S1}-I7": (64,),
    f"{S1}-I8": (100,),
    f"{S1}-I9": (110, 116),
    f"{S1}-I10": (48, 52),
    f"{S1}-I11": (121, 191),
    f"{S1}-A1": (169,),
    f"{S1}-A2": (189,),
    f"{S1}-A3": (100,),
    f"{S1}-P1": (159,),
    f"{S1}-P2": (25, 62, 159),
    f"{S1}-P3": (62,),
    f"{S1}-P4": (159,),
    f"{S1}-P5": (187,),
    f"{S1}-J1": (147,),
    f"{S2}-I1": (87,),
    f"{S2}-I2": (185,),
    f"{S2}-I3": (187,),
    f"{S2}-I4": (193,),
    f"{S2}-I5": (59,),
    f"{S2}-I6": (77,),
    f"{S2}-I7": (133,),
    f"{S2}-I8": (157, 159),
    f"{S2}-I9": (49, 181),
    f"{S2}-A1": (171,),
    f"{S2}-A2": (171,),
    f"{S2}-A3": (171,),
    f"{S2}-A4": (173,),
    f"{S2}-A5": (147,),
    f"{S2}-P1": (79,),
    f"{S3}-I1": (105,),
    f"{S3}-A1": (67, 94, 108, 115),
    f"{S3}-A2": (117,),
    f"{S3}-A3": (79,),
    f"{S3}-A4": (80, 88, 89),
    f"{S4}-I1": (51,),
    f"{S4}-I2": (53,),
    f"{S4}-A1": (47, 48, 49),
    f"{S4}-P1": (57,),
    f"{S4}-J1": (41,),
}
"""The lines of the papers on inspection, assessment, petitions and adjustment: none is lost."""

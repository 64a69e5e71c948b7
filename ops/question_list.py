"""The 33 questions of the domain as one asks the demo's home: who, what, by which command, where.

A test runs every command on a demo and compares what it prints with `docs/questions.md`.
"""

from __future__ import annotations

from typing import NamedTuple


class Asked(NamedTuple):
    """One question of domain section 10. `commands` are typed after `lienthong`.

    `page` is the address of a page of the board that answers it; None: there is none.
    """

    number: int
    who: str
    question: str
    commands: tuple[str, ...]
    page: str | None = None


OFFICER, CHAIR, HEAD = "Home-affairs officer", "Chairman of the province", "Head of a district"
CLERK, MINISTRY, AUDITOR = "Clerk of a commune or unit", "Ministry", "Auditor"
EN, VI = "--language en", "--language vi"
SUM = "dak-lak-guidance-2012:R4:2012-Q2:66.so-noi-vu"
GUIDANCE = "--programme dak-lak-guidance-2012"

ASKED = (
    Asked(
        1,
        OFFICER,
        "Which units still owe the report due before 8 June, and which have less than 7 days?",
        (f"{EN} report missing 66.so-noi-vu --item 5.1 --period 2012-Q2 --on 2012-06-05",),
        "/?unit=66.so-noi-vu&show=reports&period=2012-Q2&on=2012-06-05",
    ),
    Asked(
        2,
        OFFICER,
        "Who is overdue now, by how many days, how often reminded?",
        (f"{EN} record overdue 66 --on 2012-06-30",),
        "/?unit=66&show=ladder&on=2012-06-30",
    ),
    Asked(
        3,
        OFFICER,
        "Which units should be put forward for criticism?",
        (f"{EN} record candidates 66 --year 2012 --reminders 2 --on 2012-12-31",),
        "/?unit=66&show=ladder&year=2012&on=2012-12-31",
    ),
    Asked(
        4,
        OFFICER,
        "What can I consolidate now; what is missing or returned?",
        (f"{EN} report contents {SUM} --on 2012-06-12",),
        f"/?unit=66.so-noi-vu&show=reports&obligation={SUM}&on=2012-06-12",
    ),
    Asked(
        5,
        OFFICER,
        "Which unit plans have not come; which lack an area, a budget, or a province task?",
        (
            f"{EN} report plans 66.so-noi-vu --year 2013 --against dak-lak-2011-2020"
            " --on 2012-08-15",
        ),
    ),
    Asked(
        6,
        OFFICER,
        "Which Steering Committees have not inspected this quarter; whose inspection plan is late?",
        (
            f"{EN} inspection due 06 --quarter 2008-Q2 --on 2008-07-10",
            f"{EN} inspection due 06 --quarter 2008-Q1 --on 2008-04-02",
        ),
        "/?unit=06&show=inspections&on=2008-07-10",
    ),
    Asked(
        7,
        OFFICER,
        "What are the standing agency's own tasks due, and how much slack do contributors leave?",
        (
            f"{EN} obligations 87.so-noi-vu --own --on 2020-05-20",
            f"{EN} task dependencies 87.so-noi-vu --on 2020-05-20",
        ),
    ),
    Asked(
        8,
        OFFICER,
        "Who sent the index file before 15/11, and where do self-score and verified score differ?",
        (
            f"{EN} index show 66 --year 2012 --on 2013-01-31",
            f"{EN} index show 66.643 --year 2012 --by area --on 2013-01-31",
        ),
    ),
    Asked(
        9,
        OFFICER,
        "Which programme items have no lead or no date yet?",
        (
            f"{EN} programme show lang-son-2018 --without lead --on 2018-06-30",
            f"{EN} programme show dak-lak-guidance-2012 --without date --on 2012-06-08",
        ),
    ),
    Asked(
        10,
        CHAIR,
        "Completion rate and overdue count, by area, department, district?",
        (
            f"{EN} board 66 --by area {GUIDANCE} --on 2012-12-31",
            f"{EN} board 66 --by child {GUIDANCE} --on 2012-12-31",
        ),
        "/?unit=66&by=area&programme=dak-lak-guidance-2012&on=2012-12-31",
    ),
    Asked(
        11,
        CHAIR,
        "Which tasks did we adjust or extend, and how would the rate look without it?",
        (f"{EN} task changes 66 --on 2013-12-31",),
        "/?unit=66&show=changes&on=2013-12-31",
    ),
    Asked(
        12,
        "Member of a steering committee",
        "How do my areas and units stand?",
        (
            f"{EN} programme oversight 06 --on 2008-12-31",
            f'{EN} programme oversight-duties 06 --member "Giám đốc Sở Tài chính" --on 2008-12-31',
        ),
    ),
    Asked(
        13,
        HEAD,
        "What must my district send this month, to whom, by when?",
        (f"{VI} calendar 66.656 --on 2012-06-01",),
        "/?unit=66.656&show=calendar&on=2012-06-01",
    ),
    Asked(
        14,
        HEAD,
        "Which of my communes and offices are late; own figure against subtree?",
        (
            f"{EN} board 06.061 --by child --on 2008-12-31",
            f"{EN} obligations 06.061 --state overdue --on 2008-12-31",
        ),
        "/?unit=06.061&by=child&state=overdue&on=2008-12-31",
    ),
    Asked(
        15,
        HEAD,
        "Have all one-stop centres sent the monthly report?",
        (f"{EN} obligations 06 --item R4 --period 2010-06 --on 2010-08-15",),
        "/?unit=06&period=2010-06&on=2010-08-15",
    ),
    Asked(
        16,
        HEAD,
        "Which findings in my units are open; which remedies are due?",
        (f"{EN} inspection findings 06.061 --on 2009-06-30",),
        "/?unit=06.061&show=inspections&on=2009-06-30",
    ),
    Asked(
        17,
        HEAD,
        "Where does my district stand beside others, and from which counts?",
        (f"{EN} rank 66.656 --year 2012 --on 2013-03-31",),
        "/?unit=66.656&show=rank&year=2012&on=2013-03-31",
    ),
    Asked(
        18,
        CLERK,
        "What do I owe this week?",
        (f"{VI} calendar 06.01912 --span week --on 2008-06-09",),
        "/?unit=06.01912&show=calendar&on=2008-06-09",
    ),
    Asked(
        19,
        CLERK,
        "Was my report received; was it returned, why, until when?",
        (f"{VI} report trail dak-lak-guidance-2012:5.1:2012-Q2:66.643 --on 2012-12-31",),
        "/?unit=66.643&show=reports&obligation=dak-lak-guidance-2012:5.1:2012-Q2:66.643",
    ),
    Asked(
        20,
        CLERK,
        "I sent it on paper on Friday and record it today: is it on time?",
        (
            f"{EN} report trail dak-lak-guidance-2012:5.1:2012-Q2:66.649 --on 2012-06-30",
            f"{EN} obligations 66.649 --item 5.1 --period 2012-Q2 --on 2012-06-30",
            f"{EN} record backdated 66.649 --on 2012-06-30",
        ),
    ),
    Asked(
        21,
        CLERK,
        "A petition is beyond us: where is it now?",
        (f"{VI} petition where 06.01954:kn-03 --on 2009-12-31",),
        "/?unit=06&show=petitions",
    ),
    Asked(
        22,
        MINISTRY,
        "Which provinces have reported; on-time and completion rate by province; no data?",
        (
            f"{EN} report due centre.bo-noi-vu --period 2012-Q2 --on 2012-06-30",
            f"{EN} board centre --by child --on 2012-12-31",
        ),
        "/?unit=centre&by=child&on=2012-12-31",
    ),
    Asked(
        23,
        MINISTRY,
        "Which units are missing inside a province's consolidated report?",
        (f"{EN} report contents {SUM} --on 2012-06-30",),
        f"/?unit=66.so-noi-vu&show=reports&obligation={SUM}&on=2012-06-30",
    ),
    Asked(
        24,
        MINISTRY,
        "How far are targets: communes with the quality system (50), online services (100 %)?",
        (
            f"{EN} task targets 20 --on 2018-12-31",
            f"{EN} task targets 20 --by unit --on 2018-12-31",
        ),
        "/?unit=20&show=targets&on=2018-12-31",
    ),
    Asked(
        25,
        MINISTRY,
        "Which provinces have issued a programme that derives from the national one?",
        (f"{EN} programme derived centre-2011-2020 --on 2020-12-31",),
    ),
    Asked(
        26,
        AUDITOR,
        "What did the board show on 8 June 2012 at 08:00, and from which events?",
        (
            f"{EN} replay 66 {GUIDANCE} --on 2012-06-08T08:00:00+07:00"
            " --known 2012-06-08T08:00:00+07:00",
            f"{EN} explain 66 assigned {GUIDANCE} --on 2012-06-08T08:00:00+07:00"
            " --known 2012-06-08T08:00:00+07:00 --rows 4",
        ),
        "/?unit=66&show=explain&measure=assigned&programme=dak-lak-guidance-2012"
        "&on=2012-06-08T08:00:00%2B07:00&known=2012-06-08T08:00:00%2B07:00",
    ),
    Asked(
        27,
        AUDITOR,
        "Who changed the due of this task, when, by what document, before or after it lapsed?",
        (f"{EN} task changes 66 --obligation dak-lak-guidance-2012:2.2:66.645 --on 2012-12-31",),
        "/?unit=66&show=changes&on=2012-12-31",
    ),
    Asked(
        28,
        AUDITOR,
        "Which records were entered long after the date they claim?",
        (f"{EN} record backdated 66 --on 2012-12-31",),
        "/?unit=66&show=backdated&on=2012-12-31",
    ),
    Asked(
        29,
        AUDITOR,
        "Ten-year figures by phase 2011–2015 and 2016–2020?",
        (f"{EN} review 66 --phases 2011-2015,2016-2020 --on 2020-12-31",),
        "/?unit=66&show=phases&phases=2011-2015,2016-2020&on=2020-12-31",
    ),
    Asked(
        30,
        AUDITOR,
        "Which reminders and criticisms stood behind an emulation decision?",
        (
            f"{EN} ladder 66.646 --year 2012 --on 2013-03-05 --known 2013-03-05",
            f"{EN} year 66.646 --year 2012 --on 2013-03-05 --known 2013-03-05",
            f"{EN} index rewards 66 --year 2012 --on 2013-04-30",
        ),
        "/?unit=66.646&show=ladder&year=2012&on=2013-03-05&known=2013-03-05",
    ),
    Asked(
        31,
        AUDITOR,
        "Do the counts of each province equal the sum of its parts?",
        (f"{EN} board 66 --by level --on 2012-06-08", f"{EN} verify"),
        "/?unit=66&by=level&on=2012-06-08",
    ),
    Asked(
        32,
        "Petition officer",
        "How many petitions were received, transferred, escalated, settled this quarter?",
        (
            f"{EN} petition figures 06 --period 2008-Q2 --on 2008-07-05",
            f"{EN} petition figures 06 --period 2008-Q2 --by unit --on 2008-07-05",
        ),
        "/?unit=06&show=petitions&period=2008-Q2&on=2008-07-05",
    ),
    Asked(
        33,
        "Rewards officer",
        "Which units qualify for the certificate of merit on the figures?",
        (f"{EN} index merit 66 --year 2012 --on-time 80 --on 2013-03-31",),
        "/?unit=66&show=merit&year=2012&on=2013-03-31",
    ),
)

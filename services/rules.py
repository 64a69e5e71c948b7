"""Rules that tasks, reports, inspections and findings share. A broken rule is told by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.event import (
    Accepts,
    Amends,
    Drops,
    Event,
    HandsOver,
    Meets,
    Moves,
    Opens,
    Returns,
)
from schemas.events.programme import ProgrammeClosed
from schemas.times import Day, Instant, day_of, format_day
from services.command import Command, OnObligation, Seen, broken, named
from services.owed import Owed


def opening(owed: Owed, obligation: str, kinds: Sequence[str], noun: str) -> Opens:
    """How it was opened. Refused where nobody opened it, where it is of another kind, dropped."""
    if owed.opening is None:
        raise broken(
            f"{obligation} was not assigned to anybody; a duty is opened before it is decided on",
            "obligation",
        )
    if owed.opening.kind not in kinds:
        raise broken(f"{obligation} is of kind {owed.opening.kind}, no {noun}", "obligation")
    if owed.dropped is not None:
        raise broken(
            f"{obligation} was cancelled; it is not taken up again, a new duty has a new id",
            "obligation",
        )
    return owed.opening


def recipients(opened: Opens) -> tuple[str, ...]:
    """Who may accept or return: the issuer and those it is sent to or through."""
    to: tuple[str, ...] = getattr(opened, "to", ())
    via: str | None = getattr(opened, "via", None)
    return (opened.issuer, *to, *((via,) if via else ()))


def issuer_only(opened: Opens, command: Command, deed: str) -> None:
    """Only the issuing authority may do this."""
    if command.by != opened.issuer:
        raise broken(f"only {opened.issuer}, which issued it, may {deed} it", "by")


def never_the_ower(owed: Owed, opened: Opens, command: Command, now: Instant, deed: str) -> None:
    """The issuing authority decides, and never about its own due."""
    ower = owed.ower_at(command.at(now))
    if command.by == ower:
        other = "its superior" if ower == opened.issuer else opened.issuer
        raise broken(f"{ower} owes it and cannot {deed} its own due; ask {other}", "by")
    # What an authority laid upon itself is moved by another one, its superior.
    if command.by != opened.issuer != ower:
        raise broken(f"only {opened.issuer}, which issued it, may {deed} its due", "by")


def ower_only(owed: Owed, command: Command, now: Instant, deed: str) -> None:
    """Only the unit that owes it at that instant may say this."""
    ower = owed.ower_at(command.at(now))
    if command.by != ower:
        raise broken(f"only {ower}, which owes it, may {deed} it", "by")


def recipient_only(opened: Opens, command: Command, deed: str) -> None:
    """Only those who receive it may judge it."""
    if command.by not in recipients(opened):
        raise broken(f"only {', '.join(recipients(opened))} may {deed} it", "by")


def about(command: OnObligation, owed: Owed, opened: Opens, now: Instant) -> dict[str, Any]:
    """The envelope of an event on an obligation that is open."""
    return {
        **command.envelope(now),
        "obligation": command.obligation,
        "unit": owed.ower_at(command.at(now)),
        "programme": opened.programme,
    }


def open_once(owed: Owed, event: Opens) -> list[Event]:
    """Open it; [] where it is open with the same content; refused where with another."""
    if owed.opening is None:
        return [named(event)]
    if _terms(owed.opening) == _terms(event):
        return []
    raise broken(
        f"{event.obligation} is opened already with other terms; amend it, move its due, "
        "or give the new duty a new id",
        "obligation",
    )


def _terms(opened: Opens) -> tuple[object, ...]:
    return (
        opened.type,
        opened.unit,
        opened.kind,
        opened.item,
        opened.area,
        opened.period,
        opened.due_before,
        opened.done_when,
        opened.issuer,
    )


def not_closed(seen: Seen, events: list[Event]) -> list[Event]:
    """The events themselves. Refused where one opens or meets what is of a closed programme."""
    for event in events:
        if isinstance(event, Opens | Meets) and event.programme is not None:
            for one in seen.get(f"programme:{event.programme}", ()):
                if isinstance(one, ProgrammeClosed) and one.effective_at <= event.effective_at:
                    raise broken(
                        f"{event.programme} is closed since "
                        f"{format_day(day_of(one.effective_at))}; "
                        "what is still owed is waived, not sent",
                        "programme",
                    )
    return events


def amend(owed: Owed, event: Amends) -> list[Event]:
    """Describe it anew; [] where the last amendment said so."""
    if owed.amendments and same_words(owed.amendments[-1], event):
        return []
    return [named(event)]


def same_words(one: Event, other: Event) -> bool:
    """Whether two events say the same, whenever and by whatever system they were said."""
    return _words(one) == _words(other)


def _words(event: Event) -> dict[str, Any]:
    of_the_record = ("event_id", "effective_at", "recorded_at", "source", "source_seq")
    said = {key: value for key, value in vars(event).items() if key not in of_the_record}
    return {"type": event.type, **said}


def extend(owed: Owed, event: Moves) -> list[Event]:
    """More time. Refused where there is no due, where it is done, where it is less time."""
    if owed.due_before == event.due_before and owed.moves:
        return []
    _open_due(owed, event)
    if owed.due_before is None:
        raise broken("it has no due that could be extended; determine one first", "due_before")
    if event.due_before is None or event.due_before <= owed.due_before:
        raise broken(
            f"an extension gives more time than {format_day(owed.due_before)}; "
            "to bring the due forward, determine it anew",
            "due_before",
        )
    return [named(event)]


def by_document(events: list[Event], deed: str) -> list[Event]:
    """The events themselves. Refused without a document: whoever asks can look the decision up."""
    for event in events:
        if event.document is None:
            raise broken(f"it is {deed} by a document; name its number", "document")
    return events


def determine(owed: Owed, event: Moves) -> list[Event]:
    """A day where there was none, or an earlier one. A later one is an extension."""
    if owed.due_before == event.due_before:
        return []
    _open_due(owed, event)
    if owed.due_before is not None and (event.due_before or 0) > owed.due_before:
        raise broken(
            f"it is due before {format_day(owed.due_before)} already; more time is an extension",
            "due_before",
        )
    return [named(event)]


def _open_due(owed: Owed, event: Moves) -> None:
    if event.due_before is None:
        raise broken("say the day before which it is due", "due_before")
    if owed.done:
        raise broken("it is done; its due can be moved only after it was returned", "obligation")


def meet(owed: Owed, opened: Opens, event: Meets) -> list[Event]:
    """Done. [] where it is done already, but for a supplement with a document of its own."""
    if owed.done and (event.document is None or _same_paper(owed, event)):
        return []
    if event.effective_at < opened.effective_at and opened.kind == "task":
        raise broken(
            "a task cannot be complete before it is assigned "
            f"({format_day(day_of(opened.effective_at))})",
            "effective_at",
        )
    if owed.done and opened.kind == "task":
        raise broken("it is complete already; it can be declared again after a return", "document")
    return [named(event)]


def _same_paper(owed: Owed, event: Meets) -> bool:
    return owed.submission is not None and owed.submission.document == event.document


def accept(owed: Owed, event: Accepts, *, unsent: str = "") -> list[Event]:
    """Content. [] where accepted already; `unsent` refuses what was never sent, by this rule."""
    if owed.accepted is not None:
        return []
    if owed.submission is None and unsent:
        raise broken(unsent, "obligation")
    if owed.returned is not None:
        raise broken("it was returned; it is accepted after it was sent again", "obligation")
    return [named(event)]


def send_back(owed: Owed, event: Returns) -> list[Event]:
    """For revision. Refused for what was accepted or never sent; after the due it needs a day."""
    if owed.accepted is not None:
        raise broken("it was accepted; what is accepted is not returned", "obligation")
    if owed.submission is None:
        raise broken("nothing was sent that could be returned", "obligation")
    if owed.returned is not None and event.revise_before in (None, owed.returned.revise_before):
        return []
    if event.revise_before is None and owed.due_passed(event.effective_at):
        raise broken(
            "a return after the due must give a day for the revision (revise_before), "
            "or it would be overdue at once",
            "revise_before",
        )
    if event.revise_before is not None and event.revise_before <= day_of(event.effective_at):
        raise broken("the revision needs a day that lies ahead", "revise_before")
    return [named(event)]


def drop(owed: Owed, event: Drops) -> list[Event]:
    """Owed no longer."""
    if owed.done:
        raise broken("it is done; what is done is not cancelled", "obligation")
    return [named(event)]


def hand_over(owed: Owed, event: HandsOver) -> list[Event]:
    """Another unit owes it from then on. [] where it does already by an earlier transfer."""
    if event.to_unit == owed.ower:
        if len(owed.owers) > 1:
            return []
        raise broken(f"{event.to_unit} owes it; a duty is not handed to its own ower", "to_unit")
    if owed.done:
        raise broken("it is done, and stays with the unit that did it", "obligation")
    return [named(event)]


def late_enough(due: Day | None, owed: Owed, at: Instant) -> bool:
    """Whether the due has passed and nothing was sent that counts."""
    return due is not None and owed.due_passed(at) and not owed.done

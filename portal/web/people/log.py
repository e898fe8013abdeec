"""The audit log: who did what, told by day, and who read what.

Details are in words: people by name, amounts as money, days as days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal.domain.events import Event, Recorded
from portal.forms.typed import clean, iso, whole
from portal.language.vocabularies import ACTS, DETAILS, READ, WAYS
from portal.schemes.vocabulary import vocabulary
from portal.store import applications, audit, people
from portal.store.session import Session
from portal.web import current, render
from portal.web.guard import guard
from portal.web.language import NAMES, _, day, fund_name, money, size, words

blueprint = Blueprint("log", __name__, url_prefix="/log")

PEOPLE = frozenset({"person", "participant", "head", "other"})
_MONEY = frozenset({"amount", "allocated"})
_DAYS = frozenset({"from", "until", "on", "before", "first", "last"})
_AUTOMATIC = frozenset({"not-linked", "sign-out-by-provider"})
_WHOLE = 60
"""A text is told up to so many characters."""
_PAGE, _NAMED = 50, 10


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What an address asks for, as it was typed: a number or a name, and the last day."""

    q: str
    until: str
    everything: bool
    until_error: str

    def address(self, **changes: Any) -> str:
        kept = {"q": self.q, "until": self.until, "show": "everything" if self.everything else ""} | changes
        return url_for("log.events", **{name: value for name, value in kept.items() if value})


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event, in words."""

    seq: int
    at: datetime
    by: str
    act: str
    number: str
    """Of the application it happened in; empty where it is about none."""
    details: Sequence[tuple[str, str]]
    """A label and a text each."""


@blueprint.get("")
@guard("see-administration")
def events() -> Response:
    """The audit log, the newest event first, by day; it holds no text that somebody wrote."""
    session, query = current.reading(), _asked()
    found = _found(session, query)
    lines = _lines(session, found[:_PAGE])
    days = groupby(lines, key=lambda line: line.at.date())
    return render.page(
        "people/log.html",
        query=query,
        days=[(on, list(told)) for on, told in days],
        earlier=query.address(before=found[_PAGE - 1].seq) if len(found) > _PAGE else "",
    )


@blueprint.get("/readings")
@guard("see-administration")
def readings() -> Response:
    """Who read a case without being a party in it, or what somebody read."""
    typed, session = clean(request.args.get("q", ""), 100), current.reading()
    found = applications.find(session, number=typed.upper()) if typed else None
    if found is not None:
        shown = audit.readings(session, application_id=found.id)
    else:
        shown = [each for who in _named(session, typed) for each in audit.readings(session, person_id=who)]
    return render.page("people/readings.html", query=typed, readings=shown, doors=READ)


def _asked() -> LogQuery:
    typed = clean(request.args.get("until", ""), 40)
    until = iso(typed, current.today()) or typed
    wrong = _("Write a date that exists, such as 2026-03-01.") if until and not _is_day(until) else ""
    return LogQuery(
        q=clean(request.args.get("q", ""), 100),
        until=until,
        everything=request.args.get("show") == "everything",
        until_error=wrong,
    )


def _found(session: Session, query: LogQuery) -> list[Recorded]:
    """One more than a page of the events that are asked for."""
    before, application_id, actors = whole(request.args.get("before", "")), None, None
    if query.until_error:
        return []
    if query.until and before is None:
        last = date.fromisoformat(query.until)
        before = audit.first_after(session, datetime.combine(last, time.max, current.settings().zone))
    if query.q:
        found = applications.find(session, number=query.q.upper())
        application_id = None if found is None else found.id
        actors = None if found is not None else _named(session, query.q)
    return audit.latest(
        session,
        before=before,
        automatic=query.everything,
        application_id=application_id,
        actors=actors,
        limit=_PAGE + 1,
    )


def _named(session: Session, typed: str) -> list[int]:
    """The people of that name, who are here or have left."""
    found = [
        people.search(session, typed, day=current.today(), limit=_NAMED, left=left) for left in (False, True)
    ]
    return [each.id for some in found for each in some]


def _lines(session: Session, found: Sequence[Recorded]) -> list[LogLine]:
    told = [each.event for each in found]
    names = people.names_of(session, {e.actor_id for e in told if e.actor_id is not None} | named_in(told))
    ids = {event.application_id for event in told if event.application_id is not None}
    numbers = applications.numbers_of(session, ids)
    zone = current.settings().zone
    return [
        LogLine(
            seq=each.seq,
            at=each.event.at.astimezone(zone),
            by=actor(each.event, names),
            act=_(ACTS.get(each.event.act, each.event.act)),
            number=numbers.get(each.event.application_id or 0, ""),
            details=details(each.event, names),
        )
        for each in found
    ]


def named_in(events: Sequence[Event]) -> set[int]:
    """The people whom details of these name."""
    return {
        value for each in events for key, value in each.body.items() if key in PEOPLE and type(value) is int
    }


def actor(event: Event, names: Mapping[int, str]) -> str:
    """Who did it: a person by name, the portal by itself, or an operator at the command line."""
    if event.actor_id is not None:
        return names.get(event.actor_id, str(event.actor_id))
    automatic = event.application_id is not None or event.act in _AUTOMATIC
    return _("The portal") if automatic else _("Command line")


def details(event: Event, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """What an event says beside its act, a label and a text each; nothing of what is about an application.

    Who reads the case reads there what was decided and paid; the log says only who did what in it, and when.
    """
    if event.application_id is not None:
        return []
    told = [(key, value) for key, value in event.body.items() if key in DETAILS]
    said = [(_(DETAILS[key]), _said(key, value, event.body, names)) for key, value in told]
    return [(label, text) for label, text in said if text]


def _said(key: str, value: Any, body: Mapping[str, Any], names: Mapping[int, str]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if key == "language":
        return NAMES.get(value, str(value))
    if key in PEOPLE and isinstance(value, int):
        return names.get(value, str(value))
    if key in _DAYS and isinstance(value, str) and _is_day(value):
        return day(date.fromisoformat(value), "medium")
    if key == "size" and isinstance(value, int):
        return size(value)
    if key == "kind" and value in (kinds := vocabulary("document_kinds")):
        return words(kinds[value])
    text = _of_funds(key, value, body) or (_(WAYS[value]) if key == "way" and value in WAYS else str(value))
    return text if len(text) <= _WHOLE else text[:_WHOLE] + "…"


def _of_funds(key: str, value: Any, body: Mapping[str, Any]) -> str:
    """What is an amount, or a key of a fund's file, in the fund's own words; empty where it is neither."""
    schemes = current.schemes()
    scheme, fund = schemes.get(str(body.get("scheme", ""))), schemes.of_fund(str(body.get("fund", "")))
    if scheme is not None:
        if key in _MONEY and isinstance(value, int):
            return money(value, scheme.currency)
        named = {"scheme": scheme.title} | {f"period {each.key}": each.label for each in scheme.budget}
    else:
        if key in _MONEY and isinstance(value, int) and fund:
            return money(value, fund[0].currency)
        named = {f"seat {each.key}": each.title for each in fund[0].seats} if fund else {}
        if key == "fund" and fund:
            return fund_name(fund[0])
    label = named.get("scheme" if key == "scheme" else f"{key} {value}")
    return words(label) if label else ""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

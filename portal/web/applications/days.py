"""The days of an application as a file for a calendar (RFC 5545): the event, and on a grant what is owed by when."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from portal.domain.application import Application
from portal.domain.claim import Stage
from portal.store import claims, followups
from portal.web import current
from portal.web.language import _

_OCTETS = 75
"""The most in a line; what goes on after it begins with a blank."""


def days_of(application: Application) -> Iterator[tuple[str, str, date, date]]:
    """Each with a name that stays, what it is called, and its first and last day."""
    title, session = application.title, current.reading()
    yield "course", title, application.starts_on, application.ends_on
    claim, followup = claims.find(session, application.id), followups.find(session, application.id)
    if claim is not None and claim.due_on is not None and claim.stage in (Stage.WAITING, Stage.STATED):
        yield "invoice", _("Last day to invoice: %(title)s", title=title), claim.due_on, claim.due_on
    if followup is not None and not followup.recorded:
        on = followup.planned_on
        yield "follow-up", _("Follow-up: %(title)s", title=title), on, on


def calendar(number: str, days: Iterable[tuple[str, str, date, date]], at: datetime) -> bytes:
    """The file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//portal//days//EN"]
    for name, title, first, last in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}-{name}@portal",
            f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title)}",
            f"DESCRIPTION:{number}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line)).encode()


def _escaped(text: str) -> str:
    return re.sub(r"([\\\\;,])", r"\\\1", " ".join(text.split()))


def _folded(line: str) -> Iterator[str]:
    part = ""
    for letter in line:
        if len((part + letter).encode()) > _OCTETS:
            yield part
            part = " "
        part += letter
    yield part

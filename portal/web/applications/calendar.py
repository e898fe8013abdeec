"""The days of an application as an iCalendar file (RFC 5545): the event, and after a grant what is due and when."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

LONGEST = 75
"""Octets of a line; what is longer goes on in the next, after a space."""


class CalendarEntry(NamedTuple):
    """Whole days, both included, with what they are for."""

    key: str
    """Tells it from the others of the application, so that a newer file replaces it."""
    first: date
    last: date
    title: str
    link: str


def written(number: str, entries: Sequence[CalendarEntry], *, host: str, at: datetime) -> bytes:
    """The file; `host` makes its ids unique in the world."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//course funding portal//EN", "METHOD:PUBLISH"]
    for each in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}-{each.key}@{host}",
            f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{each.first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{each.last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(each.title)}",
            f"URL:{each.link}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _escaped(text: str) -> str:
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[bytes]:
    """The line in parts of at most 75 octets, none of which splits a character."""
    part = b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > LONGEST:
            yield part
            part = b" "
        part += octets
    yield part

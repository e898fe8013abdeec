"""What every answer goes through first: Unicode normalised (NFC), and no invisible characters."""

import re
import unicodedata
from datetime import date, timedelta

from portal.domain.alphabet import composed, decomposed
from portal.domain.days import read_day
from portal.domain.money import Unreadable

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
# C0 and C1 controls but tab and line feed, bidi controls, surrogates and the BOM: SQLite and PostgreSQL treat them
# unlike, and a reader cannot see them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

_LONGEST_NAME = 500


def clean(typed: str, most: int = 100_000) -> str:
    """The text as it is kept: NFC, line ends as \\n, no invisible characters, trimmed.

    It is cut before anything else is done with it, with room for decomposed letters.
    """
    typed = typed.lstrip()[: 4 * most]
    if typed.isascii() and typed.isprintable():
        return typed.strip()[:most]
    text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", typed))
    return composed(text).strip()[:most]


def whole(typed: str) -> int | None:
    """The number that stands in an address or a form, or None when it is none that a database can hold."""
    return int(typed) if len(typed) < 19 and typed.isascii() and typed.isdigit() else None


_DAYS_AGO = {"back": 364, "lately": 275, "soon": 30, "coming": 0}
"""How long ago a day can lie, by how its field leans, when its year is not typed."""


def earliest(leans: str, today: date) -> date:
    """From when on a day without a year is looked for; "year": from the first day of this one."""
    return date(today.year, 1, 1) if leans == "year" else today - timedelta(_DAYS_AGO.get(leans, 364))


def day(typed: str, today: date) -> date | None:
    """A day that has been, as typed, or None when it is none, or of a year that cannot be meant."""
    try:
        return read_day(typed, earliest("back", today))
    except Unreadable:
        return None


def iso(typed: str, since: date) -> str:
    """A day as it is kept; what cannot be read as one stays as it is, so that it can be said why."""
    try:
        return read_day(typed, since).isoformat()
    except Unreadable:
        return typed


def folded(text: str) -> str:
    """The text as names are compared: without case, accents and runs of space, so that "Osterrike" finds Österrike."""
    letters = decomposed(text[:_LONGEST_NAME].casefold().replace("ø", "o").replace("æ", "ae"))
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())

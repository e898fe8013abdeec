"""What every answer goes through first: Unicode normalised (NFC), and no invisible characters."""

import re
import unicodedata
from datetime import date

from portal.domain.alphabet import composed, decomposed
from portal.domain.fields import read_date
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


def day(typed: str) -> date | None:
    """The day that stands in an address or a form, or None when it is none, or of a year that cannot be meant."""
    try:
        return read_date(typed)
    except Unreadable:
        return None


def folded(text: str) -> str:
    """The text as names are compared: without case, accents and runs of space, so that "Osterrike" finds Österrike."""
    letters = decomposed(text[:_LONGEST_NAME].casefold().replace("ø", "o").replace("æ", "ae"))
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())

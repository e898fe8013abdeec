"""What every answer goes through first: one spelling of each letter, and no signs that cannot be seen."""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
# C0 and C1 controls but tab and line feed, marks that turn the direction of writing, halves of characters, the mark of
# byte order: SQLite and PostgreSQL treat them unlike, and a reader cannot see them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def clean(typed: str) -> str:
    """The text as it is kept: composed letters (NFC), line ends as \\n, nothing unseen, no spaces around it."""
    if typed.isascii() and typed.isprintable():
        return typed.strip()
    text = _UNSEEN.sub("", _LINE_ENDS.sub("\n", typed))
    return unicodedata.normalize("NFC", text).strip()


def folded(text: str) -> str:
    """The text as names are compared: without case, accents and runs of space, so that "Osterrike" finds Österrike."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("ø", "o").replace("æ", "ae"))
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())

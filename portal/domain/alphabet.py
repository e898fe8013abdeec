"""Unicode normalisation, and the collation of names: as Swedish orders them (… z å ä ö), and as Norwegian does (… z æ ø
å, with aa as å).

A sort key is text that sorts as the name does by plain code points: a database keeps it beside the name.
"""

import re
import unicodedata
from collections.abc import Mapping

SWEDISH, NORWEGIAN = "sv", "nb"
_LAST = "{|}"
"""The three that sort after z."""
_LETTERS: Mapping[str, Mapping[str, str]] = {
    SWEDISH: {"å": _LAST[0], "ä": _LAST[1], "æ": _LAST[1], "ö": _LAST[2], "ø": _LAST[2], "œ": _LAST[2]},
    NORWEGIAN: {
        "æ": _LAST[0], "ä": _LAST[0], "ø": _LAST[1], "ö": _LAST[1], "œ": _LAST[1], "å": _LAST[2], "aa": _LAST[2],
    },
}  # fmt: skip
_LIKE = {"ü": "y", "ű": "y", "ð": "d", "đ": "d", "þ": "th", "ł": "l", "-": " "}
"""As both alphabets have them; what is in neither counts as its letter without the accent."""


def alphabet_of(language: str) -> str:
    """The alphabet for a reader of a language; English has none of its own for these names."""
    return NORWEGIAN if language == NORWEGIAN else SWEDISH


_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text without what nobody sees (Unicode's Default_Ignorable_Code_Point): it comes along when numbers, days and
    addresses are copied from a page or a PDF.
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)


MOST_MARKS = 30
"""Combining marks on one letter: no language comes near, and Unicode's stream-safe format has no more."""


def composed(text: str) -> str:
    """The text in NFC.

    Reordering combining marks takes quadratic time, so their number is bounded first.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    kept, marks = [], 0
    for each in text:
        marks = marks + 1 if unicodedata.category(each)[0] == "M" else 0
        if marks <= MOST_MARKS:
            kept.append(each)
    return unicodedata.normalize("NFC", "".join(kept))


def decomposed(text: str) -> str:
    """The text in NFD, so that combining marks can be dropped."""
    return unicodedata.normalize("NFD", composed(text))


_FOLDED = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


def folded(text: str) -> str:
    """Text as it is searched: small letters without accents, in one spelling, whatever hyphens and spaces it has.

    What is kept to be searched and what is typed to find it are both folded.
    """
    small = decomposed(text).casefold().translate(_DASHES)
    for letter, plain in _FOLDED.items():
        small = small.replace(letter, plain)
    kept = (each for each in decomposed(small) if unicodedata.category(each) not in ("Mn", "Me", "Cf"))
    return " ".join("".join(kept).split())


def name_key(name: str, alphabet: str) -> str:
    """The sort key of a name in one of the two alphabets."""
    text = composed(name).casefold()
    for letters, places in {**_LETTERS[alphabet], **_LIKE}.items():
        text = text.replace(letters, places)
    bare = decomposed(text)
    kept = "".join(letter for letter in bare if letter.isalnum() or letter in (" ", *_LAST))
    return " ".join(kept.split())

"""Personal ids as the two countries give them, in one spelling each; any other id is free text and stays as typed.

Swedish personnummer and samordningsnummer (day + 60) are kept as 19700101-1233, Norwegian fødselsnummer and D-number
(day + 40) as eleven digits. Made-up ones of the authorities' test registers (month + 40 or + 80) are read too.
"""

import re
import unicodedata
from datetime import date

from portal.domain.refusal import N_, Refusal

WRONG = Refusal(
    "person.number-check",
    N_("The check digits of the personal id are not right, so something in it is mistyped."),
)

_HYPHENS = re.compile("[\u002d\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_BETWEEN = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff]+")
_MARKS = re.compile("[-/._:,'\u00b7\u2022]")
"""What else people put between the digits: where those check, it is the same number."""
_SWEDISH = re.compile(r"(\d\d)?(\d{6})([-+]?)(\d{4})", re.ASCII)
_NORWEGIAN = re.compile(r"(\d{6})-?(\d{5})", re.ASCII)
_BORN_LATEST = 14
"""Two digits of a year up to here are of this century: nobody who works here was born later."""


def canonical(typed: str) -> str:
    """The id in the one spelling it is kept in and looked up by."""
    return _read(typed)[0]


def check(typed: str) -> Refusal | None:
    """What is wrong with an id that looks like one of these, or None."""
    return None if _read(typed)[1] else WRONG


def _read(typed: str) -> tuple[str, bool]:
    """The spelling that is kept, and whether the check digits are right; what is free text has none."""
    text = " ".join(typed.split())
    bare = _BETWEEN.sub("", _HYPHENS.sub("-", text))
    bare = "".join(str(unicodedata.decimal(each, each)) for each in bare)
    found, plain = _known(bare), _MARKS.sub("", bare)
    if found is None and plain != bare and (found := _known(plain)) and not found[1]:
        found = None
    return found or (text, True)


def _known(bare: str) -> tuple[str, bool] | None:
    if found := _SWEDISH.fullmatch(bare):
        century, six, sign, last = found.groups()
        right = _luhn(six + last)
        if _is_swedish_day(six) and (right or century or sign):
            return f"{century or _century(six, sign)}{six}-{last}", right
    if (found := _NORWEGIAN.fullmatch(bare)) and _is_norwegian_day(found[1]):
        digits = found[1] + found[2]
        return digits, _modulus_11(digits)
    return None


def _century(six: str, sign: str) -> str:
    this = int(six[:2]) <= _BORN_LATEST
    return {True: "20", False: "19"}[this] if sign != "+" else {True: "19", False: "18"}[this]


def _is_swedish_day(six: str) -> bool:
    year, month, day = int(six[:2]), int(six[2:4]), int(six[4:])
    return _is_day(year, month, day - 60 if day > 60 else day)


def _is_norwegian_day(six: str) -> bool:
    day, month, year = int(six[:2]), int(six[2:4]), int(six[4:])
    month -= 80 if month > 80 else 40 if month > 40 else 0
    return _is_day(year, month, day - 40 if day > 40 else day)


def _is_day(year: int, month: int, day: int) -> bool:
    """Whether there is such a day in that year of this century or of the last."""
    for century in (1900, 2000):
        try:
            date(century + year, month, day)
        except ValueError:
            continue
        return True
    return False


def _luhn(ten: str) -> bool:
    doubled = (int(each) * (2 - place % 2) for place, each in enumerate(ten))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def _modulus_11(eleven: str) -> bool:
    digits = [int(each) for each in eleven]
    weights = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    return all(sum(w * d for w, d in zip(row, digits, strict=False)) % 11 == 0 for row in weights)

"""Reading a day as people write it in Sweden, Norway and English: the year, where it is left out, follows from where
the day can lie; what can mean two days is asked about."""

import re
from datetime import date

from portal.domain.alphabet import visible
from portal.domain.money import MINUS, Unreadable

YEARS = range(2000, 2101)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HYPHENS = re.compile(f"[{MINUS[1:]}]")
_NUMBERS = re.compile(r"([0-9]{1,4})([-./ ])([0-9]{1,2})(?:\2([0-9]{4}|[0-9]{2}))?\.?")
_APART = re.compile(r"([0-9]{1,2})([./]) ?([0-9]{1,2})(?:\. ?|[- ])([0-9]{4}|[0-9]{2})\.?")
"""The year behind another mark than the month, as in 14/12 2026, 14/12-26 and 14. 12. 2026."""
_RUN = re.compile(r"([0-9]{4}|[0-9]{2})([0-9]{2})([0-9]{2})")
_WORDS = re.compile(r"[0-9]+|[a-zåäöø]+")
_FILLED = frozenset({"den", "the", "of", "st", "nd", "rd", "th"})
_MONTHS = (
    "january januari januar", "february februari februar", "march mars", "april", "may maj mai", "june juni",
    "july juli", "august augusti", "september", "october oktober", "november", "december desember",
)  # fmt: skip
_WEEKDAYS = ("monday måndag mandag", "tuesday tisdag tirsdag", "wednesday onsdag onsdag", "thursday torsdag torsdag",
             "friday fredag", "saturday lördag lørdag", "sunday söndag søndag")  # fmt: skip


def read_date(typed: object) -> date:
    """Read an ISO date, as answers are kept, of a year that can be meant. Raises Unreadable."""
    text = _plain(typed)
    if not _DATE.fullmatch(text):
        read_day(text, date(YEARS[0], 1, 1))  # says better why, where it knows
        raise Unreadable("form.not-a-date")
    return _day(int(text[:4]), int(text[5:7]), int(text[8:]))


def read_day(typed: object, earliest: date) -> date:
    """Read a day as typed: 2026-12-14, 14/12, 14.12.26, 14 dec, Monday 14 December 2026; day before month.

    Without a year it is the first such day from `earliest` on. Raises Unreadable, `form.date-unclear` where it may
    be another day (26-12-14, 12/14).
    """
    text = _plain(typed).casefold()
    if found := _RUN.fullmatch(text):
        return _of_numbers(found[1], "-", found[2], found[3], earliest)
    if found := _NUMBERS.fullmatch(text) or _APART.fullmatch(text):
        return _of_numbers(found[1], found[2], found[3], found[4], earliest)
    return _of_words(text, earliest)


def _plain(typed: object) -> str:
    return _HYPHENS.sub("-", visible(typed[:100]).strip()) if isinstance(typed, str) else ""


def _of_numbers(first: str, mark: str, second: str, third: str | None, earliest: date) -> date:
    if third is None:
        if len(first) > 2:
            raise Unreadable("form.not-a-date")
        return _next(int(second), int(first), earliest)
    if len(first) > 2:
        return _day(int(first), int(second), int(third))
    year = int(third) if len(third) == 4 else 2000 + int(third)
    if mark != "-" or len(third) == 4:
        return _of_month(year, int(second), int(first))
    readings = {date for order in ((2000 + int(first), int(second), int(third)), (year, int(second), int(first)))
                if (date := _find(*order))}  # fmt: skip
    if len(readings) > 1:
        raise Unreadable("form.date-unclear")
    return readings.pop() if readings else _of_month(year, int(second), int(first))


def _of_words(text: str, earliest: date) -> date:
    words = [each for each in _WORDS.findall(text) if each not in _FILLED]
    named = [_place(each, _WEEKDAYS) for each in words[:1]]
    words = words[1:] if named and named[0] is not None else words
    if len(words) not in (2, 3) or re.sub(r"[\s.,]", "", _WORDS.sub("", text)):
        raise Unreadable("form.not-a-date")
    number, month = words[:2] if words[0].isdigit() else (words[1], words[0])
    place, year = _place(month, _MONTHS), words[2] if len(words) == 3 else ""
    if place is None or not number.isdigit() or len(number) > 2 or (year and len(year) not in (2, 4)):
        raise Unreadable("form.not-a-date")
    if year and not year.isdigit():
        raise Unreadable("form.not-a-date")
    full = int(year) if len(year) == 4 else 2000 + int(year or 0)
    read = _day(full, place + 1, int(number)) if year else _next(place + 1, int(number), earliest)
    if named[0] not in (None, read.weekday()):
        raise Unreadable("form.date-unclear")
    return read


def _place(word: str, names: tuple[str, ...]) -> int | None:
    """Which of them the word begins, by three letters or more."""
    if len(word) < 3:
        return None
    return next((n for n, each in enumerate(names) if any(w.startswith(word) for w in each.split())), None)


def _of_month(year: int, month: int, day: int) -> date:
    """The day, unless its month stands first."""
    if _find(year, month, day) is None and _find(year, day, month) is not None:
        raise Unreadable("form.date-unclear")
    return _day(year, month, day)


def _next(month: int, day: int, earliest: date) -> date:
    """The first such day from then on; the 29th of February may take eight years to come."""
    if _find(2000, month, day) is None:
        return _of_month(2000, month, day)
    years = range(earliest.year, earliest.year + 9)
    found = (each for year in years if (each := _find(year, month, day)) is not None and each >= earliest)
    return _day(*next(found, earliest).timetuple()[:3])


def _find(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day(year: int, month: int, day: int) -> date:
    read = _find(year, month, day)
    if read is None:
        raise Unreadable("form.not-a-date")
    if read.year not in YEARS:
        raise Unreadable("form.implausible-date")
    return read

"""The two ways a CSV file is written: for a Swedish or Norwegian spreadsheet, and for another program.

How a cell of each kind is written, the guard against formula injection, and rows to bytes, a thousand at a time. Rows
hold what `store.reports` gives: text, integers in minor units, days as ISO text, instants as UTC ISO text, None.
"""

import csv
import io
import re
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from portal.finance.sheets import Cell, Column
from portal.language.catalogue import said
from portal.language.vocabularies import Vocabularies

Row = Sequence[Any]

BATCH = 1_000
FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
"""What a spreadsheet takes for the beginning of a formula: with the full-width and small forms it reads alike."""

_SUSPECT = frozenset(f"{FORMULA}'")
_GUARDED = re.compile(rf"'*[{re.escape(FORMULA)}]")
_HOUR, _MINUTE, _SECOND = len("2026-01-01T12"), len("2026-01-01T12:30"), len("2026-01-01T12:30:59")


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to write a file of rows."""

    key: str
    delimiter: str
    mark: str
    """Between whole crowns and öre."""
    bom: bytes
    for_people: bool
    """Headings, words and instants as a person reads them, and text guarded; else as a program wants them."""


EXCEL = Profile("excel", ";", ",", "\ufeff".encode(), for_people=True)
PLAIN = Profile("plain", ",", ".", b"", for_people=False)
PROFILES = {profile.key: profile for profile in (EXCEL, PLAIN)}
XLSX = Profile("xlsx", "", ",", b"", for_people=True)
"""No CSV but a workbook, whose texts stay texts: leading zeros, long numbers, `12E5` and `1-2` as they were written."""


def guarded(text: str) -> str:
    """Text safe from formula injection: an apostrophe before what begins like a formula.

    Text that already has apostrophes before such a sign gets one more, so that `unguarded` gives every text back.
    """
    return f"'{text}" if _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def amount_writer(mark: str) -> Callable[[int], str]:
    """Writes minor units with two decimals and no thousand separators: never text, so never guarded."""

    def write(amount: int) -> str:
        if amount < 0:
            return f"-{-amount // 100}{mark}{-amount % 100:02d}"
        return f"{amount // 100}{mark}{amount % 100:02d}"

    return write


def instant_writer(zone: ZoneInfo | None) -> Callable[[str], str]:
    """Writes an instant given as UTC text, to the second: local in a zone, else as a program wants it (with a Z).

    An hour of UTC has one offset, so hours are converted once and the minutes copied; in the few zones that are not
    whole hours from UTC, minutes are.
    """
    if zone is None:
        return lambda text: f"{text[:_SECOND]}Z"
    offset = datetime(2026, 1, 1, tzinfo=zone).utcoffset() or timedelta(0)
    kept = _HOUR if offset % timedelta(hours=1) == timedelta(0) else _MINUTE

    @lru_cache(maxsize=20_000)
    def local(text: str) -> str:
        whole = f"{text}:00:00+00:00" if kept == _HOUR else f"{text}:00+00:00"
        return datetime.fromisoformat(whole).astimezone(zone).isoformat(" ")[:kept]

    return lambda text: local(text[:kept]) + text[kept:_SECOND]


def lines(
    rows: Iterable[Row],
    columns: Sequence[Column],
    profile: Profile,
    *,
    language: str,
    zone: ZoneInfo,
    words: Vocabularies,
) -> Generator[bytes, None, None]:
    """The file in pieces: the heading row, then the rows; constant memory, whatever their number."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=profile.delimiter, lineterminator="\r\n")
    texts, writers = _writers(columns, profile, language, zone, words)

    def piece(start: bytes = b"") -> bytes:
        written = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        # A lone surrogate, which no database lets in, must not end a file in the middle.
        return start + written.encode("utf-8", "replace")

    writer.writerow([heading(column, profile, language) for column in columns])
    yield piece(profile.bom)
    waiting = 0
    for row in rows:
        cells = list(row)
        if len(cells) != len(columns):
            raise ValueError(f"{len(cells)} cells in {len(columns)} columns")
        for place in texts:
            text = cells[place]
            if text and text[0] in _SUSPECT:
                cells[place] = guarded(text)
        for place, write in writers:
            value = cells[place]
            if value is not None:
                cells[place] = write(value)
        writer.writerow(cells)
        waiting += 1
        if waiting == BATCH:
            yield piece()
            waiting = 0
    if waiting:
        yield piece()


def heading(column: Column, profile: Profile, language: str) -> str:
    """What stands over a column."""
    return said(column.header, language) if profile.for_people else column.key


def _writers(
    columns: Sequence[Column], profile: Profile, language: str, zone: ZoneInfo, words: Vocabularies
) -> tuple[list[int], list[tuple[int, Callable[[Any], Any]]]]:
    """The places whose text is guarded, and the places that need writing; the others go out as they are."""
    amount = amount_writer(profile.mark)
    instant = instant_writer(zone if profile.for_people else None)
    texts: list[int] = []
    writers: list[tuple[int, Callable[[Any], Any]]] = []
    for place, column in enumerate(columns):
        if column.kind is Cell.TEXT and profile.for_people:
            texts.append(place)
        elif column.kind is Cell.AMOUNT:
            writers.append((place, amount))
        elif column.kind is Cell.INSTANT:
            writers.append((place, instant))
        elif column.kind is Cell.WORD and profile.for_people:
            writers.append((place, _word_writer(column, language, words)))
    return texts, writers


def _word_writer(column: Column, language: str, words: Vocabularies) -> Callable[[str], str]:
    """Writes a key as its word; one without a word as it is."""
    known = {key: guarded(texts[language]) for key, texts in words[column.vocabulary].items()}
    return lambda key: known.get(key) or guarded(key)

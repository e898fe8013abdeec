"""Rows to the bytes of a CSV file and back, a thousand rows at a time; where rows come from is the store's.

Rows hold what `store.reports` gives: text, integers in minor units, days as ISO text, instants as UTC ISO text, None.
"""

import csv
import io
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from portal.finance.profiles import (
    FORMULA,
    Profile,
    amount_writer,
    guarded,
    instant_writer,
    read_amount,
    read_date,
    read_instant,
    unguarded,
)
from portal.finance.sheets import Column, Kind
from portal.language.catalogue import said
from portal.language.vocabularies import Vocabularies

Row = Sequence[Any]

BATCH = 1_000
_SUSPECT = frozenset(f"{FORMULA}'")


class Unreadable(ValueError):
    """A file that is no such table; the message names the line."""


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
        # A half character that no database of text lets in must not end a file in the middle.
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
        if column.kind is Kind.TEXT and profile.for_people:
            texts.append(place)
        elif column.kind is Kind.AMOUNT:
            writers.append((place, amount))
        elif column.kind is Kind.INSTANT:
            writers.append((place, instant))
        elif column.kind is Kind.WORD and profile.for_people:
            writers.append((place, _word_writer(column, language, words)))
    return texts, writers


def _word_writer(column: Column, language: str, words: Vocabularies) -> Callable[[str], str]:
    """Writes a key as its word; one without a word as it is."""
    known = {key: guarded(texts[language]) for key, texts in words[column.vocabulary].items()}
    return lambda key: known.get(key) or guarded(key)


def read(
    content: bytes,
    columns: Sequence[Column],
    profile: Profile,
    *,
    language: str,
    zone: ZoneInfo,
    words: Vocabularies,
) -> Iterator[dict[str, Any]]:
    """The rows of such a file by column key, as values: int, date, instant, text, key; None for an empty cell.

    Columns may stand in any order and others between them. Raises Unreadable.
    """
    try:
        reader = csv.reader(
            io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=profile.delimiter, strict=True
        )
        headings = next(reader, [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"line 1: {error}") from None
    places = {}
    for column in columns:
        if (title := heading(column, profile, language)) not in headings:
            raise Unreadable(f"line 1: the column {title} is missing")
        places[column.key] = (headings.index(title), _reader(column, profile, language, zone, words))
    while True:
        try:
            row = next(reader, None)
            if row is None:
                return
            if len(row) != len(headings):
                raise ValueError(f"{len(row)} cells, not {len(headings)}")  # noqa: TRY301 - one place names the line
            yield {key: parse(row[place]) if row[place] else None for key, (place, parse) in places.items()}
        except (ValueError, csv.Error) as error:
            raise Unreadable(f"line {reader.line_num}: {error}") from None


def _reader(
    column: Column, profile: Profile, language: str, zone: ZoneInfo, words: Vocabularies
) -> Callable[[str], Any]:
    """Reads one cell of a column."""
    match column.kind:
        case Kind.AMOUNT:
            return lambda cell: read_amount(cell, profile.mark)
        case Kind.INSTANT:
            return lambda cell: read_instant(cell, zone if profile.for_people else None)
        case Kind.DATE:
            return read_date
        case Kind.NUMBER:
            return int
        case Kind.WORD if profile.for_people:
            keys = {texts[language]: key for key, texts in words[column.vocabulary].items()}
            return lambda cell: keys.get(unguarded(cell), unguarded(cell))
        case Kind.TEXT if profile.for_people:
            return unguarded
    return lambda cell: cell

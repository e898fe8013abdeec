"""Reads a file of rows back, as whoever gets it would: that every value comes back is how tests prove the writer."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.finance.profiles import Profile, heading, unguarded
from portal.finance.sheets import Cell, Column
from portal.language.vocabularies import Vocabularies


class Unreadable(ValueError):
    """A file that is no such table; the message names the line."""


def read_date(cell: str) -> date:
    """The day in a cell. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        raise ValueError(f"not a date: {cell!r}")
    return date.fromisoformat(cell)


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
        case Cell.AMOUNT:
            return lambda cell: read_amount(cell, profile.mark)
        case Cell.INSTANT:
            return lambda cell: read_instant(cell, zone if profile.for_people else None)
        case Cell.DATE:
            return read_date
        case Cell.NUMBER:
            return int
        case Cell.WORD if profile.for_people:
            keys = {texts[language]: key for key, texts in words[column.vocabulary].items()}
            return lambda cell: keys.get(unguarded(cell), unguarded(cell))
        case Cell.TEXT if profile.for_people:
            return unguarded
    return lambda cell: cell


def read_amount(cell: str, mark: str) -> int:
    """The minor units of an amount as `amount_writer` writes it. Raises ValueError."""
    found = re.fullmatch(rf"(-?)([0-9]+){re.escape(mark)}([0-9]{{2}})", cell)
    if found is None:
        raise ValueError(f"not an amount: {cell!r}")
    amount = int(found[2]) * 100 + int(found[3])
    return -amount if found[1] else amount


def read_instant(cell: str, zone: ZoneInfo | None) -> datetime:
    """The UTC instant of a cell as `instant_writer` writes it; of an hour that comes twice, the first.

    Raises ValueError.
    """
    if zone is None:
        instant = datetime.fromisoformat(cell)
        if instant.utcoffset() != timedelta(0):
            raise ValueError(f"not UTC: {cell!r}")
        return instant.astimezone(UTC)
    return datetime.fromisoformat(cell).replace(tzinfo=zone).astimezone(UTC)

"""Rows to the bytes of an XLSX file: the same rows give the same bytes, whenever they are written."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from portal.finance.sheets import Column, Kind, Sheet
from portal.language.catalogue import said
from portal.language.vocabularies import Vocabularies

_WIDTHS = {Kind.TEXT: 24, Kind.WORD: 12, Kind.AMOUNT: 16, Kind.DATE: 12, Kind.INSTANT: 20, Kind.NUMBER: 10}


def workbook(
    rows: Iterable[Sequence[Any]], sheet: Sheet, *, language: str, words: Vocabularies, at: datetime
) -> bytes:
    """The rows (as `text.lines` takes them) as a workbook of one sheet, dated `at`; text is never a formula."""
    import xlsxwriter  # slow to load, and few ever ask for a workbook

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    # Without a date of its own the file would hold the moment it is written.
    made = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    title = said(sheet.title, language)
    book.set_properties({"title": title, "created": made})
    page = book.add_worksheet(title[:31])
    formats = {
        Kind.AMOUNT: book.add_format({"num_format": "#,##0.00"}),
        Kind.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    bold = book.add_format({"bold": True})
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, _WIDTHS[column.kind])
        page.write_string(0, place, said(column.header, language), bold)
    page.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            if value is not None and value != "":
                _write(page, number, place, column, value, formats.get(column.kind), language, words)
    book.close()
    return target.getvalue()


def _write(
    page: Any,
    row: int,
    place: int,
    column: Column,
    value: Any,
    cell_format: Any,
    language: str,
    words: Vocabularies,
) -> None:
    match column.kind:
        case Kind.AMOUNT:
            # A spreadsheet has only floating numbers; two decimals of such amounts come through exactly.
            page.write_number(row, place, value / 100, cell_format)
        case Kind.NUMBER:
            page.write_number(row, place, value)
        case Kind.DATE:
            page.write_datetime(row, place, datetime.fromisoformat(_iso(value)), cell_format)
        case Kind.WORD:
            known = words[column.vocabulary].get(value)
            page.write_string(row, place, known[language] if known else str(value))
        case _:
            page.write_string(row, place, str(value))


def _iso(value: str | date) -> str:
    return value if isinstance(value, str) else value.isoformat()

"""The files of a payment batch: its rows as CSV for a spreadsheet and as a workbook, in the fund's language.

The same rows give the same bytes, whenever they are written.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.domain.payment import Reference
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import Scheme
from portal.finance.profiles import EXCEL, instant_writer, lines
from portal.finance.sheets import PAYMENTS, Cell, CsvSheet
from portal.language.catalogue import said
from portal.language.vocabularies import Vocabularies, own_vocabularies
from portal.store.payments import DuePayment

_WIDTHS = {
    Cell.TEXT: 24,
    Cell.WORD: 12,
    Cell.AMOUNT: 16,
    Cell.DATE: 12,
    Cell.INSTANT: 20,
    Cell.NUMBER: 10,
}


def files(
    scheme: Scheme, number: int, due: Iterable[tuple[DuePayment, Reference]], *, at: datetime
) -> tuple[bytes, bytes]:
    """The CSV and the XLSX of a batch."""
    rows = [
        PAYMENTS.row(
            each,
            batch=number,
            position=position,
            kind=each.payment.kind.value,
            number=each.payment.number,
            customer_number=reference.customer_number,
            orderer_id=reference.orderer_id,
            account=reference.account,
            invoice_on=each.invoice_on and each.invoice_on.isoformat(),
            amount=each.payment.amount,
        )
        for position, (each, reference) in enumerate(due, 1)
    ]
    language, words = scheme.language, own_vocabularies()
    csv = lines(rows, PAYMENTS.columns, EXCEL, language=language, zone=scheme.zone, words=words)
    return b"".join(csv), workbook(rows, PAYMENTS, language=language, words=words, at=at)


MOST_ROWS = 100_000
TOO_MANY_ROWS = Refusal(
    "file.too-many-rows",
    N_("A workbook would have more than %(most)s rows. Choose fewer days, or take the CSV."),
    {"most": MOST_ROWS},
)


def _few(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise Refused(TOO_MANY_ROWS)
        yield row


def workbook(
    rows: Iterable[Sequence[Any]],
    sheet: CsvSheet,
    *,
    language: str,
    words: Vocabularies,
    at: datetime,
    zone: ZoneInfo | None = None,
) -> bytes:
    """The rows (as `profiles.lines` takes them) as a workbook of one sheet, dated `at`; text is never a formula.

    Instants are written in the zone. Raises Refused for more rows than should be waited for.
    """
    import xlsxwriter  # slow to load, and few ever ask for a workbook

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True}
        | dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
    )
    # Without a date of its own the file would hold the moment it is written.
    made = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    title = said(sheet.title, language)
    book.set_properties({"title": title, "created": made})
    page = book.add_worksheet(title[:31])
    formats = {
        Cell.AMOUNT: book.add_format({"num_format": "#,##0.00"}),
        Cell.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    bold = book.add_format({"bold": True})
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, _WIDTHS[column.kind])
        page.write_string(0, place, said(column.header, language), bold)
    page.freeze_panes(1, 0)
    instant = instant_writer(zone)
    for number, row in enumerate(_few(rows), 1):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            match column.kind:
                case _ if value is None or value == "":
                    continue
                case Cell.AMOUNT:
                    # A workbook has only binary doubles; two decimals of such amounts come through exactly.
                    page.write_number(number, place, value / 100, formats[Cell.AMOUNT])
                case Cell.NUMBER:
                    page.write_number(number, place, value)
                case Cell.DATE:
                    day = value if isinstance(value, date) else date.fromisoformat(value)
                    page.write_datetime(number, place, day, formats[Cell.DATE])
                case Cell.INSTANT:
                    page.write_string(number, place, instant(str(value)))
                case Cell.WORD if known := words[column.vocabulary].get(value):
                    page.write_string(number, place, known[language])
                case _:
                    page.write_string(number, place, str(value))
    book.close()
    return target.getvalue()

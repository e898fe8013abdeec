"""The files of a payment batch: its rows as CSV for a spreadsheet and as a workbook, in the fund's language."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from portal.domain.payment import Reference
from portal.domain.scheme import Scheme
from portal.finance.payment_sheet import PAYMENTS
from portal.finance.profiles import EXCEL
from portal.finance.text import lines
from portal.finance.words import LATE, STAGES
from portal.finance.words import PAYMENTS as PAYMENT_WORDS
from portal.finance.workbook import workbook
from portal.store.payments import Due

WORDS = {"payments": PAYMENT_WORDS, "stages": STAGES, "late": LATE}


def files(
    scheme: Scheme, number: int, due: Iterable[tuple[Due, Reference]], *, at: datetime
) -> tuple[bytes, bytes]:
    """The CSV and the XLSX of a batch: the same rows give the same bytes."""
    rows = [_cells(number, position, each, reference) for position, (each, reference) in enumerate(due, 1)]
    csv = lines(rows, PAYMENTS.columns, EXCEL, language=scheme.language, zone=scheme.zone, words=WORDS)
    return b"".join(csv), workbook(rows, PAYMENTS, language=scheme.language, words=WORDS, at=at)


def _cells(number: int, position: int, due: Due, reference: Reference) -> Sequence[Any]:
    """The values in the order of the sheet."""
    return (
        number,
        position,
        due.payment.kind.value,
        due.payment.number,
        due.participant_number,
        due.participant,
        due.unit,
        due.title,
        reference.customer_number,
        reference.orderer_id,
        reference.account,
        due.invoice_number,
        due.invoice_on and due.invoice_on.isoformat(),
        due.currency,
        due.payment.amount,
    )

"""The files of a payment batch: its rows as CSV for a spreadsheet and as a workbook, in the fund's language."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from portal.domain.payment import Reference
from portal.domain.scheme import Scheme
from portal.finance.profiles import EXCEL
from portal.finance.sheets import PAYMENTS
from portal.finance.text import lines
from portal.finance.workbook import workbook
from portal.language.vocabularies import own_vocabularies
from portal.store.payments import Due


def files(
    scheme: Scheme, number: int, due: Iterable[tuple[Due, Reference]], *, at: datetime
) -> tuple[bytes, bytes]:
    """The CSV and the XLSX of a batch: the same rows give the same bytes."""
    rows = [_cells(number, position, each, reference) for position, (each, reference) in enumerate(due, 1)]
    language, words = scheme.language, own_vocabularies()
    csv = lines(rows, PAYMENTS.columns, EXCEL, language=language, zone=scheme.zone, words=words)
    return b"".join(csv), workbook(rows, PAYMENTS, language=language, words=words, at=at)


def _cells(number: int, position: int, due: Due, reference: Reference) -> Sequence[Any]:
    return PAYMENTS.row(
        due,
        batch=number,
        position=position,
        kind=due.payment.kind.value,
        number=due.payment.number,
        customer_number=reference.customer_number,
        orderer_id=reference.orderer_id,
        account=reference.account,
        invoice_on=due.invoice_on and due.invoice_on.isoformat(),
        amount=due.payment.amount,
    )

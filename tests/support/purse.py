"""Two funds to be paid from: one that is invoiced, and one that refunds, which is the first with other terms."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest

from portal.actions import claiming, paying, people
from portal.domain.claim import Claim, Invoice, Payable
from portal.domain.payment import LedgerLine, shown_digest
from portal.domain.person import FINANCE
from portal.domain.scheme import Scheme
from portal.store import applications, claims, payments
from portal.store.payments import Batch
from portal.store.session import Database
from tests.actions.world import ASSESSED, MARCH, World, answers

REFUND = "refund-2024"


def refund_of(scheme: Scheme) -> Scheme:
    """A fund that pays what was decided, and pays it to the account in the answers."""
    return replace(scheme, key=REFUND, fund="refund", prefix="REF", payment={"payee_fields": ["cost_centre"]})


@dataclass
class Purse(World):
    """The world with both funds, somebody in finance, and short words for what follows a grant."""

    def __post_init__(self) -> None:
        self.schemes[REFUND] = refund_of(self.schemes["rfr-2024"])
        super().__post_init__()

    def _settle(self) -> None:
        super()._settle()
        self.add("finn", roles=frozenset({FINANCE}))
        for name, seat in (("chair", "chair"), ("rep", "representative")):
            self.write(
                people.appoint,
                fund="refund",
                seat=seat,
                person_id=self.people[name].id,
                substitute=False,
                starts_on=date(2023, 1, 1),
                ends_on=None,
                schemes=self.schemes,
                by=None,
                at=MARCH,
            )

    def granted(
        self, by: str = "anna", *, scheme: str = "rfr-2024", amount: int = ASSESSED, **other: Any
    ) -> str:
        """The number of a new grant."""
        number = self.applied(by, scheme=scheme, **other)
        self.grant(number, amount=amount, reason="" if amount == ASSESSED else "So")
        return number

    def applied(self, by: str = "anna", *, scheme: str = "rfr-2024", **other: Any) -> str:
        """The number of a new application in either fund."""
        from portal.actions.drafting import start_draft

        token = self.write(
            start_draft,
            scheme=self.schemes[scheme],
            participant_id=self.people[by].id,
            answers=answers(**other),
            by=self[by],
            at=MARCH,
        ).token
        return self.submit(token, by).number

    def claim(self, number: str) -> Claim:
        with self.reading() as session:
            return claims.get(session, applications.get(session, number=number).id)

    def state(
        self, number: str, *amounts: str, by: str = "anna", revision: int | None = None, at: datetime = MARCH
    ) -> Payable:
        return self.write(
            claiming.state_costs,
            number=number,
            schemes=self.schemes,
            costs={"costs": [{"kind": "fee", "amount": amount} for amount in amounts]},
            revision=self.claim(number).revision if revision is None else revision,
            by=self[by],
            at=at,
        )

    def invoice(
        self,
        number: str,
        amount: int,
        *,
        invoice_number: str = "F-1",
        whole: bool = True,
        by: str = "finn",
        revision: int | None = None,
        at: datetime = MARCH,
    ) -> Claim:
        return self.write(
            claiming.register_invoice,
            number=number,
            schemes=self.schemes,
            invoice_number=invoice_number,
            invoice_on=at.date(),
            amount=amount,
            whole=whole,
            revision=self.claim(number).revision if revision is None else revision,
            by=self[by],
            at=at,
        )

    def invoices(self, number: str) -> list[Invoice]:
        with self.reading() as session:
            return claims.invoices_of(session, applications.get(session, number=number).id)

    def correct(
        self, number: str, amount: int, *, which: int = -1, whole: bool = True, reason: str = "Mistyped",
        by: str = "finn", at: datetime = MARCH, **other: Any,
    ) -> Claim:  # fmt: skip
        """Let the last invoice (or another) stand with another amount, or for 0 no more."""
        invoice = self.invoices(number)[which]
        said = {"invoice_number": invoice.number, "invoice_on": invoice.invoice_on, **other}
        return self.write(
            claiming.correct_invoice,
            number=number,
            schemes=self.schemes,
            invoice_id=invoice.id,
            amount=amount,
            whole=whole,
            reason=reason,
            revision=self.claim(number).revision,
            by=self[by],
            at=at,
            **said,
        )

    def give_back(self, number: str, amount: int, *, which: int = -1, at: datetime = MARCH) -> Claim:
        """Register what has come back of the last invoice in all."""
        return self.write(
            claiming.register_return,
            number=number,
            schemes=self.schemes,
            invoice_id=self.invoices(number)[which].id,
            amount=amount,
            returned_on=at.date(),
            revision=self.claim(number).revision,
            by=self["finn"],
            at=at,
        )

    def release(
        self, number: str, reason: str = "Not taken", *, by: str = "finn", at: datetime = MARCH
    ) -> Claim:
        revision = self.claim(number).revision
        return self.write(
            claiming.release, number=number, reason=reason, revision=revision, by=self[by], at=at
        )

    def shown(self, fund: str) -> tuple[int, str]:
        """What the page of the fund's next batch shows: its number, and of what."""
        with self.reading() as session:
            due = paying.with_references(payments.due(session, fund), self.schemes)
            rows = [(each.payment, reference) for each, reference in due]
            return payments.last_number(session, fund) + 1, shown_digest(rows)

    def batch(
        self,
        fund: str = "rfr",
        *,
        shown: tuple[int, str] | None = None,
        by: str = "finn",
        at: datetime = MARCH,
    ) -> Batch:
        number, digest = shown or self.shown(fund)
        return self.write(
            paying.make_batch,
            fund=fund,
            number=number,
            shown=digest,
            schemes=self.schemes,
            by=self[by],
            at=at,
        )

    def pay(self, number: str, *, on: date | None = None, by: str = "finn", at: datetime = MARCH) -> Claim:
        return self.write(
            paying.mark_paid,
            number=number,
            paid_on=on or at.date(),
            schemes=self.schemes,
            by=self[by],
            at=at,
        )

    def ledger(self, *lines: LedgerLine, by: str = "finn", at: datetime = MARCH) -> paying.Marked:
        return self.write(paying.mark_paid_by_ledger, lines=lines, schemes=self.schemes, by=self[by], at=at)


@pytest.fixture
def purse(database: Database) -> Purse:
    """Both funds and somebody in finance, on SQLite and on PostgreSQL."""
    return Purse(database)


@pytest.fixture
def small_purse(sqlite_database: Database) -> Purse:
    """The same on SQLite only."""
    return Purse(sqlite_database)

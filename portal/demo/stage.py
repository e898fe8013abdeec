"""Where the demo's stories are played: people by key, and each act as one call of the action behind the same button."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from portal.actions.claiming import register_invoice, release, state_costs
from portal.actions.drafting import save_draft, start_answer, start_draft
from portal.actions.following_up import confirm_followup, record_followup
from portal.actions.paying import make_batch, mark_paid_by_ledger
from portal.actions.signing import declare_conflict, return_with_question, sign, take_back
from portal.actions.submitting import cancel, submit, withdraw
from portal.domain.application import Application, Outcome
from portal.domain.payment import LedgerLine, PaymentKind, shown_digest
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.scheme import Scheme
from portal.schemes.loader import Schemes
from portal.store import applications, claims, payments, people
from portal.store.payments import Due
from portal.store.session import Session


@dataclass(frozen=True)
class Stage:
    """One transaction in which all stories are played, and the chance they share."""

    session: Session
    schemes: Schemes
    ids: Mapping[str, int]
    """The persons by their key in the cast."""
    chance: Random
    _persons: dict[tuple[str, Any], Person] = field(default_factory=dict)

    def person(self, key: str, at: datetime) -> Person:
        """Somebody of the cast as they are that day."""
        known = (key, at.date())
        if known not in self._persons:
            self._persons[known] = people.get(self.session, self.ids[key], day=at.date())
        return self._persons[known]

    def draft(
        self,
        scheme: Scheme,
        participant: str,
        answers: Mapping[str, Any],
        at: datetime,
        *,
        by: str | None = None,
    ) -> str:
        """Begin an application; gives the draft's token."""
        draft = start_draft(
            self.session,
            scheme=scheme,
            by=self.person(by or participant, at),
            at=at,
            participant_id=self.ids[participant],
            answers=answers,
        )
        return draft.token

    def submit(
        self,
        scheme: Scheme,
        participant: str,
        answers: Mapping[str, Any],
        at: datetime,
        *,
        by: str | None = None,
    ) -> Application:
        """Apply in one go, for oneself or as somebody else."""
        token = self.draft(scheme, participant, answers, at, by=by)
        who = self.person(by or participant, at)
        return submit(self.session, token=token, schemes=self.schemes, by=who, at=at)

    def answer(
        self, number: str, who: str, changed: Mapping[str, Any], at: datetime, *, send: bool = True
    ) -> None:
        """Answer a return with changed answers, or only begin to."""
        by = self.person(who, at)
        draft = start_answer(self.session, number=number, by=by, at=at)
        typed = {**draft.answers, **changed}
        save_draft(self.session, token=draft.token, expected=draft.revision, answers=typed, by=by, at=at)
        if send:
            submit(self.session, token=draft.token, schemes=self.schemes, by=by, at=at)

    def assessed(self, number: str) -> int:
        """The assessed amount of an application, in minor units."""
        return applications.get(self.session, number=number).amount

    def grant(
        self, number: str, who: str, at: datetime, *, amount: int | None = None, reason: str = ""
    ) -> None:
        """Sign for the assessed amount, or for less with a reason."""
        self._sign(
            number, who, at, Outcome.GRANT, self.assessed(number) if amount is None else amount, reason
        )

    def refuse(self, number: str, who: str, at: datetime, *, reason: str) -> None:
        self._sign(number, who, at, Outcome.REFUSE, 0, reason)

    def _sign(self, number: str, who: str, at: datetime, outcome: Outcome, amount: int, reason: str) -> None:
        sign(
            self.session,
            number=number,
            schemes=self.schemes,
            outcome=outcome,
            amount=amount,
            reason=reason,
            shown=None,
            by=self.person(who, at),
            at=at,
        )

    def take_back(self, number: str, who: str, at: datetime) -> None:
        take_back(self.session, number=number, schemes=self.schemes, by=self.person(who, at), at=at)

    def ask(self, number: str, who: str, question: str, at: datetime) -> None:
        """Return an application with a question."""
        by = self.person(who, at)
        return_with_question(
            self.session, number=number, question=question, schemes=self.schemes, by=by, at=at
        )

    def step_aside(self, number: str, who: str, note: str, at: datetime) -> None:
        by = self.person(who, at)
        declare_conflict(self.session, number=number, note=note, schemes=self.schemes, by=by, at=at)

    def withdraw(self, number: str, who: str, at: datetime) -> None:
        withdraw(self.session, number=number, by=self.person(who, at), at=at)

    def cancel(self, number: str, who: str, reason: str, at: datetime) -> None:
        cancel(self.session, number=number, reason=reason, by=self.person(who, at), at=at)

    def state_costs(self, number: str, who: str, at: datetime, *, fewer: bool = False) -> None:
        """State what was applied for as the actual costs, or all but the last of it."""
        application = applications.get(self.session, number=number)
        lines = list(applications.version_of(self.session, application).answers["costs"])
        state_costs(
            self.session,
            number=number,
            schemes=self.schemes,
            costs={"costs": lines[:-1] if fewer else lines},
            revision=claims.get(self.session, application.id).revision,
            by=self.person(who, at),
            at=at,
        )

    def bring_home(self, number: str, who: str, at: datetime, *, forum: str, lesson: str) -> None:
        """Record the follow-up as held that day."""
        application = applications.get(self.session, number=number)
        record_followup(
            self.session,
            number=number,
            schemes=self.schemes,
            held_on=local_day(at, self.schemes[application.scheme]),
            forum=forum,
            audience="Klinikens läkare",
            lesson=lesson,
            by=self.person(who, at),
            at=at,
        )

    def confirm(self, number: str, at: datetime) -> None:
        """Let the participant's head confirm the follow-up."""
        application = applications.get(self.session, number=number)
        participant = people.get(self.session, application.participant_id, day=at.date())
        if participant.head_id is not None:
            head = people.get(self.session, participant.head_id, day=at.date())
            confirm_followup(self.session, number=number, by=head, at=at)

    def invoice(self, number: str, who: str, invoice_number: str, at: datetime) -> None:
        """Register an invoice for all that is payable, or let the grant go back where nothing is."""
        application = applications.get(self.session, number=number)
        claim = claims.get(self.session, application.id)
        if not claim.payable_amount:
            self.release(number, who, at)
            return
        register_invoice(
            self.session,
            number=number,
            schemes=self.schemes,
            invoice_number=invoice_number,
            invoice_on=local_day(at, self.schemes[application.scheme]),
            amount=claim.payable_amount,
            revision=claim.revision,
            by=self.person(who, at),
            at=at,
        )

    def release(self, number: str, who: str, at: datetime) -> None:
        application = applications.get(self.session, number=number)
        revision = claims.get(self.session, application.id).revision
        release(self.session, number=number, revision=revision, by=self.person(who, at), at=at)

    def make_batch(self, fund: str, who: str, at: datetime) -> list[Due]:
        """Make the fund's next batch, if anything is due; gives its rows."""
        due = payments.due(self.session, fund)
        if due:
            make_batch(
                self.session,
                fund=fund,
                number=payments.last_number(self.session, fund) + 1,
                shown=shown_digest([each.payment for each in due]),
                schemes=self.schemes,
                by=self.person(who, at),
                at=at,
            )
        return due

    def paid_by_ledger(self, due: list[Due], who: str, at: datetime) -> None:
        """Take the ledger's word that a batch is paid."""
        paid_on = local_day(at, self.schemes[due[0].scheme])
        lines = [
            LedgerLine(line, each.payment.number, each.payment.amount, paid_on)
            for line, each in enumerate(due, 2)
            if each.payment.kind is PaymentKind.PAY
        ]
        by = self.person(who, at)
        mark_paid_by_ledger(self.session, lines=lines, schemes=self.schemes, by=by, at=at)

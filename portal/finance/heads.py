"""What a head stands for in a year: the cases in which they are the head named, and what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.domain.application import Application, Status
from portal.domain.attest import AWAITED, is_attested, standing_word
from portal.domain.claim import Claim, Stage, payable
from portal.domain.fields import read_some
from portal.domain.followup import FollowUp
from portal.domain.periods import local_day
from portal.domain.scheme import Scheme
from portal.finance.sheets import HEADS
from portal.schemes.loader import Schemes
from portal.store import applications, claims, followups, heads
from portal.store.session import Session


@dataclass(frozen=True, slots=True)
class StoodFor:
    """One case; amounts in minor units of its currency, None where there is nothing to say yet."""

    application: Application
    participant: str
    unit: str
    word: str | None
    """Where the head's word stands, where one is asked for."""
    promised_amount: int
    granted_amount: int | None
    paid_amount: int | None
    followup: str | None
    followup_on: date | None

    @property
    def cells(self) -> tuple[Any, ...]:
        case = self.application
        return HEADS.row(
            self,
            number=case.number,
            scheme=case.scheme,
            status=case.status.value,
            title=case.title,
            starts_on=case.starts_on.isoformat(),
            currency=case.currency,
            followup_on=self.followup_on and self.followup_on.isoformat(),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """What the cases in one currency come to."""

    currency: str
    promised_amount: int
    granted_amount: int
    paid_amount: int
    owed: int
    """Follow-ups that are still to be recorded."""


def stood_for(session: Session, head_id: int, year: int, schemes: Schemes, at: datetime) -> list[StoodFor]:
    """The cases of a year of events in which somebody is the head named, the first event first."""
    return [
        _case(session, application, name, unit, schemes[application.scheme], at)
        for application, name, unit in heads.named_in(session, head_id, year)
        if application.scheme in schemes
    ]


def _case(
    session: Session, application: Application, name: str, unit: str, scheme: Scheme, at: datetime
) -> StoodFor:
    kind = scheme.kinds[application.kind]
    answers, claim = (
        applications.version_of(session, application).answers,
        claims.find(session, application.id),
    )
    counter = str(kind.params.get("counter", ""))
    stands = application.status.open or application.status is Status.GRANTED
    word = standing_word(heads.words_on(session, application.id))
    state = AWAITED if word is None else word.state
    followup = followups.find(session, application.id) if application.status is Status.GRANTED else None
    return StoodFor(
        application=application,
        participant=name,
        unit=unit,
        word=state if is_attested(scheme, application) and (word or application.status.open) else None,
        promised_amount=int(read_some(kind, answers, [counter]).get(counter) or 0) if stands else 0,
        granted_amount=claim.granted_amount if claim and application.status is Status.GRANTED else None,
        paid_amount=_paid(scheme, application, answers, claim) if claim else None,
        followup=_state(followup, local_day(at, scheme)) if followup else None,
        followup_on=followup.planned_on if followup else None,
    )


def _paid(scheme: Scheme, application: Application, answers: Any, claim: Claim) -> int | None:
    """What the unit has borne of the stated costs that count: all but what the fund pays of them."""
    if application.status is not Status.GRANTED or claim.stage in (Stage.WAITING, Stage.RELEASED):
        return None
    steps = payable(scheme, application.kind, answers, claim.costs, claim.granted_amount).steps
    return sum(step.amount for step in steps if step.key == "eligible") - claim.payable_amount


def _state(followup: FollowUp, today: date) -> str | None:
    if followup.confirmed_at is not None:
        return "confirmed"
    if followup.recorded:
        return "recorded"
    return ("late" if followup.is_overdue(today) else "planned") if followup.owed else None


def totals(cases: Sequence[StoodFor]) -> list[Totals]:
    """What they come to, each currency by itself."""
    found = []
    for currency in dict.fromkeys(case.application.currency for case in cases):
        mine = [case for case in cases if case.application.currency == currency]
        found.append(
            Totals(
                currency,
                sum(case.promised_amount for case in mine),
                sum(case.granted_amount or 0 for case in mine),
                sum(case.paid_amount or 0 for case in mine),
                sum(case.followup in ("planned", "late") for case in mine),
            )
        )
    return found

"""Applications to write letters about: judged by the true schemes, with people whose names try the fonts."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.domain.application import Application, Decision, Outcome, Signature, Status, Version
from portal.domain.assess import assess
from portal.domain.digest import digest_of
from portal.domain.facts import Facts
from portal.domain.fields import read
from portal.domain.person import Person
from portal.domain.scheme import Scheme
from portal.language.wording import record
from portal.letters.composing import Matter, SignedDecision
from portal.schemes.loader import Schemes
from tests.support.portals import own_schemes

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SUBMITTED = datetime(2024, 3, 1, 10, 0, tzinfo=STOCKHOLM)
DECIDED = datetime(2024, 3, 12, 14, 5, tzinfo=STOCKHOLM)

ANNA = Person(
    1, "1970-0001", "Åsa Öst Đorđević", "asa@region.test", "Kardiologen, Sahlgrenska", "sv", 3, True
)
BO = Person(2, "1970-0002", "Łukasz Siǥga", "bo@region.test", "Medicin", "nb", 3)
NAMES = {11: "Diana Ordförande", 12: "Jannike Representant"}

TWELVE = [
    {"kind": "fee", "amount": "890", "currency": "EUR", "rate": "11,2345", "rate_on": "2024-02-20"},
    {"kind": "fee", "amount": "150", "currency": "EUR", "rate": "11,2345", "rate_on": "2024-02-20"},
    {"kind": "travel", "amount": "3 214,50"},
    {"kind": "travel", "amount": "48", "currency": "GBP", "rate": "13,11", "rate_on": "2024-02-21"},
    {"kind": "travel", "amount": "62,40", "currency": "GBP", "rate": "13,11", "rate_on": "2024-02-21"},
    {"kind": "lodging", "amount": "410", "currency": "GBP", "rate": "13,11", "rate_on": "2024-02-21"},
    {"kind": "lodging", "amount": "120", "currency": "GBP", "rate": "13,11", "rate_on": "2024-02-21"},
    {"kind": "meals", "amount": "900"},
    {"kind": "meals", "amount": "35", "currency": "GBP", "rate": "13,11", "rate_on": "2024-02-21"},
    {"kind": "salary", "amount": "12 000"},
    {"kind": "other", "amount": "500"},
    {"kind": "other", "amount": "249,90"},
]


def schemes() -> Schemes:
    """The schemes as they are."""
    return own_schemes()


def answers(**other: Any) -> dict[str, Any]:
    """Answers to RFR that nothing blocks; 8 250.00 would be granted."""
    return {
        "specialist": "yes",
        "event": "ESC Congress",
        "organiser": "European Society of Cardiology",
        "mode": "in_person",
        "country": "GB",
        "starts_on": "2024-08-30",
        "ends_on": "2024-09-02",
        "participation": "Presenterar en poster.\nSeminarium för kliniken efteråt.",
        "costs": [
            {"kind": "fee", "amount": "7 400,00"},
            {"kind": "travel", "amount": "3200"},
            {"kind": "lodging", "amount": "5 900"},
        ],
        "counter_amount": "10 000",
        "counter_source": "unit",
        "administration": "Sahlgrenska",
        "cost_centre": "4711",
        "prior": "no",
        "follow_up_how": "Föredrag på klinikmötet",
        "follow_up_forum": "APT",
        "follow_up_on": "2024-09-20",
        **other,
    }


def refund_answers(**other: Any) -> dict[str, Any]:
    """Answers to Kvalitetsfondet that nothing blocks."""
    return {
        "payee": "self_employed",
        "course": "diabetes",
        "starts_on": "2024-02-01",
        "ends_on": "2024-02-02",
        "in_hours": "yes",
        "whole_days": "3",
        "half_days": "1",
        "fee": "7 900",
        "account": "1234 56 78903",
        "documents": ["certificate", "receipt", "absence"],
        **other,
    }


def matter(
    *, scheme: str = "rfr-2024", participant: Person = ANNA, applicant: Person = ANNA, **other: Any
) -> Matter:
    """One application under a scheme, as submitted on 1 March 2024."""
    terms: Scheme = schemes()[scheme]
    given = answers(**other) if terms.fund == "rfr" else refund_answers(**other)
    typed = read(terms.main_kind, given)
    assessment = assess(typed, terms, Facts(), SUBMITTED)
    assert assessment.submittable, assessment.codes
    digest = digest_of(terms.main_kind.key, given)
    application = Application(
        id=7,
        number=f"{terms.prefix}-2024-0012",
        scheme=terms.key,
        fund=terms.fund,
        kind=terms.main_kind.key,
        applicant_id=applicant.id,
        author_id=applicant.id,
        participant_id=participant.id,
        head_id=3,
        title=str(given.get("event", "")),
        year=2024,
        starts_on=date.fromisoformat(given["starts_on"]),
        ends_on=date.fromisoformat(given["ends_on"]),
        zone=assessment.zone,
        status=Status.WAITING,
        version=1,
        digest=digest,
        amount=assessment.amount,
        currency=terms.currency,
        once_key="x",
        received_at=SUBMITTED,
        submitted_at=SUBMITTED,
    )
    version = Version(
        7, 1, given, record(assessment), assessment.amount, digest, terms.digest, applicant.id, SUBMITTED
    )
    return Matter(terms, application, version, typed, participant, applicant)


def decided(
    about: Matter, *, amount: int | None = None, reason: str = "", outcome: Outcome = Outcome.GRANT
) -> SignedDecision:
    """A decision by both seats on what was submitted."""
    sum_ = 0 if outcome is Outcome.REFUSE else about.version.amount if amount is None else amount
    seats = [seat.key for seat in about.scheme.seats]
    digest = about.application.digest
    first, second = (
        Signature(position, 7, 1, digest, seat, 10 + position, outcome, sum_, reason, DECIDED)
        for position, seat in enumerate(seats, 1)
    )
    made = Decision(7, 1, digest, outcome, sum_, reason, 1, DECIDED)
    return SignedDecision(made, (replace(first, signed_at=SUBMITTED), second), NAMES)

"""Several cases signed with one confirmation: those without a warning, each for what was assessed on its own digest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.actions import signing
from portal.actions.judging import case_of
from portal.domain.application import Outcome
from portal.domain.person import Person
from portal.domain.refusal import Refused
from portal.domain.scheme import BudgetPeriod, Scheme, Severity
from portal.domain.signoff import Case
from portal.forms.typed import whole
from portal.store import applications
from portal.store.session import NotFound, Session
from portal.web import current, proof
from portal.web.language import _, spoken
from portal.web.signoff import queue_page
from portal.web.signoff.case_page import refusals_of
from portal.web.signoff.queue_page import QueueQuery

MOST = 50
"""Cases in one go: two pages of the queue."""

LeftOut = Sequence[tuple[str, str]]
"""Numbers of cases that are not signed here, and why."""


@dataclass(frozen=True, slots=True)
class TogetherPage:
    """The cases that were ticked, as they stand now."""

    wish: QueueQuery
    cases: Sequence[Case]
    left_out: LeftOut
    sums: Sequence[tuple[Scheme, int, BudgetPeriod | None, int]]
    """By edition: what they come to, and the budget period they draw from with what is left of it."""
    proof: bool
    """Whether signing asks for the password."""
    unproved: str
    """What is wrong with the password that was given."""


def build(
    session: Session, reader: Person, numbers: Sequence[str], wish: QueueQuery, unproved: str = ""
) -> TogetherPage:
    """The page for the cases of those numbers that the reader may read as a seat."""
    cases: list[Case] = []
    left_out: list[tuple[str, str]] = []
    for number in dict.fromkeys(numbers[:MOST]):
        try:
            application = applications.get(session, number=number)
        except NotFound:
            continue
        if not current.reads(application, "seats"):
            continue
        case = case_of(session, application, current.schemes()[application.scheme], at=current.now())
        if why := _why_not(case, reader):
            left_out.append((number, why))
        else:
            cases.append(case)
    return TogetherPage(wish, cases, left_out, list(_sums(session, cases)), proof.asked(), unproved)


def _why_not(case: Case, reader: Person) -> str:
    refusal = refusals_of(case, reader)["grant"]
    if refusal is not None:
        return spoken(refusal)
    if any(each.severity is not Severity.NOTES for each in case.assessment.findings):
        return _("There is a warning, so it is signed by itself.")
    return ""


def _sums(session: Session, cases: Sequence[Case]) -> Iterable[tuple[Scheme, int, BudgetPeriod | None, int]]:
    by_scheme: dict[str, list[Case]] = {}
    for case in cases:
        by_scheme.setdefault(case.scheme.key, []).append(case)
    for some in by_scheme.values():
        period, left = queue_page.left_next(session, some[0].scheme) or (None, 0)
        yield some[0].scheme, sum(each.assessment.amount for each in some), period, left


def sign(seen: Sequence[str]) -> tuple[int, int, LeftOut]:
    """Sign each for the amount and on the digest that the page showed: how many, how many of them decided, the rest.

    `seen` holds "number amount digest" for each. One that is refused, because it changed meanwhile or for any other
    reason, leaves the others alone.
    """
    signed = decided = 0
    left_out: list[tuple[str, str]] = []
    for number, typed, shown in (each.split(" ") for each in seen[:MOST] if each.count(" ") == 2):
        amount = whole(typed)
        if amount is None:
            continue
        try:
            verdict = current.act(
                signing.sign,
                number=number,
                schemes=current.schemes(),
                outcome=Outcome.GRANT,
                amount=amount,
                reason="",
                shown=shown,
                known=proof.shown(),
            )
        except Refused as refused:
            left_out.append((number, spoken(refused.refusal)))
        else:
            signed += 1
            decided += verdict.outcome is not None
    return signed, decided, left_out

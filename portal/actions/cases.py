"""What the acts on one application share: taking it under locks, and the words that go with an act.

Locks are always taken in this order: application, seat holdings, budget periods, then inserted rows, the log last.
"""

from datetime import datetime

from portal.actions.judging import case_of
from portal.domain.access import NOT_FOUND, may, may_settle
from portal.domain.application import Application
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.domain.refusal import N_, Refusal, Refused, refuse
from portal.domain.signoff import Case
from portal.schemes.loader import Schemes
from portal.store import applications, budgets, people, seats, signing
from portal.store.session import NotFound, Session

LONGEST = 4000
"""Characters in a reason or a question; the database holds no more."""


def take(session: Session, *, number: str, act: str, by: Person) -> Application:
    """The application under a row lock, when the person may do the act. Raises Refused."""
    try:
        application = applications.get(session, number=number, for_update=True)
    except NotFound:
        raise Refused(NOT_FOUND) from None
    refuse(may(by, act, application))
    return application


def take_case(
    session: Session, *, number: str, schemes: Schemes, by: Person, at: datetime, money: bool = False
) -> tuple[Case, Person]:
    """The case under locks, with `money` the budget period too, and the person as they are now. Raises Refused."""
    application = take(session, number=number, act="see", by=by)
    scheme = schemes[application.scheme]
    day = local_day(at, scheme)
    seats.lock_of_fund(session, application.fund)
    if money:
        budgets.lock_on(session, scheme, day)
    person = people.get(session, by.id, day=day)
    return case_of(session, application, scheme, at=at), person


def check_settles(session: Session, application: Application, by: Person) -> None:
    """Nobody acts for themselves where money is paid. Raises Refused."""
    refuse(may_settle(by, application.fund, application.id, signing.cases_of(session, by.id)))


def said(typed: str, *, longest: int = LONGEST) -> str:
    """What somebody wrote, trimmed, without NUL and lone surrogates. Raises Refused when it is too long."""
    text = typed.replace("\0", "").replace("\r\n", "\n").encode("utf-8", "replace").decode().strip()
    if len(text) > longest:
        raise Refused(
            Refusal(
                "text.too-long",
                N_("The text has %(length)s characters. At most %(longest)s are allowed."),
                {"length": len(text), "longest": longest},
            )
        )
    return text

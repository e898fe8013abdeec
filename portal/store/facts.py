"""What the register and the budget say about an application: read here for every door that asks `assess`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, outerjoin, select

from portal.domain.application import Answers, Application, Status
from portal.domain.facts import Facts
from portal.domain.fields import read, read_date
from portal.domain.leading import carried
from portal.domain.money import Unreadable
from portal.domain.once import once_key
from portal.domain.periods import first_decision_day, local_day
from portal.domain.person import Person
from portal.domain.scheme import Kind, Scheme
from portal.store import applications, budgets
from portal.store.ledger import BudgetPeriodRow
from portal.store.session import Session, run
from portal.store.tables import ApplicationRow

_SURROUNDINGS = (
    select(*budgets.COLUMNS, *applications.COLUMNS)
    .select_from(outerjoin(BudgetPeriodRow, ApplicationRow, and_(*applications.REGISTERED)))
    .where(BudgetPeriodRow.scheme == bindparam("scheme"))
)
"""Each budget period of a scheme beside each request in the register: a few rows, and one statement for both."""


def facts_for(
    session: Session,
    scheme: Scheme,
    participant: Person,
    answers: Answers,
    *,
    at: datetime,
    kind: str | None = None,
    but: int | None = None,
) -> Facts:
    """The register of the participant for the year of the event, without application `but`, and what is left to grant.

    `at` is now, also for an application received long ago: its answers are judged by then, its surroundings by now.
    """
    return facts_and_requests(session, scheme, participant, answers, at=at, kind=kind, but=but)[0]


def facts_and_requests(
    session: Session,
    scheme: Scheme,
    participant: Person,
    answers: Answers,
    *,
    at: datetime,
    kind: str | None = None,
    but: int | None = None,
) -> tuple[Facts, list[Application]]:
    """The same facts, with the applications that the register counts, the last first. One statement.

    A second only for a scheme whose budget was never opened.
    """
    day = first_decision_day(scheme, local_day(at, scheme))
    whose: dict[str, Any] = {
        "participant_id": participant.id,
        "fund": scheme.fund,
        "year": event_year(scheme, answers),
    }
    rows = run(session, _SURROUNDINGS, scheme=scheme.key, but=but or 0, **whose).all()
    if rows:
        found = {row[_OWN]: row[_OWN:] for row in rows if row[_OWN] is not None}
        requests = applications.last_first(map(applications.application_of, found.values()))
    else:
        requests = applications.earlier_requests(session, but=but, **whose)
    key = None if scheme.once == ("year",) else _once_key(scheme, participant, answers, kind)
    left = None if day is None else budgets.left_of(scheme, rows, day)
    return Facts(applications.counted(requests, key), left), requests


_OWN = len(budgets.COLUMNS)
"""Where the columns of the application begin."""


def given_for(
    session: Session, scheme: Scheme, kind: Kind, participant: Person, answers: Answers
) -> Mapping[str, object]:
    """What a granted application gives one of this kind: of the same participant, for what the fund gives once only.

    No statement for a kind that is given nothing, two where something is found.
    """
    given = {field.name for field in kind.fields.values() if field.given}
    sources = [each for each in scheme.kinds.values() if each.leads_to == kind.key] if given else []
    keys = {_once_key(scheme, participant, answers, kind.key, source.key): source for source in sources}
    if not keys or None in keys:
        return {}
    requests = applications.earlier_requests(
        session, participant_id=participant.id, fund=scheme.fund, year=event_year(scheme, answers)
    )
    for each in requests:
        if each.once_key in keys and each.status is Status.GRANTED:
            version = applications.version_of(session, each)
            carries = carried(keys[each.once_key], kind, version.answers)
            return {name: carries[name] for name in given if name in carries}
    return {}


def event_year(scheme: Scheme, answers: Answers) -> int:
    """The year in which the event starts, or the edition's while that cannot be read."""
    starts_on = _starts_on(answers)
    return scheme.year if starts_on is None else starts_on.year


def _starts_on(answers: Answers) -> date | None:
    try:
        return read_date(answers.get("starts_on"))
    except Unreadable:
        return None


def _once_key(
    scheme: Scheme, participant: Person, answers: Answers, kind: str | None, keyed: str | None = None
) -> str | None:
    """The key of these answers, read as one kind, for that kind or for another that asks the same."""
    typed, _problems = read(scheme.kinds[kind] if kind else scheme.main_kind, answers, scheme.currency)
    try:
        return once_key(scheme, participant.number, typed, keyed or kind)
    except ValueError:
        return None

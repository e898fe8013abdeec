"""Applications as they stand now, their immutable versions, and the register; the pages of the queue are `queue`'s."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, select, update

from portal.domain.application import Answers, Application, Status, Version
from portal.store import totals
from portal.store.rows import add_row, batched, columns_of, every, locked, needed, one, values_of
from portal.store.session import Session, clash, inserting
from portal.store.tables import (
    ApplicationRow,
    ApplicationVersionRow,
    ApprovalUseRow,
    BudgetPeriodRow,
    NumberSeriesRow,
    PersonRow,
    QuestionRow,
)

COLUMNS = columns_of(ApplicationRow, Application)
_VERSION = columns_of(ApplicationVersionRow, Version)


@dataclass(frozen=True, slots=True)
class ForTheQueue:
    """What the queue needs of a submission besides the application itself."""

    marks: Sequence[str]
    """Codes of the findings that warned."""
    search_text: str


REGISTERED = (
    ApplicationRow.participant_id == bindparam("participant_id"),
    ApplicationRow.fund == bindparam("fund"),
    ApplicationRow.year == bindparam("year"),
    ApplicationRow.id != bindparam("but"),
)
"""A participant's applications to a fund for a year, whatever came of them, but one."""

_REQUESTS = select(*COLUMNS).where(*REGISTERED)
"""Without ORDER BY: with one, SQLite scans the whole fund by that index instead of the few rows of the participant."""


_FIXED = frozenset(
    "id number scheme fund kind applicant_id author_id taken_at participant_id received_at currency".split()
)


def find(session: Session, *, number: str, for_update: bool = False) -> Application | None:
    return _one(session, ApplicationRow.number == number, for_update)


def get(session: Session, *, number: str, for_update: bool = False) -> Application:
    return needed(find(session, number=number, for_update=for_update), "application")


def get_by_id(session: Session, application_id: int, *, for_update: bool = False) -> Application:
    return needed(_one(session, ApplicationRow.id == application_id, for_update), "application")


def written_by_or_for(session: Session, person_id: int, *, limit: int = 200) -> list[Application]:
    """The applications that a person wrote or is the participant of, the last received first."""
    statement = (
        select(*COLUMNS)
        .where(or_(ApplicationRow.applicant_id == person_id, ApplicationRow.participant_id == person_id))
        .order_by(ApplicationRow.received_at.desc(), ApplicationRow.id.desc())
        .limit(limit)
    )
    return every(session.execute(statement), Application)


def earlier_requests(
    session: Session, *, participant_id: int, fund: str, year: int, but: int | None = None
) -> list[Application]:
    """The register: a participant's applications to a fund for a year, whatever came of them, the last first."""
    asked = {"participant_id": participant_id, "fund": fund, "year": year, "but": but or 0}
    rows = session.execute(_REQUESTS, asked)
    return last_first(every(rows, Application))


def last_first(requests: Iterable[Application]) -> list[Application]:
    """Those applications, the last received first."""
    return sorted(requests, key=lambda each: (each.received_at, each.id), reverse=True)


def approvals(
    session: Session, *, participant_id: int, fund: str, kinds: Collection[str], held_by: int | None = None
) -> list[Application]:
    """A participant's granted applications of these kinds that none uses but perhaps application `held_by`."""
    used = select(ApprovalUseRow.approval_id).where(ApprovalUseRow.application_id != (held_by or 0))
    rows = session.execute(
        select(*COLUMNS).where(
            ApplicationRow.participant_id == participant_id,
            ApplicationRow.fund == fund,
            ApplicationRow.kind.in_(kinds),
            ApplicationRow.status == Status.GRANTED,
            ApplicationRow.id.not_in(used),
        )
    )
    return last_first(every(rows, Application))


def unused(session: Session, scheme: str, kind: str) -> list[Application]:
    """The granted applications of a kind that none uses."""
    rows = session.execute(
        select(*COLUMNS).where(
            ApplicationRow.scheme == scheme,
            ApplicationRow.kind == kind,
            ApplicationRow.status == Status.GRANTED,
            ApplicationRow.id.not_in(select(ApprovalUseRow.approval_id)),
        )
    )
    return every(rows, Application)


def used_by(session: Session, application_id: int) -> int | None:
    """The granted application that one uses."""
    statement = select(ApprovalUseRow.approval_id).where(ApprovalUseRow.application_id == application_id)
    return session.execute(statement).scalar_one_or_none()


def find_user(session: Session, approval_id: int) -> int | None:
    """The application that uses a granted one."""
    statement = select(ApprovalUseRow.application_id).where(ApprovalUseRow.approval_id == approval_id)
    return session.execute(statement).scalar_one_or_none()


def use(session: Session, application_id: int, approval_id: int | None) -> None:
    """Let an application use a granted one, in place of any other. Raises Clash when another uses it already."""
    session.execute(delete(ApprovalUseRow).where(ApprovalUseRow.application_id == application_id))
    if approval_id is not None:
        with clash(approval_uses_approval_id_key="approval_uses.approval_id"):
            values = {"application_id": application_id, "approval_id": approval_id}
            session.execute(insert(ApprovalUseRow).values(values))


def parties_of_kept(session: Session, scheme: str, *, before: datetime) -> list[frozenset[int | None]]:
    """Of each application to an edition that was submitted before an instant and waits: its parties and the head."""
    row = ApplicationRow
    rows = session.execute(
        select(row.applicant_id, row.author_id, row.participant_id, row.head_id).where(
            row.scheme == scheme, row.queue == Status.WAITING, row.submitted_at < before
        )
    )
    return [frozenset(row) for row in rows]


def unanswered(session: Session, scheme: str) -> list[tuple[Application, datetime]]:
    """The returned applications of an edition, and when each was asked."""
    asked = (QuestionRow.application_id == ApplicationRow.id) & (
        QuestionRow.version == ApplicationRow.version
    )
    rows = session.execute(
        select(*COLUMNS, QuestionRow.asked_at)
        .join(QuestionRow, asked)
        .where(ApplicationRow.scheme == scheme, ApplicationRow.status == Status.RETURNED)
    )
    return [(Application(*row[:-1]), row.asked_at) for row in rows]


def numbers_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The numbers of those applications by id."""
    statement = select(ApplicationRow.id, ApplicationRow.number).where(ApplicationRow.id.in_(set(ids)))
    return {row.id: row.number for row in session.execute(statement)}


def counts(session: Session) -> list[tuple[str, str, int]]:
    """How many there are by fund and status: (fund, status, number)."""
    by = ApplicationRow.fund, ApplicationRow.status
    rows = session.execute(select(*by, func.count()).group_by(*by).order_by(*by))
    return [(fund, status, number) for fund, status, number in rows]


def next_serial(session: Session, series: str) -> int:
    """The next number of a series; no two transactions get the same."""
    statement = inserting(session, NumberSeriesRow).values(series=series, last=1)
    serial: int = session.execute(
        statement.on_conflict_do_update(
            index_elements=["series"], set_={"last": NumberSeriesRow.last + 1}
        ).returning(NumberSeriesRow.last)
    ).scalar_one()
    return serial


def last_numbers(session: Session) -> list[tuple[str, int]]:
    """The last number of each series: (series, number)."""
    statement = select(NumberSeriesRow.series, NumberSeriesRow.last).order_by(NumberSeriesRow.series)
    return [(series, last) for series, last in session.execute(statement)]


def raise_series(session: Session, series: str, last: int) -> bool:
    """Let a series go on after a number; False where it has none, or stands at that or a higher one."""
    lower = (NumberSeriesRow.series == series) & (NumberSeriesRow.last < last)
    changed = session.execute(
        update(NumberSeriesRow).where(lower).values(last=last).returning(NumberSeriesRow.last)
    )
    return changed.one_or_none() is not None


def add(session: Session, application: Application, queue: ForTheQueue) -> int:
    values = values_of(application, but=("id",)) | _for_the_queue(application, queue)
    unit = select(PersonRow.unit).where(PersonRow.id == application.participant_id).scalar_subquery()
    application_id = add_row(session, ApplicationRow, values | {"unit": unit})
    totals.count(session, application_id)
    return application_id


def follow_unit(session: Session, participant_ids: Collection[int]) -> None:
    """Let what is not decided have the units that these people are in now."""
    unit = select(PersonRow.unit).where(PersonRow.id == ApplicationRow.participant_id).scalar_subquery()
    for some in batched(sorted(participant_ids), 500):
        theirs = ApplicationRow.participant_id.in_(some) & (ApplicationRow.queue != "closed")
        session.execute(
            update(ApplicationRow)
            .where(theirs)
            .values(unit=unit)
            .execution_options(synchronize_session=False)
        )


def replace(session: Session, application: Application, queue: ForTheQueue) -> None:
    """Keep an application under its next version; signatures on the one before stop counting."""
    values = values_of(application, but=_FIXED) | _for_the_queue(application, queue)
    with totals.counted(session, application.id):
        session.execute(update(ApplicationRow).where(ApplicationRow.id == application.id).values(values))


def _for_the_queue(application: Application, queue: ForTheQueue) -> dict[str, Any]:
    """What stands beside a version on which nobody has signed yet."""
    return {
        "queue": _queue(application.status),
        "signed_seats": [],
        "disagreed": False,
        "marks": list(queue.marks),
        "search_text": queue.search_text,
    }


def find_by_too(session: Session, person_id: int, words: str) -> None:
    """Let a person's applications be found by these words too, such as a new name, beside those they were sent with."""
    theirs = (ApplicationRow.participant_id == person_id) | (ApplicationRow.applicant_id == person_id)
    known = ApplicationRow.search_text.contains(words, autoescape=True)
    more = ApplicationRow.search_text + f" {words}"
    session.execute(update(ApplicationRow).where(theirs, ~known).values(search_text=more))


def set_registration(session: Session, application_id: int, registration: str, words: str) -> None:
    """Keep the registration number; `words` is how a search finds it."""
    session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application_id)
        .values(registration=registration, search_text=ApplicationRow.search_text + f" {words}")
    )


def set_status(
    session: Session,
    application_id: int,
    status: Status,
    *,
    question: str | None = None,
    spent: bool = False,
    declined: str | None = None,
) -> None:
    """Move an application on, with the question of a return or the participant's no; a cancelled grant may be `spent`.

    What it pointed at is free again unless it is granted, may be, or is spent. Raises Clash when what may be granted
    once only is granted or used already.
    """
    if not (status.open or status is Status.GRANTED or spent):
        use(session, application_id, None)
    with (
        clash(applications_one_grant_key="applications.once_key"),
        totals.counted(session, application_id),
    ):
        session.execute(
            update(ApplicationRow)
            .where(ApplicationRow.id == application_id)
            .values(status=status, queue=_queue(status), question=question, spent=spent, declined=declined)
        )


def open_of(session: Session, participant_id: int, *, head_id: int) -> list[Application]:
    """A participant's applications that are not decided and for which that head stands, under row locks."""
    statement = (
        select(*COLUMNS)
        .where(
            ApplicationRow.participant_id == participant_id,
            ApplicationRow.head_id == head_id,
            ApplicationRow.queue != "closed",
        )
        .order_by(ApplicationRow.id)
    )
    return every(session.execute(locked(statement, for_update=True)), Application)


def set_head(session: Session, application_id: int, head_id: int) -> None:
    """Let another head stand for the counter-financing."""
    session.execute(update(ApplicationRow).where(ApplicationRow.id == application_id).values(head_id=head_id))


def set_signed(session: Session, application_id: int, *, seats: Sequence[str], disagreed: bool) -> None:
    """Let the queue know which seats have signed, and whether they differ."""
    session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application_id)
        .values(signed_seats=sorted(seats), disagreed=disagreed)
    )


def add_version(session: Session, version: Version, *, submit_key: str) -> None:
    """Keep a submitted version. Raises Clash when that person has submitted under that key already."""
    columns = "application_versions.submitted_by, application_versions.submit_key"
    with clash(application_versions_submitted_by_submit_key_key=columns):
        session.execute(insert(ApplicationVersionRow).values(**values_of(version), submit_key=submit_key))


def version_of(session: Session, application: Application) -> Version:
    """The version that counts now. Raises NotFound."""
    return get_version(session, application.id, application.version)


def get_version(session: Session, application_id: int, number: int) -> Version:
    """One version of an application. Raises NotFound."""
    statement = select(*_VERSION).where(
        ApplicationVersionRow.application_id == application_id, ApplicationVersionRow.number == number
    )
    return needed(one(session.execute(statement), Version), "version")


def versions_of(session: Session, application_id: int) -> list[Version]:
    """Every version, the first one first."""
    statement = select(*_VERSION).where(ApplicationVersionRow.application_id == application_id)
    return every(session.execute(statement.order_by(ApplicationVersionRow.number)), Version)


def find_submitted(session: Session, *, submitted_by: int, submit_key: str) -> Application | None:
    """The application that a person's submission under that key made or answered, or None."""
    submitted = select(ApplicationVersionRow.application_id).where(
        ApplicationVersionRow.submitted_by == submitted_by, ApplicationVersionRow.submit_key == submit_key
    )
    return _one(session, ApplicationRow.id.in_(submitted))


def find_sent(session: Session, *, submit_key: str, party_id: int) -> Application | None:
    """The application that anybody's submission under that key made or answered, when it is the person's."""
    submitted = select(ApplicationVersionRow.application_id).where(
        ApplicationVersionRow.submit_key == submit_key
    )
    own = or_(ApplicationRow.applicant_id == party_id, ApplicationRow.participant_id == party_id)
    return _one(session, own & ApplicationRow.id.in_(submitted))


def _one(session: Session, condition: ColumnElement[bool], for_update: bool = False) -> Application | None:
    return one(session.execute(locked(select(*COLUMNS).where(condition), for_update)), Application)


def _queue(status: Status) -> str:
    return status if status.open else "closed"


@dataclass(frozen=True, slots=True)
class Submission:
    """The version of an application that counts, and what was said of it when it was submitted."""

    id: int
    number: str
    scheme: str
    kind: str
    received_at: datetime
    answers: Answers
    assessment: Mapping[str, Any]


_SUBMITTED = (
    select(
        ApplicationRow.id,
        ApplicationRow.number,
        ApplicationRow.scheme,
        ApplicationRow.kind,
        ApplicationRow.received_at,
        ApplicationVersionRow.answers,
        ApplicationVersionRow.assessment,
    )
    .join(
        ApplicationVersionRow,
        (ApplicationVersionRow.application_id == ApplicationRow.id)
        & (ApplicationVersionRow.number == ApplicationRow.version),
    )
    .order_by(ApplicationRow.id)
    .limit(500)
)


def submissions(session: Session, *, after: int = 0, scheme: str | None = None) -> list[Submission]:
    """The next 500 submissions of a scheme, or of all, the first received first."""
    statement = _SUBMITTED.where(ApplicationRow.id > after)
    if scheme is not None:
        statement = statement.where(ApplicationRow.scheme == scheme)
    return every(session.execute(statement), Submission)


def editions_besides(session: Session, known: Collection[str]) -> list[str]:
    """The editions that have applications and are none of these, by what opened their budgets."""
    has_any = select(ApplicationRow.id).where(ApplicationRow.scheme == BudgetPeriodRow.scheme).exists()
    others = select(BudgetPeriodRow.scheme).where(BudgetPeriodRow.scheme.not_in(known), has_any)
    return list(session.execute(others.distinct().order_by(BudgetPeriodRow.scheme)).scalars())

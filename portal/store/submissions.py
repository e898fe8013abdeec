"""Every application as it was submitted, a page at a time, for whoever goes through all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.domain.application import Answers
from portal.store.rows import every
from portal.store.session import Session
from portal.store.tables import ApplicationRow, ApplicationVersionRow

PAGE = 500


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
    .limit(PAGE)
)


def page(session: Session, *, after: int = 0, scheme: str | None = None) -> list[Submission]:
    """The next submissions of a scheme, or of all, the first received first."""
    statement = _SUBMITTED.where(ApplicationRow.id > after)
    if scheme is not None:
        statement = statement.where(ApplicationRow.scheme == scheme)
    return every(session.execute(statement), Submission)

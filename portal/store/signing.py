"""Signatures, conflicts of interest and decisions as they are kept; what they amount to is judged in `signoff`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, insert, select, true, union, update

from portal.domain.application import Application, Decision, Outcome, Signature, Status
from portal.store import totals
from portal.store.rows import add_row, columns_of, every, locked, needed, one, values_of
from portal.store.session import Session, clash
from portal.store.tables import (
    ApplicationRow,
    ClaimRow,
    CommentRow,
    ConflictRow,
    DecisionRow,
    HeadWordRow,
    PersonRow,
    QuestionRow,
    SignatureRow,
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A declared conflict of interest; it stays, whatever comes of the application."""

    person_id: int
    declared_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Question:
    """What an approver asked about a version when returning it; it stays when the answer has come."""

    version: int
    text: str
    asked_by: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """What an approver wrote to the other seat about a case."""

    id: int
    author: str
    author_id: int
    text: str
    written_at: datetime


_SIGNATURE = columns_of(SignatureRow, Signature)
_CONFLICT = columns_of(ConflictRow, Conflict)
_DECISION = columns_of(DecisionRow, Decision)


def signatures_on(session: Session, application_id: int) -> tuple[Signature, ...]:
    """Every signature ever made on an application, also those taken back or on earlier versions, in order."""
    statement = select(*_SIGNATURE).where(SignatureRow.application_id == application_id)
    return tuple(every(session.execute(statement.order_by(SignatureRow.id)), Signature))


def add_signature(session: Session, signature: Signature) -> int:
    """Keep a signature. Raises Clash when the seat or the person has signed that version."""
    seat = "signatures.application_id, signatures.version, signatures.seat"
    signer = "signatures.application_id, signatures.version, signatures.signer_id"
    with clash(signatures_seat_key=seat, signatures_signer_key=signer):
        return add_row(session, SignatureRow, values_of(signature, but=("id",)))


def take_back(session: Session, signature_id: int, *, at: datetime) -> None:
    """Let a signature count no more; it stays in the history."""
    session.execute(update(SignatureRow).where(SignatureRow.id == signature_id).values(withdrawn_at=at))


def standing_in(session: Session, holding_ids: Collection[int]) -> list[int]:
    """The open applications on which a signature given in one of these terms has not been taken back."""
    return _open_with(session, SignatureRow.holding_id.in_(holding_ids))


def standing_of(session: Session, signer_id: int) -> list[int]:
    """The open applications on which a person's signature has not been taken back."""
    return _open_with(session, SignatureRow.signer_id == signer_id)


def _open_with(session: Session, which: ColumnElement[bool]) -> list[int]:
    rows = session.execute(
        select(SignatureRow.application_id)
        .join(ApplicationRow, ApplicationRow.id == SignatureRow.application_id)
        .where(which, SignatureRow.withdrawn_at.is_(None), ApplicationRow.queue != "closed")
        .order_by(SignatureRow.application_id)
        .distinct()
    )
    return [row.application_id for row in rows]


def conflicts_in(session: Session, application_id: int) -> list[Conflict]:
    """The conflicts of interest declared in an application, in order."""
    statement = select(*_CONFLICT).where(ConflictRow.application_id == application_id)
    in_order = statement.order_by(ConflictRow.declared_at, ConflictRow.person_id)
    return every(session.execute(in_order), Conflict)


def not_aside(person_id: int | None, case: Any = ApplicationRow.id) -> ColumnElement[bool]:
    """The condition that leaves out applications from which a person stepped aside; nothing for None."""
    return true() if person_id is None else case.not_in(declared(person_id))


def declared(person_id: int | None) -> Select[Any]:
    """The ids of the applications from which a person stepped aside."""
    return select(ConflictRow.application_id).where(ConflictRow.person_id == person_id)


def cases_of(session: Session, person_id: int) -> frozenset[int]:
    """The cases in which a person is a party or wrote it, or has signed, stepped aside or spoken as head."""
    row = ApplicationRow
    own = (row.participant_id, row.applicant_id, row.author_id, row.head_id)
    queries = [
        *(select(ApplicationRow.id).where(column == person_id) for column in own),
        select(SignatureRow.application_id).where(SignatureRow.signer_id == person_id),
        select(ConflictRow.application_id).where(ConflictRow.person_id == person_id),
        select(HeadWordRow.application_id).where(HeadWordRow.head_id == person_id),
    ]
    return frozenset(session.execute(union(*queries)).scalars())


def add_conflict(session: Session, *, application_id: int, conflict: Conflict) -> None:
    session.execute(insert(ConflictRow).values(application_id=application_id, **values_of(conflict)))


def add_question(session: Session, *, application_id: int, question: Question) -> None:
    """Keep the question that a version was returned with."""
    asked = values_of(question, but=("text",)) | {"question": question.text}
    session.execute(insert(QuestionRow).values(application_id=application_id, **asked))


def questions_on(session: Session, application_id: int) -> dict[int, Question]:
    """The questions that an application was returned with, by the version they were asked about."""
    rows = session.execute(
        select(QuestionRow.version, QuestionRow.question, QuestionRow.asked_by, QuestionRow.asked_at)
        .where(QuestionRow.application_id == application_id)
        .order_by(QuestionRow.version)
    )
    return {each.version: each for each in every(rows, Question)}


def add_comment(session: Session, *, application_id: int, author_id: int, text: str, at: datetime) -> int:
    values = {"author_id": author_id, "text": text, "written_at": at}
    return add_row(session, CommentRow, {"application_id": application_id, **values})


def comments_on(session: Session, ids: Collection[int]) -> dict[int, list[Comment]]:
    """What the seats wrote to each other about each of these applications, in order."""
    of = CommentRow
    rows = session.execute(
        select(of.application_id, of.id, PersonRow.name, of.author_id, of.text, of.written_at)
        .join(PersonRow, PersonRow.id == of.author_id)
        .where(of.application_id.in_(ids))
        .order_by(of.application_id, of.id)
    )
    found: dict[int, list[Comment]] = {}
    for row in rows if ids else ():
        found.setdefault(row.application_id, []).append(Comment(*row[1:]))
    return found


def granted_already(session: Session, application: Application) -> bool:
    """Whether another grant stands for what may be granted once only, or has used it up."""
    granted = exists().where(
        ApplicationRow.once_key == application.once_key,
        (ApplicationRow.status == Status.GRANTED) | ApplicationRow.spent,
        ApplicationRow.id != application.id,
    )
    return session.execute(select(granted)).scalar_one()


def add_decision(
    session: Session, application: Application, decision: Decision, signatures: tuple[Signature, Signature]
) -> None:
    """Keep what two signatures decided."""
    first, second = signatures
    made = insert(DecisionRow).values(
        **values_of(decision),
        applicant_id=application.author_id,
        participant_id=application.participant_id,
        once_key=application.once_key,
        signature_a=first.id,
        seat_a=first.seat,
        signer_a=first.signer_id,
        signature_b=second.id,
        seat_b=second.seat,
        signer_b=second.signer_id,
    )
    with totals.counted(session, application.id):
        session.execute(made)


def find_decision(session: Session, application_id: int, *, for_update: bool = False) -> Decision | None:
    statement = select(*_DECISION).where(DecisionRow.application_id == application_id)
    return one(session.execute(locked(statement, for_update)), Decision)


def get_decision(session: Session, application_id: int, *, for_update: bool = False) -> Decision:
    return needed(find_decision(session, application_id, for_update=for_update), "decision")


def standing_amounts(session: Session, ids: Collection[int]) -> dict[int, int]:
    """What stands of each grant among these applications, without what has gone back to its budget period."""
    statement = (
        select(DecisionRow.application_id, totals.STANDING)
        .outerjoin(ClaimRow, ClaimRow.application_id == DecisionRow.application_id)
        .where(DecisionRow.application_id.in_(ids), DecisionRow.outcome == Outcome.GRANT)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def cancel_decision(session: Session, application_id: int, *, by: int, reason: str, at: datetime) -> None:
    """Keep that a grant was cancelled; the decision itself stays."""
    with totals.counted(session, application_id):
        session.execute(
            update(DecisionRow)
            .where(DecisionRow.application_id == application_id)
            .values(cancelled_at=at, cancelled_by=by, cancel_reason=reason)
        )

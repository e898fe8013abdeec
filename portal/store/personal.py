"""All that is kept of a person, wherever it stands: to hand two records together, and to take away what is old.

Both write where triggers keep rows as they were written (`frozen`), and lift them for that one transaction. The log of
events is in no case touched: it holds ids and codes, and goes on verifying.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, case, delete, exists, func, or_, select, text, update

from portal.domain.application import Status
from portal.domain.claim import Stage
from portal.domain.person import Person
from portal.store.documents import let_go, remove_from_claims
from portal.store.session import Session
from portal.store.tables import (
    ApplicationRow,
    ApplicationVersionRow,
    Base,
    BrowserRow,
    ClaimDocumentRow,
    ClaimRow,
    CommentRow,
    ConflictRow,
    DecisionRow,
    DenialRow,
    DetourRow,
    DraftDocumentRow,
    DraftRow,
    EventRow,
    FollowUpRow,
    HeadWordRow,
    IdentityRow,
    InvoiceRow,
    LetterRow,
    OutboxRow,
    PayeeRow,
    PersonRoleRow,
    PersonRow,
    PreparedRow,
    QuestionRow,
    ReadingRow,
    SeatHoldingRow,
    SessionRow,
    SignatureRow,
    SignInChangeRow,
    VersionDocumentRow,
)
from portal.store.types import aliased

_TIED: Mapping[str, tuple[str, ...]] = {
    "seat_holdings": ("person_id", "appointed_by"),
    "signatures": ("signer_id",),
    "applications": ("applicant_id", "author_id", "participant_id", "head_id"),
    "decisions": ("applicant_id", "participant_id", "signer_a", "signer_b", "cancelled_by"),
}
"""Tables whose keys point at one another with a person in them: they change in one statement."""
_PARTIES = tuple(getattr(ApplicationRow, each) for each in _TIED["applications"])
_LEFT = frozenset(
    "people person_roles sessions browsers sign_in_changes identities detours readings conflicts".split()
)
"""What stays with the record that is joined, or is seen to by itself: above all no way to sign in comes along, or who
makes up a record could let somebody in as somebody else.
"""
_GONE = "–"
_OPTIONAL = ("login", "password_hash", "known_as", "head_id", "origin", "bounced_at")
_WRITTEN = (
    "email",
    "unit",
    "specialty",
    "administration",
    "cost_centre",
    "search_text",
    "name_key_sv",
    "name_key_nb",
)


@contextmanager
def lifted(session: Session) -> Iterator[None]:
    """Let rows change that are kept as they were written, until the transaction ends; searches still find them."""
    if session.dialect.name == "postgresql":
        session.execute(text("SELECT set_config('portal.lifted', 'yes', true)"))
        yield
        session.execute(text("SELECT set_config('portal.lifted', '', true)"))
        return
    kept = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND instr(name, '_search_') = 0"
    triggers = session.execute(text(kept)).all()
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    for name, _sql in triggers:
        session.execute(text(f'DROP TRIGGER "{name}"'))
    yield
    for _name, sql in triggers:
        session.exec_driver_sql(sql)


def acted_both(session: Session, one: int, other: int) -> list[str]:
    """The numbers of the cases in which one signed, and the other signed too or is a party."""
    a, b = SignatureRow, aliased(SignatureRow)
    both = select(a.application_id).join(b, b.application_id == a.application_id)
    found = both.where(a.signer_id == one, b.signer_id == other)
    judged = [
        exists().where(a.application_id == ApplicationRow.id, a.signer_id == signer)
        & or_(*(party == other_one for party in _PARTIES))
        for signer, other_one in ((one, other), (other, one))
    ]
    statement = select(ApplicationRow.number).where(or_(ApplicationRow.id.in_(found), *judged))
    return list(session.execute(statement.order_by(ApplicationRow.number)).scalars())


def join(session: Session, kept: Person, other: Person) -> list[str]:
    """Give the one record all that the other has; gives the numbers of grants that only one of could have been had.

    Such a grant keeps the once-only key it was given under: both stand, and both are shown as this person's.
    """
    with lifted(session):
        keys, double = _keys(session, kept, other)
        for table in Base.metadata.sorted_tables:
            columns = [each.name for each in table.columns if _is_person(each)]
            if table.name not in _LEFT and table.name not in _TIED and columns:
                session.execute(_moved(table, columns, other.id, kept.id))
        _move_tied(session, other.id, kept.id, keys)
        for row in (ConflictRow, ReadingRow):
            session.execute(_without_twins(row, kept.id, other.id))
            session.execute(update(row).where(row.person_id == other.id).values(person_id=kept.id))
    led = update(PersonRow).where(PersonRow.head_id == other.id, PersonRow.id != kept.id)
    session.execute(led.values(head_id=kept.id))
    head_id = other.head_id if kept.head_id in (None, other.id) else kept.head_id
    mine = update(PersonRow).where(PersonRow.id == kept.id)
    session.execute(mine.values(head_id=None if head_id == kept.id else head_id))
    session.execute(delete(PersonRoleRow).where(PersonRoleRow.person_id == other.id))
    gone = {"joined_to": kept.id, "active": False, "login": None, "password_hash": None}
    session.execute(update(PersonRow).where(PersonRow.id == other.id).values(gone))
    return double


def joined_to(session: Session, person_id: int) -> int | None:
    """The record that a person's was joined with, if it was."""
    return session.execute(select(PersonRow.joined_to).where(PersonRow.id == person_id)).scalar_one_or_none()


def _is_person(column: Any) -> bool:
    return any(key.target_fullname == "people.id" for key in column.foreign_keys)


def _without_twins(row: Any, kept: int, other: int) -> Any:
    """Delete what both have."""
    twin = row.__table__.alias()
    same = [
        twin.c[each.name] == getattr(row, each.name)
        for each in row.__table__.primary_key.columns
        if each.name != "person_id"
    ]
    return delete(row).where(row.person_id == other, exists().where(twin.c.person_id == kept, *same))


def _keys(session: Session, kept: Person, other: Person) -> tuple[dict[int, str], list[str]]:
    """The once-only keys of the other's applications as this one's, and the numbers of grants given twice over."""
    rows = session.execute(
        select(ApplicationRow.id, ApplicationRow.number, ApplicationRow.once_key, DecisionRow.outcome)
        .outerjoin(DecisionRow, _stands())
        .where(ApplicationRow.participant_id == other.id)
    ).all()
    held = dict(
        session.execute(
            select(ApplicationRow.once_key, ApplicationRow.number)
            .join(DecisionRow, _stands())
            .where(ApplicationRow.participant_id == kept.id)
        ).all()
    )
    keys, double = {}, []
    for each in rows:
        key = _key_of(each.once_key, kept.once)
        if each.outcome is not None and key in held:
            double += [held[key], each.number]
        else:
            keys[each.id] = key
    return keys, double


def _stands() -> Any:
    return and_(
        DecisionRow.application_id == ApplicationRow.id,
        DecisionRow.outcome == "grant",
        DecisionRow.cancelled_at.is_(None),
    )


def _key_of(key: str, once: str) -> str:
    """A once-only key (`facts.once_key`) with another participant in it."""
    fund, kind, _participant, *rest = key.split("|")
    return "|".join((fund, kind, once.replace("|", " "), *rest))


def _moved(
    table: Table, columns: Collection[str], old: int, new: int, keys: Mapping[int, str] | None = None
) -> Any:
    values = {each: case((table.c[each] == old, new), else_=table.c[each]) for each in columns}
    concerned = [table.c[each] == old for each in columns]
    if keys and "once_key" in table.c:
        own = table.c.id if table.name == "applications" else table.c.application_id
        values["once_key"] = case(dict(keys), value=own, else_=table.c.once_key)
        concerned.append(own.in_(keys))
    return update(table).where(or_(*concerned)).values(values)


def _move_tied(session: Session, old: int, new: int, keys: Mapping[int, str]) -> None:
    tables = Base.metadata.tables
    statements = [_moved(tables[name], columns, old, new, keys) for name, columns in _TIED.items()]
    if session.dialect.name != "postgresql":
        for each in statements:
            session.execute(each)
        return
    *first, last = statements
    # PostgreSQL looks at foreign keys when the whole statement is done, whatever its parts.
    session.execute(last.add_cte(*(each.cte(f"moved_{n}") for n, each in enumerate(first))))


def forgettable(session: Session, before: datetime) -> list[int]:
    """The cases that were closed, and of which nothing has moved, since before that instant; not those forgotten.

    A letter that the portal printed late is no movement.
    """
    claim = ClaimRow.stage.in_((Stage.PAID, Stage.RELEASED))
    since = (EventRow.at >= before) & (EventRow.act != "keep-letter")
    moved = exists().where(EventRow.application_id == ApplicationRow.id, since)
    statement = (
        select(ApplicationRow.id)
        .outerjoin(ClaimRow, ClaimRow.application_id == ApplicationRow.id)
        .where(
            ApplicationRow.queue == "closed",
            ApplicationRow.search_text != "",
            ApplicationRow.ends_on < before.date(),
            or_(ClaimRow.application_id.is_(None), claim, ApplicationRow.status == Status.CANCELLED),
            ~moved,
        )
    )
    return list(session.execute(statement.order_by(ApplicationRow.id)).scalars())


def forget_cases(session: Session, ids: Collection[int]) -> None:
    """Take away what people wrote, attached and were told in these cases; numbers, days and amounts stay."""
    of = {row: row.application_id.in_(ids) for row in (ApplicationVersionRow, VersionDocumentRow, LetterRow)}
    attached = select(VersionDocumentRow.document_id).where(of[VersionDocumentRow])
    documents = list(session.execute(attached).scalars())
    kept = session.execute(
        select(
            ApplicationVersionRow.application_id,
            ApplicationVersionRow.number,
            ApplicationVersionRow.assessment,
        ).where(of[ApplicationVersionRow])
    ).all()
    for each in kept:
        one = (ApplicationVersionRow.application_id == each.application_id) & (
            ApplicationVersionRow.number == each.number
        )
        bare = {**each.assessment, "findings": []}
        session.execute(update(ApplicationVersionRow).where(one).values(answers={}, assessment=bare))
    session.execute(delete(VersionDocumentRow).where(of[VersionDocumentRow]))
    let_go(session, documents)
    claimed = select(ClaimDocumentRow.document_id).where(ClaimDocumentRow.application_id.in_(ids))
    remove_from_claims(session, list(session.execute(claimed).scalars()))
    session.execute(delete(LetterRow).where(of[LetterRow]))
    session.execute(update(PayeeRow).where(PayeeRow.application_id.in_(ids)).values(answers={}))
    no = ApplicationRow.id.in_(ids) & ApplicationRow.declined.is_not(None)
    session.execute(update(ApplicationRow).where(no).values(declined=_GONE))
    said: dict[Any, tuple[str, ...]] = {
        QuestionRow: ("question",),
        ConflictRow: ("note",),
        CommentRow: ("text",),
        SignatureRow: ("reason",),
        DecisionRow: ("reason", "cancel_reason"),
        FollowUpRow: ("forum", "audience", "lesson"),
        DenialRow: ("reason",),
        HeadWordRow: ("reason",),
        ClaimRow: ("release_reason",),
        InvoiceRow: ("credit_reason",),
        PreparedRow: ("reason",),
    }
    for row, columns in said.items():
        for name in columns:
            column = getattr(row, name)
            wrote = update(row).where(row.application_id.in_(ids), func.length(column) > 0)
            session.execute(wrote.values({name: _GONE}))
    session.execute(update(ClaimRow).where(ClaimRow.application_id.in_(ids)).values(costs={}))
    session.execute(update(PreparedRow).where(PreparedRow.application_id.in_(ids)).values(how={}))
    session.execute(update(FollowUpRow).where(FollowUpRow.application_id.in_(ids)).values(search_text=""))
    session.execute(update(ApplicationRow).where(ApplicationRow.id.in_(ids)).values(search_text=""))


def forgettable_people(session: Session, before: datetime, but: Collection[int] = ()) -> list[int]:
    """Who has left, did nothing since, and is in no case that is remembered; `but` are cases about to be forgotten."""
    remembered = (ApplicationRow.search_text != "") & ApplicationRow.id.not_in(but)
    party = or_(*(column == PersonRow.id for column in _PARTIES))
    signed = exists().where(
        SignatureRow.signer_id == PersonRow.id, SignatureRow.application_id == ApplicationRow.id
    )
    statement = select(PersonRow.id).where(
        ~PersonRow.active,
        PersonRow.name != _GONE,
        ~exists().where(remembered, or_(party, signed)).correlate(PersonRow),
        ~exists().where(EventRow.actor_id == PersonRow.id, EventRow.at >= before),
        ~exists().where(SessionRow.person_id == PersonRow.id, SessionRow.created_at >= before),
        ~exists().where(SeatHoldingRow.person_id == PersonRow.id, SeatHoldingRow.ends_on >= before.date()),
    )
    return list(session.execute(statement.order_by(PersonRow.id)).scalars())


def forget_people(session: Session, ids: Collection[int]) -> None:
    """Take away who they are; a row without a name stays for what points at it."""
    rows = session.execute(
        select(ApplicationRow.id, ApplicationRow.once_key, ApplicationRow.participant_id).where(
            ApplicationRow.participant_id.in_(ids)
        )
    ).all()
    keys = {each.id: _key_of(each.once_key, f"person-{each.participant_id}") for each in rows}
    if keys:
        _move_tied(session, 0, 0, keys)
    for row in (DetourRow, SessionRow, IdentityRow, BrowserRow, SignInChangeRow, PersonRoleRow):
        session.execute(delete(row).where(row.person_id.in_(ids)))
    session.execute(delete(OutboxRow).where(OutboxRow.receiver_id.in_(ids)))
    theirs = select(DraftRow.token).where(DraftRow.owner_id.in_(ids) | DraftRow.participant_id.in_(ids))
    attached = select(DraftDocumentRow.document_id).where(DraftDocumentRow.token.in_(theirs))
    documents = list(session.execute(attached).scalars())
    session.execute(delete(DraftRow).where(DraftRow.token.in_(theirs)))
    let_go(session, documents)
    nobody: dict[str, Any] = dict.fromkeys(_WRITTEN, "") | dict.fromkeys(_OPTIONAL)
    for each in ids:
        gone = {**nobody, "number": f"forgotten-{each}", "name": _GONE, "specialist": False}
        session.execute(update(PersonRow).where(PersonRow.id == each).values(gone))


def forget_traces(session: Session, before: datetime) -> None:
    """Take away who read what, and the e-mails that are done with, from before that instant."""
    session.execute(delete(ReadingRow).where(ReadingRow.first_at < before))
    done = or_(OutboxRow.sent_at.is_not(None), OutboxRow.parked_at.is_not(None))
    session.execute(delete(OutboxRow).where(OutboxRow.created_at < before, done))

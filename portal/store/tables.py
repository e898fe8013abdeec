"""The tables of people, drafts and applications, and what every table shares; deciding, money and log: `ledger`.

Every constraint here stands behind a friendlier check in the domain or an action.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.domain.application import Outcome, Status
from portal.domain.claim import Stage
from portal.domain.document import Media
from portal.domain.fields import DOCUMENT_KINDS
from portal.domain.payment import PaymentKind
from portal.domain.person import ROLES
from portal.domain.scheme import LANGUAGES
from portal.domain.sign_in import KINDS
from portal.store.types import Day, Flag, Instant, Json, Sorted, Whole, Word


class Base(DeclarativeBase):
    """What every table shares: portable column types and named constraints."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ck": "%(table_name)s_%(constraint_name)s",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it so
        str: Text(),
        int: Whole,
        bool: Flag(),
        date: Day(),
        datetime: Instant(),
        dict[str, Any]: Json(),
        list[Any]: Json(),
        Status: Word(Status),
        Outcome: Word(Outcome),
        Stage: Word(Stage),
        PaymentKind: Word(PaymentKind),
    }


def strict(*constraints: Any) -> tuple[Any, ...]:
    """Table arguments: the constraints, and on SQLite a table that refuses values of another type."""
    return (*constraints, {"sqlite_strict": True})


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """The column holds one of these words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def within(column: str, least: int, most: int) -> CheckConstraint:
    """The text has a length between these, in characters."""
    return CheckConstraint(f"length({column}) BETWEEN {least} AND {most}", name=f"{column}_length")


def flag(column: str) -> CheckConstraint:
    """The column is yes or no on SQLite too (the cast is PostgreSQL's)."""
    return CheckConstraint(f"CAST({column} AS INTEGER) IN (0, 1)", name=f"{column}_flag")


def a_key() -> Mapped[int]:
    """A number that the database gives."""
    return mapped_column(primary_key=True)


PERSON, APPLICATION = "people.id", "applications.id"


class PersonRow(Base):
    __tablename__ = "people"
    __table_args__ = strict(
        one_of("language", LANGUAGES),
        within("number", 1, 40),
        within("name", 1, 200),
        within("email", 0, 254),
        within("unit", 0, 200),
        within("login", 1, 100),
        flag("specialist"),
        flag("active"),
        CheckConstraint("head_id <> id", name="head_is_another"),
        Index(None, "head_id"),
        Index(None, "name_key_sv", "id"),
        Index(None, "name_key_nb", "id"),
    )
    id: Mapped[int] = a_key()
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    unit: Mapped[str]
    language: Mapped[str]
    head_id: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    specialist: Mapped[bool]
    active: Mapped[bool]
    login: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    search_text: Mapped[str]
    """Name, number, unit and e-mail in lower case, for finding a participant; how the name sorts is `alphabet`'s."""
    name_key_sv: Mapped[str] = mapped_column(Sorted, server_default="")
    name_key_nb: Mapped[str] = mapped_column(Sorted, server_default="")


class PersonRoleRow(Base):
    __tablename__ = "person_roles"
    __table_args__ = strict(one_of("role", ROLES))
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class SessionRow(Base):
    __tablename__ = "sessions"
    __table_args__ = strict(within("id", 64, 64), Index(None, "person_id"))
    id: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the random token in the cookie: reading the table opens no session."""
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    """When the password was last shown in this session; None: not since it began."""
    browser: Mapped[str] = mapped_column(server_default="")
    """The key of the browser in `browsers`; empty where it holds none."""
    agent: Mapped[str] = mapped_column(server_default="")
    """Browser and system in words, such as "Firefox, Windows"; never the whole header."""
    address: Mapped[str] = mapped_column(server_default="")


class BrowserRow(Base):
    """A browser that a person has signed in from: strangers who guess passwords cannot lock it out."""

    __tablename__ = "browsers"
    __table_args__ = strict(within("id", 64, 64))
    id: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the random token in the browser's long-lived cookie."""
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class TryRow(Base):
    """Failed tries of one kind by one subject: how many in a row, and when the last was."""

    __tablename__ = "tries"
    __table_args__ = strict(within("subject", 64, 64), CheckConstraint("failures >= 0", name="not_negative"))
    subject: Mapped[str] = mapped_column(primary_key=True)
    """Keyed hash of what is counted: an account and an address, an account and a browser, an address, a person."""
    failures: Mapped[int]
    last_at: Mapped[datetime]


class SignInChangeRow(Base):
    __tablename__ = "sign_in_changes"
    __table_args__ = strict(
        one_of("kind", KINDS),
        within("code_digest", 64, 64),
        CheckConstraint("(kind = 'code') = (code_digest IS NOT NULL)", name="code_has_digest"),
        CheckConstraint("changed_by <> person_id", name="not_by_oneself"),
        CheckConstraint("confirmed_by NOT IN (changed_by, person_id)", name="confirmed_by_another"),
        CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_whole"),
        Index(None, "person_id"),
    )
    id: Mapped[int] = a_key()
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    kind: Mapped[str]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    changed_at: Mapped[datetime]
    code_digest: Mapped[str | None] = mapped_column(unique=True)
    valid_until: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    confirmed_at: Mapped[datetime | None]


class SeatHoldingRow(Base):
    __tablename__ = "seat_holdings"
    __table_args__ = strict(
        flag("substitute"),
        within("fund", 1, 60),
        within("seat", 1, 60),
        CheckConstraint("appointed_by <> person_id", name="not_by_oneself"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days_in_order"),
        UniqueConstraint("id", "person_id", "seat"),
        Index(None, "fund", "person_id"),
        Index(None, "person_id"),
    )
    id: Mapped[int] = a_key()
    fund: Mapped[str]
    seat: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    substitute: Mapped[bool]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    appointed_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    appointed_at: Mapped[datetime | None]


class DraftRow(Base):
    __tablename__ = "drafts"
    __table_args__ = strict(
        within("token", 16, 80),
        within("scheme", 1, 60),
        within("kind", 1, 60),
        CheckConstraint("revision >= 0", name="revision_counts"),
        UniqueConstraint("application_id"),
        Index(None, "owner_id", "saved_at"),
        Index(None, "together"),
    )
    token: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    participant_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    scheme: Mapped[str]
    kind: Mapped[str]
    answers: Mapped[dict[str, Any]]
    revision: Mapped[int]
    saved_at: Mapped[datetime]
    application_id: Mapped[int | None] = mapped_column(ForeignKey(APPLICATION))
    together: Mapped[str | None]
    shared: Mapped[dict[str, Any] | None]


class NumberSeriesRow(Base):
    __tablename__ = "number_series"
    __table_args__ = strict(within("series", 1, 40), CheckConstraint("last >= 0", name="last_counts"))
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class ApplicationRow(Base):
    __tablename__ = "applications"
    __table_args__ = strict(
        one_of("status", Status),
        one_of("queue", ("waiting", "returned", "closed")),
        CheckConstraint(
            "(queue = 'waiting') = (status = 'waiting') AND (queue = 'returned') = (status = 'returned')",
            name="queue_follows_status",
        ),
        CheckConstraint("(status = 'returned') = (question IS NOT NULL)", name="question_when_returned"),
        within("question", 1, 4000),
        within("number", 1, 40),
        within("title", 0, 1000),
        within("digest", 64, 64),
        within("once_key", 1, 500),
        within("currency", 3, 3),
        CheckConstraint("version >= 1", name="version_counts"),
        CheckConstraint("amount BETWEEN 0 AND 100000000000", name="amount_in_range"),
        CheckConstraint("ends_on >= starts_on", name="days_in_order"),
        CheckConstraint("submitted_at >= received_at", name="instants_in_order"),
        # A decision points here: after it, the participant and the once-only key can no longer change.
        UniqueConstraint("id", "applicant_id", "participant_id", "once_key", name="applications_decided_key"),
        Index("applications_queue_idx", "fund", "queue", "starts_on", "id"),
        Index("applications_edition_queue_idx", "scheme", "queue", "starts_on", "id", "amount"),  # to add up
        Index(
            "applications_waiting_idx", "scheme", "disagreed", "signed_seats", "starts_on", "id",
            sqlite_where=text("queue = 'waiting'"), postgresql_where=text("queue = 'waiting'"),
        ),  # each tab of the queue is a few stretches of it
        Index("applications_register_idx", "participant_id", "fund", "year"),
        Index("applications_once_idx", "once_key"),
        Index("applications_received_idx", "fund", "received_at", "id"),
        # All that `overview` asks of an application, in a tenth of its room; so on the three tables beside it.
        Index("applications_year_idx", "id", "scheme", "kind", "zone", "received_at"),
        Index(None, "applicant_id"),
        Index(None, "head_id"),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    number: Mapped[str] = mapped_column(unique=True)
    scheme: Mapped[str]
    fund: Mapped[str]
    kind: Mapped[str]
    applicant_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    participant_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    head_id: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    title: Mapped[str]
    year: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    zone: Mapped[str | None]
    status: Mapped[Status]
    queue: Mapped[str]
    """The status as the queue pages need it: every closed one under one word, so that one index range serves."""
    version: Mapped[int]
    digest: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    once_key: Mapped[str]
    received_at: Mapped[datetime]
    submitted_at: Mapped[datetime]
    question: Mapped[str | None]
    signed_seats: Mapped[list[Any]]
    """The seats whose signatures count now, in order; follows the signatures, for the queue."""
    disagreed: Mapped[bool]
    marks: Mapped[list[Any]]
    """Codes of what warned at submission, for the queue."""
    search_text: Mapped[str]
    """Number, title, names and unit in lower case."""


class ApplicationVersionRow(Base):
    __tablename__ = "application_versions"
    __table_args__ = strict(
        within("digest", 64, 64),
        within("scheme_digest", 0, 64),
        within("submit_key", 1, 80),
        CheckConstraint("number >= 1", name="number_counts"),
        CheckConstraint("amount BETWEEN 0 AND 100000000000", name="amount_in_range"),
        UniqueConstraint("application_id", "number", "digest"),
        # However often one submission arrives, it makes one version.
        UniqueConstraint("submitted_by", "submit_key"),
    )
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    answers: Mapped[dict[str, Any]]
    assessment: Mapped[dict[str, Any]]
    amount: Mapped[int]
    digest: Mapped[str]
    scheme_digest: Mapped[str]
    submitted_by: Mapped[int] = mapped_column(ForeignKey(PERSON))
    submitted_at: Mapped[datetime]
    submit_key: Mapped[str]


class ConflictRow(Base):
    __tablename__ = "conflicts"
    __table_args__ = strict(within("note", 0, 2000))
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), primary_key=True)
    declared_at: Mapped[datetime]
    note: Mapped[str]


class QuestionRow(Base):
    """What an approver asked when returning a version; the next version answers it."""

    __tablename__ = "questions"
    __table_args__ = strict(
        within("question", 1, 4000),
        ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
            name="questions_version_fkey",
        ),
    )
    application_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[str]
    asked_by: Mapped[int] = mapped_column(ForeignKey(PERSON))
    asked_at: Mapped[datetime]


class SignatureRow(Base):
    __tablename__ = "signatures"
    __table_args__ = strict(
        one_of("outcome", Outcome),
        within("reason", 0, 4000),
        CheckConstraint("amount BETWEEN 0 AND 100000000000", name="amount_in_range"),
        CheckConstraint("outcome <> 'refuse' OR (length(trim(reason)) > 0 AND amount = 0)", name="refusal_has_reason"),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= signed_at", name="instants_in_order"),
        # It signs exactly what exists, in a seat of the signer's own.
        ForeignKeyConstraint(
            ["application_id", "version", "digest"],
            ["application_versions.application_id", "application_versions.number", "application_versions.digest"],
            name="signatures_version_fkey",
        ),
        ForeignKeyConstraint(
            ["holding_id", "signer_id", "seat"],
            ["seat_holdings.id", "seat_holdings.person_id", "seat_holdings.seat"],
            name="signatures_holding_fkey",
        ),
        # A decision points here: both signatures say what it says.
        UniqueConstraint(
            "id", "application_id", "version", "digest", "outcome", "amount", "seat", "signer_id",
            name="signatures_decided_key",
        ),
        Index(
            "signatures_seat_key", "application_id", "version", "seat", unique=True,
            sqlite_where=text("withdrawn_at IS NULL"), postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "signatures_signer_key", "application_id", "version", "signer_id", unique=True,
            sqlite_where=text("withdrawn_at IS NULL"), postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(None, "holding_id"),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    application_id: Mapped[int]
    version: Mapped[int]
    digest: Mapped[str]
    holding_id: Mapped[int]
    seat: Mapped[str]
    signer_id: Mapped[int]
    outcome: Mapped[Outcome]
    amount: Mapped[int]
    reason: Mapped[str]
    signed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class DocumentRow(Base):
    __tablename__ = "documents"
    __table_args__ = strict(
        one_of("kind", DOCUMENT_KINDS),
        one_of("media_type", Media),
        within("name", 1, 200),
        within("sha256", 64, 64),
        CheckConstraint("size BETWEEN 1 AND 1000000000", name="size_in_range"),
        Index(None, "sha256"),
        Index(None, "uploaded_by"),
    )
    id: Mapped[int] = a_key()
    kind: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    uploaded_by: Mapped[int] = mapped_column(ForeignKey(PERSON))
    uploaded_at: Mapped[datetime]


class DraftDocumentRow(Base):
    __tablename__ = "draft_documents"
    __table_args__ = strict(Index(None, "document_id"))
    token: Mapped[str] = mapped_column(ForeignKey("drafts.token", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)


class VersionDocumentRow(Base):
    """Only ever added to, with the version: what was attached when it was submitted."""

    __tablename__ = "version_documents"
    __table_args__ = strict(
        ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
        ),
        Index(None, "document_id"),
    )
    application_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)

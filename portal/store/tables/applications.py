"""The tables of drafts and applications, of what is attached to them, asked about them and signed on them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)

from portal.domain.application import Outcome, Status
from portal.domain.document import Media
from portal.domain.fields import DOCUMENT_KINDS
from portal.store.types import (
    APPLICATION,
    PERSON,
    Base,
    Mapped,
    a_key,
    flag,
    mapped_column,
    one_of,
    strict,
    within,
)

USED = text("status = 'granted' OR CAST(spent AS INTEGER) = 1")
"""What uses up what may be granted once."""


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
    saved_in: Mapped[str] = mapped_column(server_default="")
    turn: Mapped[int] = mapped_column(server_default="0")


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
        UniqueConstraint("id", "author_id", "participant_id", "once_key", name="applications_decided_key"),
        Index("applications_queue_idx", "fund", "queue", "starts_on", "id"),
        Index("applications_edition_queue_idx", "scheme", "queue", "starts_on", "id", "amount"),  # to add up
        Index(
            "applications_waiting_idx", "scheme", "disagreed", "signed_seats", "starts_on", "id",
            sqlite_where=text("queue = 'waiting'"), postgresql_where=text("queue = 'waiting'"),
        ),  # each tab of the queue is a few stretches of it
        Index("applications_register_idx", "participant_id", "fund", "year"),
        Index("applications_once_idx", "once_key"),
        Index("applications_one_grant_key", "once_key", unique=True, sqlite_where=USED, postgresql_where=USED),
        Index("applications_received_idx", "fund", "received_at", "id"),
        # Covering index for `overview`, a tenth of the table; so on the three tables beside it.
        Index("applications_year_idx", "id", "scheme", "kind", "zone", "received_at"),
        Index(None, "applicant_id"),
        Index(None, "author_id"),
        Index(None, "head_id"),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    number: Mapped[str] = mapped_column(unique=True)
    scheme: Mapped[str]
    fund: Mapped[str]
    kind: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey(PERSON, name="applications_applicant_id_fkey"))
    """Who wrote it first, whoever answers for it now."""
    applicant_id: Mapped[int] = mapped_column(
        ForeignKey(PERSON, name="applications_applies_fkey"), nullable=True
    )
    """A trigger refuses none, which a column that was added later cannot."""
    taken_at: Mapped[datetime | None]
    participant_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    head_id: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    title: Mapped[str]
    year: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    zone: Mapped[str | None]
    status: Mapped[Status]
    spent: Mapped[bool] = mapped_column(
        CheckConstraint(
            "CAST(spent AS INTEGER) = 0 OR (CAST(spent AS INTEGER) = 1 AND status = 'cancelled')",
            name="spent_when_cancelled",
        ),
        server_default="0",
    )
    """Whether a cancelled grant uses up what may be granted once all the same."""
    queue: Mapped[str]
    """The status as the queue pages need it: every closed one as one value, so that one index range serves."""
    version: Mapped[int]
    digest: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    once_key: Mapped[str]
    received_at: Mapped[datetime]
    submitted_at: Mapped[datetime]
    question: Mapped[str | None]
    registration: Mapped[str] = mapped_column(server_default="")
    declined: Mapped[str | None] = mapped_column(
        CheckConstraint(
            "declined IS NULL OR (status = 'withdrawn' AND length(declined) BETWEEN 1 AND 4000)",
            name="declined_when_withdrawn",
        )
    )
    signed_seats: Mapped[list[Any]]
    """The seats whose signatures count now, in order; follows the signatures, for the queue."""
    disagreed: Mapped[bool]
    marks: Mapped[list[Any]]
    """Codes of what warned at submission, for the queue."""
    unit: Mapped[str] = mapped_column(server_default="")
    """The participant's, as it is now and, once it is decided, as it was then."""
    search_text: Mapped[str]
    """Number, title, names and unit in lower case."""


class ApprovalUseRow(Base):
    """The granted application that one points at, while that one waits or is granted: each is used once."""

    __tablename__ = "approval_uses"
    __table_args__ = strict(
        UniqueConstraint("approval_id"), CheckConstraint("application_id <> approval_id", name="another")
    )
    application_id: Mapped[int] = mapped_column(
        ForeignKey(APPLICATION), primary_key=True, autoincrement=False
    )
    approval_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION))


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


class ClaimDocumentRow(Base):
    """What is attached to the actual costs."""

    __tablename__ = "claim_documents"
    __table_args__ = strict(Index(None, "application_id"))
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id"), primary_key=True, autoincrement=False
    )
    application_id: Mapped[int] = mapped_column(ForeignKey("claims.application_id"))


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


class ConflictRow(Base):
    __tablename__ = "conflicts"
    __table_args__ = strict(within("note", 0, 2000), Index(None, "person_id", "application_id"))
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), primary_key=True)
    declared_at: Mapped[datetime]
    note: Mapped[str]


class CommentRow(Base):
    """What one seat wrote to the other about a case: no party, head or finance ever reads it."""

    __tablename__ = "comments"
    __table_args__ = strict(
        within("text", 1, 4000), Index(None, "application_id", "id"), Index(None, "author_id")
    )
    id: Mapped[int] = a_key()
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION))
    author_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    text: Mapped[str]
    written_at: Mapped[datetime]


class HeadWordRow(Base):
    """What a head said of a version: yes to what the unit promises, or no with a reason."""

    __tablename__ = "head_words"
    __table_args__ = strict(
        within("reason", 0, 4000),
        CheckConstraint("given = (length(trim(reason)) = 0)", name="no_has_reason"),
        CheckConstraint("void_at IS NULL OR void_at >= said_at", name="instants_in_order"),
        flag("given"),
        ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
            name="head_words_version_fkey",
        ),
        # One word counts at a time.
        Index(
            "head_words_standing_key", "application_id", unique=True,
            sqlite_where=text("void_at IS NULL"), postgresql_where=text("void_at IS NULL"),
        ),
        Index(None, "application_id", "id"),
        Index(None, "head_id"),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    application_id: Mapped[int]
    version: Mapped[int]
    head_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    given: Mapped[bool]
    reason: Mapped[str]
    said_at: Mapped[datetime]
    void_at: Mapped[datetime | None]


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
        # The two above are partial: only what asks for what stands can use them.
        Index(None, "application_id"),
        Index(None, "signer_id", "application_id"),
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
    days: Mapped[int | None]
    signed_in_at: Mapped[datetime | None]
    acr: Mapped[str] = mapped_column(server_default="")

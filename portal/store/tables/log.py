"""The tables that every write adds to: letters, the audit log and the outbox of e-mails."""

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

from portal.domain.scheme import LANGUAGES
from portal.store.types import APPLICATION, PERSON, Base, Mapped, a_key, mapped_column, one_of, strict, within


class LetterRow(Base):
    __tablename__ = "letters"
    __table_args__ = strict(
        within("kind", 1, 60),
        within("content_digest", 64, 64),
        within("sha256", 64, 64),
        one_of("language", LANGUAGES),
        CheckConstraint(
            "(pdf IS NULL) = (made_at IS NULL) AND (sha256 IS NULL) = (made_at IS NULL)", name="made_whole"
        ),
        ForeignKeyConstraint(
            ["application_id", "version"],
            ["application_versions.application_id", "application_versions.number"],
            name="letters_version_fkey",
        ),
        UniqueConstraint("application_id", "kind", "version", "language", "edition"),
        CheckConstraint("edition >= 1", name="edition_counts"),
        Index(
            "letters_due_idx", "id",
            sqlite_where=text("made_at IS NULL"), postgresql_where=text("made_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    application_id: Mapped[int]
    kind: Mapped[str]
    version: Mapped[int]
    language: Mapped[str]
    edition: Mapped[int]
    """The how-manieth of its kind for the version: an earlier one is replaced, and stays."""
    content: Mapped[dict[str, Any]]
    """Every word of the letter, fixed in the transaction of what it tells."""
    content_digest: Mapped[str]
    ordered_at: Mapped[datetime]
    pdf: Mapped[bytes | None]
    sha256: Mapped[str | None]
    made_at: Mapped[datetime | None]
    """When it was printed, once and for all."""


class EventRow(Base):
    __tablename__ = "events"
    __table_args__ = strict(
        CheckConstraint("seq >= 1", name="seq_counts"),
        within("act", 1, 60),
        within("prev_hash", 64, 64),
        within("hash", 64, 64),
        UniqueConstraint("prev_hash"),
        UniqueConstraint("hash"),
        Index(None, "application_id", "seq"),
        Index(None, "at"),
        Index(None, "actor_id", "seq"),
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    """Who did it; empty for the command line. No foreign key: the log outlives what it speaks of."""
    act: Mapped[str]
    application_id: Mapped[int | None]
    body: Mapped[dict[str, Any]]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class ReadingRow(Base):
    """Who opened a case without being a party in it, or fetched from it: once a day for each kind of door."""

    __tablename__ = "readings"
    __table_args__ = strict(within("door", 1, 60), Index(None, "person_id", "day"))
    application_id: Mapped[int] = mapped_column(ForeignKey(APPLICATION), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]


class OutboxRow(Base):
    __tablename__ = "outbox"
    __table_args__ = strict(
        within("kind", 1, 60),
        within("dedup_key", 1, 200),
        within("last_error", 0, 2000),
        CheckConstraint("attempts >= 0", name="attempts_count"),
        CheckConstraint("sent_at IS NULL OR parked_at IS NULL", name="one_end"),
        CheckConstraint("bounced_at IS NULL OR sent_at IS NOT NULL", name="bounced_was_sent"),
        Index(
            "outbox_due_idx", "next_try_at",
            sqlite_where=text("sent_at IS NULL AND parked_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND parked_at IS NULL"),
        ),
        Index(
            "outbox_unsent_idx", "created_at",
            sqlite_where=text("sent_at IS NULL"), postgresql_where=text("sent_at IS NULL"),
        ),
        Index(None, "receiver_id"),
        Index(None, "message_id"),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    dedup_key: Mapped[str] = mapped_column(unique=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    kind: Mapped[str]
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    bounced_at: Mapped[datetime | None]
    """When an administrator said that it came back."""
    message_id: Mapped[str]

"""The tables of people: what they are, how they sign in, and which seats they hold."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)

from portal.domain.directory import ORIGINS
from portal.domain.person import FINANCE, ROLES
from portal.domain.scheme import LANGUAGES
from portal.domain.sign_in import KINDS
from portal.store.types import (
    PERSON,
    Base,
    Mapped,
    Sorted,
    a_key,
    flag,
    mapped_column,
    one_of,
    strict,
    within,
)


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
        one_of("origin", ORIGINS),
        CheckConstraint("head_id <> id", name="head_is_another"),
        Index(None, "head_id"),
        Index(None, "name_key_sv", "id", "active", "search_text"),
        Index(None, "name_key_nb", "id", "active", "search_text"),
        Index(None, "unit"),
    )
    id: Mapped[int] = a_key()
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    unit: Mapped[str]
    language: Mapped[str]
    head_id: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    specialist: Mapped[bool]
    specialty: Mapped[str] = mapped_column(server_default="")
    administration: Mapped[str] = mapped_column(server_default="")
    cost_centre: Mapped[str] = mapped_column(server_default="")
    active: Mapped[bool]
    login: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    known_as: Mapped[str | None]
    joined_to: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    """The record of the same person that has all that this one had."""
    origin: Mapped[str | None]
    """What the staff directory said last of somebody it has brought; None for whom somebody typed in."""
    bounced_at: Mapped[datetime | None]
    """When an e-mail to the address came back; None again once the address is another."""
    daily_mail: Mapped[bool] = mapped_column(server_default="0")
    """Whether the e-mails that can wait come once a day, together."""
    search_text: Mapped[str]
    """Name and unit, then on a line of their own number and e-mail, as `alphabet.folded` has them."""
    name_key_sv: Mapped[str] = mapped_column(type_=Sorted, server_default="")
    name_key_nb: Mapped[str] = mapped_column(type_=Sorted, server_default="")


class PersonRoleRow(Base):
    __tablename__ = "person_roles"
    __table_args__ = strict(
        one_of("role", ROLES),
        within("fund", 0, 60),
        CheckConstraint(f"fund = '' OR role = '{FINANCE}'", name="fund_of_finance"),
    )
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    fund: Mapped[str] = mapped_column(primary_key=True, server_default="")
    """The fund in which the person has the role; empty for every one."""


class ImportRow(Base):
    """One run of the import of the staff directory, also one that stopped."""

    __tablename__ = "imports"
    __table_args__ = strict(one_of("outcome", ("done", "stopped")))
    id: Mapped[int] = a_key()
    at: Mapped[datetime]
    outcome: Mapped[str]
    counts: Mapped[dict[str, Any]]
    remarks: Mapped[list[Any]]
    """Lines, personal ids and codes of what is to be looked at; never a name."""


class SessionRow(Base):
    __tablename__ = "sessions"
    __table_args__ = strict(within("id", 64, 64), Index(None, "person_id"), Index(None, "created_at"))
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


class IdentityRow(Base):
    """Whom the organisation's sign-in means: a subject of an issuer, linked to a person."""

    __tablename__ = "identities"
    __table_args__ = strict(
        UniqueConstraint("issuer", "subject"),
        CheckConstraint("(undone_by IS NULL) = (undone_at IS NULL)", name="undone_whole"),
        Index(None, "person_id"),
        Index(None, "undone_at", "id"),
        Index(None, "used_at", "id"),
        Index(
            "identities_in_use_key", "person_id", "issuer", unique=True,
            sqlite_where=text("undone_at IS NULL"), postgresql_where=text("undone_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = a_key()
    issuer: Mapped[str]
    subject: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    linked_at: Mapped[datetime]
    used_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))


class UnlinkedRow(Base):
    """Somebody whom the organisation's sign-in knows and who could not be linked; once a subject, however often."""

    __tablename__ = "unlinked"
    __table_args__ = strict(
        CheckConstraint("times >= 1", name="times_counts"), Index(None, "last_at", "subject")
    )
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    claim: Mapped[str]
    value: Mapped[str]
    """Of the claim, and of `name` what the provider says: an administrator has to see whom it is about."""
    name: Mapped[str]
    reason: Mapped[str]
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class ProviderSessionRow(Base):
    """What a provider said of the sign-in that a session began with."""

    __tablename__ = "provider_sessions"
    __table_args__ = strict(Index(None, "identity_id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identities.id"))
    acr: Mapped[str]
    sid: Mapped[str]
    """The provider's own session; empty where it names none."""
    id_token: Mapped[str]
    """What the provider wants to see again at sign-out; it opens nothing."""


class DetourRow(Base):
    """A way to the provider and back: what its answer has to fit, and what was typed before it."""

    __tablename__ = "detours"
    __table_args__ = strict(within("id", 64, 64), within("browser", 64, 64), Index(None, "session_id"))
    id: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the state: each is good once."""
    browser: Mapped[str]
    nonce: Mapped[str]
    verifier: Mapped[str]
    goes_to: Mapped[str]
    kept: Mapped[str]
    """A form that was sent before it, sealed; empty without one."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey(PERSON))
    """Who has to come back; None: anybody, to begin a session."""
    begun_at: Mapped[datetime]
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    """The session that it led to: there the form waits."""


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


class AllowedSubstituteRow(Base):
    """Whom the holder of a seat may choose as substitute."""

    __tablename__ = "allowed_substitutes"
    __table_args__ = strict(
        within("fund", 1, 60),
        within("seat", 1, 60),
        CheckConstraint("allowed_by <> person_id", name="not_by_oneself"),
        Index(None, "person_id"),
    )
    fund: Mapped[str] = mapped_column(primary_key=True)
    seat: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), primary_key=True, autoincrement=False)
    allowed_by: Mapped[int | None] = mapped_column(ForeignKey(PERSON))

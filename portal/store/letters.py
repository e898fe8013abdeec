"""Letters as they are kept: their words, fixed with what they tell, and the PDF that is made of them once.

What a letter says and how it is printed is `letters`'.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from portal.store.rows import columns_of, every, one
from portal.store.session import NotFound, Session, Tampered, inserting
from portal.store.tables import LetterRow


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """A letter without its words and bytes; `sha256` and `made_at` are None until it is printed."""

    id: int
    application_id: int
    kind: str
    version: int
    language: str
    edition: int
    content_digest: str
    ordered_at: datetime
    sha256: str | None
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A letter that is to be printed."""

    id: int
    application_id: int
    content: Mapping[str, Any]
    content_digest: str


_KEPT, _DUE = columns_of(LetterRow, LetterRecord), columns_of(LetterRow, DueLetter)


def order(
    session: Session,
    *,
    application_id: int,
    kind: str,
    version: int,
    language: str,
    content: Mapping[str, Any],
    content_digest: str,
    at: datetime,
    edition: int = 1,
) -> None:
    """Fix the words of a letter; one of that kind, version, language and edition that is there already stays."""
    session.execute(
        inserting(session, LetterRow)
        .values(
            application_id=application_id,
            kind=kind,
            version=version,
            language=language,
            edition=edition,
            content=content,
            content_digest=content_digest,
            ordered_at=at,
        )
        .on_conflict_do_nothing(index_elements=["application_id", "kind", "version", "language", "edition"])
    )


def due(
    session: Session,
    *,
    limit: int = 20,
    but: Collection[int] = (),
    since: datetime | None = None,
) -> list[DueLetter]:
    """Letters whose words are fixed and that are not printed yet, the first ordered first, without some.

    With `since`, only those ordered then or later.
    """
    statement = select(*_DUE).where(LetterRow.made_at.is_(None))
    if but:
        statement = statement.where(LetterRow.id.not_in(but))
    if since is not None:
        statement = statement.where(LetterRow.ordered_at >= since)
    return every(session.execute(statement.order_by(LetterRow.id).limit(limit)), DueLetter)


def get_due(session: Session, letter_id: int) -> DueLetter | None:
    """That letter while it is not printed yet."""
    statement = select(*_DUE).where(LetterRow.id == letter_id, LetterRow.made_at.is_(None))
    return one(session.execute(statement), DueLetter)


def keep(session: Session, letter_id: int, pdf: bytes, *, at: datetime) -> LetterRecord | None:
    """Keep the PDF of a letter with its SHA-256; None when somebody else has, whose bytes stay."""
    kept = session.execute(
        update(LetterRow)
        .where(LetterRow.id == letter_id, LetterRow.made_at.is_(None))
        .values(pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), made_at=at)
        .returning(*_KEPT)
    )
    return one(kept, LetterRecord)


def of_application(session: Session, application_id: int) -> list[LetterRecord]:
    """The letters of an application, the first ordered first."""
    rows = session.execute(
        select(*_KEPT).where(LetterRow.application_id == application_id).order_by(LetterRow.id)
    )
    return every(rows, LetterRecord)


def find_latest(
    session: Session,
    application_id: int,
    kind: str,
    language: str | None = None,
    *,
    version: int | None = None,
    edition: int | None = None,
) -> LetterRecord | None:
    """The newest letter of a kind (of a version and edition; in a language, else the one ordered first), or None."""
    fitting = [
        each
        for each in of_application(session, application_id)
        if each.kind == kind
        and language in (None, each.language)
        and version in (None, each.version)
        and edition in (None, each.edition)
    ]
    newest = max(((each.version, each.edition) for each in fitting), default=None)
    return next((each for each in fitting if (each.version, each.edition) == newest), None)


def read_pdf(session: Session, letter_id: int) -> bytes:
    """The bytes of a printed letter, as they were kept. Raises NotFound, and Tampered when they have changed."""
    row = session.execute(
        select(LetterRow.pdf, LetterRow.sha256).where(LetterRow.id == letter_id)
    ).one_or_none()
    if row is None or row.pdf is None:
        raise NotFound("no such letter, or not printed yet")
    if hashlib.sha256(row.pdf).hexdigest() != row.sha256:
        raise Tampered(f"letter {letter_id} is not what was kept")
    return bytes(row.pdf)


def printed(session: Session) -> list[int]:
    """The ids of all printed letters, to prove each by `read_pdf`."""
    return list(
        session.execute(
            select(LetterRow.id).where(LetterRow.made_at.is_not(None)).order_by(LetterRow.id)
        ).scalars()
    )


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many letters are not printed yet, and since when the oldest is not."""
    row = session.execute(
        select(func.count(), func.min(LetterRow.ordered_at, type_=LetterRow.ordered_at.type)).where(
            LetterRow.made_at.is_(None)
        )
    ).one()
    return row[0], row[1]

"""Documents by what they belong to, a draft that is being written or the versions that were submitted with them; and
their bytes, in a folder outside what is served, each under its SHA-256.

A file is whole and on disk before the row that names it is written, and goes after that row is gone: a crash between
the two can only leave a file that no row names, which `sweep` takes away a day later. A document that no draft and no
version has any more is let go.
"""

import errno
import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import delete, exists, insert, select

from portal.domain.application import Status
from portal.domain.document import Document
from portal.store.rows import columns_of, every, needed, one, values_of
from portal.store.session import Session
from portal.store.tables import (
    ApplicationRow,
    ClaimDocumentRow,
    DocumentRow,
    DraftDocumentRow,
    DraftRow,
    VersionDocumentRow,
)

ORPHANED_AFTER = timedelta(hours=24)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_COLUMNS = columns_of(DocumentRow, Document, but=("claimed",))
_GONE: WeakKeyDictionary[Session, list[str]] = WeakKeyDictionary()
"""The bytes of the documents that went, while a transaction lasts."""
_COUNTED = (Status.WAITING, Status.RETURNED, Status.GRANTED)


def of_draft(session: Session, token: str) -> list[Document]:
    """What is attached to a draft, in the order it was."""
    rows = session.execute(
        select(*_COLUMNS)
        .join(DraftDocumentRow, DraftDocumentRow.document_id == DocumentRow.id)
        .where(DraftDocumentRow.token == token)
        .order_by(DocumentRow.id)
    )
    return every(rows, Document)


def of_version(session: Session, application_id: int, version: int) -> list[Document]:
    """What a version was submitted with."""
    rows = session.execute(
        select(*_COLUMNS)
        .join(VersionDocumentRow, VersionDocumentRow.document_id == DocumentRow.id)
        .where(VersionDocumentRow.application_id == application_id, VersionDocumentRow.version == version)
        .order_by(DocumentRow.id)
    )
    return every(rows, Document)


def of_claim(session: Session, application_id: int) -> list[Document]:
    """What is attached to the actual costs, in the order it was."""
    statement = select(*_COLUMNS).join(ClaimDocumentRow, ClaimDocumentRow.document_id == DocumentRow.id)
    rows = session.execute(
        statement.where(ClaimDocumentRow.application_id == application_id).order_by(DocumentRow.id)
    )
    return [replace(each, claimed=True) for each in every(rows, Document)]


def with_files(
    session: Session, hashes: Collection[str], *, kinds: Collection[str], participant_id: int
) -> list[int]:
    """The participant's applications, waiting or granted, that have one of these files as one of these kinds."""
    statement = (
        select(ApplicationRow.id)
        .join(VersionDocumentRow, VersionDocumentRow.application_id == ApplicationRow.id)
        .join(DocumentRow, DocumentRow.id == VersionDocumentRow.document_id)
        .where(
            DocumentRow.sha256.in_(hashes),
            DocumentRow.kind.in_(kinds),
            VersionDocumentRow.version == ApplicationRow.version,
            ApplicationRow.participant_id == participant_id,
            ApplicationRow.status.in_(_COUNTED),
        )
    )
    return list(session.execute(statement.distinct()).scalars())


def others_with_files(
    session: Session,
    hashes: Collection[str],
    *,
    kinds: Collection[str],
    participant_id: int,
    owner_id: int | None,
) -> int:
    """How many other participants have one of these files as one of these kinds, in what is waiting or granted or in a
    draft of the owner's.
    """
    same = DocumentRow.sha256.in_(hashes), DocumentRow.kind.in_(kinds)
    sent = (
        select(ApplicationRow.participant_id)
        .join(VersionDocumentRow, VersionDocumentRow.application_id == ApplicationRow.id)
        .join(DocumentRow, DocumentRow.id == VersionDocumentRow.document_id)
        .where(
            *same, VersionDocumentRow.version == ApplicationRow.version, ApplicationRow.status.in_(_COUNTED)
        )
    )
    written = (
        select(DraftRow.participant_id)
        .join(DraftDocumentRow, DraftDocumentRow.token == DraftRow.token)
        .join(DocumentRow, DocumentRow.id == DraftDocumentRow.document_id)
        .where(*same, DraftRow.owner_id == owner_id)
    )
    found = {*session.execute(sent).scalars(), *session.execute(written).scalars()}
    return len(found - {participant_id})


def get_of_draft(session: Session, token: str, document_id: int) -> Document:
    """One document of a draft. Raises NotFound, also for a document of something else."""
    return needed(
        next((each for each in of_draft(session, token) if each.id == document_id), None), "document"
    )


def get_of_application(session: Session, application_id: int, document_id: int) -> Document:
    """One document of any version of an application, or of its costs. Raises NotFound, for any other too."""
    claimed = next((each for each in of_claim(session, application_id) if each.id == document_id), None)
    if claimed is not None:
        return claimed
    statement = select(*_COLUMNS).where(
        DocumentRow.id == document_id,
        exists().where(
            VersionDocumentRow.application_id == application_id,
            VersionDocumentRow.document_id == DocumentRow.id,
        ),
    )
    return needed(one(session.execute(statement), Document), "document")


def add(session: Session, token: str, document: Document) -> Document:
    """Attach a new document to a draft; the id given is ignored."""
    added = _added(session, document)
    session.execute(insert(DraftDocumentRow).values(token=token, document_id=added.id))
    return added


def add_to_claim(session: Session, application_id: int, document: Document) -> Document:
    """The same to the actual costs of a grant."""
    added = _added(session, document)
    session.execute(insert(ClaimDocumentRow).values(application_id=application_id, document_id=added.id))
    return replace(added, claimed=True)


def _added(session: Session, document: Document) -> Document:
    values = values_of(document, but=("id", "claimed"))
    return Document(*session.execute(insert(DocumentRow).values(values).returning(*_COLUMNS)).one())


def remove_from_claims(session: Session, ids: Sequence[int]) -> None:
    """Take documents off the actual costs they are attached to, and let them go."""
    session.execute(delete(ClaimDocumentRow).where(ClaimDocumentRow.document_id.in_(ids)))
    let_go(session, ids)


def remove(session: Session, token: str, document_id: int) -> None:
    """Take a document off a draft, and let it go when no version has it."""
    session.execute(
        delete(DraftDocumentRow).where(
            DraftDocumentRow.token == token, DraftDocumentRow.document_id == document_id
        )
    )
    let_go(session, [document_id])


def remove_all(session: Session, token: str) -> None:
    """The same with every document of a draft that is about to go."""
    taken_off = session.execute(
        delete(DraftDocumentRow)
        .where(DraftDocumentRow.token == token)
        .returning(DraftDocumentRow.document_id)
    )
    let_go(session, list(taken_off.scalars()))


def carry_over(session: Session, *, application_id: int, version: int, token: str) -> None:
    """Attach to a draft what a version was submitted with."""
    kept = select(VersionDocumentRow.document_id).where(
        VersionDocumentRow.application_id == application_id, VersionDocumentRow.version == version
    )
    for document_id in session.execute(kept).scalars().all():
        session.execute(insert(DraftDocumentRow).values(token=token, document_id=document_id))


def keep(session: Session, token: str, *, application_id: int, version: int) -> None:
    """Bind what is attached to a draft to the version it is submitted as, for good."""
    for document in of_draft(session, token):
        session.execute(
            insert(VersionDocumentRow).values(
                application_id=application_id, version=version, document_id=document.id
            )
        )


def is_named(session: Session, sha256: str) -> bool:
    """Whether any document has these bytes."""
    return session.execute(select(exists().where(DocumentRow.sha256 == sha256))).scalar_one()


def gone(session: Session) -> list[str]:
    """The bytes of the documents that went in this transaction; others may have the same."""
    return list(_GONE.get(session, ()))


def hashes(session: Session) -> list[str]:
    """The bytes that must be there: each SHA-256 once, in order."""
    return list(session.execute(select(DocumentRow.sha256).distinct().order_by(DocumentRow.sha256)).scalars())


def let_go(session: Session, ids: Sequence[int]) -> None:
    """Take away those documents that nothing has any more; their bytes are to go from the disk after it."""
    if not ids:
        return
    gone = session.execute(
        delete(DocumentRow)
        .where(
            DocumentRow.id.in_(ids),
            ~exists().where(DraftDocumentRow.document_id == DocumentRow.id),
            ~exists().where(VersionDocumentRow.document_id == DocumentRow.id),
            ~exists().where(ClaimDocumentRow.document_id == DocumentRow.id),
        )
        .returning(DocumentRow.sha256)
    )
    _GONE.setdefault(session, []).extend(gone.scalars())


class NoRoom(Exception):
    """The disk is full; nothing was kept, not even half of it."""


class Damaged(Exception):
    """A file that a row names is gone, or is no longer what it was."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What sweeping took away."""

    files: int
    bytes: int


class Files:
    """The folder of documents; made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Around `put` and the row that names what was put: nothing is swept meanwhile."""
        with self._locked(fcntl.LOCK_SH):
            yield

    def put(self, content: bytes) -> str:
        """Keep bytes and give their SHA-256; keeping the same again changes nothing. Raises NoRoom."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path_of(sha256)
        incoming = self.folder / "incoming"
        part = incoming / secrets.token_hex(16)
        try:
            for folder in (incoming, path.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(part, content)
            # Over one that is there already too: it may be damaged, and it is new again to whoever sweeps.
            part.replace(path)
            for folder in (path.parent, self.folder):
                _sync_folder(folder)
        except OSError as error:
            part.unlink(missing_ok=True)
            if error.errno in _FULL:
                raise NoRoom from error
            raise
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes, proved to be those that were kept. Raises Damaged."""
        try:
            content = self.path_of(sha256).read_bytes()
        except FileNotFoundError:
            raise Damaged(sha256) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Damaged(sha256)
        return content

    def copy(self, sha256: str, into: "Files", *, like: "Files | None" = None) -> int:
        """Let another folder keep the same file, and give its bytes; a link where an earlier copy of it is sound.

        Raises Damaged when it is sound in neither, and OSError. A name lasts through a power cut once `sync` has run.
        """
        target = into.path_of(sha256)
        for folder in (into.folder, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if like is not None:
            with suppress(Damaged, OSError):  # a link cannot reach another disk
                size = len(like.get(sha256))
                target.hardlink_to(like.path_of(sha256))
                return size
        content = self.get(sha256)
        _write(target, content)
        return len(content)

    def sync(self) -> None:
        """fsync every folder, so that names last."""
        for folder in (*self.folder.glob("[0-9a-f][0-9a-f]"), self.folder):
            if folder.is_dir():
                _sync_folder(folder)

    def remove(self, sha256: str) -> None:
        """Let one file go, if it is there."""
        self.path_of(sha256).unlink(missing_ok=True)

    def let_go(self, sha256: str, is_named: Callable[[str], bool]) -> None:
        """Let a file go that no row names; while something is being kept or copied, that is left to `sweep`."""
        for _attempt in range(10):
            with suppress(BlockingIOError), self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                if not is_named(sha256):
                    self.remove(sha256)
                return
            time.sleep(0.05)

    def is_empty(self) -> bool:
        """Whether nothing lies in the folder, whoever put it there."""
        found = (path for path in self.folder.rglob("*") if not path.is_dir())
        return all(path == self.folder / "lock" for path in found)

    def sweep(self, is_named: Callable[[str], bool], *, at: datetime) -> Swept:
        """Take away what is older than a day and named by no row; `is_named` is asked again for each file."""
        files = size = 0
        before = (at - ORPHANED_AFTER).timestamp()
        for path in self._everything():
            if path.stat().st_mtime >= before:
                continue
            with self._locked(fcntl.LOCK_EX):
                found = path.stat() if path.exists() else None
                whole = _SHA256.fullmatch(path.name) is not None
                if found is None or found.st_mtime >= before or (whole and is_named(path.name)):
                    continue
                path.unlink()
            files, size = files + 1, size + found.st_size
        return Swept(files, size)

    def path_of(self, sha256: str) -> Path:
        """Where a file lies, or would."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("no SHA-256")
        return self.folder / sha256[:2] / sha256

    def _everything(self) -> list[Path]:
        """Only what is kept here, or was about to be: a folder may hold what somebody else put there."""
        kept = (path for path in self.folder.glob("[0-9a-f][0-9a-f]/*") if _SHA256.fullmatch(path.name))
        return sorted((*kept, *self.folder.glob("incoming/*")))

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)


def _write(path: Path, content: bytes) -> None:
    """Write a new file and fsync it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())


def _sync_folder(folder: Path) -> None:
    """fsync a folder, so that its names last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

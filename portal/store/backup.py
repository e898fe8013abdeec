"""Backups: one folder with the database of one moment, every document it names, and a manifest to prove both by.

A backup is written under another name and renamed when it is whole. The database is copied first: a file is kept before
the row that names it, and none is swept meanwhile. How each engine is copied is `copies`'.
"""

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DatabaseError

from portal.store import audit
from portal.store.copies import (
    NAMES,
    CannotCopy,
    Moment,
    copy_in,
    copy_out,
    faults_of_dump,
    faults_of_sqlite,
    moment_of,
    opened_copy,
    refuse_unless_empty,
    sync,
)
from portal.store.files import Away, Damaged, Files, Folder
from portal.store.session import Database, Session

FORMAT = 1
MANIFEST, DOCUMENTS, LIST = "manifest.json", "documents", "documents.txt"
_SHA256 = re.compile("[0-9a-f]{64}")
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds, as written beside it."""

    format: int
    engine: str
    revision: str
    made_at: str
    events: int
    head: str
    """The hash of the last event: kept elsewhere too, it proves that nothing was cut off."""
    database_bytes: int
    database_sha256: str
    files: int
    file_bytes: int
    list_sha256: str
    """Of the list of the documents' SHA-256, one a line."""
    gone: tuple[str, ...] = ()
    """Documents whose file was gone or altered already when the backup was made."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What proving a backup found: sentences about what is wrong with it."""

    manifest: Manifest | None
    faults: tuple[str, ...]
    hashes: tuple[str, ...] = ()
    """The documents that lie in it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup among others, and when it was made."""

    folder: Path
    at: datetime


def kept(folder: Path) -> list[Kept]:
    """The backups that lie in a folder by their manifests, the newest first; none is proved."""
    found = [
        Kept(each, datetime.fromisoformat(manifest.made_at))
        for each in (folder.iterdir() if folder.is_dir() else ())
        if not each.name.startswith(".") and isinstance(manifest := _manifest(each), Manifest)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def newest(folder: Path) -> Kept | None:
    return next(iter(kept(folder)), None)


def make(
    database: Database, files: Files, folder: Path, *, at: datetime, like: Path | None = None
) -> Manifest:
    """Make a new folder that holds the whole portal; raises CannotCopy, and leaves nothing behind then.

    Documents that an earlier backup has, `like`, are hard links to it.
    """
    folder = folder.absolute()
    _refuse_existing(folder)
    arriving = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.arriving")
    try:
        arriving.mkdir(mode=0o700, parents=True)
        # What is swept is named by no row now, but may have been at the moment of the database's copy.
        with files.holding():
            moment = copy_out(database, arriving)
            manifest = _keep_documents(moment, files, arriving, like=like, engine=database.dialect, at=at)
        _write(arriving / MANIFEST, json.dumps(asdict(manifest), indent=2) + "\n")
        sync(arriving)
        _refuse_existing(folder)
        arriving.rename(folder)
        sync(folder.parent)
    except OSError as error:
        raise CannotCopy(f"the backup could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return manifest


def examine(folder: Path) -> Proof:
    """Prove a backup: that its database and documents are those of its manifest, and sound. Raises CannotCopy
    when PostgreSQL's programs are needed and not there.
    """
    manifest = _manifest(folder)
    if isinstance(manifest, str):
        return Proof(None, (manifest,))
    path = folder / NAMES[manifest.engine]
    if not path.is_file():
        return Proof(manifest, (f"{path.name} is missing.",))
    faults = []
    if (path.stat().st_size, _sha256(path)) != (manifest.database_bytes, manifest.database_sha256):
        faults.append(f"{path.name} is not the file that the manifest tells of.")
    listed, wrong = _listed(folder, manifest)
    faults += wrong
    if manifest.engine == "sqlite":
        faults += _faults_of_copy(path, manifest, sorted({*listed, *manifest.gone}))
    else:
        faults += faults_of_dump(path)
    faults += faults_of_documents(Folder(folder / DOCUMENTS), listed)
    return Proof(manifest, tuple(faults), listed)


def restore(database: Database, files: Files, folder: Path) -> Manifest:
    """Put a backup in the place of an empty database and an empty folder of documents, and prove what lies there.

    Raises CannotCopy, having changed nothing unless it says so.
    """
    proof = examine(folder)
    manifest = proof.manifest
    if manifest is None or proof.faults:
        raise CannotCopy("\n".join(("the backup is not whole, nothing was restored:", *proof.faults)))
    if manifest.engine != database.dialect:
        raise CannotCopy(f"the backup is of {manifest.engine}, and DATABASE_URL is of {database.dialect}.")
    refuse_unless_empty(database)
    if not files.is_empty():
        raise CannotCopy("where the documents go is not empty: nothing was changed.")
    kept = Folder(folder / DOCUMENTS)
    try:
        for sha256 in proof.hashes:
            files.take(sha256, kept)
        files.sync()
        copy_in(database, folder / NAMES[manifest.engine])
    except (CannotCopy, OSError) as error:
        with suppress(Away):
            for sha256 in proof.hashes:
                files.remove(sha256)
        said = str(error) if isinstance(error, CannotCopy) else f"it could not be written: {error.strerror}."
        raise CannotCopy(said) from error
    with database.reading() as session:
        faults = _faults_of_moment(session, manifest, sorted({*proof.hashes, *manifest.gone}))
    faults += faults_of_documents(files, proof.hashes)
    if faults:
        raise CannotCopy("\n".join(("what was restored is not what the backup holds:", *faults)))
    return manifest


def faults_of_documents(files: Files, hashes: Iterable[str]) -> list[str]:
    """A sentence for each document whose file is gone or altered."""
    faults = []
    for sha256 in hashes:
        try:
            files.get(sha256)
        except Away as error:
            faults.append(f"the document {sha256} cannot be proved: {error.strerror}.")
        except (Damaged, OSError):
            faults.append(f"the document {sha256} is gone or altered.")
    return faults


def _keep_documents(
    moment: Moment, files: Files, arriving: Path, *, like: Path | None, engine: str, at: datetime
) -> Manifest:
    kept, earlier = Folder(arriving / DOCUMENTS), None if like is None else Folder(like / DOCUMENTS)
    (arriving / DOCUMENTS).mkdir(mode=0o700)
    there, gone, size = [], [], 0
    for sha256 in moment.hashes:
        try:
            size += kept.take(sha256, files, like=earlier)
            there.append(sha256)
        except Damaged:
            gone.append(sha256)
    kept.sync()
    text = "".join(f"{sha256}\n" for sha256 in there)
    _write(arriving / LIST, text)
    path = arriving / NAMES[engine]
    sync(path)
    return Manifest(
        format=FORMAT,
        engine=engine,
        revision=moment.revision,
        made_at=at.isoformat(timespec="seconds"),
        events=moment.events,
        head=moment.head,
        database_bytes=path.stat().st_size,
        database_sha256=_sha256(path),
        files=len(there),
        file_bytes=size,
        list_sha256=hashlib.sha256(text.encode()).hexdigest(),
        gone=tuple(gone),
    )


def _manifest(folder: Path) -> Manifest | str:
    """The manifest, or why there is none."""
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        manifest = Manifest(**said | {"gone": tuple(said["gone"])})
    except FileNotFoundError:
        return f"{folder} has no manifest: it is no backup, or one that was broken off."
    except (OSError, ValueError, TypeError, KeyError):
        return "the manifest cannot be read."
    if manifest.format != FORMAT or manifest.engine not in NAMES:
        return "the manifest is of another edition of the portal."
    return manifest


def _listed(folder: Path, manifest: Manifest) -> tuple[tuple[str, ...], list[str]]:
    """The documents that the backup says it has, and what is wrong with the list."""
    try:
        content = (folder / LIST).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != manifest.list_sha256:
        return (), ["the list of documents is not the one that the manifest tells of."]
    hashes = tuple(content.decode("ascii", "replace").split())
    if not all(_SHA256.fullmatch(each) for each in hashes):
        return (), ["the list of documents cannot be read."]
    return hashes, []


def _faults_of_copy(path: Path, manifest: Manifest, named: list[str]) -> list[str]:
    try:
        with opened_copy(path) as copy, copy.reading() as session:
            return faults_of_sqlite(session) or _faults_of_moment(session, manifest, named)
    except (DatabaseError, CannotCopy, ValueError):
        return [f"{path.name} cannot be read as a database of the portal."]


def _faults_of_moment(session: Session, manifest: Manifest, named: list[str]) -> list[str]:
    """What a database does not hold as the manifest tells."""
    faults, moment = [], moment_of(session)
    found = audit.verify(session, (manifest.events, manifest.head))
    if not found.whole:
        faults.append(f"the log is broken at event {found.broken_at}.")
    elif (moment.events, moment.head) != (manifest.events, manifest.head):
        faults.append("the log does not end where the manifest says.")
    if moment.revision != manifest.revision:
        faults.append(f"the database is at {moment.revision}, and the manifest says {manifest.revision}.")
    if list(moment.hashes) != named:
        faults.append("the database names other documents than the backup holds.")
    return faults


def _refuse_existing(folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise CannotCopy(f"{folder} is there already: a backup never overwrites.")


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text, "utf-8")
    sync(path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

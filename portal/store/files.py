"""The bytes of documents, each under its SHA-256, in a folder outside what is served or in an object store (`objects`).

A file is whole and kept for certain before the row that names it is written, and goes after that row is gone: a crash
between the two can only leave a file that no row names, which `sweep` takes away a day later.
"""

import errno
import fcntl
import hashlib
import os
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from portal.settings import Places

ORPHANED_AFTER = timedelta(hours=24)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoom(Exception):
    """There is no room; nothing was kept, not even half of it."""


class Damaged(Exception):
    """A file that a row names is gone, or is no longer what it was."""


class Away(OSError):
    """The object store cannot be asked just now; what it says is for whoever operates the portal."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What sweeping took away."""

    files: int
    bytes: int


IsNamed = Callable[[str], bool]
"""Whether a row names these bytes; asked again for each file."""


class Files(ABC):
    """Where the bytes of documents are kept. Everything raises OSError, and Away among them."""

    @abstractmethod
    def keeping(self) -> AbstractContextManager[None]:
        """Around `put` and the row that names what was put: what was put is not taken away meanwhile."""

    @abstractmethod
    def holding(self) -> AbstractContextManager[None]:
        """Around a backup: nothing that a row has named since it began is taken away meanwhile."""

    @abstractmethod
    def put(self, content: bytes) -> str:
        """Keep bytes and give their SHA-256; keeping the same again changes nothing. Raises NoRoom."""

    @abstractmethod
    def get(self, sha256: str) -> bytes:
        """The bytes, proved to be those that were kept. Raises Damaged."""

    @abstractmethod
    def remove(self, sha256: str) -> None:
        """Let one file go, if it is there."""

    @abstractmethod
    def let_go(self, sha256: str, is_named: IsNamed, *, at: datetime) -> None:
        """Let a file go that no row names; while something may be about to name it, that is left to `sweep`."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing is kept there, whoever put it there."""

    @abstractmethod
    def sweep(self, is_named: IsNamed, *, at: datetime) -> Swept:
        """Take away what is older than a day and named by no row."""

    def take(self, sha256: str, source: "Files") -> int:
        """Keep a file of another place too, and give its bytes. Raises Damaged. It lasts once `sync` has run."""
        content = source.get(sha256)
        self.put(content)
        return len(content)

    def sync(self) -> None:  # noqa: B027 - what is put is kept for certain, unless a place says otherwise
        """Let what was taken last through a power cut."""


def files_of(places: Places) -> Files:
    """Where an installation keeps its documents."""
    if places.object_store is None:
        return Folder(places.uploads_dir)
    from portal.store.objects import bucket_of

    return bucket_of(places.object_store)


def checked(content: bytes, sha256: str) -> bytes:
    """The same bytes. Raises Damaged when they are others."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged(sha256)
    return content


def no_other_name(sha256: str) -> str:
    """The same; nothing but a hash becomes a path. Raises ValueError."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError("no SHA-256")
    return sha256


class Folder(Files):
    """A folder, on this machine or shared by several; made when the first file is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def keeping(self) -> Iterator[None]:
        with self._locked(fcntl.LOCK_SH):
            yield

    holding = keeping

    def put(self, content: bytes) -> str:
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
        try:
            content = self.path_of(sha256).read_bytes()
        except FileNotFoundError:
            raise Damaged(sha256) from None
        return checked(content, sha256)

    def take(self, sha256: str, source: Files, *, like: "Folder | None" = None) -> int:
        """A link where an earlier copy of it, `like`, is sound. Raises Damaged when it is sound in neither."""
        target = self.path_of(sha256)
        for folder in (self.folder, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if like is not None:
            with suppress(Damaged, OSError):  # a link cannot reach another disk
                size = len(like.get(sha256))
                target.hardlink_to(like.path_of(sha256))
                return size
        content = source.get(sha256)
        _write(target, content)
        return len(content)

    def sync(self) -> None:
        for folder in (*self.folder.glob("[0-9a-f][0-9a-f]"), self.folder):
            if folder.is_dir():
                _sync_folder(folder)

    def remove(self, sha256: str) -> None:
        self.path_of(sha256).unlink(missing_ok=True)

    def let_go(self, sha256: str, is_named: IsNamed, *, at: datetime) -> None:  # noqa: ARG002 - a lock says it here
        for _attempt in range(10):
            with suppress(BlockingIOError), self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                if not is_named(sha256):
                    self.remove(sha256)
                return
            time.sleep(0.05)

    def is_empty(self) -> bool:
        found = (path for path in self.folder.rglob("*") if not path.is_dir())
        return all(path == self.folder / "lock" for path in found)

    def sweep(self, is_named: IsNamed, *, at: datetime) -> Swept:
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
        return self.folder / no_other_name(sha256)[:2] / sha256

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

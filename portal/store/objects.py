"""Documents in an object store that speaks S3.

Each keeping of bytes is an object of its own, `PREFIX/ab/SHA-256/CHANCE`: whoever takes away deletes objects that it
has seen to be old, and never one that somebody has just put for a row that is not committed yet. So several machines
need no lock between them. While a backup is made its mark lies in `PREFIX/held/`, and nothing is taken away.
"""

import errno
import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from obstore.exceptions import BaseError
from obstore.store import S3Store

from portal.settings import ObjectStore
from portal.store.files import (
    ORPHANED_AFTER,
    Away,
    Damaged,
    Files,
    IsNamed,
    NoRoom,
    Swept,
    checked,
    no_other_name,
)

if TYPE_CHECKING:
    from obstore import ObjectMeta

_LONGEST_REQUEST = timedelta(minutes=5)
"""Longer than anything takes from putting an object to the row that names it."""
_OURS = re.compile(r"(?:[0-9a-f]{2}/([0-9a-f]{64})|held)/[0-9a-f]{32}")
_SAID = {
    "NoSuchBucket": "has no such bucket: make it, or look at DOCUMENTS and AWS_ENDPOINT_URL",
    "RequestTimeTooSkewed": "finds that this machine's clock is wrong: set it by NTP",
    "403": "does not let this portal in: look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and at what they may do",
    "401": "does not let this portal in: look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and at what they may do",
    "necessary privileges": "does not let this portal in: look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and at "
    "what they may do",
    "certificate": "shows a certificate that this machine does not trust: look at AWS_ENDPOINT_URL and SSL_CERT_FILE",
}
_NAMED = ("endpoint", "region", "access_key_id", "secret_access_key")
_FULL = ("507 Insufficient Storage", "QuotaExceeded", "StorageFull")


@cache
def bucket_of(told: ObjectStore) -> "Bucket":
    """One for each process, which keeps its connections."""
    return Bucket(told)


class Bucket(Files):
    """A bucket, or what begins with a prefix in it; nobody waits longer than a few seconds for it."""

    def __init__(self, told: ObjectStore) -> None:
        self._name = told.url
        # Bulk deletes are not known to every store.
        config: Any = {
            "disable_bulk_delete": True,
            **{name: value for name in _NAMED if (value := getattr(told, name))},
        }
        self._store = S3Store(
            told.bucket,
            prefix=told.prefix or None,
            config=config,
            client_options={
                "allow_http": told.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=2),
                "timeout": timedelta(seconds=8),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=3)},
        )

    def keeping(self) -> nullcontext[None]:
        return nullcontext()

    @contextmanager
    def holding(self) -> Iterator[None]:
        mark = f"held/{secrets.token_hex(16)}"
        with self._asking():
            self._store.put(mark, b"")
        try:
            yield
        finally:
            with suppress(Away):  # swept tomorrow then
                self._delete(mark)

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        with self._asking():
            self._store.put(f"{_folder(sha256)}{secrets.token_hex(16)}", content, use_multipart=False)
        return sha256

    def get(self, sha256: str) -> bytes:
        for found in self._list(_folder(sha256)):
            with suppress(Damaged, FileNotFoundError), self._asking():
                return checked(bytes(self._store.get(found["path"]).bytes()), sha256)
        raise Damaged(sha256)

    def remove(self, sha256: str) -> None:
        self._delete(*(found["path"] for found in self._list(_folder(sha256))))

    def let_go(self, sha256: str, is_named: IsNamed, *, at: datetime) -> None:
        # In this order: what is put or held afterwards is not among what was found.
        found = [
            each for each in self._list(_folder(sha256)) if at - each["last_modified"] > _LONGEST_REQUEST
        ]
        if found and not self._is_held(at) and not is_named(sha256):
            self._delete(*(each["path"] for each in found))

    def is_empty(self) -> bool:
        return next(self._list(), None) is None

    def sweep(self, is_named: IsNamed, *, at: datetime) -> Swept:
        files = size = 0
        for found in list(self._list()):  # what is deleted would disturb a list that is still being read
            ours = _OURS.fullmatch(found["path"])
            if ours is None or at - found["last_modified"] <= ORPHANED_AFTER:
                continue
            if ours[1] and (self._is_held(at) or is_named(ours[1])):
                continue
            self._delete(found["path"])
            files, size = files + 1, size + found["size"]
        return Swept(files, size)

    def try_out(self) -> None:
        """Write, read and delete. Raises Away, which says what is wrong, and NoRoom."""
        mark = f"held/{secrets.token_hex(16)}"
        with self._asking():
            self._store.put(mark, b"")
            self._store.get(mark).bytes()
        self._delete(mark)

    def _is_held(self, at: datetime) -> bool:
        return any(at - each["last_modified"] <= ORPHANED_AFTER for each in self._list("held/"))

    def _list(self, folder: str | None = None) -> "Iterator[ObjectMeta]":
        with self._asking():
            for some in self._store.list(folder):
                yield from some

    def _delete(self, *paths: str) -> None:
        with self._asking():
            if paths:
                self._store.delete(paths)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            said = str(error)
            if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in said:
                raise
            if any(sign in said for sign in _FULL):
                raise NoRoom from error
            first = said.partition("\n")[0][:200]
            why = next((text for sign, text in _SAID.items() if sign in said), f"does not answer: {first}")
            raise Away(errno.EHOSTUNREACH, f"the object store {self._name} {why}") from error


def _folder(sha256: str) -> str:
    return f"{no_other_name(sha256)[:2]}/{sha256}/"

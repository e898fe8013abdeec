"""Passwords of local accounts: how they are kept (Argon2id) and compared; what is good enough is the domain's.

The same work is done for a login that does not exist, so that the time of the answer tells nothing.
"""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

from portal.domain.alphabet import composed
from portal.domain.passwords import LONGEST

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's floor for Argon2id: 19 MiB, two passes, one lane."""


def hash_password(password: str) -> str:
    """What is kept of a password; every character counts, however its keyboard composed it."""
    return _hasher.hash(composed(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether it is the password that was kept; takes as long when none was."""
    if len(password) > LONGEST:
        password = ""
    try:
        _hasher.verify(kept or _nobodys(), composed(password))
    except Argon2Error:
        return False
    return kept is not None


def better_kept(password: str, kept: str) -> str | None:
    """The hash to keep of a password that has just been right, when the one that is kept is of another strength."""
    return hash_password(password) if _hasher.check_needs_rehash(kept) else None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")

"""Passwords of local accounts: what is good enough, and how they are kept (Argon2id) and compared.

The same work is done for a login that does not exist, so that the time of the answer tells nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

from portal.domain.refusal import N_, Refusal

SHORTEST = 15
LONGEST = 200
_COMMON = (
    "password",
    "passord",
    "lösenord",
    "losenord",
    "12345",
    "qwerty",
    "abcdef",
    "sommar",
    "vinter",
    "welcome",
)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's floor for Argon2id: 19 MiB, two passes, one lane."""


def check_password(password: str, *, about: Iterable[str]) -> Refusal | None:
    """None when the password is good enough: long, varied, and not made of what is known of the person."""
    if len(password) < SHORTEST:
        return Refusal(
            "password.short",
            N_(
                "The password needs at least %(least)s characters. Several words in a row are easy to remember."
            ),
            {"least": SHORTEST},
        )
    if len(password) > LONGEST:
        return Refusal(
            "password.long", N_("The password may have at most %(most)s characters."), {"most": LONGEST}
        )
    plain = password.casefold()
    known_words = (word for text in about for word in re.split(r"[\s@._-]+", text.casefold()))
    for known in (*_COMMON, *known_words):
        if len(known) > 2:
            plain = plain.replace(known, "")
    if len(plain) < SHORTEST // 2 or len(set(plain)) < 5:
        return Refusal(
            "password.common",
            N_("The password is too easy to guess. Choose several words that have nothing to do with you."),
        )
    return None


def hash_password(password: str) -> str:
    """What is kept of a password; every character counts, however its keyboard composed it."""
    return _hasher.hash(_same(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether it is the password that was kept; takes as long when none was."""
    if len(password) > LONGEST:
        password = ""
    try:
        _hasher.verify(kept or _nobodys(), _same(password))
    except Argon2Error:
        return False
    return kept is not None


def _same(password: str) -> str:
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")

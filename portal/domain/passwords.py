"""What a password of a local account has to be; keeping and comparing passwords is the actions'."""

import re
from collections.abc import Iterable

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

"""What administrators change of how somebody signs in: one-time codes, and how long a change holds signatures back.

No administrator acts as somebody else. A code goes to its owner alone; an address that an administrator changed gets
no code, and whoever was given a new way to sign in signs nothing, until a day has passed in which all concerned were
told, or another administrator has confirmed the change.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.refusal import N_, Refusal

CODE, ADDRESS, ROLE, SEAT = "code", "address", "role", "seat"
KINDS = (CODE, ADDRESS, ROLE, SEAT)
"""A way to sign in was given; the e-mail address changed; a role given; a seat given by who gave the way to sign in."""

VALID = timedelta(hours=1)
"""How long a code can be used."""
HOLD = timedelta(hours=24)
"""How long a change holds back that nobody confirms."""

REMEMBERED = timedelta(days=30)
"""How long it matters who let an administrator in, or gave a seat."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = str.maketrans("OIL", "011")
_GROUPS = 5


def code_of(key: str, seed: str) -> str:
    """The code that belongs to a seed: 125 bits that only who knows the key can tell, in letters people can read."""
    made = hmac.new(key.encode(), b"a code to sign in with " + seed.encode(), hashlib.sha256).digest()
    number = int.from_bytes(made)
    letters = "".join(_LETTERS[number >> 5 * place & 31] for place in range(_GROUPS * 5))
    return "-".join(letters[start : start + 5] for start in range(0, len(letters), 5))


def digest_of(code: str) -> str:
    """What is kept of a code; capitals, dashes and spaces do not matter, nor O for 0 or I and L for 1."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper().translate(_READ))
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SignInChange:
    """One change that an administrator (None: the command line) made of somebody's way to sign in, role or seat."""

    id: int
    person_id: int
    kind: str
    changed_by: int | None
    changed_at: datetime
    valid_until: datetime | None = None
    used_at: datetime | None = None
    confirmed_by: int | None = None
    confirmed_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether nobody has confirmed it and its day has not passed."""
        return self.confirmed_by is None and at < self.changed_at + HOLD


@dataclass(frozen=True, slots=True)
class Shown:
    """How whoever holds a session has shown who they are."""

    shown_at: datetime | None = None
    """When they last did; None where nobody says."""
    acr: str = ""
    """How, in the provider's words; empty for a password."""
    by_provider: bool = False


def held_until(
    changes: Iterable[SignInChange], person_id: int, at: datetime, *, kinds: Sequence[str] = KINDS
) -> datetime | None:
    """Until when changes of a person hold them back, or None."""
    mine = (each for each in changes if each.person_id == person_id and each.kind in kinds and each.holds(at))
    return max((each.changed_at + HOLD for each in mine), default=None)


def may_change(own: Iterable[SignInChange], by: int, at: datetime) -> Refusal | None:
    """None when an administrator may change anything about people; `own` are the changes of that administrator.

    Whom another administrator has let in a moment ago is not yet another person. The command line begins with somebody.
    """
    until = held_until((each for each in own if each.changed_by is not None), by, at)
    if until is None:
        return None
    return Refusal(
        "sign-in.change-held",
        N_(
            "Your own role or way to sign in has just been changed, so you can change nothing here before %(at)s. "
            "Another administrator can confirm it sooner."
        ),
        {"at": until},
    )


def may_confirm(
    change: SignInChange,
    by: int,
    own: Iterable[SignInChange],
    at: datetime,
    *,
    of_maker: Iterable[SignInChange] = (),
) -> Refusal | None:
    """None when an administrator may confirm a change that holds.

    `own` are the changes of that administrator, `of_maker` those of who made the change. Somebody who was made an
    administrator a moment ago, or whose sign-in was changed, is not yet another person, nor is who let the maker in.
    """
    if by == change.person_id:
        return Refusal("sign-in.own", N_("What concerns yourself is confirmed by another administrator."))
    let_in = any(
        each.changed_by == by and each.confirmed_by is None and each.changed_at > at - REMEMBERED
        for each in of_maker
    )
    if by == change.changed_by or let_in:
        return Refusal(
            "sign-in.mine",
            N_("You made the change yourself, or let in who made it. Another administrator can confirm it."),
        )
    if (until := held_until(own, by, at)) is not None:
        return Refusal(
            "sign-in.confirm-held",
            N_(
                "Your own role or way to sign in has just been changed, so you can confirm nothing before %(at)s."
            ),
            {"at": until},
        )
    return None

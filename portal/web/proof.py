"""Proving who one is: how tries are counted, and the password again before an act that decides.

Tries are counted before they are judged; the database holds keyed hashes, never a login or an address. The password is
asked for again when it was last shown in this session a while ago; an organisation's own sign-in would ask its
provider.
"""

import hmac
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from flask import Response, request

from portal.actions.sign_in import is_password, prove
from portal.domain.passwords import LONGEST
from portal.domain.person import Person
from portal.domain.tries import ACCOUNT, ADDRESS, ONE, Allowance, TooSoon
from portal.store import people, sign_in
from portal.store.people import Login
from portal.web import current, language, sessions
from portal.web.language import _

_LASTS = timedelta(minutes=15)
Counted = Mapping[str, Allowance]

_SAID_IN_SECONDS = 90
_MANY = {10, 100, 1000}


def keyed(*parts: object) -> str:
    """An HMAC, to tell things apart without naming them."""
    said = "\0".join(("tries", *map(str, parts)))
    return hmac.new(current.settings().secret_key.encode(), said.encode(), "sha256").hexdigest()


def of_sign_in(login: str, account: Login | None) -> Counted:
    """By account in a browser it is known in, which nobody else can use up; else by account, by address and by both."""
    browser = sessions.known_browser()
    if (
        account is not None
        and browser
        and sign_in.is_known_browser(current.reading(), browser, account.person.id)
    ):
        return {keyed("account", login, "browser", browser): ONE}
    address = _address()
    return {
        keyed("account", login, "address", address): ONE,
        keyed("account", login): ACCOUNT,
        **of_address(),
    }


def of_address() -> Counted:
    """By address alone, where nobody is named."""
    return {keyed("address", _address()): ADDRESS}


def count_try(counted: Counted) -> Mapping[str, int]:
    """Count a try before it is judged; how many have failed with it, by what it is counted by. Raises TooSoon."""
    sign_in.check_tries(current.reading(), counted=counted, at=current.now())
    return current.write(sign_in.reserve_try, counted=counted, at=current.now())


def proves(typed: str, kept: str | None, person: Person) -> bool:
    """Whether somebody signed in knows their password, counted by person. Raises TooSoon."""
    counted = {keyed("person", person.id): ONE}
    count_try(counted)
    if not is_password(typed, kept):
        return False
    current.write(sign_in.give_back_try, counted=counted, at=current.now())
    return True


def too_soon(early: TooSoon) -> str:
    """What is said of a try that has to wait."""
    seconds = math.ceil(early.wait.total_seconds())
    if seconds <= _SAID_IN_SECONDS:
        wait = language.count("%(num)s second", "%(num)s seconds", seconds)
    else:
        wait = language.count("%(num)s minute", "%(num)s minutes", math.ceil(seconds / 60))
    return _(
        "There have been too many wrong tries, so the next one has to wait %(wait)s. "
        "Until then the right password is not tried either.",
        wait=wait,
    )


def wait_longer(early: TooSoon, response: Response) -> Response:
    """The answer to a try that was made too early."""
    response.status_code = 429
    response.headers["Retry-After"] = str(math.ceil(early.wait.total_seconds()))
    return response


def many(failures: Mapping[str, int], counted: Counted) -> int:
    """How many failed in a row for one account, when it has just become so many that the audit log tells it; else 0."""
    of_account = {failures[subject] for subject, allowance in counted.items() if allowance != ADDRESS}
    return max(of_account & _MANY, default=0)


def _address() -> str:
    """The IP address of the request; of IPv6 its /64, for one machine has as many addresses as it likes."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, IPv4Address) or address.ipv4_mapped:
        return str(address)
    return str(ip_network((address, 64), strict=False))


def _is_needed(session: sessions.SignedIn, at: datetime) -> bool:
    """Whether the password is to be shown again; in a demo, where people sign in with one click, there may be none."""
    if current.settings().demo and _kept(session) is None:
        return False
    proved_at = sign_in.proved_at(current.reading(), session.digest)
    return proved_at is None or at >= proved_at + _LASTS


def asked() -> bool:
    """Whether a form that decides asks the reader for the password."""
    me = sessions.signed_in()
    return me is not None and _is_needed(me, current.now())


def missing(field: str) -> str:
    """What is wrong with the password sent in a field, in words; nothing when it is right or not needed."""
    me, at = sessions.signed_in(), current.now()
    if me is None or not _is_needed(me, at):
        return ""
    typed = request.form.get(field, "")[: LONGEST + 1]
    if not typed:
        return _("It is a while since you signed in. Give your password to sign.")
    try:
        if not proves(typed, _kept(me), me.person):
            return _("That is not the password you have.")
    except TooSoon as early:
        return too_soon(early)
    current.write(prove, digest=me.digest, at=at)
    return ""


def _kept(session: sessions.SignedIn) -> str | None:
    account = people.find_login_of(current.reading(), session.person.id, day=current.today())
    return account.password_hash if account else None

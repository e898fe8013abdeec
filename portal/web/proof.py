"""Proving who one is: how tries are counted, and showing it once more before an act that decides.

Tries are counted before they are judged; the database holds keyed hashes, never a login or an address. Whoever signed
in by a password gives it again; whoever came from the organisation's provider goes there again.
"""

import hmac
import math
from collections.abc import Mapping
from datetime import datetime

from flask import Response, request

from portal.actions.identities import is_break_glass
from portal.actions.sign_in import is_password, prove
from portal.domain.passwords import LONGEST
from portal.domain.person import ADMINISTRATOR, Person
from portal.domain.sign_in import Shown
from portal.domain.tries import ACCOUNT, ADDRESS, ONE, Allowance, TooSoon
from portal.store import people, sign_in
from portal.store.people import Login
from portal.web import current, language, limits, render, sessions
from portal.web.language import _
from portal.web.security import local_path

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
    address = limits.address()
    return {
        keyed("account", login, "address", address): ONE,
        keyed("account", login): ACCOUNT,
        **of_address(),
    }


def of_address() -> Counted:
    """By address alone, where nobody is named."""
    return {keyed("address", limits.address()): ADDRESS}


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


def may_use_password(person: Person) -> bool:
    """Whether somebody can sign in by a local account: anybody, or the break-glass administrator alone."""
    ways = current.ways()
    return ways.local or (ADMINISTRATOR in person.roles and is_break_glass(person, ways))


def shown() -> Shown:
    """How the reader has shown who they are in this session."""
    me = sessions.signed_in()
    return Shown() if me is None else sign_in.proof_of(current.reading(), me.digest)


def _is_needed(session: sessions.SignedIn, at: datetime) -> bool:
    """Whether it is to be shown again; in a demo, where people sign in with one click, there may be no password."""
    known = shown()
    if not known.by_provider and current.settings().demo and _kept(session) is None:
        return False
    provider = current.ways().provider
    strong = provider.signing_acr if known.by_provider and provider is not None else ()
    if strong and known.acr not in strong:
        return True
    return known.shown_at is None or at >= known.shown_at + current.ways().fresh


def _by_password(session: sessions.SignedIn) -> bool:
    return not shown().by_provider and _kept(session) is not None


def asked() -> bool:
    """Whether a form that decides asks the reader for the password."""
    me = sessions.signed_in()
    return me is not None and _by_password(me) and _is_needed(me, current.now())


def first(errors: tuple[str, ...] = ()) -> Response | None:
    """The page on which the reader shows who they are before what they sent is done; None where they just have.

    What they sent goes along, sealed, and comes back for them to look through and send.
    """
    me = sessions.signed_in()
    if me is None or not _is_needed(me, current.now()):
        return None
    by_password = _by_password(me)
    way = "header" if current.portal().client is None else "provider"
    return render.page(
        "account/prove.html",
        action="/account/prove" if by_password else f"/sign-in/{way}",
        by_password=by_password,
        next=local_path(request.form.get("next"), render.asked_page()),
        kept=request.form.get("kept") or sessions.seal(),
        errors=errors,
        status=render.REFUSED if errors else 401,
    )


def first_by_provider() -> Response | None:
    """The same where no password can be given on the page itself."""
    me = sessions.signed_in()
    return None if me is None or _by_password(me) else first()


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

"""The password again before an act that decides, when it was last shown in this session a while ago.

`needs_proof` is the one place that knows; an organisation's own sign-in would ask its provider here instead.
"""

from datetime import datetime, timedelta

from flask import request

from portal.actions.sign_in import prove
from portal.domain.passwords import LONGEST
from portal.domain.tries import TooSoon
from portal.store import people, sign_in
from portal.web import current, sessions, tries
from portal.web.language import _

_LASTS = timedelta(minutes=15)


def needs_proof(session: sessions.SignedIn, at: datetime) -> bool:
    """Whether the password is to be shown again; in a demo, where people sign in with one click, there may be none."""
    if current.settings().demo and _kept(session) is None:
        return False
    proved_at = sign_in.proved_at(current.reading(), session.digest)
    return proved_at is None or at >= proved_at + _LASTS


def asked() -> bool:
    """Whether a form that decides asks the reader for the password."""
    me = sessions.signed_in()
    return me is not None and needs_proof(me, current.now())


def missing(field: str) -> str:
    """What is wrong with the password sent in a field, in words; nothing when it is right or not needed."""
    me, at = sessions.signed_in(), current.now()
    if me is None or not needs_proof(me, at):
        return ""
    typed = request.form.get(field, "")[: LONGEST + 1]
    if not typed:
        return _("It is a while since you signed in. Give your password to sign.")
    try:
        if not tries.proves(typed, _kept(me), me.person):
            return _("That is not the password you have.")
    except TooSoon as early:
        return tries.in_words(early)
    current.write(prove, digest=me.digest, at=at)
    return ""


def _kept(session: sessions.SignedIn) -> str | None:
    account = people.find_login_of(current.reading(), session.person.id, day=current.today())
    return account.password_hash if account else None

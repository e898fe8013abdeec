"""What belongs to the request being answered: the instant, the person, the store, the schemes.

No clock is called elsewhere in web. The read transaction of a request is given back before a write begins, so that a
page never holds a lock against itself; what was read before is values, not rows, and a fresh `reading()` after it sees
what was written.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from flask import abort, current_app, g, request
from itsdangerous import BadData, URLSafeSerializer

from portal.domain.access import may_read
from portal.domain.application import Application
from portal.domain.person import Person
from portal.domain.scheme import Scheme
from portal.forms.typed import whole
from portal.openid.ways import Ways
from portal.schemes.loader import Schemes
from portal.settings import Settings
from portal.store import documents
from portal.store.files import Files, files_of
from portal.store.session import Database, Session, is_away

if TYPE_CHECKING:
    from portal.openid.client import RelyingParty

P = ParamSpec("P")
T = TypeVar("T")


def utc_now() -> datetime:
    """The clock of the portal; tests give `create_app` another."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Portal:
    """What one running portal consists of; kept on the Flask app."""

    settings: Settings
    database: Database
    schemes: Schemes
    clock: Callable[[], datetime]
    ways: Ways = field(default_factory=Ways)
    client: "RelyingParty | None" = None
    """The talk with the organisation's provider, where there is one."""


def portal() -> Portal:
    """The portal answering this request."""
    return cast(Portal, current_app.extensions["portal"])


def client_of(ways: Ways) -> "RelyingParty | None":
    """What talks with the provider; its libraries take a while to load, and most portals need none of them."""
    if ways.provider is None:
        return None
    from portal.openid.client import RelyingParty

    return RelyingParty(ways.provider)


def settings() -> Settings:
    return portal().settings


def database() -> Database:
    return portal().database


def ways() -> Ways:
    """How people sign in."""
    return portal().ways


def schemes() -> Schemes:
    return portal().schemes


def scheme(key: str) -> Scheme:
    """The edition with that key, or a 404 page."""
    found = schemes().get(key)
    if found is None:
        abort(404)
    return found


def now() -> datetime:
    """The instant this request came in; the same for everything the request does."""
    if "now" not in g:
        g.now = portal().clock()
    return cast(datetime, g.now)


def today() -> date:
    """The day it is where the portal is; a fund's own day is `periods.local_day(now(), scheme)`."""
    return now().astimezone(settings().zone).date()


def person() -> Person:
    """The person signed in; 401 for nobody, which a guard answers before any view runs."""
    found = person_or_none()
    if found is None:
        abort(401)
    return found


def person_or_none() -> Person | None:
    """The person signed in, or None on the pages that anybody may see."""
    known = g.get("_login_user")  # where Flask-Login keeps whom it has loaded; asked a dozen times a page
    if known is not None:
        return getattr(known, "person", None)
    from portal.web import sessions

    signed_in = sessions.signed_in()
    return None if signed_in is None else signed_in.person


def reads(application: Application, part: str = "case") -> bool:
    """Whether the person signed in may read that part of a case; its conflicts of interest are read once a request."""
    from portal.store import signing

    known = g.setdefault("aside", {})
    if application.id not in known:
        known[application.id] = {each.person_id for each in signing.conflicts_in(reading(), application.id)}
    return may_read(person(), application, part, aside=known[application.id])


def choice_of(person_id: int) -> str:
    """What a button posts to choose somebody who was found: of use to nobody who does not hold the secret key."""
    return _choices().dumps(person_id)


def chosen(posted: str) -> int | None:
    """Whom such a button chose; None for anything that was typed."""
    try:
        return int(_choices().loads(posted))
    except (BadData, TypeError, ValueError):
        return None


def _choices() -> URLSafeSerializer:
    from portal.web.sessions import keys

    return URLSafeSerializer(keys(), salt="a person who was found")


def sent_revision() -> int:
    """The revision that the form was filled from; 400 where it sends none."""
    found = whole(request.form.get("revision", ""))
    return abort(400) if found is None else found


def reading() -> Session:
    """The request's read transaction, opened when first asked for and closed with the request."""
    if "reading" not in g:
        g.reading_context = database().reading()
        g.reading = g.reading_context.__enter__()
    return cast(Session, g.reading)


def release() -> None:
    """Give the read transaction back, if one is open; one that is broken is gone already."""
    g.pop("reading", None)
    context = g.pop("reading_context", None)
    if context is not None:
        try:
            context.__exit__(None, None, None)
        except Exception as error:
            if not is_away(error):
                raise


_TURN = threading.Lock()


def taking_turns() -> AbstractContextManager[object]:
    """One at a time in a process, for short work that many ask for at once, such as what is said while they type.

    Threads that compute together only interrupt each other. With a database server nobody takes turns: they would wait
    for it one after the other.
    """
    return _TURN if database().dialect == "sqlite" else nullcontext()


def write(action: Callable[..., T], **values: Any) -> T:
    """Run an action in a transaction of its own, retried as a whole when the store is busy; Refused passes through.

    It may be somebody else's action, or nobody's; `act` is for the person signed in. Bytes of documents that went with
    it leave the disk once it is committed.
    """

    def acted(session: Session) -> tuple[T, list[str]]:
        return action(session, **values), documents.gone(session)

    release()
    done, gone = database().write(acted)
    for sha256 in gone:
        let_go(sha256)
    return done


def act(action: Callable[..., T], **values: Any) -> T:
    """Let the person signed in do something, now: act(submit, token=token, ...)."""
    done = write(action, by=person(), at=now(), **values)
    g.acted = True  # so that no fault after it says that nothing was saved
    return done


def files() -> Files:
    """Where the bytes of documents are."""
    return files_of(settings())


def let_go(sha256: str) -> None:
    """Take bytes away that no document has; what fails is swept later."""

    def is_named(sha256: str) -> bool:
        with database().reading() as session:
            return documents.is_named(session, sha256)

    with suppress(OSError):
        files().let_go(sha256, is_named, at=now())

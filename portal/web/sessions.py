"""Who is signed in, from which browser, and what was sent when that had run out.

Flask-Login over the portal's own table of sessions.

The cookie holds a random token, the CSRF secret and when the browser was last seen, signed; the table holds the token's
SHA-256, so that reading the table opens no session, and a session can be ended from elsewhere. A session ends after
idle minutes (by the signed last-seen mark: a GET writes nothing), after absolute minutes, and when it is revoked. No
remember cookie. A browser is known by another random token that it keeps. A form that was sent too late is carried by
the sign-in page and offered again to the same person.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import itsdangerous
from flask import Flask, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response as Answer

from portal.domain.person import Person
from portal.settings import Settings
from portal.store import sign_in as store
from portal.store.sign_in import Client
from portal.web import current
from portal.web.security import is_local_path

_SEEN = "seen"
LANGUAGE = "language"
_SEEN_EVERY_SECONDS = 60
_YEAR = 365 * 24 * 3600
_TOKEN_LETTERS = 43
_LONGEST_HEADER = 400
# The first that stands in the header: every browser also names those it wants to be taken for.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_UNTYPED = re.compile(
    r"(^|:)(action|revision|saved_at|version|window|turn|shown|saw|tab|act|row|seen|next|lang|kept|documents|holding|invoice"
    r"|left|again)$"
)
"""Fields that pages fill in by themselves."""
_SECRET = re.compile(r"(password|code)$")
MOST_FIELDS = 500
_MOST_LETTERS = 300_000
_LONGEST = timedelta(hours=12)
"""How long after it was sent a form is still offered: a working day."""


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """The person of this request and the session they came with."""

    person: Person
    token: str

    @property
    def digest(self) -> str:
        """The key of the session in the table."""
        return digest_of(self.token)

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.token


class _Cookies(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha256)


def keys() -> list[str]:
    """The signing keys, as itsdangerous wants them: the last one signs, those before it only verify."""
    return [*(current_app.config["SECRET_KEY_FALLBACKS"] or ()), str(current_app.secret_key or "")]


def digest_of(token: str) -> str:
    """What the table knows a token by."""
    return hashlib.sha256(token.encode()).hexdigest()


def marker_of(person: Person) -> str:
    """What a browser's tab knows a person by, to tell whose text waits in it; it gives nothing away."""
    return _marked(person, "tab")[:32]


def _marked(person: Person, what: str) -> str:
    return hmac.new(keys()[-1].encode(), f"{what} of {person.id}".encode(), hashlib.sha256).hexdigest()


def is_of_somebody_else(token: str) -> bool:
    """Whether a form's token was given to another than who is signed in now, or before anybody was."""
    try:
        given: object = URLSafeTimedSerializer(keys(), salt="wtf-csrf-token").loads(token)
    except itsdangerous.BadData:
        return False
    return given != session.get("csrf_token")


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def signed_in() -> SignedIn | None:
    """Who sent this request, loaded once, by one statement."""
    user: Any = g.get("_login_user")  # asked a dozen times a page, and loaded by the first
    if user is None:
        user = current_user._get_current_object()  # noqa: SLF001 - the proxy has no other way to what it stands for
    return user if isinstance(user, SignedIn) else None


def whose_has_ended() -> Person | None:
    """Whose session it was that this browser still holds though it has run out; nobody's once it was signed out."""
    token = session.get("_user_id")
    if not isinstance(token, str):
        return None
    long_ago = datetime.fromtimestamp(0, UTC)
    return store.find_person(
        current.reading(),
        digest=digest_of(token),
        created_after=long_ago,
        day=current.today(),
        at=current.now(),
    )


def begin(person: Person, token: str) -> None:
    """Let the browser hold a new session, whatever it held before; its row is the sign-in action's."""
    session.clear()
    session[_SEEN] = int(current.now().timestamp())
    # The tokens of forms stand for the person: a form that is open while its owner signs in anew is theirs
    # still, and nobody else's.
    session["csrf_token"] = _marked(person, "forms")
    login_user(SignedIn(person, token))
    g.pop("language", None)


def end() -> None:
    """Let the browser forget its session; revoking its row is the action's."""
    session.clear()
    g._login_user = None  # noqa: SLF001 - where Flask-Login keeps it
    g.pop("language", None)


def trust_nothing_more() -> None:
    """Load nobody from now on: used when a fault may lie in loading them."""
    if "_login_user" not in g:
        g._login_user = None  # noqa: SLF001 - where Flask-Login keeps it


def _load(token: str) -> SignedIn | None:
    now = current.now()
    settings = current.settings()
    seen = session.get(_SEEN)
    if not isinstance(seen, int) or now - datetime.fromtimestamp(seen, UTC) > settings.session_idle:
        return None
    day = now.astimezone(settings.zone).date()
    person = store.find_person(
        current.reading(),
        digest=digest_of(token),
        created_after=now - settings.session_absolute,
        day=day,
        at=now,
    )
    return None if person is None else SignedIn(person, token)


def _remember_last_seen(response: Response) -> Response:
    user = g.get("_login_user")
    if isinstance(user, SignedIn):
        if session.get(LANGUAGE) != user.person.language:
            session[LANGUAGE] = user.person.language  # for the page that says the database is away
        now = int(current.now().timestamp())
        if now - session.get(_SEEN, 0) >= _SEEN_EVERY_SECONDS:
            session[_SEEN] = now
    return response


def install(app: Flask, settings: Settings) -> None:
    """Set the cookie's rules and load whoever is signed in when first asked for."""
    # Flask-WTF leaves how its tokens are signed to itsdangerous, which would take SHA-1.
    itsdangerous.Signer.default_digest_method = staticmethod(hashlib.sha256)
    app.session_interface = _Cookies()
    with app.app_context():
        app.config["WTF_CSRF_SECRET_KEY"] = keys()
        app.config["WTF_CSRF_TIME_LIMIT"] = int(_LONGEST.total_seconds())
    app.config.update(
        SESSION_COOKIE_NAME="__Host-portal" if settings.secure else "portal",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)
    app.after_request(_remember_last_seen)


def _browser_cookie() -> str:
    return "__Host-portal-browser" if current.settings().secure else "portal-browser"


def known_browser() -> str:
    """What the table knows this browser by; empty when it holds no token."""
    token = request.cookies.get(_browser_cookie(), "")
    return digest_of(token) if len(token) == _TOKEN_LETTERS else ""


def browser_token() -> str:
    """The token this browser holds, or a new one."""
    return request.cookies[_browser_cookie()] if known_browser() else secrets.token_urlsafe(32)


def keep_browser(response: Answer, token: str) -> None:
    """Let the browser hold the token for a year from now on."""
    secure = current.settings().secure
    response.set_cookie(
        _browser_cookie(), token, max_age=_YEAR, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def client(token: str = "") -> Client:
    """Where this request comes from; with the token the browser is to be known by."""
    return Client(
        browser=digest_of(token) if token else "",
        agent=agent(request.user_agent.string),
        address=request.remote_addr or "",
    )


def agent(header: str) -> str:
    """Browser and system of a User-Agent, such as "Firefox, Windows"; empty for one that names neither."""
    start = header[:_LONGEST_HEADER]
    found = (next((word for sign, word in signs if sign in start), "") for signs in (_BROWSERS, _SYSTEMS))
    return ", ".join(word for word in found if word)


def seal() -> str:
    """The form that was just sent, for the sign-in page to carry; empty without anything or anybody to offer it to."""
    whose = whose_has_ended()
    fields = carried()
    if whose is None or not fields or len(fields) > MOST_FIELDS:
        return ""
    if sum(len(value) for _name, value in fields) > _MOST_LETTERS or any(
        is_secret(name) for name, _ in fields
    ):
        return ""
    said = {
        "by": whose.id,
        "at": current.now().isoformat(),
        "to": request.full_path.rstrip("?"),
        "fields": fields,
    }
    return str(_serializer().dumps(said))


def carried() -> list[tuple[str, str]]:
    """The fields that may be sent once more: not the password that was given to sign with."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and not name.endswith("-password")
    ]


def is_secret(name: str) -> bool:
    """Whether what a field of that name holds is shown to nobody again: a password, a one-time code."""
    return _SECRET.search(name) is not None


def texts_of(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a person wrote among the fields of a form, by their names; no password and no code is given back."""
    return [
        (name, value)
        for name, value in fields
        if value.strip() and not _UNTYPED.search(name) and not is_secret(name)
    ]


def sealed(kept: str) -> str:
    """What is said to be a sealed form, if the portal has sealed it: nobody has others' bytes kept."""
    try:
        _serializer().loads(kept)
    except itsdangerous.BadData:
        return ""
    return kept


def offered_to(person: Person, sealed: str | None) -> tuple[str, list[tuple[str, str]]] | None:
    """Where the form of this person goes, and its fields; None for others, too late, or when it was touched."""
    if not sealed:
        return None
    try:
        said: dict[str, Any] = _serializer().loads(sealed)
    except itsdangerous.BadData:
        return None
    if said["by"] != person.id or current.now() - datetime.fromisoformat(said["at"]) > _LONGEST:
        return None
    if not is_local_path(said["to"]):
        return None
    return said["to"], [(name, value) for name, value in said["fields"]]


def _serializer() -> itsdangerous.URLSafeSerializer:
    return itsdangerous.URLSafeSerializer(keys(), salt="a form that was not sent")

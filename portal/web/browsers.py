"""Which browser a request comes from: a random token that it keeps, and a few words for people to know it by."""

import secrets

from flask import request
from werkzeug.wrappers import Response

from portal.store.sign_in import Client
from portal.web import current
from portal.web.sessions import digest_of

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


def name() -> str:
    """The cookie of the browser's token."""
    return "__Host-portal-browser" if current.settings().secure else "portal-browser"


def known_by() -> str:
    """What the table knows this browser by; empty when it holds no token."""
    token = request.cookies.get(name(), "")
    return digest_of(token) if len(token) == _TOKEN_LETTERS else ""


def token() -> str:
    """The token this browser holds, or a new one."""
    return request.cookies[name()] if known_by() else secrets.token_urlsafe(32)


def keep(response: Response, token: str) -> None:
    """Let the browser hold the token for a year from now on."""
    secure = current.settings().secure
    response.set_cookie(name(), token, max_age=_YEAR, path="/", secure=secure, httponly=True, samesite="Lax")


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

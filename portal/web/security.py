"""Headers on every answer, which host is answered, and that a POST comes from the portal's own pages.

The CSRF token itself is Flask-WTF's; who may do what is the guards'. No header is set anywhere else but on downloads.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, request
from werkzeug.datastructures import Headers
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.environment import is_this_machine
from portal.settings import Settings
from portal.web import logs

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

_ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # no-referrer would take the Referer away that the CSRF check demands over HTTPS.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Nearly every answer is about somebody; what may be kept says so itself.
    "Cache-Control": "no-store",
}
_OVER_HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
_OWN_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_SAFE = ("GET", "HEAD", "OPTIONS")

Start = Callable[..., Any]


class WithHeaders:
    """Adds to every answer, also those that never reach Flask, the headers it does not have already."""

    def __init__(self, app: Callable[..., Iterable[bytes]], headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = tuple((name.lower(), (name, value)) for name, value in headers.items())

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            more_headers = [header for name, header in self._headers if name not in present]
            return start_response(status, headers + more_headers, *more)

        return self._app(environ, start)


def install(app: Flask, settings: Settings) -> None:
    """Put ProxyFix and the two checks in front of every view."""
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]

    @app.before_request
    def check_where_it_comes_from() -> None:
        if not (request.endpoint or "").startswith("health.") and not _own_host(request.host, settings):
            logs.refused("host")
            abort(400)
        # Whoever reaches a demo signs in as anybody: whichever server serves it, it listens on this machine.
        if settings.demo and not is_this_machine(request.environ["SERVER_NAME"]):
            abort(403)
        if request.method not in _SAFE and not _own_page(request.headers, request.host):
            logs.refused("origin")
            abort(403)

    if not settings.trusted_proxies:
        app.before_request(_say_once_that_a_proxy_is_not_counted())


def add_headers(app: Flask, settings: Settings) -> None:
    """Around everything else that answers."""
    headers = _ALWAYS | (_OVER_HTTPS if settings.secure else {})
    app.wsgi_app = WithHeaders(app.wsgi_app, headers)  # type: ignore[method-assign]
    app.extensions["headers"] = headers  # for what the server answers by itself


def _say_once_that_a_proxy_is_not_counted() -> Callable[[], None]:
    said: list[bool] = []

    def look() -> None:
        if not said and "X-Forwarded-For" in request.headers:
            said.append(True)
            logs.proxy_not_counted()

    return look


def refuse_nonsense(app: Flask) -> None:
    """Answer 400 to what no form sends before any view reads it; it reads the form, so whatever limits that comes
    before.
    """

    @app.before_request
    def check_what_is_sent() -> None:
        if _holds_nonsense():
            abort(400)


def _holds_nonsense() -> bool:
    """Whether something sent has no name, or holds a NUL, which nobody types and the two engines treat unlike."""
    if "\x00" in request.path or "%00" in request.query_string.decode("latin-1"):
        return True
    named: list[tuple[str | None, list[str]]] = [
        *request.form.lists(),
        *((name, []) for name in request.files),
    ]
    return any(name is None or "\x00" in name or "\x00" in "".join(texts) for name, texts in named)


def _own_host(host: str, settings: Settings) -> bool:
    """Whether the request names the host the portal is for; a demo answers on its own machine under any port."""
    host = host.lower()
    if host == settings.host.lower():
        return True
    return settings.demo and (host in _OWN_MACHINE or host.rpartition(":")[0] in _OWN_MACHINE)


def _own_page(headers: Headers | Any, host: str) -> bool:
    """Whether Sec-Fetch-Site and Origin, where sent, say that a POST comes from the portal's own page."""
    if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin")
    # What a Referer names is for the check of the token; that it can be read at all is not asked there.
    return (origin is None or _host_in(origin) == host) and _host_in(headers.get("Referer", "")) is not None


def _host_in(address: str) -> str | None:
    """The host an address names, or None for one that cannot be read."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # the check of the token reads it, and raises for one that is no number
    except ValueError:
        return None
    return parts.netloc


def is_local_path(path: str) -> bool:
    """Whether an address to come back to stays within the portal: one leading slash, nothing a browser reinterprets."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or len(path) > 2000:
        return False
    if any(ord(sign) <= 32 or ord(sign) == 127 for sign in path):
        return False
    parts = urlsplit(path)
    return not parts.scheme and not parts.netloc


def local_path(path: str | None, otherwise: str = "/") -> str:
    """The address to come back to, or another when it would lead out of the portal."""
    return path if path and is_local_path(path) else otherwise

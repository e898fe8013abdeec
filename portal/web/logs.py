"""One JSON line for each request and each fault, with the request's id; never a name, a text, an amount or a query.

Addresses are logged as their pattern (/drafts/<token>), because what stands in an address can be personal or secret.
"""

import logging
import secrets
import sys
import time
from contextlib import suppress
from typing import Any, cast

# structlog draws faults on consoles with rich when it finds it: a sixth of the start and 5 MB, for lines of JSON.
_loaded: dict[str, Any] = sys.modules
_loaded.setdefault("rich", None)
import structlog  # noqa: E402
from flask import Flask, Response, g, request  # noqa: E402

from portal.domain.document import Document  # noqa: E402
from portal.web import current  # noqa: E402

if _loaded["rich"] is None:
    del _loaded["rich"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

log: structlog.stdlib.BoundLogger = structlog.get_logger("portal")


def configure() -> None:
    """JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=_Stderr()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )


class _Stderr:
    """Standard error as it is when a line is written, not as it was when the portal started.

    Where it takes nothing, as a file on a full disk, a line is lost and no answer is.
    """

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def request_id() -> str:
    """The id that stands on an error page and in the log."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    return cast(str, g.request_id)


def fault(error: BaseException) -> None:
    """Log a fault: its kind and the lines of code it went through; its text, which may be personal, only in a demo."""
    cause = error.__cause__ or error.__context__
    log.error(
        "fault",
        request_id=request_id(),
        route=_route(),
        error=type(error).__qualname__,
        cause=None if cause is None else type(cause).__qualname__,
        frames=_frames(error),
        **({"text": str(error)[:500]} if current.settings().demo else {}),
    )


def _frames(error: BaseException) -> list[str]:
    import traceback

    return [
        f"{each.filename}:{each.lineno} {each.name}"
        for each in traceback.extract_tb(error.__traceback__)[-12:]
    ]


def bare_fault(error: BaseException) -> None:
    """Log a fault outside of any request that could be named."""
    log.error(
        "fault", request_id="", route=None, error=type(error).__qualname__, cause=None, frames=_frames(error)
    )


def case_read(application_id: int) -> None:
    """Log who opened a case, or fetched from it, without being the participant, the applicant or the head in it."""
    _line("case-read", person=_who(), application=application_id, route=_route())


def document_fetched(document: Document, application_id: int | None) -> None:
    """Log who fetched somebody else's document; the name of the document stays out of the log."""
    if document.uploaded_by != _who() and request.method == "GET":
        _line("document-fetched", person=_who(), document=document.id, application=application_id)


def document_kept_out(code: str, cause: BaseException | None) -> None:
    """Log that the virus scanner kept a file out, or was away; neither name nor content comes into the log."""
    away = None if cause is None else type(cause).__qualname__
    _line("document-kept-out", "warning", person=_who(), code=code, cause=away)


def signed_in(person_id: int, way: str, *, acr: str = "") -> None:
    """Log who signed in, from where and how."""
    _line("signed-in", address=request.remote_addr, person=person_id, way=way, acr=acr[:200])


def signed_out(person_id: int) -> None:
    _line("signed-out", address=request.remote_addr, person=person_id)


def ended_by_provider(sessions: int) -> None:
    """Log that the provider said that somebody is signed out."""
    _line("ended-by-provider", address=request.remote_addr, sessions=sessions)


def sign_in_failed(reason: str, *, account: str = "", way: str = "password") -> None:
    """Log a sign-in that was refused; `account` is a keyed hash of what was typed as login, which may be a password."""
    where = {"address": request.remote_addr, "way": way}
    _line("sign-in-failed", "warning", **where, account=account[:16], reason=reason)


def refused(reason: str) -> None:
    """Log that a request was refused: by whose door, where it came from, or the token of its form."""
    where = {"address": request.remote_addr, "person": _who(), "route": _route()}
    _line("refused", "warning", **where, reason=reason)


def proxy_not_counted() -> None:
    """Log X-Forwarded-* headers from a proxy that is not counted as trusted."""
    log.warning("proxy-not-counted", setting="TRUSTED_PROXIES", address=request.remote_addr)


def letter_failed(letter_id: int, reason: str, *, request_id: str) -> None:
    """Log a letter that could not be printed (0: none was begun); nothing it says comes into the log."""
    log.error("letter-failed", request_id=request_id, letter=letter_id, error=reason)


def _line(event: str, level: str = "info", /, **details: object) -> None:
    getattr(log, level)(event, request_id=request_id(), **details)


def _who() -> int | None:
    """The id of the person signed in, where the request has got so far as to ask."""
    signed_in = g.get("_login_user")
    return signed_in.person.id if getattr(signed_in, "is_authenticated", False) else None


def _route() -> str | None:
    return None if request.url_rule is None else request.url_rule.rule


def install(app: Flask) -> None:
    """Log every request when it is answered."""
    configure()

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        _line(
            "request",
            method=request.method if request.method in _METHODS else "other",
            route=_route(),
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
            **({} if _who() is None else {"person": _who()}),
        )
        return response

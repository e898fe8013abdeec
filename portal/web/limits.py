"""How much and how often: how much of what a browser sends is read, and how often somebody may do what costs much.

From anybody a few kilobytes are read, and from a browser somebody has signed in with as much as the form needs. A file
over the limit is read to its end and not kept, so that what was typed in the same form is not lost with it; a request
beyond everything is answered with 413 before it is read. How often is counted in each process; tries to sign in are
counted in the database, by `proof`.
"""

from collections.abc import Callable
from io import BytesIO
from ipaddress import IPv4Address, ip_address, ip_network
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask import Flask, Request, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from portal.domain.refusal import N_, Refusal
from portal.settings import Settings
from portal.web import current, sessions

FORM_MEMORY = 2 * 1024 * 1024
FORM_PARTS = 1_000
FILES_AT_ONCE = 10
"""Files of the largest size that fit into one request."""

_ROOM_FOR_TEXT = 1024 * 1024
_IN_MEMORY = 512 * 1024
_BETWEEN = b"&"
_ANYBODY = 16 * 1024
_FORM = 256 * 1024
"""A form with a few long texts, each letter of which may take a dozen bytes."""
_LONGER = frozenset(
    # A draft, or one that was sent when the session had run out and is carried through the sign-in; the ledger's file.
    {"apply.save", "apply.check", "several.work_on", "account.try_to_sign_in", "account.be_somebody"}
    | {"provider.set_out", "provider.by_header", "account.prove"}
    | {"payments.take_ledger", "rates.load"}
)
WITH_FILES = frozenset({"documents.change", "apply.work_on", "costs.attach", "costs.state"})
"""Where files are sent."""


class Arriving(SpooledTemporaryFile[bytes]):
    """A file that is being sent: `arrived` counts all of it, what is over the limit is not kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(max_size=_IN_MEMORY, mode="rb+")
        self.limit = limit
        self.arrived = 0

    def write(self, chunk: Any) -> int:
        """Keep a chunk while there is room."""
        self.arrived += len(chunk)
        if self.arrived <= self.limit:
            super().write(chunk)
        return len(chunk)

    def __del__(self) -> None:
        """Let it go too when the request was broken off and never heard of it."""
        self.close()


class _Parser(FormDataParser):
    """Reads forms of a few hundred fields, however they are written."""

    def _parse_urlencoded(self, stream: IO[bytes], *how: Any) -> Any:
        body = stream.read()
        if body.count(_BETWEEN) >= FORM_PARTS:
            raise RequestEntityTooLarge
        return super()._parse_urlencoded(BytesIO(body), *how)


class PortalRequest(Request):
    """A request whose files stop being kept at the limit."""

    form_data_parser_class = _Parser

    def _get_file_stream(self, *_args: Any, **_values: Any) -> IO[bytes]:
        return cast(IO[bytes], Arriving(current.settings().max_upload))


def limit_bodies(app: Flask, settings: Settings) -> None:
    """Set every limit of size, and before anything reads a form the wider one for a browser that is known."""
    app.request_class = PortalRequest
    app.config.update(
        MAX_CONTENT_LENGTH=_ANYBODY, MAX_FORM_MEMORY_SIZE=FORM_MEMORY, MAX_FORM_PARTS=FORM_PARTS
    )

    @app.before_request
    def make_room() -> None:
        if (request.content_length or 0) > _ANYBODY or "Transfer-Encoding" in request.headers:
            request.max_content_length = _room(settings)


def _room(settings: Settings) -> int:
    """The bytes that this request may have, by its form and by whether somebody is or was signed in."""
    known = current.person_or_none() is not None
    if not known and sessions.whose_has_ended() is None:
        return _ANYBODY
    if request.endpoint in WITH_FILES:
        return settings.max_upload * (FILES_AT_ONCE if known else 1) + _ROOM_FOR_TEXT + FORM_MEMORY
    return FORM_MEMORY + _ROOM_FOR_TEXT if request.endpoint in _LONGER else _FORM


class _AtSomeDoors(Limiter):
    """No limit stands at every door: what has none is not asked for one; a view with a limit asks by itself."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = _AtSomeDoors(key_func=get_remote_address, headers_enabled=False)

# What one person does in an hour; no honest work comes near.
UPLOADS = "300 per hour"
MEGABYTES = "1000 per hour"
"""Of files, in all requests together."""
DRAFTS = "200 per hour"
SEARCHES = "1000 per hour"
EXPORTS = "300 per hour"
# Ways to the provider, each of which is kept for an hour before anybody is known: by browser; and of browsers that
# nobody has signed in from, by address (a hospital may be behind it) and in all. Whoever has been here before does
# not wait for what others at the same address do.
SET_OUTS = "30 per 10 minutes"
NEW_BROWSERS = "300 per minute"
ALL_NEW_BROWSERS = "3000 per minute"

TOO_MANY_DRAFTS = Refusal(
    "draft.too-often", N_("You have begun very many applications in a short time. Try again in an hour.")
)
TOO_MANY_SEARCHES = N_("You have searched for people very many times in a short time. Try again in an hour.")
TOO_MANY_SET_OUTS = N_("Very many people are signing in just now. Wait a minute and try again.")
TOO_MANY_EXPORTS = N_("You have fetched very many files in a short time. Try again in an hour.")


def address() -> str:
    """The IP address of the request; of IPv6 its /64, for one machine has as many addresses as it likes."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(found, IPv4Address) or found.ipv4_mapped:
        return str(found)
    return str(ip_network((found, 64), strict=False))


def person() -> str:
    """What requests of somebody signed in are counted by."""
    return f"person {current.person().id}"


def is_over(limit: str, scope: str, cost: int = 1, key: Callable[[], str] = person) -> bool:
    """Count one more hit, of this person unless told; whether it is over the limit."""
    try:
        with limiter.shared_limit(limit, scope=scope, key_func=key, cost=cost):
            return False
    except RateLimitExceeded:
        return True


def sets_out_too_often(browser: str, *, known: bool) -> bool:
    """Count one more way to the provider."""
    return is_over(SET_OUTS, "set-out", key=lambda: browser) or (
        not known
        and (
            is_over(NEW_BROWSERS, "new-browsers", key=address)
            or is_over(ALL_NEW_BROWSERS, "all-new-browsers", key=lambda: "all")
        )
    )


exports = limiter.shared_limit(
    lambda: EXPORTS, scope="exports", key_func=person, error_message=TOO_MANY_EXPORTS
)
"""Stands at the door of every file of many rows."""


def limit_acts(app: Flask) -> None:
    """Count in memory: what is shared by processes is in the database."""
    app.config.update(RATELIMIT_STORAGE_URI="memory://", RATELIMIT_STRATEGY="moving-window")
    limiter.init_app(app)

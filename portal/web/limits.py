"""How often something may be tried: by login and address together, so that a stranger locks nobody out elsewhere."""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from portal.settings import Settings
from portal.web import current


class _AtSomeDoors(Limiter):
    """No limit stands at every door: what has none is not asked for one; a view with a limit asks by itself."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = _AtSomeDoors(key_func=get_remote_address, headers_enabled=False)

FAILURES = "6 per 15 minutes"
"""Failures to sign in to one account from one address."""

FAILURES_IN_ALL = "60 per 15 minutes"
"""Failures to sign in from one address, whatever the account."""


UPLOADS = "300 per hour"
"""Requests that bring files, from one person."""


def person() -> str:
    """What requests of somebody signed in are counted by."""
    return f"person {current.person().id}"


def login_and_address() -> str:
    """What failures to sign in are counted by."""
    return f"{request.form.get('login', '')[:100].strip().casefold()} {get_remote_address()}"


def install(app: Flask, settings: Settings) -> None:
    """Count in memory, or where the settings say."""
    app.config.update(RATELIMIT_STORAGE_URI=settings.limiter_url, RATELIMIT_STRATEGY="moving-window")
    limiter.init_app(app)

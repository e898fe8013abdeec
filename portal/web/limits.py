"""How often somebody signed in may do what costs much, counted in each process; tries to sign in are `tries`'s."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from portal.web import current


class _AtSomeDoors(Limiter):
    """No limit stands at every door: what has none is not asked for one; a view with a limit asks by itself."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = _AtSomeDoors(key_func=get_remote_address, headers_enabled=False)

UPLOADS = "300 per hour"
"""Requests that bring files, from one person."""


def person() -> str:
    """What requests of somebody signed in are counted by."""
    return f"person {current.person().id}"


def install(app: Flask) -> None:
    """Count in memory: what is shared by processes is in the database."""
    app.config.update(RATELIMIT_STORAGE_URI="memory://", RATELIMIT_STRATEGY="moving-window")
    limiter.init_app(app)

"""How often somebody signed in may do what costs much, counted in each process; tries to sign in are `tries`'s."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from flask_limiter.util import get_remote_address

from portal.domain.refusal import N_, Refusal
from portal.web import current


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

TOO_MANY_DRAFTS = Refusal(
    "draft.too-often", N_("You have begun very many applications in a short time. Try again in an hour.")
)
TOO_MANY_SEARCHES = N_("You have searched for people very many times in a short time. Try again in an hour.")
TOO_MANY_EXPORTS = N_("You have fetched very many files in a short time. Try again in an hour.")


def person() -> str:
    """What requests of somebody signed in are counted by."""
    return f"person {current.person().id}"


def is_over(limit: str, scope: str, cost: int = 1) -> bool:
    """Count once more what this person does; whether it is more than the limit."""
    try:
        with limiter.shared_limit(limit, scope=scope, key_func=person, cost=cost):
            return False
    except RateLimitExceeded:
        return True


exports = limiter.shared_limit(
    lambda: EXPORTS, scope="exports", key_func=person, error_message=TOO_MANY_EXPORTS
)
"""Stands at the door of every file of many rows."""


def install(app: Flask) -> None:
    """Count in memory: what is shared by processes is in the database."""
    app.config.update(RATELIMIT_STORAGE_URI="memory://", RATELIMIT_STRATEGY="moving-window")
    limiter.init_app(app)

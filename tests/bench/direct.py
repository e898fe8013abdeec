"""Requests handed to a WSGI app as a server would: no socket, and no test client whose work would be measured too."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.test import EnvironBuilder

if TYPE_CHECKING:
    from flask import Flask


def cookies_of(client: Any) -> str:
    """What a test client's browser would send back."""
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in client._cookies.values())


def request_to(
    app: "Flask",
    path: str,
    *,
    cookies: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Callable[[], bytes]:
    """A request that can be sent again and again; a POST when there is a form. Gives the body of a 200."""
    body = b"" if form is None else urlencode(form).encode()
    environ = EnvironBuilder(
        path=path,
        method="GET" if form is None else "POST",
        base_url="http://localhost",
        headers={"Cookie": cookies, **(headers or {})},
        data=body or None,
        content_type=None if form is None else "application/x-www-form-urlencoded",
    ).get_environ()
    statuses: list[str] = []

    def start_response(status: str, _headers: object, _error: object = None) -> Any:
        statuses.append(status)

    def send() -> bytes:
        answer = app.wsgi_app({**environ, "wsgi.input": BytesIO(body)}, start_response)
        try:
            whole = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        status = statuses.pop()
        assert status.startswith("200"), status
        return whole

    return send

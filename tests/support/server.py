"""Serves a WSGI app on a free loopback port in a thread, for browsers and other real clients."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


PLACES = 64
"""How many requests are answered at once, at most."""


class QuietHandler(WSGIRequestHandler):
    """Keeps the requests out of the tests' output."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving(app: "WSGIApplication") -> Iterator[str]:
    """The address of the app while it is served, with no slash at the end."""
    places = threading.BoundedSemaphore(PLACES)

    class Handler(QuietHandler):
        def run_wsgi(self) -> None:
            if places.acquire(blocking=False):
                try:
                    super().run_wsgi()
                finally:
                    places.release()

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    # A browser keeps connections open: closing must not wait for them.
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.block_on_close = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        # What a page sends as it is left must neither go on nor begin in the database of the next test.
        assert all(places.acquire(timeout=60) for _ in range(PLACES)), "a request is still being answered"
        server.server_close()


@pytest.fixture
def live_server() -> Iterator[Callable[["WSGIApplication"], str]]:
    """Serves an app until the test ends: live_server(create_app(settings)) is its address."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))

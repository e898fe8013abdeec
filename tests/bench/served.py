"""The live check and the form page as a browser meets them: behind gunicorn's threads, over one and eight connections.

Floor and portal are each one worker with eight threads; they are asked by turns, a few answers each, so that both
meet the same weather. `floor()` and `portal()` are what those workers load.
"""

import gc
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.desk import HTMX, desk, portal_app, quiet
from tests.bench.figures import Figure
from tests.bench.floor import floor_app, typed
from tests.bench.loopback import Connection, Served, free_port, request, running, seconds_for

if TYPE_CHECKING:
    from flask import Flask

FOLDER = "BENCH_FOLDER"
TURNS = 40
ANSWERS = 24
"""Answers of each in a turn."""


def floor() -> "Flask":
    """The floor of the folder in the environment."""
    return floor_app(Path(os.environ[FOLDER]))


def portal() -> "Flask":
    """The portal of the folder in the environment, with what was loaded out of the collector's way as in wsgi.py."""
    gc.disable()
    app = portal_app(Path(os.environ[FOLDER]))
    gc.enable()
    gc.freeze()
    return app


def figures() -> Iterator[Figure]:
    """Serve both and measure."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        with quiet():
            at = desk(Path(name))
        bare = stack.enter_context(_gunicorn("floor", name, "/"))
        whole = stack.enter_context(_gunicorn("portal", name, "/health/live"))
        least = _floor_request(bare)
        check = request("POST", f"{at.path}/check", cookies=at.cookies, form=at.typed, headers=HTMX)
        form = request("GET", at.path, cookies=at.cookies)
        for what, sent, bound in (("live check", check, 1.5), ("form page", form, 3.0)):
            for count in (1, 8):
                ratio, ours, theirs = _ratio((bare, least), (whole, sent), count)
                how = f"best {ours:.2f} ms an answer, floor {theirs:.2f} ms"
                yield Figure(
                    f"{what}, gunicorn, {count} connection{'s' * (count > 1)}", ratio, bound, how=how
                )


def _gunicorn(what: str, folder: str, path: str) -> AbstractContextManager[Served]:
    port = free_port()
    command = [
        "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "8", "--keep-alive", "30",
        "--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", folder, "--no-control-socket",
        f"tests.bench.served:{what}()",
    ]  # fmt: skip
    return running(command, path, {FOLDER: folder}, port)


def _floor_request(bare: Served) -> bytes:
    """The floor's form, by somebody signed in."""
    with Connection(bare.port) as connection:
        head, token = connection.ask(request("GET", "/"))
    cookie = head.decode().split("Set-Cookie: ")[1].split(";")[0]
    return request("POST", "/", cookies=cookie, form=typed() | {"csrf_token": token.decode()})


def _ratio(bare: tuple[Served, bytes], whole: tuple[Served, bytes], count: int) -> tuple[float, float, float]:
    """The median of the turns' ratios; the best milliseconds an answer of the portal and of the floor."""
    with ExitStack() as stack:
        sides = [
            ([stack.enter_context(Connection(served.port)) for _ in range(count)], sent)
            for served, sent in (bare, whole)
        ]
        for connections, sent in sides:
            seconds_for(connections, sent, ANSWERS * 2)
        turns = [
            [seconds_for(connections, sent, ANSWERS) * 1000 / ANSWERS for connections, sent in sides]
            for _ in range(TURNS)
        ]
    ratio = statistics.median(ours / theirs for theirs, ours in turns)
    return ratio, min(ours for _theirs, ours in turns), min(theirs for theirs, _ours in turns)

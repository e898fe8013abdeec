"""How an honest person fares while fifty clients try to stop the portal: two workers of the real server, one machine.

The clients sit in a process of their own: some trickle a body, some sign in with a login made to be slow to normalise,
some guess passwords, some attach a Word file made to be slow to inspect, some search people. The honest person asks for
the form and the live check, a machine asks whether the portal lives; each first while it is quiet, then under attack.
"""

import itertools
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZIP_DEFLATED, ZipFile

from tests.bench.desk import HTMX, Desk, desk, quiet
from tests.bench.figures import Figure
from tests.bench.loopback import free_port, running

SECONDS = 30
LOST = 10_000
CLIENTS = {"trickle": 20, "marks": 10, "guess": 10, "attach": 5, "search": 5}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_BOUNDARY = "hostile"


def figures() -> Iterator[Figure]:
    """Serve, measure while it is quiet, let the clients in and measure again."""
    with tempfile.TemporaryDirectory() as name:
        with quiet():
            at = desk(Path(name))
        port = free_port()
        environment = {
            "DATABASE_URL": f"sqlite:///{name}/portal.sqlite3", "UPLOADS_DIR": f"{name}/documents", "DEMO": "1",
            "SECRET_KEY": "only-for-the-bench-0123456789abcdef", "BASE_URL": f"http://127.0.0.1:{port}",
        }  # fmt: skip
        command = ["-m", "portal.cli", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
        with running(command, "/health/live", environment, port):
            me = _Person(port, "Anna")
            calm = _measured(me, at)
            command = [sys.executable, "-m", "tests.bench.hostile", str(port)]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as attack:
                assert attack.stdout
                attack.stdout.readline()  # all of them are in
                under = _measured(me, at)
                attack.kill()
    for what, bound in (("live", 1000), ("page", 2000), ("check", 2000)):
        taken = under[what]
        how = (
            f"median {_part(taken, 0.5):.0f} ms, worst {max(taken):.0f} ms of {len(taken)} answers, "
            f"{sum(each >= LOST for each in taken)} lost; quiet {_part(calm[what], 0.99):.0f} ms"
        )
        yield Figure(
            f"{what}, p99 under {sum(CLIENTS.values())} clients", _part(taken, 0.99), bound, "ms", how=how
        )


def _part(taken: list[float], share: float) -> float:
    return statistics.quantiles(taken, n=100, method="inclusive")[round(share * 100) - 1]


def _measured(me: "_Person", at: Desk) -> dict[str, list[float]]:
    """Milliseconds of each answer, each asked again a moment after the last; one that does not come counts as 10 s."""
    asks = {
        "live": lambda: me.ask("GET", "/health/live"),
        "page": lambda: me.ask("GET", at.path),
        "check": lambda: me.ask("POST", f"{at.path}/check", {**at.typed, "csrf_token": me.token}, HTMX),
    }
    end = time.perf_counter() + SECONDS
    with ThreadPoolExecutor() as pool:
        waiting = {name: pool.submit(_timed, ask, end) for name, ask in asks.items()}
        return {name: each.result() for name, each in waiting.items()}


def _timed(ask: Callable[[], int], end: float) -> list[float]:
    taken = []
    while (began := time.perf_counter()) < end:
        try:
            good = ask() == 200
        except OSError:
            good = False
        taken.append((time.perf_counter() - began) * 1000 if good else LOST)
        time.sleep(0.05)
    return taken


class _Person:
    """Somebody with a browser: cookies, a CSRF token, and signed in as one of the people of the demo when named."""

    def __init__(self, port: int, name: str = "") -> None:
        self.port, self.cookies, self.token, self.page, self.location = port, {}, "", "", ""
        self.ask("GET", "/sign-in")
        if name:
            found = re.search(rf'name="person" value="(\d+)"[^>]*>(?:(?!</button>).)*{name}', self.page, re.S)
            assert found, f"nobody called {name}"
            self.ask("POST", "/sign-in/demo", {"person": found[1], "csrf_token": self.token})
            self.ask("GET", "/account")

    def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> int:
        """Send a request of its own connection; gives the status."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=LOST / 1000)
        said = {
            "Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
            **(headers or {}),
        }
        body = urlencode(form) if isinstance(form, dict) else form
        if isinstance(form, dict):
            said |= _FORM
        try:
            connection.request(method, path, body, said)
            answer = connection.getresponse()
            self.page = answer.read().decode("utf-8", "replace")
        except HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
        self.location = answer.getheader("Location", "")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            key, _equals, value = cookie.split(";")[0].partition("=")
            self.cookies[key] = value
        if found := re.search(r'name="csrf_token" value="([^"]+)"', self.page):
            self.token = found[1]
        return answer.status


def _attack(port: int) -> None:
    """Let every client go on until the process is ended."""
    kinds: dict[str, Callable[[int], Iterator[None]]] = {
        "trickle": _trickle, "marks": _marks, "guess": _guess, "attach": _attach, "search": _search,
    }  # fmt: skip
    for kind, count in CLIENTS.items():
        for _client in range(count):
            threading.Thread(target=_again, args=(kinds[kind], port), daemon=True).start()
    time.sleep(3)
    print("in", flush=True)
    time.sleep(600)


def _again(client: Callable[[int], Iterator[None]], port: int) -> None:
    while True:
        try:
            for _done in client(port):
                time.sleep(0.02)
        except (OSError, AssertionError):
            time.sleep(0.2)


def _trickle(port: int) -> Iterator[None]:
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 3000\r\n" % port)
        slow.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=")
        while True:
            slow.sendall(b"a")
            time.sleep(0.5)
            yield


def _marks(port: int) -> Iterator[None]:
    me = _Person(port)
    while True:
        login = "a" + "\u0301" * 12_500 + "\u0327" * 12_500
        me.ask("POST", "/sign-in", {"login": login, "password": "x", "csrf_token": me.token})
        yield


def _guess(port: int) -> Iterator[None]:
    me = _Person(port)
    for number in itertools.count():
        me.ask(
            "POST", "/sign-in", {"login": f"boss{number % 3}", "password": "wrong", "csrf_token": me.token}
        )
        yield


def _attach(port: int) -> Iterator[None]:
    me = _Person(port, "Anna")
    me.ask("GET", "/apply")
    funds = re.findall(r'action="(/apply/kv[^"]+)"', me.page)
    assert funds, "no fund takes documents"
    me.ask("POST", funds[0], {"csrf_token": me.token})
    path = f"/drafts/{me.location.rpartition('/')[2]}/documents"
    me.ask("GET", path)
    while True:
        head = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{me.token}\r\n'
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="documents-receipt"; filename="a.docx"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        body = head + _slow_docx() + f"\r\n--{_BOUNDARY}--\r\n".encode()
        me.ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})
        yield


def _search(port: int) -> Iterator[None]:
    me = _Person(port, "Anna")
    while True:
        me.ask("GET", "/apply/people?" + urlencode({"for_whom": "a" + "\u0301" * 500}))
        yield


def _slow_docx() -> bytes:
    """A Word file of little more than a kilobyte with a part that a careless pattern reads again and again."""
    from tests.documents.made import docx

    whole = BytesIO(docx())
    with ZipFile(whole, "a", ZIP_DEFLATED) as parts:
        parts.writestr("word/_rels/settings.xml.rels", b"<" + b"attachedTemplate" * 8000)
    return whole.getvalue()


if __name__ == "__main__":
    _attack(int(sys.argv[1]))

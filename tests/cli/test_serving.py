"""The server itself: browsers that send slowly hold nobody up, and what is large or unread is still answered."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlencode

import pytest

from tests.support.smtp import free_port

POST = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"
SLOW = {
    "a head": "GET / HTTP/1.1\r\nHost:",
    "a body": POST.format(10_000) + "login=",
    "a body in pieces": "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlo",
    "a large body": POST.format(10_000_000) + "x" * 70_000,
    "one behind another": "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n" + POST.format(99),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A portal that one worker serves, with its eight threads."""
    port, folder = free_port(), tmp_path_factory.mktemp("served")
    told = {"SECRET_KEY": "k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1", "BASE_URL": "http://localhost", "DEMO": "1"}
    ways = folder / "sign-in.toml"
    ways.write_text('contact = "x"\n[header]\nname = "X-Employee"\nproxies = ["127.0.0.1"]\n')
    told |= {"DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3", "SIGN_IN": str(ways)}
    environment = os.environ | told
    portal = [sys.executable, "-m", "portal.cli"]
    for words in (["migrate"], ["add-person", "--number", "7", "--name", "Anna"]):
        subprocess.run([*portal, *words], env=environment, check=True, capture_output=True)
    serve = [*portal, "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with subprocess.Popen(serve, env=environment, stderr=subprocess.DEVNULL) as server:
        yield port
        server.terminate()


@pytest.mark.parametrize("what", SLOW)
def test_slow_browsers_hold_nobody_up(port: int, what: str) -> None:
    with ExitStack() as stack:
        for _browser in range(20):
            slow = stack.enter_context(reached(port))
            slow.sendall(SLOW[what].encode())
        for _time in range(3):
            honest = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            honest.request("GET", "/health/live")
            assert honest.getresponse().status == 200
            honest.close()


def test_what_is_too_large_for_anybody_is_answered_unread(port: int) -> None:
    with reached(port) as browser:
        browser.sendall(SLOW["a large body"].encode())
        assert browser.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n\r\n", 417),
        (f"GET /{'x' * 5_000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (f"GET / HTTP/1.1\r\nHost: localhost\r\nX: {'x' * 9_000}\r\n\r\n", 431),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: tea\r\n\r\n0\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_is_answered_with_the_headers_of_every_answer(
    port: int, sent: str, status: int
) -> None:
    with reached(port) as browser:
        browser.sendall(sent.encode())
        answer = http.client.HTTPResponse(browser)
        answer.begin()
        assert answer.status == status
        assert b"The request could not be understood" in answer.read()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_trusted_header_has_one_spelling(port: int) -> None:
    """A proxy takes away what browsers send under that name; under another it would not."""
    reached(port).close()
    for sent, status in (
        ({"X_Employee": "7"}, 403),
        ({"X-Employee": "8", "X_Employee": "7"}, 403),
        ({"X-Employee": "8", "x_employee": "7"}, 403),
        ({"X-Employee": "7"}, 303),
    ):
        honest = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        honest.request("GET", "/sign-in", headers={"Host": "localhost"})
        page = honest.getresponse()
        cookie = str(page.headers["Set-Cookie"]).partition(";")[0]
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page.read().decode())[0]
        headers = {"Host": "localhost", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        honest.request("POST", "/sign-in/header", urlencode({"csrf_token": token}), headers | sent)
        assert honest.getresponse().status == status, sent
        honest.close()


def test_a_connection_is_kept_for_the_next_request(port: int) -> None:
    one = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with reached(port) as browser:
        for sent in (one, one + one, one):
            time.sleep(3)  # whoever reads a page meanwhile; gunicorn's own 2 s would end it
            browser.sendall(sent[:30])
            browser.sendall(sent[30:])
            answers = b""
            while answers.count(b"HTTP/1.1 200 ") < len(sent) // len(one):
                piece = browser.recv(4096)
                assert piece, answers
                answers += piece


def reached(port: int) -> socket.socket:
    """A connection to the portal, once it listens."""
    for _attempt in range(300):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the portal does not listen")

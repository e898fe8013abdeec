"""What the page for operators promises of restarts: under a socket that systemd keeps, no request is lost."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

REQUEST = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Unit:
    """The socket and the service of docs/operate, with systemd's part played: it listens, and hands the socket over."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.path, self._environment = folder / "portal.sock", environment
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(self.path))
        self.listening.listen(2048)
        self.start()

    def start(self) -> None:
        given = self.listening.fileno()
        handed = (
            f"import os, sys; os.dup2({given}, 3); os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); "
            "os.execv(sys.executable, [sys.executable, '-m', 'portal.cli', 'serve', '--workers', '2'])"
        )
        self.main = subprocess.Popen(
            [sys.executable, "-c", handed], pass_fds=[given], env=self._environment, stderr=subprocess.DEVNULL
        )

    def stop(self) -> int:
        self.main.terminate()
        return self.main.wait(60)

    def workers(self) -> set[str]:
        found = Path(f"/proc/{self.main.pid}/task/{self.main.pid}/children").read_text("ascii")
        return set(found.split())

    def ask(self) -> str:
        """The status of one answer, or what came instead."""
        try:
            with socket.socket(socket.AF_UNIX) as browser:
                browser.settimeout(30)
                browser.connect(str(self.path))
                browser.sendall(REQUEST)
                return browser.recv(100)[9:12].decode() or "nothing"
        except OSError as error:
            return type(error).__name__


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    told = {"SECRET_KEY": "k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1", "BASE_URL": "http://localhost", "DEMO": "1"}
    environment = {**os.environ, **told, "DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3"}
    subprocess.run(
        [sys.executable, "-m", "portal.cli", "migrate"], env=environment, check=True, capture_output=True
    )
    unit = Unit(tmp_path, environment)
    try:
        yield unit
    finally:
        with suppress(ProcessLookupError):
            unit.main.kill()
        unit.main.wait(30)
        unit.listening.close()


@pytest.mark.slow
def test_a_reload_and_a_restart_lose_no_request(unit: Unit) -> None:
    assert unit.ask() == "200", "what comes before it is up waits in the socket"
    answers: Counter[str] = Counter()
    done = threading.Event()

    def browse() -> None:
        while not done.is_set():
            answers[unit.ask()] += 1

    browsers = [threading.Thread(target=browse) for _ in range(4)]
    for browser in browsers:
        browser.start()
    time.sleep(0.5)
    before = unit.workers()
    unit.main.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while (unit.workers() & before or len(unit.workers()) < 2) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not unit.workers() & before, "every worker is new"
    time.sleep(0.5)
    assert unit.stop() == 0
    unit.start()
    assert unit.ask() == "200"
    time.sleep(0.5)
    done.set()
    for browser in browsers:
        browser.join(60)
    assert set(answers) == {"200"}, answers
    assert answers["200"] > 20

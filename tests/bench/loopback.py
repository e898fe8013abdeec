"""Servers on this machine's loopback and connections to them that cost next to nothing themselves."""

import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Served:
    """A server that runs: where, as which process, and how long it took to give its first answer."""

    port: int
    pid: int
    seconds: float


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], path: str, environment: Mapping[str, str], port: int) -> Iterator[Served]:
    """Run a server until it is no longer needed; it is there when `path` answers 200."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        first = request("GET", path)
        while True:
            try:
                with Connection(port) as connection:
                    connection.ask(first)
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                    raise RuntimeError(f"{' '.join(command)} does not answer") from None
                time.sleep(0.005)
        yield Served(port, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def request(
    method: str,
    path: str,
    *,
    cookies: str = "",
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A request as it goes over the wire."""
    body = b"" if form is None else urlencode(form).encode()
    said = {"Host": "localhost", "Cookie": cookies, **(headers or {})}
    if form is not None:
        said |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items() if value)
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Connection:
    """One kept connection; asks and waits, or asks and is asked later whether the answer is there."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def ask(self, sent: bytes) -> tuple[bytes, bytes]:
        """The answer's head and body."""
        self.begin(sent)
        while (answer := self.answered()) is None:
            pass
        return answer

    def begin(self, sent: bytes) -> None:
        """Send, and do not wait."""
        self._got = b""
        self.socket.sendall(sent)

    def answered(self) -> tuple[bytes, bytes] | None:
        """Read what has come; the answer when it is whole. Raises OSError for one that is not a 200."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise OSError("the connection was closed")
        self._got += piece
        head, gap, body = self._got.partition(b"\r\n\r\n")
        if not gap:
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise OSError(head.decode("latin-1"))
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return (head, body) if len(body) >= length else None


def seconds_for(connections: Sequence[Connection], sent: bytes, times: int) -> float:
    """How long so many answers take when each connection asks again as soon as it was answered."""
    began, begun, done = time.perf_counter(), 0, 0
    with selectors.DefaultSelector() as waiting:
        for connection in connections:
            waiting.register(connection.socket, selectors.EVENT_READ, connection)
            connection.begin(sent)
            begun += 1
        while done < times:
            for key, _events in waiting.select(PATIENCE_SECONDS):
                connection = key.data
                if connection.answered() is not None:
                    done += 1
                    if begun < times:
                        begun += 1
                        connection.begin(sent)
    return time.perf_counter() - began

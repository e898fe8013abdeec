"""Serves the portal to browsers: gunicorn with threads, so that one long download stalls nobody else.

It loads `wsgi:app`, as any other WSGI server would, so the environment says which portal it is. A thread is given to a
request only when it has arrived: however many browsers send slowly, none of them holds what others wait for.
"""

import re
import selectors
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.http.unreader import SocketUnreader
from gunicorn.util import close, import_app
from gunicorn.workers.gthread import TConn, ThreadWorker

from portal.environment import is_this_machine

ROOT = Path(__file__).resolve().parents[2]
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where workers say that they are alive, without touching a disk


_SECONDS = 20
"""How long a request may take to arrive; one that is larger than `_BUFFER` gets more with what has come of it."""
_LEAVING_SECONDS = 2
_BUFFER = 64 * 1024
_SLOWEST = 32 * 1024
"""Bytes in a second that a larger request must come in, once a thread is reading it."""
_MOST_ARRIVING = 500
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:", re.IGNORECASE)  # sends its body once it is told to
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class _Paced(SocketUnreader):  # type: ignore[misc]
    """What a thread reads a request through: one that comes too slowly is over, as if its sender had gone."""

    def __init__(self, sock: Any) -> None:
        super().__init__(sock)
        self.begin()

    def begin(self) -> None:
        """Count from here."""
        self._since, self._read = time.monotonic(), 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece, empty when it is late."""
        left = self._since + _SECONDS + self._read / _SLOWEST - time.monotonic()
        if left <= 0:
            return b""
        self.sock.settimeout(left)
        try:
            data: bytes = super().chunk(size_hint)
        except TimeoutError:
            return b""
        finally:
            self.sock.settimeout(None)
        self._read += len(data)
        return data


_UNREADABLE = """<!doctype html><html lang="sv"><meta charset="utf-8"><title>{status}</title>
<h1>Begäran går inte att läsa · Forespørselen kan ikke leses · The request could not be understood</h1></html>"""


def _answer_by_itself(headers: Mapping[str, str], sock: Any, status: int, reason: str, _text: str) -> None:
    """What is no request at all, so that the portal never hears of it, is answered in gunicorn's place."""
    body = _UNREADABLE.format(status=status).encode()
    lines = [f"HTTP/1.1 {status} {reason}", "Connection: close", "Content-Type: text/html; charset=utf-8"]
    lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
    util.write_nonblock(sock, "\r\n".join((*lines, "", "")).encode("latin-1") + body)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Waits for requests where it waits for connections, and gives a thread to what has arrived.

    A request larger than a buffer goes on arriving in a thread, but in no more than half of them at once.
    """

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self._arriving: dict[TConn, float] = {}  # and until when; in the order they began
        self._large: set[TConn] = set()
        self._most_large = max(1, self.cfg.threads // 2)
        self._in_line: deque[TConn] = deque()

    def load_wsgi(self) -> None:
        """Let the server's own answers have the headers of the portal's; loading it may take longer than `timeout`."""
        loaded = threading.Event()

        def beat() -> None:
            while not loaded.wait(1):
                self.notify()

        threading.Thread(target=beat, daemon=True).start()
        super().load_wsgi()
        loaded.set()
        util.write_error = partial(_answer_by_itself, self.wsgi.extensions["headers"])

    def enqueue_req(self, conn: TConn) -> None:
        """Where every request begins: on a new connection, on one that was kept, and behind another."""
        conn.wanted, conn.chunked, conn.large, conn.left = None, False, False, False
        conn.close = partial(self._leave, conn)
        conn.come = bytearray(conn.parser.unreader.take_buffered() if conn.parser else b"")
        if self._has_come(conn, len(conn.come)):
            self._hand_over(conn)
            return
        self._wait_for(conn, _SECONDS)

    def _wait_for(self, conn: TConn, seconds: float) -> None:
        conn.sock.setblocking(False)
        self._arriving[conn] = time.monotonic() + seconds
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._take, conn))
        if len(self._arriving) > _MOST_ARRIVING:
            self._drop(next(iter(self._arriving)))

    def _leave(self, conn: TConn, graceful: bool = False) -> None:
        """Close a connection; gently, by listening a while, so that what was answered is not lost (RFC 9112, 9.6)."""
        try:
            if graceful:
                conn.sock.shutdown(socket.SHUT_WR)
                conn.left, conn.come = True, bytearray()
                self.nr_conns += 1
                self._wait_for(conn, _LEAVING_SECONDS)
                return
        except OSError:
            pass
        close(conn.sock)

    def _take(self, conn: TConn, _sock: Any) -> None:
        """Some of a request has come, or what nobody reads any more behind one that is answered."""
        try:
            data = conn.sock.recv(_BUFFER)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.come += data
        if not data or (conn.left and len(conn.come) > _BUFFER):
            self._drop(conn)
        elif not conn.left and self._has_come(conn, len(data)):
            del self._arriving[conn]
            self.poller.unregister(conn.sock)
            self._hand_over(conn)

    def _has_come(self, conn: TConn, new: int = 0) -> bool:
        """Whether there is nothing more to wait for; what else it may be, the parser in the thread says."""
        come: bytearray = conn.come
        if conn.wanted is None and (end := come.find(b"\r\n\r\n", max(0, len(come) - new - 3))) >= 0:
            head = bytes(come[: end + 4])
            length = _LENGTH.search(head)
            conn.wanted = end + 4 + (int(length[1]) if length else 0)
            conn.chunked = _CHUNKED.search(head) is not None
            conn.large = _EXPECT.search(head) is not None
        conn.large = conn.large or len(come) >= _BUFFER
        if conn.large or conn.wanted is None or not conn.chunked:
            return bool(conn.large or (conn.wanted is not None and len(come) >= conn.wanted))
        return come.endswith(b"0\r\n\r\n")

    def _hand_over(self, conn: TConn) -> None:
        if conn.large and len(self._large) >= self._most_large:
            self._in_line.append(conn)
            if len(self._in_line) > _MOST_ARRIVING:
                self._close(self._in_line.popleft())
            return
        if conn.large:
            self._large.add(conn)
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """In a thread: go on from what has come."""
        conn.sock.setblocking(True)
        conn.data_ready = True
        if not conn.initialized:
            conn.init()
            conn.parser.unreader = _Paced(conn.sock)
        conn.parser.unreader.begin()
        conn.parser.unreader.unread(bytes(conn.come))
        return super().handle(conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """A large one is not read to its end to be kept when nobody wants it."""
        return bool(not conn.large and super()._keepalive_after(conn, keepalive))

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Let the next large one have the place."""
        self._large.discard(conn)
        super().finish_request(conn, fs)
        if self._in_line and len(self._large) < self._most_large:
            self._hand_over(self._in_line.popleft())

    def murder_pending(self) -> None:
        """Asked every second: close what has not come in time."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn, until in self._arriving.items() if until < now]:
            self._drop(conn)

    def _drop(self, conn: TConn) -> None:
        del self._arriving[conn]
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        close(conn.sock)


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, told here instead of by a file; each worker makes its own app and its own connections."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take what `serve` said."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The portal of this worker."""
        sys.path.insert(0, str(ROOT))
        return import_app("wsgi:app")


def is_here(bind: str) -> bool:
    """Whether only this machine can reach an address that is listened on; a socket in the file system is here."""
    each = [address.strip() for address in bind.split(",")]
    return all(one.startswith("unix:") or is_this_machine(one.rpartition(":")[0]) for one in each)


def serve(*, bind: str, workers: int, threads: int = 8) -> None:
    """Answer browsers until told to stop; SIGTERM lets what is being answered finish."""
    settings: dict[str, Any] = {
        "bind": bind,
        "workers": workers,
        "threads": threads,
        "worker_class": PatientWorker,
        "preload_app": False,
        "control_socket_disable": True,
        "graceful_timeout": 25,
        "keepalive": 75,  # longer than a proxy or a browser keeps one: who asks next never meets one that just ended
        "timeout": 11,  # what hangs is ended, so that who waits for its lock or its answer hears of it
        "errorlog": "-",
        "loglevel": "warning",
    }
    if _SHARED_MEMORY.is_dir():
        settings["worker_tmp_dir"] = str(_SHARED_MEMORY)
    _Server(settings).run()

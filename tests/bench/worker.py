"""What a worker of the real server costs: the time from start to its first answer, and its memory once it has worked.

The server is `portal serve` with one worker, as operations start it, over a database that is migrated already.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.desk import desk, quiet
from tests.bench.figures import Figure
from tests.bench.loopback import Connection, free_port, request, running

STARTS = 5
PAGES = ("/", "/apply", "/funds", "/queue", "/account", "/accessibility")
ROUNDS = 20


def figures() -> Iterator[Figure]:
    """Start several times; let the last one work."""
    with tempfile.TemporaryDirectory() as name:
        with quiet():
            at = desk(Path(name))
        environment = {
            "DATABASE_URL": f"sqlite:///{name}/portal.sqlite3", "UPLOADS_DIR": name, "DEMO": "1",
            "SECRET_KEY": "only-for-the-bench-0123456789abcdef", "BASE_URL": "http://localhost",
            # Bytecode is kept, as in any installation; the first start writes it.
            "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{name}/bytecode",
        }  # fmt: skip
        seconds: list[float] = []
        worked: list[float] = []
        for start in range(STARTS):
            port = free_port()
            command = ["-m", "portal.cli", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
            with running(command, "/sign-in", environment, port) as served:
                seconds.append(served.seconds)
                worked.append(_worked(served.pid) + sum(map(_worked, _children(served.pid))))
                if start == STARTS - 1:
                    _work(port, at.path)
                    memory = max(_kilobytes(pid) for pid in _children(served.pid))
        how = f"best of {STARTS}; of it {min(worked):.2f} s its own work, whatever else the machine did"
        yield Figure("portal serve, start to first answer", min(seconds), 1, "s", how=how)
        how = f"RSS after {ROUNDS} rounds of {len(PAGES) + 1} pages"
        yield Figure("worker", memory / 1024, 85, "MB", how=how)


def _work(port: int, draft: str) -> None:
    """Sign in as the one whose draft it is, and look around."""
    with Connection(port) as connection:
        head, page = connection.ask(request("GET", "/sign-in"))
        token = re.search(rb'name="csrf_token" value="([^"]+)"', page)
        person = re.search(rb'name="person" value="(\d+)"[^>]*>(?:(?!</button>).)*Anna', page, re.S)
        assert token, "no token"
        assert person, "nobody to be"
        form = {"csrf_token": token[1].decode(), "person": person[1].decode()}
        sent = request("POST", "/sign-in/demo", cookies=_cookie(head), form=form)
        connection.socket.sendall(sent)
        cookies = _cookie(connection.socket.recv(1 << 16))
    with Connection(port) as connection:
        for path in (*PAGES, draft) * ROUNDS:
            connection.begin(request("GET", path, cookies=cookies))
            _whatever_comes(connection)


def _whatever_comes(connection: Connection) -> None:
    """Read an answer, also one that says no: what may be seen depends on the day."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.socket.recv(1 << 18)
    head, _gap, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.socket.recv(1 << 18)


def _cookie(head: bytes) -> str:
    return head.decode("latin-1").split("Set-Cookie: ")[1].split(";")[0]


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _worked(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kilobytes(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])

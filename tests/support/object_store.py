"""A real S3 server, which proves signatures; what it keeps lies in a folder, so that tests can let it grow old."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.settings import ObjectStore

KEY, SECRET = "portal-in-tests-key", "only-for-tests-0123456789abcdefghijklmno"


@dataclass(frozen=True)
class S3Server:
    """A server, and the folder of its buckets."""

    endpoint: str
    folder: Path

    def bucket(self, name: str, **other: str) -> ObjectStore:
        """A new bucket's address."""
        (self.folder / name).mkdir()
        return self.told(name, **other)

    def told(self, name: str, **other: str) -> ObjectStore:
        usual = {
            "prefix": "portal/documents", "endpoint": self.endpoint, "region": "eu-north-1",
            "access_key_id": KEY, "secret_access_key": SECRET,
        }  # fmt: skip
        return ObjectStore(bucket=name, **usual | other)

    def age(self, name: str, seconds: float) -> None:
        """Let everything in a bucket have been there for so long."""
        then = time.time() - seconds
        shutil.rmtree(
            self.folder / name / ".nanio-meta", ignore_errors=True
        )  # without it the files' own times count
        for path in (self.folder / name).rglob("*"):
            os.utime(path, (then, then))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    folder, port = tmp_path_factory.mktemp("s3"), free_port()
    command = (
        "serve",
        "--data-dir",
        str(folder),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--region",
        "eu-north-1",
    )
    told = {**os.environ, "NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET}
    nanio = shutil.which("nanio", path=str(Path(sys.executable).parent)) or "nanio"
    quiet = ("--no-access-log", "--log-level", "error")
    with subprocess.Popen([nanio, *command, *quiet], env=told, stderr=subprocess.DEVNULL) as server:
        try:
            _until_it_answers(server, port)
            yield S3Server(f"http://127.0.0.1:{port}", folder)
        finally:
            server.terminate()


def _until_it_answers(server: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("the S3 server does not start")

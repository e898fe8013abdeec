"""Two machines of an older portal behind nginx, people at work, and the upgrade that docs/operate.md tells:
`python -m tests.bench.upgrading --old COMMIT`. It prints how each stage was answered and what was lost.

Needs nginx and git. PostgreSQL, machines and proxy run here, each machine on a port of its own.
"""

import argparse
import inspect
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

from portal.cli import environment, proving
from portal.cli.relaying import one_round, post_of
from portal.demo import crowd
from portal.demo.post import open_post
from portal.environment import ROOT
from portal.settings import Settings
from portal.store.session import Database
from tests.support.object_store import free_port
from tests.support.postgres import PostgresServer

SETTLES = """
import re, sys
from datetime import date
from pathlib import Path
from portal.cli import environment
from portal.store.session import Database
from typing import Any
AMOUNT = {amount}

{edition}

{settle}

folder = Path(sys.argv[2])
edition = _edition(folder, environment.now().year, {minutes})
print(edition, *_settle(Database(sys.argv[1]), folder, {people}))
"""
"""What `portal prove` does before people come, done by the older code, which may be older than `prove`."""


class Machine:
    """One of the two, of one code or the other."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.port, self._environ, self._folder = free_port(), environ, folder

    def start(self, code: Path) -> None:
        command = ("serve", "--bind", f"127.0.0.1:{self.port}", "--workers", "2")
        self._log = (self._folder / f"{self.port}.log").open("ab")
        self.process = run(code, self._environ, *command, log=self._log)
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.2)
        raise SystemExit(f"the machine of {code} does not start: {self._log.name}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        self._log.close()


class Proxy:
    """nginx with the site of docs/operate, without TLS."""

    def __init__(self, machines: list[Machine], folder: Path) -> None:
        self.port, self._machines, self._folder = free_port(), machines, folder
        self._tell(None)

    def _tell(self, out: Machine | None) -> None:
        site = (ROOT / "docs/operate/nginx.conf").read_text("utf-8")
        servers = "".join(
            f"    server 127.0.0.1:{each.port} fail_timeout=0{' down' if each is out else ''};\n"
            for each in self._machines
        )
        site = site.replace("    server unix:/run/portal/portal.sock fail_timeout=0;\n", servers)
        site = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", site, count=1, flags=re.DOTALL)
        site = re.sub(r"    (ssl_|listen \[::\]).*\n", "", site)
        site = site.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port};")
        site = site.replace(
            "$host;\n        proxy_set_header X-Forwarded-For",
            "$http_host;\n        proxy_set_header X-Forwarded-For",
        )
        site = site.replace("X-Forwarded-Host $host;", "X-Forwarded-Host $http_host;")
        (self._folder / "nginx.conf").write_text(
            f"pid {self._folder}/nginx.pid; error_log {self._folder}/nginx.log;\nworker_shutdown_timeout 75s;\n"
            f"events {{}}\nhttp {{ access_log off; client_body_temp_path {self._folder}/body;\n"
            f"proxy_temp_path {self._folder}/proxy;\n{site}\n}}\n",
            "utf-8",
        )

    @contextmanager
    def up(self) -> Iterator[None]:
        self._nginx()
        try:
            yield
        finally:
            self._nginx("-s", "stop")

    def take_out(self, machine: Machine | None) -> None:
        """Send nobody to it any more; what it is answering it ends before it stops. None: all take part again."""
        self._tell(machine)
        self._nginx("-s", "reload")
        time.sleep(2)

    def _nginx(self, *options: str) -> None:
        subprocess.run(
            ["nginx", "-c", f"{self._folder}/nginx.conf", "-p", str(self._folder), *options], check=True
        )


def run(code: Path, environ: dict[str, str], *command: str, log: object = None) -> "subprocess.Popen[bytes]":
    told = {**environ, "PYTHONPATH": str(code)}
    return subprocess.Popen([sys.executable, "-m", "portal.cli", *command], env=told, cwd=code, stderr=log)  # type: ignore[call-overload,no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.upgrading", description=__doc__)
    parser.add_argument("--old", default="e041f39", help="the commit that both machines begin with")
    parser.add_argument("--seconds", type=float, default=15, help="how long people work in each stage")
    parser.add_argument("--people", type=int, default=4)
    told = parser.parse_args()
    crowd.CUT = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-upgrade-")))
        old = folder / "old"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "-q", "--detach", str(old), told.old], check=True)
        stack.callback(subprocess.run, [*git, "remove", "--force", str(old)], check=True)
        server = PostgresServer(synchronous_commit="on")
        stack.callback(server.remove)
        server.start()
        with closing(psycopg.connect(server.url().replace("+psycopg", ""), autocommit=True)) as admin:
            admin.execute("CREATE DATABASE portal TEMPLATE template0 ENCODING 'UTF8'")
        Upgrade(folder, old, server.url("portal"), told.seconds, told.people).go(stack)


class Upgrade:
    """The stages, and what people were answered in each."""

    def __init__(self, folder: Path, old: Path, url: str, seconds: float, people: int) -> None:
        self.folder, self.old, self.url, self.seconds, self.people = folder, old, url, seconds, people
        self.ledger = crowd.Ledger()
        self.before: Counter[str] = Counter()

    def go(self, stack: ExitStack) -> None:
        schemes = self.folder / "schemes"
        schemes.mkdir()
        environ = {
            **os.environ, "SECRET_KEY": os.urandom(32).hex(), "DEMO": "1", "SCHEMES": "rfr", "TRUSTED_PROXIES": "1",
            "DATABASE_URL": self.url, "SCHEMES_DIR": str(schemes), "UPLOADS_DIR": str(self.folder / "documents"),
            "SMTP_URL": open_post(lambda message_id: self.ledger.mails.update((message_id,))),
            "MAIL_FROM": "portal@prove.test", "PORTAL_SETTINGS": "", "SIGN_IN": "", "BASE_URL": "http://127.0.0.1",
        }  # fmt: skip
        machines = [Machine(environ, self.folder), Machine(environ, self.folder)]
        proxy = Proxy(machines, self.folder)
        environ["BASE_URL"] = f"http://127.0.0.1:{proxy.port}"
        self._command(self.old, environ, "migrate")
        edition, _head, chair, representative, *doctors = self._settle(environ, schemes)
        for each in machines:
            each.start(self.old)
            stack.callback(lambda each=each: each.process.kill())  # type: ignore[misc]
        with proxy.up():
            until = time.monotonic() + 3600
            people = crowd.Crowd(proxy.port, edition, until, map(int, doctors), random.Random(1), self.ledger)  # noqa: S311
            jobs: list[Callable[[], None]] = [people.apply] * self.people
            jobs += [
                partial(people.decide, "chair", int(chair)),
                partial(people.decide, "representative", int(representative)),
            ]
            threads = [threading.Thread(target=self._do, args=(job,)) for job in jobs]
            for each in threads:
                each.start()
            self._stage("both old, before")
            self._command(ROOT, environ, "migrate")
            self._stage("both old, on the new tables")
            for number, machine in enumerate(machines, 1):
                proxy.take_out(machine)
                machine.stop()
                machine.start(ROOT)
                proxy.take_out(None)
                self._stage(f"machine {number} replaced")
            people.ends = 0
            for each in threads:
                each.join()
        for each in machines:
            each.stop()
        for command in (["doctor", "--deep"], ["recount"], ["doctor", "--deep"]):
            self._command(ROOT, environ, *command, check=False)
        with closing(Database(self.url)) as kept:
            later = environment.now() + timedelta(days=1)
            one_round(kept, post_of(Settings.from_env(environ)), clock=lambda: later, say=lambda _said: None)
            proving._report(self.ledger)
            for name, times in proving._judge(kept, self.ledger).items():
                print(f"{'BAD ' if times else 'ok  '} {name}: {times}")
        for log in self.folder.glob("*.log"):
            for line in [
                line for line in log.read_text("utf-8").splitlines() if '"error"' in line or "Error" in line
            ][:5]:
                print(line[:600])

    def _do(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:
            self.ledger.gave_up.append(repr(error))

    def _stage(self, name: str) -> None:
        time.sleep(self.seconds)
        now = Counter(self.ledger.answers)
        said = ", ".join(f"{status} × {times}" for status, times in sorted((now - self.before).items()))
        print(
            f"{name}: {said}; {len(self.ledger.sent)} sent, {len(self.ledger.signed)} signed so far",
            flush=True,
        )
        self.before = now

    def _command(self, code: Path, environ: dict[str, str], *command: str, check: bool = True) -> None:
        began = time.monotonic()
        status = run(code, environ, *command).wait()
        print(
            f"portal {' '.join(command)}: exit status {status}, {time.monotonic() - began:.1f} s", flush=True
        )
        if status and check:
            raise SystemExit(1)

    def _settle(self, environ: dict[str, str], schemes: Path) -> list[str]:
        plain = {"amount": crowd.AMOUNT, "minutes": self.seconds / 12, "people": int(self.seconds * 40)}
        sources = {"edition": proving._edition, "settle": proving._settle}
        program = SETTLES.format(**plain, **{name: inspect.getsource(each) for name, each in sources.items()})
        program = program.replace('"Database"', "Any")
        command = [sys.executable, "-c", program, self.url, str(schemes)]
        done = subprocess.run(
            command,
            env={**environ, "PYTHONPATH": str(self.old)},
            cwd=self.old,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout.split()


if __name__ == "__main__":
    main()

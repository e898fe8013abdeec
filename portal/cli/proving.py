"""`portal prove`: people at work while things fail, and then what was acknowledged against what is there.

All of it is made for the purpose: database, folder, an edition whose money runs out, people and a mail server. It needs
Linux for what it does to processes.
"""

import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli import environment
from portal.demo.crowd import AMOUNT, Crowd, Ledger
from portal.environment import ROOT, read_database

if TYPE_CHECKING:
    from portal.store.session import Database

Process = subprocess.Popen[bytes]


@dataclass
class Site:
    """The portal's processes, and what happens to them."""

    folder: Path
    port: int
    environ: Mapping[str, str]
    workers: int
    chance: random.Random
    faults: Counter[str]
    crash: str | None
    """A command that ends the database and lets it begin again."""

    @contextmanager
    def up(self) -> Iterator[None]:
        """Serve, and send e-mails, until the block ends."""
        self.web = self._run("serve", "--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers))
        self.mail = self._run("send-mail", "--every", "0.5")
        try:
            if not self._answers():
                raise click.ClickException(f"the portal does not start: see {self.folder / 'serve.log'}")
            yield
        finally:
            for process in (self.web, self.mail):
                process.terminate()
            for process in (self.web, self.mail):
                with suppress(subprocess.TimeoutExpired):
                    process.wait(40)
                process.kill()

    def _run(self, *command: str) -> Process:
        how = {"env": self.environ, "cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        started: Process = subprocess.Popen([sys.executable, "-m", "portal.cli", *command], **how)  # type: ignore[call-overload] # noqa: S603
        threading.Thread(target=self._keep_log, args=(started, command[0]), daemon=True).start()
        return started

    def _keep_log(self, process: Process, name: str) -> None:
        """The log goes through here to its file, so that a full disk does not silence it."""
        with (self.folder / f"{name}.log").open("ab", buffering=0) as log:
            for line in process.stderr or ():
                log.write(line)

    def _answers(self, seconds: float = 300) -> bool:
        """Wait until it answers, or for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.web.poll() is None:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=15)
            with suppress(OSError, HTTPException):
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return True
            connection.close()
            time.sleep(0.2)
        return False

    def _children(self) -> list[int]:
        with suppress(OSError):
            found = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text("ascii")
            return [int(each) for each in found.split()]
        return []

    def harm(self, going_on: Callable[[], bool]) -> None:
        """One thing after the other in any order, with time between to get up again."""
        kinds = {"worker killed": self._kill, "worker stopped": self._stop, "reloaded": self._reload}
        kinds |= {"database crashed": self._crash} if self.crash else {"disk full": self._fill}
        todo: list[str] = []
        while going_on():
            todo = todo or self.chance.sample(sorted(kinds), len(kinds))
            with suppress(ProcessLookupError):
                kinds[todo[-1]]()
                self.faults[todo[-1]] += 1
            todo.pop()
            self._answers(60)
            time.sleep(self.chance.uniform(0.5, 4))

    def _kill(self) -> None:
        os.kill(self.chance.choice(self._children() or [0]) or self.web.pid, signal.SIGKILL)

    def _stop(self) -> None:
        """At times for longer than a master waits for a sign of life: then it ends the worker."""
        if workers := self._children():
            pid = self.chance.choice(workers)
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self.chance.choice((0.5, 2, 2, 13)))
            os.kill(pid, signal.SIGCONT)

    def _reload(self) -> None:
        self.web.send_signal(signal.SIGHUP)

    def _crash(self) -> None:
        subprocess.run(str(self.crash), shell=True, check=True, capture_output=True)  # noqa: S602 - the operator's own

    def _fill(self) -> None:
        """No file takes a byte for a while, as on a disk that is full."""
        self._limit(0)
        time.sleep(self.chance.uniform(1, 3))
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for pid in (self.web.pid, self.mail.pid, *self._children()):
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def _opened(url: str) -> Iterator["Database"]:
    from portal.store.session import Database

    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _edition(folder: Path, year: int, minutes: float) -> str:
    """This year's edition, without pauses and with money for some of the applications; its key."""
    from portal.schemes.loader import FOLDER
    from portal.schemes.roll import roll_file

    path = roll_file(FOLDER / "rfr-2024.toml", to_year=year, into=folder)
    text = re.sub(r"\[\[pauses\]\]\n(?:\w+ = .*\n)+", "", path.read_text("utf-8"))
    text = text.replace(f"{year}-12-31", f"{year + 1}-12-31")  # so that there is a day to come on every day
    budget = max(4, int(12 * minutes)) * AMOUNT + AMOUNT // 2
    path.write_text(text.replace('amount = "1750000.00"', f'amount = "{budget}.00"'), "utf-8")
    return path.stem


def _settle(database: "Database", schemes: Path, count: int) -> list[int]:
    """Let people move into an empty database: a head, the two seats, and doctors; their ids."""
    from portal.actions import claiming, people
    from portal.domain.person import Person
    from portal.schemes.loader import load

    at, known = environment.now(), load(schemes)
    ids: list[int] = []
    with database.writing() as session:
        for name in ("Head", "Chair", "Representative", *(f"Doctor {number}" for number in range(count))):
            told = (f"P{len(ids):06d}", name, f"p{len(ids)}@prove.test", "Clinic")
            person = Person(0, *told, language="en", head_id=ids[0] if ids else None, specialist=True)
            ids.append(people.add_person(session, person=person, by=None, at=at))
        for seat, who in zip(("chair", "representative"), ids[1:], strict=False):
            people.appoint(
                session, fund="rfr", seat=seat, person_id=who, substitute=False, starts_on=date(at.year - 1, 1, 1),
                ends_on=None, schemes=known, by=None, at=at,
            )  # fmt: skip
        claiming.open_budget(session, schemes=known, by=None, at=at)
    return ids


def _judge(database: "Database", ledger: Ledger) -> dict[str, int]:
    """How often each thing has happened that never may."""
    from portal.store import audit, outbox, signing
    from portal.store.soundness import message_ids, soundness, titles

    with database.reading() as session:
        found, counted, log = titles(session), soundness(session), audit.verify(session)
        signed = {
            (number, each.seat)
            for number, (key, _title, _status) in found.items()
            for each in signing.signatures_on(session, key)
        }
        mails, (waiting, parked, _since) = set(message_ids(session)), outbox.waiting(session)
    click.echo(
        f"There are {len(found)} applications, {counted.decisions} decisions, {len(signed)} signatures, "
        f"{log.count} events and {len(mails)} e-mails; {ledger.mails.total() - len(ledger.mails)} e-mails were "
        "handed over again with the same Message-ID, when it was not known whether they had been."
    )
    called = Counter(title for _key, title, _status in found.values())
    gone = [event for event, number in ledger.sent.items() if found.get(number, (0, ""))[1] != event]
    stayed = [number for number in ledger.withdrawn if found[number][2] != "withdrawn"]
    return {
        "lost": len(gone) + len(stayed) + len(ledger.signed - signed),
        "doubled": sum(times - 1 for times in called.values()),
        "overspent": len(counted.overspent),
        "decided by one person": len(counted.one_person),
        "otherwise than decided": len(counted.undecided),
        "sums that are not equal": len(counted.unequal),
        "e-mails not sent once": len(mails ^ set(ledger.mails)) + waiting + parked,
        "a broken log": int(not log.whole),
        "answers of 500": ledger.answers["500"],
        "people who gave up": len(ledger.gave_up),
    }


def _work(crowd: Crowd, site: Site, seats: Mapping[str, int], people: int) -> None:
    """Let everybody work and everything fail until the time is over."""

    def do(what: Callable[[], None]) -> None:
        try:
            what()
        except Exception as error:
            crowd.ledger.gave_up.append(repr(error))

    jobs: list[Callable[[], None]] = [partial(crowd.decide, *seat) for seat in seats.items()]
    jobs += [crowd.apply] * people
    jobs.append(partial(site.harm, crowd.going_on))
    threads = [threading.Thread(target=do, args=(job,), daemon=True) for job in jobs]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


@click.command()
@click.option(
    "--minutes", default=1.0, show_default=True, type=click.FloatRange(0.05), help="How long people work."
)
@click.option("--database", help="An empty PostgreSQL database to work in; otherwise SQLite, in the folder.")
@click.option("--crash", help="A command that crashes that database and starts it again.")
@click.option("--folder", type=environment.FOLDER, help="Keeps database and logs; otherwise they go.")
@click.option("--port", default=0, help="Port on 127.0.0.1; otherwise any that is free.")
@click.option("--workers", default=3, show_default=True, type=click.IntRange(2))
@click.option(
    "--people", default=4, show_default=True, type=click.IntRange(1), help="How many apply at once."
)
@click.option("--seed", type=int, help="Lets chance do the same again.")
def prove(
    minutes: float, database: str | None, crash: str | None, folder: Path | None, port: int, workers: int,
    people: int, seed: int | None,
) -> None:  # fmt: skip
    """Let made-up people work in a scratch portal while it fails, and prove that nothing is lost or done twice.

    Workers are killed, stopped and reloaded, connections are cut, the disk is full or (--crash) the database crashes.
    Exit status 1 when anything was wrong.
    """
    with ExitStack() as stack:
        scratch = (
            folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-prove-")))
        ).resolve()
        scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        from portal.cli.relaying import one_round, post_of
        from portal.demo.post import open_post
        from portal.settings import Settings
        from portal.store.copies import refuse_unless_empty
        from portal.store.migrate import upgrade

        url = read_database(database) if database else f"sqlite:///{scratch / 'portal.sqlite3'}"
        ledger = Ledger()
        kept = stack.enter_context(_opened(url))
        refuse_unless_empty(kept)
        upgrade(url)
        edition = _edition(scratch / "schemes", environment.now().year, minutes)
        _head, chair, representative, *doctors = _settle(kept, scratch / "schemes", int(60 * minutes) + 20)
        with socket.socket() as free:
            free.bind(("127.0.0.1", port))
            port = free.getsockname()[1]
        told = {
            "SECRET_KEY": os.urandom(32).hex(), "BASE_URL": f"http://127.0.0.1:{port}", "DEMO": "1", "SCHEMES": "rfr",
            "DATABASE_URL": url, "SCHEMES_DIR": str(scratch / "schemes"), "UPLOADS_DIR": str(scratch / "documents"),
            "SMTP_URL": open_post(lambda message_id: ledger.mails.update((message_id,))), "SIGN_IN": "",
            "MAIL_FROM": "portal@prove.test", "PORTAL_SETTINGS": "",
        }  # fmt: skip
        environ, seed = {**os.environ, **told}, random.randrange(10**6) if seed is None else seed  # noqa: S311
        chance = random.Random(seed)  # noqa: S311 - what happens, no secret
        click.echo(f"{minutes:g} min on {kept.dialect}, {workers} workers, {people} applicants, seed {seed}.")
        site = Site(scratch, port, environ, workers, chance, ledger.faults, crash)
        with site.up():
            crowd = Crowd(port, edition, time.monotonic() + 60 * minutes, iter(doctors), chance, ledger)
            _work(crowd, site, {"chair": chair, "representative": representative}, people)
        later = environment.now() + timedelta(days=1)  # what was postponed or leased is due then
        one_round(kept, post_of(Settings.from_env(environ)), clock=lambda: later, say=lambda _said: None)
        _report(ledger)
        bad = _judge(kept, ledger)
    for name, times in bad.items():
        click.echo(f"{'BAD ' if times else 'ok  '} {name}: {times}")
    if not (ledger.sent and ledger.signed):
        click.echo("BAD  nothing was done in that time, so nothing is proved.")
    sys.exit(1 if any(bad.values()) or not (ledger.sent and ledger.signed) else 0)


def _report(ledger: Ledger) -> None:
    done = f"{len(ledger.sent)} applications, {len(ledger.signed)} signatures, {len(ledger.withdrawn)} withdrawals"
    click.echo(f"Acknowledged: {done}; the slowest answer took {ledger.slowest:.1f} s.")
    for name, counts in (("Done to it", ledger.faults), ("Answers", ledger.answers)):
        click.echo(f"{name}: {', '.join(f'{what} {times}' for what, times in sorted(counts.items()))}.")
    for said in ledger.gave_up:
        click.echo(f"Gave up: {said}")


COMMANDS = (prove,)

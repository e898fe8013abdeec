"""The command line: one more door to the same rooms. It only reads arguments, calls, and prints.

What a command needs is imported when it runs, so that `portal --help` and `assess` start at once. Besides `web.current`
this is the only place with a clock.
"""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from portal.settings import Settings
    from portal.store.session import Database

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Course funding: the portal's command line."""


def _now() -> datetime:
    return datetime.now(UTC)


def _settings() -> "Settings":
    from portal.settings import Settings, WrongSettings

    try:
        return Settings.from_env()
    except WrongSettings as wrong:
        raise click.ClickException(f"the portal cannot start:\n{wrong}") from None


@contextmanager
def _database() -> "Iterator[Database]":
    from portal.store.session import Database

    database = Database(_database_url())
    try:
        yield database
    finally:
        database.close()


def _database_url() -> str:
    """Only the address of the database: looking after it needs no secret."""
    from portal.settings import WrongSettings, database_url_from_env

    try:
        return database_url_from_env()
    except WrongSettings as wrong:
        raise click.ClickException(str(wrong)) from None


def _folders() -> list[Path]:
    """The folder with further scheme files, when there is one."""
    added = os.environ.get("SCHEMES_DIR", "").strip()
    return [Path(added)] if added else []


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to answer on.")
@click.option("--workers", default=2, show_default=True, help="Processes; each has eight threads.")
def serve(bind: str, workers: int) -> None:
    """Serve the portal as the environment sets it."""
    # Loading makes a hundred thousand objects that stay; each worker collects again once it has loaded (wsgi.py).
    gc.disable()
    from portal.cli.serving import serve as run
    from portal.store.revision import pending

    _settings()
    with _database() as database:
        if pending(database):
            raise click.ClickException(
                "the database is not at this portal's revision: run `portal migrate` first."
            )
    run(bind=bind, workers=workers)


@main.command()
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
@click.option("--folder", type=FOLDER, help="Where the demo keeps its data; a new folder when not given.")
def demo(port: int, folder: Path | None) -> None:
    """Serve a portal with made-up people and applications, on this machine only."""
    import tempfile

    from portal.cli.demonstration import prepare
    from portal.cli.serving import serve as run

    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="portal-demo-"))
    prepare(folder, port=port, at=_now())
    click.echo(f"A demo portal is at http://127.0.0.1:{port}/ with its data in {folder}. Ctrl-C stops it.")
    run(bind=f"127.0.0.1:{port}", workers=1)


@main.command()
def migrate() -> None:
    """Bring the database to the newest revision, and give it the budget periods of every scheme."""
    from portal.actions.budgeting import open_budget
    from portal.schemes.loader import load
    from portal.store.migrate import upgrade
    from portal.store.revision import newest

    upgrade(_database_url())
    with _database() as database:
        database.write(open_budget, schemes=load(*_folders()), by=None, at=_now())
    click.echo(f"The database is at {newest()}.")


@main.command("add-person")
@click.option("--number", required=True, help="The stable personal id.")
@click.option("--name", required=True)
@click.option("--email", default="")
@click.option("--unit", default="")
@click.option("--language", default="sv", type=click.Choice(["sv", "nb", "en"]))
@click.option("--head", "head_number", help="Personal id of the head.")
@click.option("--specialist", is_flag=True)
@click.option("--role", "roles", multiple=True, type=click.Choice(["finance", "administrator"]))
@click.option(
    "--login", help="Gives a local account; the password is asked for, or read from standard input."
)
def add_person(
    number: str,
    name: str,
    email: str,
    unit: str,
    language: str,
    head_number: str | None,
    specialist: bool,
    roles: tuple[str, ...],
    login: str | None,
) -> None:
    """Add a person, the first administrator for one."""
    from portal.actions.people import add_person as add
    from portal.domain.person import Person
    from portal.store import people

    now = _now()
    password_hash = _new_password((name, email, number)) if login else None
    with _database() as database, _refusals():
        with database.reading() as session:
            head = people.find_by_number(session, head_number, day=now.date()) if head_number else None
        if head_number and head is None:
            raise click.ClickException(f"there is no person with the id {head_number}.")
        person = Person(
            id=0,
            number=number,
            name=name,
            email=email,
            unit=unit,
            language=language,
            head_id=head.id if head else None,
            specialist=specialist,
            roles=frozenset(roles),
        )
        database.write(add, person=person, login=login, password_hash=password_hash, by=None, at=now)
    click.echo(f"{name} is added.")


@main.command("set-password")
@click.argument("number")
@click.option("--login", help="The login, when the person has none yet.")
def set_password(number: str, login: str | None) -> None:
    """Give the person with that personal id a new password; every session of theirs ends."""
    from portal.actions.people import set_account
    from portal.store import people

    now = _now()
    with _database() as database, _refusals():
        with database.reading() as session:
            person = people.find_by_number(session, number, day=now.date())
            account = people.find_login_of(session, person.id, day=now.date()) if person else None
        if person is None:
            raise click.ClickException(f"there is no active person with the id {number}.")
        login = login or (account.login if account else None)
        if login is None:
            raise click.ClickException(f"{person.name} has no login yet: give one with --login.")
        kept = _new_password((person.name, person.email, person.number))
        database.write(set_account, person_id=person.id, login=login, password_hash=kept, by=None, at=now)
    click.echo(f"{person.name} has a new password.")


def _new_password(about: tuple[str, ...]) -> str:
    """Ask for a password, twice at a terminal, and hash it."""
    from portal.actions.passwords import hash_password
    from portal.domain.passwords import check_password

    if sys.stdin.isatty():
        password: str = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    refusal = check_password(password, about=about)
    if refusal is not None:
        raise click.ClickException(refusal.text % refusal.values)
    return hash_password(password)


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in words what the portal refuses."""
    from portal.domain.refusal import Refused

    try:
        yield
    except Refused as refused:
        raise click.ClickException(refused.refusal.text % refused.refusal.values) from None


@main.command()
def doctor() -> None:
    """Say what is wrong with this installation; exit status 1 when something is."""
    from portal.cli.checkup import examine

    with _database() as database:
        complaints = 0
        mails = bool(os.environ.get("SMTP_URL", "").strip())
        for point in examine(database, folders=tuple(_folders()), at=_now(), sends_mail=mails):
            click.echo(f"{'ok  ' if point.good else 'BAD '} {point.text}")
            complaints += not point.good
    sys.exit(1 if complaints else 0)


@main.command("send-mail")
@click.option("--once", is_flag=True, help="One round, then stop.")
@click.option(
    "--every", default=5.0, show_default=True, type=click.FloatRange(0.1), help="Seconds between rounds."
)
def send_mail(once: bool, every: float) -> None:
    """Send the e-mails that wait and print the letters that are due, until stopped; several can run at once."""
    from portal.cli.relaying import work

    settings = _settings()
    with _database() as database:
        work(database, settings, once=once, every=every, clock=_now, say=click.echo)


@main.command("remind")
def remind() -> None:
    """Put the reminders of today into the outbox; again on the same day puts none. The worker does so by itself."""
    from portal.cli.relaying import put_reminders
    from portal.schemes.loader import load

    with _database() as database:
        put_reminders(database, load(*_folders()), at=_now(), say=click.echo)


@main.command("verify-audit")
def verify_audit() -> None:
    """Prove that nothing in the audit log was changed, removed or slipped in."""
    from portal.store import audit

    with _database() as database, database.reading() as session:
        found = audit.verify(session)
    if not found.whole:
        raise click.ClickException(f"the log is broken at event {found.broken_at}.")
    click.echo(f"The log is whole: {found.count} events, head {found.head}.")


def _uploads() -> Path:
    """The folder of documents."""
    from portal.settings import Settings

    return Path(os.environ.get("UPLOADS_DIR", "").strip() or Settings.uploads_dir)


@main.command("sweep-files")
def sweep_files() -> None:
    """Take away files that no document names, once they are a day old; run it daily."""
    from portal.store import documents
    from portal.store.files import Files

    with _database() as database:

        def is_named(sha256: str) -> bool:
            with database.reading() as session:
                return documents.is_named(session, sha256)

        swept = Files(_uploads()).sweep(is_named, at=_now())
    click.echo(f"Taken away: {swept.files} files, {swept.bytes} bytes.")


@main.command("verify-files")
def verify_files() -> None:
    """Prove that the file of every document is there and as it was; exit status 1 when one is not."""
    from portal.store import documents
    from portal.store.files import Damaged, Files

    files, bad = Files(_uploads()), 0
    with _database() as database, database.reading() as session:
        hashes = documents.hashes(session)
    for sha256 in hashes:
        try:
            files.get(sha256)
        except Damaged:
            bad += 1
            click.echo(f"BAD {sha256}: gone or altered")
    click.echo(f"{len(hashes)} files, {bad} of them bad.")
    sys.exit(1 if bad else 0)


@main.command("verify-letters")
def verify_letters() -> None:
    """Prove that every printed letter is as it was kept; exit status 1 when one is not."""
    from portal.store import letters

    bad = 0
    with _database() as database, database.reading() as session:
        ids = letters.printed(session)
        for letter_id in ids:
            try:
                letters.read_pdf(session, letter_id)
            except letters.Tampered as tampered:
                bad += 1
                click.echo(f"BAD {tampered}")
    click.echo(f"{len(ids)} letters, {bad} of them bad.")
    sys.exit(1 if bad else 0)


@main.command("check-schemes")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
def check_schemes(paths: tuple[Path, ...]) -> None:
    """Read scheme files, the portal's own when none is named, and say what is wrong with them."""
    from portal.schemes.check import check_schemes as check

    bad = False
    for checked in check(paths):
        bad = bad or checked.scheme is None
        click.echo(checked.text)
    sys.exit(1 if bad else 0)


@main.command()
@click.argument("key")
@click.option("--to", "year", required=True, type=int, help="The year the terms are carried over to.")
@click.option("--into", type=FOLDER, help="Where the new file goes; SCHEMES_DIR or the portal's own folder.")
def roll(key: str, year: int, into: Path | None) -> None:
    """Carry an edition's terms over to another year, marked as not confirmed: portal roll rfr-2024 --to 2026."""
    from portal.schemes.loader import FOLDER as OWN
    from portal.schemes.roll import roll_file
    from portal.schemes.table import SchemeError

    folders = [*_folders(), OWN]
    path = next((found for each in folders if (found := each / f"{key}.toml").is_file()), None)
    if path is None:
        raise click.ClickException(f"there is no scheme {key}.")
    try:
        click.echo(f"Written: {roll_file(path, to_year=year, into=into or folders[0])}")
    except SchemeError as wrong:
        raise click.ClickException(str(wrong)) from None


@main.command()
@click.argument("file", type=click.File("rb", lazy=False))
def assess(file: BinaryIO) -> None:
    """Assess applications: JSON Lines from FILE (or -), JSON Lines out, by the same evaluation as every page.

    Exit status 1 when a line was no application; the others are answered all the same.
    """
    from portal.schemes.lines import answer_lines
    from portal.schemes.loader import load

    bad = False
    for answer, good in answer_lines(file, load(*_folders())):
        bad = bad or not good
        sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    sys.exit(1 if bad else 0)


def assess_main() -> None:
    """The console script `assess`."""
    assess.main(prog_name="assess")

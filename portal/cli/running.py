"""Commands that start the portal, prepare its database, look after it and do its work beside the web."""

import gc
import os
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import click

from portal.cli import environment
from portal.cli.environment import FOLDER


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to answer on.")
@click.option(
    "--workers",
    default=2,
    type=click.IntRange(1),
    show_default=True,
    help="Processes; each has eight threads.",
)
def serve(bind: str, workers: int) -> None:
    """Serve the portal as the environment sets it."""
    # Loading makes a hundred thousand objects that stay; each worker collects again once it has loaded (wsgi.py).
    gc.disable()
    from portal.cli.serving import is_here
    from portal.cli.serving import serve as run
    from portal.store.budgets import check_periods

    settings = environment.settings()
    if settings.demo and not is_here(bind):
        raise click.ClickException(
            f"DEMO: anybody can sign in to a demo as anybody, so it answers on this machine only, not on {bind}."
        )
    if (said := settings.proxy_not_counted) is not None:
        click.echo(f"Note: {said}", err=True)
    # The log goes to standard error; the file it may be led to was made by somebody else.
    mode = os.fstat(2).st_mode
    if stat.S_ISREG(mode) and mode & 0o077:
        click.echo("the file of the log is open to others on this machine: chmod go= it.", err=True)
    schemes = environment.schemes()  # each worker would fail on a wrong file, where nobody reads why
    with environment.database() as database, database.reading() as session:
        for scheme in schemes.values():
            check_periods(session, scheme)
    run(bind=bind, workers=workers)


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
@click.option(
    "--folder",
    type=FOLDER,
    help="Where the demo keeps its data; otherwise a folder that goes with it.",
)
def demo(port: int, folder: Path | None) -> None:
    """Serve a portal with made-up people and applications, on this machine only, with its worker and its mail."""
    import atexit
    import tempfile

    from portal.cli.serving import serve as run
    from portal.demo.post import open_post

    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="portal-demo-"))
        atexit.register(_remove_if, folder, os.getpid())
    os.environ["SMTP_URL"] = open_post()
    _prepare(folder, port=port, at=environment.now())
    worker = subprocess.Popen([sys.executable, "-m", "portal.cli", "send-mail"], stdout=subprocess.DEVNULL)
    atexit.register(_stop_if, worker, os.getpid())
    _offer_provider(folder, port)
    click.echo(f"A demo portal is at http://127.0.0.1:{port}/ with its data in {folder}. Ctrl-C stops it.")
    run(bind=f"127.0.0.1:{port}", workers=1)


def _stop_if(worker: subprocess.Popen[bytes], pid: int) -> None:
    """End the worker when the process with that id does."""
    if os.getpid() == pid:
        worker.terminate()
        worker.wait(30)


def _offer_provider(folder: Path, port: int) -> None:
    """Let people of the demo sign in by OpenID Connect too, where a provider can be run here."""
    import secrets

    from portal.demo import provider

    node, secret = provider.find_node(), secrets.token_urlsafe(32)
    if node is None or not provider.SCRIPT.exists():
        return
    running = provider.start(node, f"http://127.0.0.1:{port}", secret)
    if running is not None:
        name = "OpenID Connect"
        os.environ["SIGN_IN"] = str(provider.write_settings(running, folder.resolve(), secret, name=name))
        click.echo(f"Its people can sign in at {running.address} too, by a personal id and any password.")


def _remove_if(folder: Path, pid: int) -> None:
    """Delete the folder when the process with that id ends, not when a worker does."""
    import shutil

    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, *, port: int, at: datetime) -> None:
    """Give the folder a database, this year's editions and a secret of its own, and let the environment point at it."""
    import secrets

    from portal.demo import load, roll_editions
    from portal.store.migrate import upgrade

    editions, secret, database_file = folder / "schemes", folder / "secret", folder / "portal.sqlite3"
    editions.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32), "utf-8")
    is_new = not database_file.exists()
    url = f"sqlite:///{database_file.resolve()}"
    os.environ.pop("PORTAL_SETTINGS", None)
    os.environ.update(
        DATABASE_URL=url,
        SECRET_KEY=secret.read_text("utf-8"),
        BASE_URL=f"http://127.0.0.1:{port}",
        DEMO="1",
        SCHEMES="",
        SCHEMES_DIR=str(editions.resolve()),
        SIGN_IN="",
        UPLOADS_DIR=str((folder / "documents").resolve()),
    )
    upgrade(url)
    if is_new:
        roll_editions(editions, at.year, at.month)
        with environment.any_database() as database:
            second = environment.settings().second_finance
            load(database, environment.schemes(), at=at, files=environment.files(), second=second)


@click.command()
def migrate() -> None:
    """Bring the database to the newest revision, and give it the budget periods of every scheme.

    With nothing to do it only reads, so that nobody waits for it.
    """
    from portal.actions.claiming import open_budget
    from portal.settings import database_url_from_env
    from portal.store.budgets import are_as_told
    from portal.store.migrate import newest, pending, upgrade
    from portal.store.trouble import is_missing, refuse_newer

    schemes = environment.schemes()  # before anything is changed
    with environment.any_database() as database:
        is_new = is_missing(database.url)
        if not is_new:
            refuse_newer(database)
        if is_new or pending(database):
            upgrade(database_url_from_env())
        with database.reading() as session:
            told = all(are_as_told(session, scheme) for scheme in schemes.values())
        if not told:
            database.write(open_budget, schemes=schemes, by=None, at=environment.now())
    click.echo(f"The database is at {newest()}.")


@click.command()
@click.option(
    "--deep",
    is_flag=True,
    help="Prove the audit log from its first event and count sums anew, which takes long.",
)
def doctor(deep: bool) -> None:
    """Say what is wrong with this installation and what to do; exit status 1 when something is.

    It takes two seconds at most, however much there is, unless --deep.
    """
    from portal.cli.checkup import examine

    complaints = 0
    with environment.any_database() as database:
        for point in examine(database, environment.places(), at=environment.now(), deep=deep):
            click.echo(f"{'ok  ' if point.good else 'BAD '} {point.text}")
            complaints += not point.good
    sys.exit(1 if complaints else 0)


@click.command()
def recount() -> None:
    """Add up anew the sums that finance's pages show; only for when doctor --deep says that they are not right."""
    from portal.store import totals

    with environment.database() as database:
        database.write(totals.recount)
    click.echo("Added up anew.")


@click.command("send-mail")
@click.option("--once", is_flag=True, help="One round, then stop.")
@click.option(
    "--every", default=5.0, show_default=True, type=click.FloatRange(0.1), help="Seconds between rounds."
)
def send_mail(once: bool, every: float) -> None:
    """Send the e-mails that wait and print the letters that are due, until stopped; several can run at once."""
    from portal.cli.relaying import work

    settings = environment.settings()
    with environment.database() as database:
        work(database, settings, once=once, every=every, clock=environment.now, say=click.echo)


@click.command("remind")
def remind() -> None:
    """Put the reminders of today into the outbox; again on the same day puts none. The worker does so by itself."""
    from portal.cli.relaying import put_reminders

    with environment.database() as database:
        put_reminders(database, environment.schemes(), at=environment.now(), say=click.echo)


COMMANDS = (serve, demo, migrate, doctor, recount, send_mail, remind)

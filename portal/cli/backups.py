"""Commands that keep the whole portal in a folder, prove such a folder, and bring the portal back from it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from portal.cli import environment

_FOLDER = click.Path(path_type=Path)
_BACKUP = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--like", type=_BACKUP, help="An earlier backup: documents it has become links to it.")
def backup(folder: Path, like: Path | None) -> None:
    """Keep the database and the documents, as they are at this moment, in a new FOLDER; the portal may run.

    Exit status 1 when a document was gone or altered already; the backup has everything else then.
    """
    from portal.store import backup as backups
    from portal.store.files import Files

    with environment.database() as database, _sentences():
        made = backups.make(database, Files(environment.uploads()), folder, at=environment.now(), like=like)
    click.echo(
        f"Kept in {folder}: {made.database_bytes} bytes of database at {made.revision}, "
        f"{made.events} events, head {made.head}; {made.files} documents, {made.file_bytes} bytes."
    )
    _say_gone(made.gone)


@click.command("verify-backup")
@click.argument("folder", type=_BACKUP)
def verify_backup(folder: Path) -> None:
    """Prove that the backup in FOLDER is whole and as it was made; exit status 1 when it is not."""
    from portal.cli.checkup import wider
    from portal.store import backup as backups

    with _sentences():
        proof = backups.examine(folder)
    for fault in proof.faults:
        click.echo(f"BAD {fault}")
    if mode := wider(folder):
        click.echo(f"The folder is open to others on this machine ({mode}): chmod go= {folder}")
    if proof.manifest is None or proof.faults:
        sys.exit(1)
    made = proof.manifest
    click.echo(
        f"The backup of {made.made_at} is whole: {made.events} events, head {made.head}; {made.files} documents."
    )
    _say_gone(made.gone)


@click.command()
@click.argument("folder", type=_BACKUP)
def restore(folder: Path) -> None:
    """Bring the backup in FOLDER back into an empty DATABASE_URL and UPLOADS_DIR, and prove it.

    Stop the portal first.
    """
    from portal.store import backup as backups
    from portal.store.files import Files
    from portal.store.revision import newest

    with environment.database() as database, _sentences():
        made = backups.restore(database, Files(environment.uploads()), folder)
    click.echo(
        f"Restored as of {made.made_at}, and proved: {made.events} events, head {made.head}; {made.files} documents."
    )
    if made.revision != newest():
        click.echo("The database is at another revision than this portal needs: run `portal migrate`.")
    _say_gone(made.gone)


def _say_gone(gone: tuple[str, ...]) -> None:
    for sha256 in gone:
        click.echo(f"BAD the document {sha256} was gone or altered already when the backup was made.")
    if gone:
        sys.exit(1)


@contextmanager
def _sentences() -> Iterator[None]:
    """Say in words what stands in the way."""
    from portal.store.copies import CannotCopy

    try:
        yield
    except CannotCopy as why:
        raise click.ClickException(str(why)) from None


COMMANDS = (backup, verify_backup, restore)

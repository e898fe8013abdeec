"""Commands that prove that what the portal keeps is as it was: the log, the documents, the letters."""

import sys

import click

from portal.cli import environment


@click.command("verify-audit")
def verify_audit() -> None:
    """Prove that nothing in the audit log was changed, removed or slipped in."""
    from portal.store import audit

    with environment.database() as database, database.reading() as session:
        found = audit.verify(session)
    if not found.whole:
        raise click.ClickException(f"the log is broken at event {found.broken_at}.")
    click.echo(f"The log is whole: {found.count} events, head {found.head}.")


@click.command("sweep-files")
def sweep_files() -> None:
    """Take away files that no document names, once they are a day old; run it daily."""
    from portal.store import documents
    from portal.store.files import Files

    with environment.database() as database:

        def is_named(sha256: str) -> bool:
            with database.reading() as session:
                return documents.is_named(session, sha256)

        swept = Files(environment.uploads()).sweep(is_named, at=environment.now())
    click.echo(f"Taken away: {swept.files} files, {swept.bytes} bytes.")


@click.command("verify-files")
def verify_files() -> None:
    """Prove that the file of every document is there and as it was; exit status 1 when one is not."""
    from portal.store import documents
    from portal.store.files import Damaged, Files

    files, bad = Files(environment.uploads()), 0
    with environment.database() as database, database.reading() as session:
        hashes = documents.hashes(session)
    for sha256 in hashes:
        try:
            files.get(sha256)
        except Damaged:
            bad += 1
            click.echo(f"BAD {sha256}: gone or altered")
    click.echo(f"{len(hashes)} files, {bad} of them bad.")
    sys.exit(1 if bad else 0)


@click.command("verify-letters")
def verify_letters() -> None:
    """Prove that every printed letter is as it was kept; exit status 1 when one is not."""
    from portal.store import letters

    bad = 0
    with environment.database() as database, database.reading() as session:
        ids = letters.printed(session)
        for letter_id in ids:
            try:
                letters.read_pdf(session, letter_id)
            except letters.Tampered as tampered:
                bad += 1
                click.echo(f"BAD {tampered}")
    click.echo(f"{len(ids)} letters, {bad} of them bad.")
    sys.exit(1 if bad else 0)


COMMANDS = (verify_audit, sweep_files, verify_files, verify_letters)

"""Commands that keep the whole portal in a folder and bring it back, and prove that what is kept is as it was."""

import re
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli import environment

if TYPE_CHECKING:
    from portal.store.session import Database

_BACKUP = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--like", type=_BACKUP, help="An earlier backup: documents it has become links to it.")
def backup(folder: Path, like: Path | None) -> None:
    """Keep the database and the documents, as they are at this moment, in a new FOLDER; the portal may run.

    Exit status 1 when a document was gone or altered already; the backup has everything else then.
    """
    from portal.store import backup as backups
    from portal.store.trouble import refuse_unless_there

    with environment.any_database() as database:  # also of a revision that is about to be left
        refuse_unless_there(database.url)
        made = backups.make(database, environment.files(), folder, at=environment.now(), like=like)
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
    """Bring the backup in FOLDER back into an empty DATABASE_URL and UPLOADS_DIR or DOCUMENTS, and prove it.

    Stop the portal first.
    """
    from portal.store import applications
    from portal.store import backup as backups
    from portal.store.migrate import newest

    with environment.any_database() as database:
        made = backups.restore(database, environment.files(), folder)
    click.echo(
        f"Restored as of {made.made_at}, and proved: {made.events} events, head {made.head}; {made.files} documents."
    )
    with environment.database() as database, database.reading() as session:
        series = applications.last_numbers(session)
    if series:
        click.echo("The last number of each series in the backup:")
        for name, last in series:
            click.echo(f"  {name}-{last:04d}")
        click.echo(
            "If letters carry higher ones, raise the series before the portal starts, or they are given again: "
            f"portal raise-series {series[-1][0]} --to NUMBER"
        )
    if made.revision != newest():
        click.echo("The database is at another revision than this portal needs: run `portal migrate`.")
    _say_gone(made.gone)


@click.command()
@click.argument("folder", type=_BACKUP, required=False)
@click.option(
    "--database", "url", help="An empty PostgreSQL database to restore into, for a backup of PostgreSQL."
)
def rehearse(folder: Path | None, url: str | None) -> None:
    """Restore the newest backup, or the one in FOLDER, aside; compare it with the portal, and say how long it took.

    The portal runs on and nothing of it is changed. Exit status 1 when something is not as it has to be.
    """
    from portal.environment import read_database
    from portal.store import backup as backups
    from portal.store.files import Folder
    from portal.store.migrate import upgrade
    from portal.store.session import Database

    kept = environment.places().backups_dir
    newest = backups.newest(kept) if folder is None and kept is not None else None
    folder = folder or (newest.folder if newest else None)
    if folder is None:
        raise click.ClickException(
            "there is no backup: BACKUPS_DIR holds none, or is not set. Name its FOLDER."
        )
    began = time.monotonic()
    with ExitStack() as stack:
        aside = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=folder.parent))
        )
        url = read_database(url) if url else f"sqlite:///{aside.resolve() / 'portal.sqlite3'}"
        copy, portal = Database(url), stack.enter_context(environment.database())
        stack.callback(copy.close)
        if copy.dialect != portal.dialect:
            raise click.ClickException(
                f"the portal is on {portal.dialect}: an empty database of it is needed."
            )
        made = backups.restore(copy, Folder(aside / "documents"), folder)
        click.echo(f"Restored {folder} as of {made.made_at} and proved in {time.monotonic() - began:.1f} s.")
        upgrade(url)
        bad = _compare(copy, portal, (made.events, made.head))
    for said in bad:
        click.echo(f"BAD {said}")
    click.echo(
        f"{'It is NOT as it has to be' if bad else 'All is as it has to be'}; {time.monotonic() - began:.1f} s in all."
    )
    _say_gone(made.gone)
    sys.exit(1 if bad else 0)


def _compare(copy: "Database", portal: "Database", head: tuple[int, str]) -> list[str]:
    """What is wrong with the copy by itself, and beside the portal, which has gone on since."""
    from portal.store import audit
    from portal.store.soundness import rows_kept, soundness

    with copy.reading() as session:
        before, bad = (
            rows_kept(session),
            [f"{name}: {', '.join(all_)}" for name, all_ in soundness(session).faults.items()],
        )
    with portal.reading() as session:
        now, last = rows_kept(session), audit.head(session)[0]
        if not audit.verify(session, head, since=True).whole:
            bad.append(
                f"the portal's log does not hold the backup's last event, {head[0]}, as it was: another portal's?"
            )
    counts = {"events": (head[0], last), **{name: (count, now[name]) for name, count in before.items()}}
    for name, (then, since) in counts.items():
        click.echo(f"  {name}: {then} in the backup, {since} in the portal")
        if since < then:
            bad.append(f"the portal has fewer {name} than its backup.")
    return bad


@click.command("raise-series")
@click.argument("series")
@click.option("--to", "last", type=click.IntRange(1, 999_999), required=True, help="The last number given.")
def raise_series(series: str, last: int) -> None:
    """Let the numbers of a series, such as RFR-2026, go on after one that a letter carries: --to 57."""
    from portal.actions.submitting import raise_series as raise_to

    with environment.database() as database:
        raised = database.write(raise_to, series=series, last=last, by=None, at=environment.now())
    if not raised:
        raise click.ClickException(f"there is no series {series}, or it stands at {last} or higher.")
    click.echo(f"The next number of {series} is {series}-{last + 1:04d}.")


@click.command("opening-figure")
@click.argument("scheme")
@click.argument("period")
@click.argument("amount")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Until when it was used.")
@click.option("--source", required=True, help="Where the figure comes from.")
def opening_figure(scheme: str, period: str, amount: str, day: "datetime", source: str) -> None:
    """State what was used of a budget period before the portal: kvalitetsfondet-2023 all 4800000 --on 2023-06-30."""
    from portal.actions.claiming import state_opening
    from portal.domain.money import Unreadable, read_amount
    from portal.domain.refusal import Refused
    from portal.language.wording import written

    known = environment.schemes().get(scheme)
    if known is None:
        raise click.ClickException(f"there is no scheme {scheme}.")
    try:
        used = read_amount(amount, known.currency)
    except Unreadable:
        raise click.ClickException(f"{amount} is no amount.") from None
    until, now = day.date(), environment.now()
    try:
        with environment.database() as database:
            database.write(
                state_opening,
                scheme=known,
                period=period,
                amount=used,
                on=until,
                source=source,
                by=None,
                at=now,
            )
    except Refused as refused:
        values = {name: written(value, "en") for name, value in refused.refusal.values.items()}
        raise click.ClickException(refused.refusal.text % values) from None
    click.echo(f"Kept: {amount} {known.currency} of {scheme}/{period} was used until {until}.")


def _say_gone(gone: tuple[str, ...]) -> None:
    for sha256 in gone:
        click.echo(f"BAD the document {sha256} was gone or altered already when the backup was made.")
    if gone:
        sys.exit(1)


def _head(_context: click.Context, _option: click.Parameter, typed: str | None) -> tuple[int, str] | None:
    if typed is None:
        return None
    if (said := re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", typed)) is None:
        raise click.BadParameter(
            "write the number of events and the head that were printed, as 1200:9f86d0…."
        )
    return int(said[1]), said[2]


@click.command("verify-audit")
@click.option(
    "--since",
    metavar="EVENTS:HEAD",
    callback=_head,
    help="Take as proved what came before this earlier head.",
)
def verify_audit(since: tuple[int, str] | None) -> None:
    """Prove that nothing in the audit log was changed, removed or slipped in."""
    from portal.store import audit

    with environment.database() as database, database.reading() as session:
        found = audit.verify(session, since, since=since is not None)
    if not found.whole:
        raise click.ClickException(f"the log is broken at event {found.broken_at}.")
    click.echo(f"The log is whole: {found.count} events, head {found.head}.")


@click.command("sweep-files")
def sweep_files() -> None:
    """Take away files that no document names, once they are a day old; run it daily."""
    from portal.store import documents

    with environment.database() as database:

        def is_named(sha256: str) -> bool:
            with database.reading() as session:
                return documents.is_named(session, sha256)

        swept = environment.files().sweep(is_named, at=environment.now())
    click.echo(f"Taken away: {swept.files} files, {swept.bytes} bytes.")


@click.command("verify-files")
def verify_files() -> None:
    """Prove that the file of every document is there and as it was; exit status 1 when one is not."""
    from portal.store import documents
    from portal.store.files import Damaged

    files, bad = environment.files(), 0
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
    from portal.store.session import Tampered

    bad = 0
    with environment.database() as database, database.reading() as session:
        ids = letters.printed(session)
        for letter_id in ids:
            try:
                letters.read_pdf(session, letter_id)
            except Tampered as tampered:
                bad += 1
                click.echo(f"BAD {tampered}")
    click.echo(f"{len(ids)} letters, {bad} of them bad.")
    sys.exit(1 if bad else 0)


COMMANDS = (
    backup,
    verify_backup,
    restore,
    rehearse,
    raise_series,
    opening_figure,
    verify_audit,
    sweep_files,
    verify_files,
    verify_letters,
)

"""The command that writes what finance downloads on the pages into a file, for a job that nobody sits in front of.

Columns, filters and the writing are the pages' own (`finance.downloads`); here are only arguments and where bytes go.
"""

import os
import secrets
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from portal.cli import environment

if TYPE_CHECKING:
    from portal.store.session import Database


def _day(_context: click.Context, _option: click.Parameter, typed: str | None) -> date | None:
    """A day as the page reads it."""
    from portal.finance.downloads import read_day

    if typed is None:
        return None
    day = read_day(typed)
    if day is None:
        raise click.BadParameter("write a day that exists, such as 2026-03-01.")
    return day


@click.command()
@click.argument("what", type=click.Choice(["applications", "budget", "claims", "payments"]))
@click.option(
    "--from", "first", metavar="DAY", callback=_day, help="First day: applications and payments need it."
)
@click.option("--until", "last", metavar="DAY", callback=_day, help="Last day, included.")
@click.option("--by", type=click.Choice(["received", "decided"]), help="What the days of applications tell.")
@click.option("--fund", help="One fund only, such as rfr; all of them otherwise.")
@click.option(
    "--profile", type=click.Choice(["excel", "plain"]), help="For Excel (the default), or for programs."
)
@click.option(
    "--language", type=click.Choice(["sv", "nb", "en"]), help="Of headings and words; sv unless told."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="The file, replaced whole; the folder for payments."
)
def export(
    what: str,
    first: date | None,
    last: date | None,
    by: str | None,
    fund: str | None,
    profile: str | None,
    language: str | None,
    out: Path | None,
) -> None:
    """Write the CSV files that finance downloads: to --out, or to standard output.

    Applications are those received (or --by decided) in the days; budget and claims are as they stand now. Payments
    are the batches made in the days, each byte for byte as it was made, into the folder --out.
    """
    from portal.finance import downloads
    from portal.finance.profiles import PROFILES
    from portal.settings import zone_from_env
    from portal.store import claim_reports, reports
    from portal.store.totals import RECEIVED

    # What would not be heeded is refused: a file of other rows than its reader thinks is worse than none.
    if by is not None and what != "applications":
        raise click.UsageError("only applications take --by.")
    if what == "payments" and (profile or language):
        raise click.UsageError("batches are as they were made: they take no --profile and no --language.")
    schemes, at, own_zone = environment.schemes(), environment.now(), zone_from_env()
    if fund is not None and fund not in schemes.funds():
        raise click.UsageError(f"there is no fund {fund}; there are {', '.join(sorted(schemes.funds()))}.")
    how = downloads.Manner(PROFILES[profile or "excel"], language or "sv", schemes, at)
    editions = tuple(each for each in schemes.values() if fund in (None, each.fund))
    funds = tuple(dict.fromkeys(each.fund for each in editions))
    zone = downloads.zone_of(editions, fund or "", own_zone)
    with environment.database() as database:
        match what:
            case "payments":
                _payments(database, funds, *_days(what, first, last), zone, out)
            case "applications":
                days = _days(what, first, last)
                wanted = reports.ApplicationFilter(*days, zone, funds, by or RECEIVED)
                _write(downloads.applications(database, wanted, how), out)
            case _ if first is not None or last is not None:
                raise click.UsageError(f"the file of {what} tells how things stand now: it takes no days.")
            case "claims":
                until = claim_reports.ClaimFilter(funds, at.astimezone(own_zone).date())
                _write(downloads.claims(database, until, how, own_zone), out)
            case "budget":
                with database.reading() as session:
                    _write(downloads.budget(session, editions, how, zone=own_zone, at=at), out)


def _days(what: str, first: date | None, last: date | None) -> tuple[date, date]:
    if first is None or last is None:
        raise click.UsageError(f"{what} need --from and --until.")
    if last < first:
        raise click.UsageError("the last day is before the first.")
    return first, last


def _payments(
    database: "Database", funds: Sequence[str], first: date, last: date, zone: ZoneInfo, out: Path | None
) -> None:
    """Put each batch into the folder under the name that the page gives it; one that is there already stays."""
    from portal.store import payments
    from portal.store.session import Tampered

    if out is None:
        raise click.UsageError("payments need --out, a folder: each batch is a file of its own.")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = 0
    with database.reading() as session:
        for batch in payments.made_in(session, sorted(funds), first, last, zone):
            for form in payments.FORMS:
                path = out / payments.name_of(batch.fund, batch.number, form)
                try:
                    content = payments.read_file(session, batch.fund, batch.number, form).content
                except Tampered as tampered:
                    raise click.ClickException(f"{tampered}.") from None
                if path.exists() and path.read_bytes() != content:
                    raise click.ClickException(f"{path} is there already and is another file.")
                if not path.exists():
                    _write([content], path)
                    written += 1
    click.echo(f"Written: {written} files in {out}.", err=True)


def _write(pieces: Iterable[bytes], out: Path | None) -> None:
    """To standard output, or whole into a file that only its owner reads: never half a file under its name."""
    if out is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    arriving = out.with_name(f".{out.name}.{secrets.token_hex(4)}.arriving")
    try:
        with closing(os.fdopen(os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        arriving.replace(out)
    except OSError as error:
        raise click.ClickException(f"{out} could not be written: {error.strerror}.") from None
    finally:
        arriving.unlink(missing_ok=True)


COMMANDS = (export,)

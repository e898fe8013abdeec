"""Commands about the rules: scheme files checked and rolled, exchange rates loaded, applications assessed."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from portal.cli import environment
from portal.cli.environment import FOLDER

if TYPE_CHECKING:
    from portal.store.applications import Submission
    from portal.store.session import Database


@click.command("check-schemes")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
def check_schemes(paths: tuple[Path, ...]) -> None:
    """Read scheme files, the portal's own when none is named, and say what is wrong with them."""
    from portal.schemes.roll import check_schemes as check

    bad = False
    for checked in check(paths):
        bad = bad or checked.scheme is None
        click.echo(checked.text)
    sys.exit(1 if bad else 0)


@click.command()
@click.argument("key")
@click.option("--to", "year", required=True, type=int, help="The year the terms are carried over to.")
@click.option("--into", type=FOLDER, help="Where the new file goes; SCHEMES_DIR or the portal's own folder.")
def roll(key: str, year: int, into: Path | None) -> None:
    """Carry an edition's terms over to another year, marked as not confirmed: portal roll rfr-2024 --to 2026."""
    from portal.schemes.loader import FOLDER as OWN
    from portal.schemes.roll import roll_file

    folders = [*environment.places().scheme_folders, OWN]
    path = next((found for each in folders if (found := each / f"{key}.toml").is_file()), None)
    if path is None:
        raise click.ClickException(f"there is no scheme {key}.")
    click.echo(f"Written: {roll_file(path, to_year=year, into=into or folders[0])}")


@click.command()
@click.argument("file", type=click.File("rb", lazy=True))
def assess(file: BinaryIO) -> None:
    """Assess applications: JSON Lines from FILE (or -), JSON Lines out, by the same evaluation as every page.

    Exit status 1 when a line was no application; the others are answered all the same.
    """
    from portal.cli.lines import answer_lines

    bad = False
    for answer, good in answer_lines(file, environment.schemes()):
        bad = bad or not good
        sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    sys.exit(1 if bad else 0)


@click.command("rates")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option(
    "--source", required=True, help="Whose rates they are, such as ECB: said beside each suggestion."
)
def load_rates(file: Path, source: str) -> None:
    """Load exchange rates from FILE (or -): a central bank's CSV, in place of the rates of the same days.

    Forms suggest the rate of the nearest earlier day. Reads what Sveriges Riksbank, Norges Bank and the ECB publish.
    """
    from portal.actions.rates import load_rates as load
    from portal.domain.rates import KEPT, NoRates, read_tables

    now = environment.now()
    try:
        with click.open_file(str(file), "rb") as opened:
            content = opened.read()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from None
    try:
        tables = read_tables(content, source.strip()[:100], now.date() - KEPT)
    except NoRates as none:
        said = (
            f"line {none.line} cannot be read as rates"
            if none.line
            else f"no day is newer than {now.date() - KEPT}"
        )
        raise click.ClickException(f"{said}: nothing was loaded.") from None
    with environment.database() as database:
        database.write(load, tables=tables, by=None, at=now)
    click.echo(f"{len(tables)} days of rates are loaded, from {tables[0].on} to {tables[-1].on}.")


@click.command()
@click.option("--scheme", "key", help="Only the applications of one scheme, such as rfr-2024.")
def replay(key: str | None) -> None:
    """Assess every application again as it was received, by the scheme files as they read now.

    Prints a line of JSON for each that is assessed otherwise than when it was submitted, and exits with 1 when there
    is any. What the register and the budget said then is held to be as it was.
    """
    from portal.actions.comparison import differences, said_again

    schemes = environment.schemes()
    if key is not None and key not in schemes:
        raise click.UsageError(f"there is no scheme {key}; there are {', '.join(sorted(schemes))}.")
    assessed = differing = amounts = failed = 0
    with environment.database() as database:
        for each in _submissions(database, key):
            if not each.answers:  # forgotten: `portal forget` has taken them away
                continue
            assessed += 1
            scheme = schemes.get(each.scheme)
            found: Mapping[str, Any] | None
            if scheme is None or each.kind not in scheme.kinds:
                failed += 1
                missing = (
                    "there is no such scheme" if scheme is None else f"the scheme has no kind {each.kind}"
                )
                found = {"error": missing}
            else:
                now = said_again(scheme, each.kind, each.answers, each.received_at, each.assessment)
                found = differences(each.assessment, now, scheme.language)
                if found is None:
                    continue
                differing += 1
                amounts += "amount" in found and found["amount"]["then"] != found["amount"]["now"]
            told = {"number": each.number, "scheme": each.scheme, **found}
            sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    click.echo(
        f"{assessed} applications: {differing} are assessed otherwise, {amounts} of them to another amount; "
        f"{failed} cannot be assessed.",
        err=True,
    )
    sys.exit(1 if differing or failed else 0)


def _submissions(database: "Database", key: str | None) -> "Iterator[Submission]":
    """All of them, a page in memory; no transaction is kept open while they are assessed."""
    from portal.store import applications

    after = 0
    while True:
        with database.reading() as session:
            found = applications.submissions(session, after=after, scheme=key)
        if not found:
            return
        yield from found
        after = found[-1].id


COMMANDS = (check_schemes, roll, assess, replay, load_rates)

"""Commands about the rules: checking and rolling scheme files, and assessing applications by them."""

import sys
from pathlib import Path
from typing import BinaryIO

import click

from portal.cli import environment
from portal.cli.environment import FOLDER


@click.command("check-schemes")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
def check_schemes(paths: tuple[Path, ...]) -> None:
    """Read scheme files, the portal's own when none is named, and say what is wrong with them."""
    from portal.schemes.check import check_schemes as check

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
    from portal.schemes.table import SchemeError

    folders = [*environment.folders(), OWN]
    path = next((found for each in folders if (found := each / f"{key}.toml").is_file()), None)
    if path is None:
        raise click.ClickException(f"there is no scheme {key}.")
    try:
        click.echo(f"Written: {roll_file(path, to_year=year, into=into or folders[0])}")
    except SchemeError as wrong:
        raise click.ClickException(str(wrong)) from None


@click.command()
@click.argument("file", type=click.File("rb", lazy=False))
def assess(file: BinaryIO) -> None:
    """Assess applications: JSON Lines from FILE (or -), JSON Lines out, by the same evaluation as every page.

    Exit status 1 when a line was no application; the others are answered all the same.
    """
    from portal.cli.lines import answer_lines
    from portal.schemes.loader import load

    bad = False
    for answer, good in answer_lines(file, load(*environment.folders())):
        bad = bad or not good
        sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    sys.exit(1 if bad else 0)


COMMANDS = (check_schemes, roll, assess)

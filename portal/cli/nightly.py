"""The night's work as one command: what each part is, the commands of the same name know."""

import shutil
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portal.cli import backups, environment, exporting, people, running

if TYPE_CHECKING:
    from portal.settings import Places


@click.command()
@click.option(
    "--keep",
    type=click.IntRange(1),
    help="Once tonight's backup is proved, take away all but the newest KEEP.",
)
def nightly(keep: int | None) -> None:
    """Import people, remind, write the files of finance, back up and prove it, sweep; then report. For a timer.

    What fails keeps only what stands on it from being done. Exit status 1 when anything failed.
    """
    began, places, at = time.monotonic(), environment.places(), environment.now()
    with environment.database():
        pass  # nothing can be done without one, and that is one sentence
    night = _Night()
    if (file := _of_directory(places)) is not None:
        night.do("people", people.import_people, file=file)
    night.do("reminders", running.remind)
    if places.exports_dir is not None:
        _export(night, places.exports_dir, at.date())
    else:
        click.echo("export: EXPORTS_DIR is not set, so no files are written.")
    if places.backups_dir is not None:
        _back_up(night, places.backups_dir, f"{at:%Y-%m-%d-%H%M%S}", keep)
    else:
        night.failed.append("backup")
        click.echo("BAD backup: BACKUPS_DIR is not set, so there is none.")
    night.do("sweep", backups.sweep_files)
    took = f"{time.monotonic() - began:.0f} s"
    click.echo(f"Failed: {', '.join(night.failed)}; in {took}." if night.failed else f"All done in {took}.")
    sys.exit(1 if night.failed else 0)


def _of_directory(places: "Places") -> Path | None:
    from portal.forms.directory import read_settings

    return None if places.directory is None else read_settings(places.directory).file


class _Night:
    """What was done, and what failed."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def do(self, name: str, command: click.Command | Callable[..., None], **arguments: Any) -> bool:
        """Do one part and say when it failed; whether it is done."""
        click.echo(f"{name}:")
        try:
            click.get_current_context().invoke(command, **arguments)
        except SystemExit as ended:
            if not ended.code:
                return True
            why = "see the lines above."
        except click.ClickException as said:
            why = said.format_message()
        except Exception as error:
            # Whatever it is, the parts that come after are as needed as on any other night.
            why = environment.in_words(error) or repr(error)
        else:
            return True
        self.failed.append(name)
        click.echo(f"BAD {name}: {why}")
        return False


def _export(night: _Night, folder: Path, today: date) -> None:
    """The budget and the claims as they stand, and this year's applications and batches."""
    days = {"first": today.replace(month=1, day=1), "last": today}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for what in ("budget", "claims"):
        night.do(f"export of {what}", exporting.export, what=what, out=folder / f"{what}.csv")
    file = folder / f"applications-{today.year}.csv"
    night.do("export of applications", exporting.export, what="applications", out=file, **days)
    night.do("export of payments", exporting.export, what="payments", out=folder / "batches", **days)


def _back_up(night: _Night, folder: Path, name: str, keep: int | None) -> None:
    from portal.store import backup

    tonight, before = folder / name, backup.newest(folder)
    made = night.do("backup", backups.backup, folder=tonight, like=before.folder if before else None)
    if not made and not tonight.is_dir():
        return
    if not night.do("verification", backups.verify_backup, folder=tonight) or keep is None:
        return
    for old in backup.kept(folder)[keep:]:
        shutil.rmtree(old.folder)
        click.echo(f"Taken away: {old.folder}.")


COMMANDS = (nightly,)

"""The command line: one more door to the same rooms. It only reads arguments, calls, and prints.

The commands are in modules by subject. What a command needs is imported when it runs, so that `portal --help` and
`assess` start at once.
"""

import os
from typing import Any

import click

from portal.cli import backups, exporting, people, rules, running
from portal.cli.rules import assess

__all__ = ["assess", "assess_main", "main"]


class _Portal(click.Group):
    """Says in words what the portal refuses."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from portal.domain.refusal import Refused
            from portal.schemes.table import SchemeError
            from portal.settings import WrongSettings
            from portal.store.copies import CannotCopy

            match error:
                case Refused():
                    raise click.ClickException(error.refusal.text % error.refusal.values) from None
                case WrongSettings() | CannotCopy() | SchemeError():
                    raise click.ClickException(str(error)) from None
            raise


@click.group(cls=_Portal, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Course funding: the portal's command line."""
    before = os.umask(0o077)  # what the portal makes is for its owner alone
    click.get_current_context().call_on_close(lambda: os.umask(before))


for _subject in (running, people, backups, exporting, rules):
    for _command in _subject.COMMANDS:
        main.add_command(_command)


def assess_main() -> None:
    """The console script `assess`."""
    assess.main(prog_name="assess")

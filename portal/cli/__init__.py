"""The command line: one more door to the same rooms. It only reads arguments, calls, and prints.

The commands are in modules by subject. What a command needs is imported when it runs, so that `portal --help` and
`assess` start at once.
"""

import os
import sys
from typing import Any

import click

from portal.cli import backups, environment, exporting, nightly, people, proving, rules, running
from portal.cli.rules import assess

__all__ = ["assess", "assess_main", "main"]


class _Portal(click.Group):
    """Says in words what the portal refuses, and what the machine does not do; a traceback is a fault of the portal."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if (said := environment.in_words(error)) is None:
                raise
            raise click.ClickException(said) from None


@click.group(cls=_Portal, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Course funding: the portal's command line."""
    before = os.umask(0o077)  # what the portal makes is for its owner alone
    click.get_current_context().call_on_close(lambda: os.umask(before))


for _subject in (running, nightly, people, backups, exporting, rules, proving):
    for _command in _subject.COMMANDS:
        main.add_command(_command)


def assess_main() -> None:
    """The console script `assess`."""
    main(["assess", *sys.argv[1:]], prog_name="portal")

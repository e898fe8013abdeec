"""The command line: one more door to the same rooms. It only reads arguments, calls, and prints.

The commands are in modules by subject. What a command needs is imported when it runs, so that `portal --help` and
`assess` start at once.
"""

import os

import click

from portal.cli import backups, exporting, people, proofs, replaying, rules, running
from portal.cli.rules import assess

__all__ = ["assess", "assess_main", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Course funding: the portal's command line."""
    before = os.umask(0o077)  # what the portal makes is for its owner alone
    click.get_current_context().call_on_close(lambda: os.umask(before))


for _subject in (running, people, proofs, backups, exporting, rules, replaying):
    for _command in _subject.COMMANDS:
        main.add_command(_command)


def assess_main() -> None:
    """The console script `assess`."""
    assess.main(prog_name="assess")

"""The command for whoever changes a rule or a limit: what would be said otherwise of what was submitted."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from portal.cli import environment

if TYPE_CHECKING:
    from portal.schemes.loader import Schemes
    from portal.store.session import Database
    from portal.store.submissions import Submission


@click.command()
@click.option("--scheme", "key", help="Only the applications of one scheme, such as rfr-2024.")
def replay(key: str | None) -> None:
    """Assess every application again as it was received, by the scheme files as they read now.

    Prints a line of JSON for each that is assessed otherwise than when it was submitted, and exits with 1 when there
    is any. What the register and the budget said then is held to be as it was.
    """
    from portal.schemes.loader import load

    schemes = load(*environment.folders())
    if key is not None and key not in schemes:
        raise click.UsageError(f"there is no scheme {key}; there are {', '.join(sorted(schemes))}.")
    assessed = differing = amounts = failed = 0
    with environment.database() as database:
        for each in _submissions(database, key):
            assessed += 1
            found = _differences(each, schemes)
            if found is None:
                continue
            differing, failed = differing + ("error" not in found), failed + ("error" in found)
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
    from portal.store import submissions

    after = 0
    while True:
        with database.reading() as session:
            found = submissions.page(session, after=after, scheme=key)
        if not found:
            return
        yield from found
        after = found[-1].id


def _differences(each: "Submission", schemes: "Schemes") -> Mapping[str, Any] | None:
    from portal.actions.comparison import differences, said_again

    scheme = schemes.get(each.scheme)
    if scheme is None:
        return {"error": "there is no such scheme"}
    if each.kind not in scheme.kinds:
        return {"error": f"the scheme has no kind {each.kind}"}
    now = said_again(scheme, each.kind, each.answers, each.received_at, each.assessment)
    return differences(each.assessment, now, scheme.language)


COMMANDS = (replay,)

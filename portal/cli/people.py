"""Commands about people: the first administrator, and passwords."""

import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from portal.cli import environment

if TYPE_CHECKING:
    from portal.forms.people import AccountForm, PersonForm

    F = TypeVar("F", AccountForm, PersonForm)


@click.command("add-person")
@click.option("--number", required=True, help="The stable personal id.")
@click.option("--name", required=True)
@click.option("--email", default="")
@click.option("--unit", default="")
@click.option("--language", default="sv")
@click.option("--head", "head_number", help="Personal id of the head.")
@click.option("--specialist", is_flag=True)
@click.option("--role", "roles", multiple=True, type=click.Choice(["finance", "administrator"]))
@click.option(
    "--login", help="Gives a local account; the password is asked for, or read from standard input."
)
def add_person(
    number: str,
    name: str,
    email: str,
    unit: str,
    language: str,
    head_number: str | None,
    specialist: bool,
    roles: tuple[str, ...],
    login: str | None,
) -> None:
    """Add a person, the first administrator for one; what is refused is what the form on the page refuses."""
    from portal.actions.people import add_person as add
    from portal.forms.people import AccountForm, PersonForm
    from portal.store import people

    now = environment.now()
    typed = {"number": number, "name": name, "email": email, "unit": unit, "language": language}
    more = {"head": head_number or "", "specialist": "yes" if specialist else "", "roles": list(roles)}
    form = _read(PersonForm, typed | more)
    login = _read(AccountForm, {"login": login}).login.data if login is not None else None
    about = (name, email, number, login or "")
    password_hash = _new_password(about) if login else None
    with environment.database() as database, environment.refusals():
        with database.reading() as session:
            named = form.head.data
            head = people.find_by_number(session, named, day=now.date()) if named else None
        if named and head is None:
            raise click.ClickException(f"there is no person with the id {named}.")
        person = form.person(head_id=head.id if head else None)
        database.write(add, person=person, login=login, password_hash=password_hash, by=None, at=now)
    click.echo(f"{person.name} is added.")


@click.command("set-password")
@click.argument("number")
@click.option("--login", help="The login, when the person has none yet.")
def set_password(number: str, login: str | None) -> None:
    """Give the person with that personal id a new password; every session of theirs ends."""
    from portal.actions.people import set_account
    from portal.forms.people import AccountForm
    from portal.store import people

    now = environment.now()
    with environment.database() as database, environment.refusals():
        with database.reading() as session:
            person = people.find_by_number(session, number, day=now.date())
            account = people.find_login_of(session, person.id, day=now.date()) if person else None
        if person is None:
            raise click.ClickException(f"there is no active person with the id {number}.")
        login = login or (account.login if account else None)
        if login is None:
            raise click.ClickException(f"{person.name} has no login yet: give one with --login.")
        login = _read(AccountForm, {"login": login}).login.data
        kept = _new_password((person.name, person.email, person.number, login))
        database.write(set_account, person_id=person.id, login=login, password_hash=kept, by=None, at=now)
    click.echo(f"{person.name} has a new password.")


def _read(form: "type[F]", typed: dict[str, Any]) -> "F":
    """What was typed, as the page's form reads it; what that refuses is said by the option it came from."""
    from werkzeug.datastructures import MultiDict

    read = form(MultiDict(typed))
    if not read.validate():
        lines = [f"--{name}: {text}" for name, texts in read.errors.items() for text in texts]
        raise click.ClickException("\n".join(lines))
    return read


def _new_password(about: tuple[str, ...]) -> str:
    """Ask for a password, twice at a terminal, and hash it."""
    from portal.actions.passwords import hash_password
    from portal.domain.passwords import check_password

    if sys.stdin.isatty():
        password: str = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    refusal = check_password(password, about=about)
    if refusal is not None:
        raise click.ClickException(refusal.text % refusal.values)
    return hash_password(password)


COMMANDS = (add_person, set_password)

"""Commands about people: the first administrator, and passwords."""

import sys

import click

from portal.cli import environment


@click.command("add-person")
@click.option("--number", required=True, help="The stable personal id.")
@click.option("--name", required=True)
@click.option("--email", default="")
@click.option("--unit", default="")
@click.option("--language", default="sv", type=click.Choice(["sv", "nb", "en"]))
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
    """Add a person, the first administrator for one."""
    from portal.actions.people import add_person as add
    from portal.domain.person import Person
    from portal.store import people

    now = environment.now()
    password_hash = _new_password((name, email, number)) if login else None
    with environment.database() as database, environment.refusals():
        with database.reading() as session:
            head = people.find_by_number(session, head_number, day=now.date()) if head_number else None
        if head_number and head is None:
            raise click.ClickException(f"there is no person with the id {head_number}.")
        person = Person(
            id=0,
            number=number,
            name=name,
            email=email,
            unit=unit,
            language=language,
            head_id=head.id if head else None,
            specialist=specialist,
            roles=frozenset(roles),
        )
        database.write(add, person=person, login=login, password_hash=password_hash, by=None, at=now)
    click.echo(f"{name} is added.")


@click.command("set-password")
@click.argument("number")
@click.option("--login", help="The login, when the person has none yet.")
def set_password(number: str, login: str | None) -> None:
    """Give the person with that personal id a new password; every session of theirs ends."""
    from portal.actions.people import set_account
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
        kept = _new_password((person.name, person.email, person.number))
        database.write(set_account, person_id=person.id, login=login, password_hash=kept, by=None, at=now)
    click.echo(f"{person.name} has a new password.")


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

"""Commands about people: the first administrator, codes to sign in with, and the import of the staff directory."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from portal.cli import environment

if TYPE_CHECKING:
    from datetime import datetime

    from portal.domain.directory import Plan
    from portal.forms.people import AccountForm, PersonForm
    from portal.store.session import Database, Session

    F = TypeVar("F", AccountForm, PersonForm)


@click.command("add-person")
@click.option("--number", required=True, help="The stable personal id.")
@click.option("--name", required=True)
@click.option("--email", default="")
@click.option("--unit", default="")
@click.option(
    "--administration", default="", help="The administration (förvaltning) that a grant is paid to."
)
@click.option("--cost-centre", default="")
@click.option("--language", default="sv")
@click.option("--head", "head_number", help="Personal id of the head.")
@click.option("--specialist", is_flag=True)
@click.option("--specialty", default="")
@click.option("--role", "roles", multiple=True, help="finance, finance:FUND, administrator or auditor.")
@click.option("--login", help="Gives a local account and prints a one-time code for choosing the password.")
def add_person(
    number: str,
    name: str,
    email: str,
    unit: str,
    administration: str,
    cost_centre: str,
    language: str,
    head_number: str | None,
    specialist: bool,
    specialty: str,
    roles: tuple[str, ...],
    login: str | None,
) -> None:
    """Add a person, the first administrator for one; what is refused is what the form on the page refuses."""
    from portal.actions.people import add_person as add
    from portal.forms.people import AccountForm, PersonForm
    from portal.store import people

    now = environment.now()
    typed = {"number": number, "name": name, "email": email, "unit": unit, "language": language}
    works = {"administration": administration, "cost_centre": cost_centre, "specialty": specialty}
    more = {"head": head_number or "", "specialist": "yes" if specialist else "", "roles": list(roles)}
    for role in set(roles) - _known_roles():
        raise click.ClickException(f"there is no role {role}.")
    form = _read(PersonForm, typed | works | more)
    login = _read(AccountForm, {"login": login}).login.data if login is not None else None
    with environment.database() as database:
        with database.reading() as session:
            named = form.head.data
            head = people.find_by_number(session, named, day=now.date()) if named else None
        if named and head is None:
            raise click.ClickException(f"there is no person with the id {named}.")
        person = form.person(head_id=head.id if head else None)
        person_id = database.write(add, person=person, login=login, by=None, at=now)
        click.echo(f"{person.name} is added.")
        if login:
            _give_code(database, person_id, login, now)


@click.command("sign-in-code")
@click.argument("number")
@click.option("--login", help="The login, when the person has none yet.")
def sign_in_code(number: str, login: str | None) -> None:
    """Print a one-time code with which that person chooses a password; the old one and every session end.

    Whoever holds a seat can sign after 24 hours, or when an administrator confirms it on the person's page.
    """
    from portal.forms.people import AccountForm
    from portal.store import people

    now = environment.now()
    with environment.database() as database:
        with database.reading() as session:
            person = people.find_by_number(session, number, day=now.date())
            known = people.login_of(session, person.id) if person else None
        if person is None:
            raise click.ClickException(f"there is no active person with the id {number}.")
        login = login or known
        if login is None:
            raise click.ClickException(f"{person.name} has no login yet: give one with --login.")
        login = _read(AccountForm, {"login": login}).login.data or ""
        _give_code(database, person.id, login, now)


def _known_roles() -> set[str]:
    from portal.domain.person import FINANCE, ROLES, role_in

    return {*ROLES, *(role_in(FINANCE, fund) for fund in environment.schemes().funds())}


@click.command()
@click.option(
    "--do", "really", is_flag=True, help="Take away what the lines name; without it, nothing is changed."
)
def forget(really: bool) -> None:
    """Take away what retention no longer needs, after FORGET_YEARS at rest; says first what that is.

    Of a closed case: answers, documents, letters, questions and reasons. Of who has left and is in no other case:
    all that says who they were. Numbers, days, amounts, decisions, payment batches and the log stay. Exit status 1 when
    the log does not verify.
    """
    from portal.actions import personal
    from portal.store import documents

    years, now = environment.places().forget_years, environment.now()
    if not years:
        raise click.ClickException("FORGET_YEARS is not set, so nothing is ever taken away.")
    before = now.replace(year=now.year - years, day=min(now.day, 28))

    def done(session: "Session") -> tuple[personal.Forgotten, list[str]]:
        return personal.forget(session, before=before, at=now, dry=not really), documents.gone(session)

    with environment.database() as database:
        said, gone = database.write(done)
        files = environment.files()
        with database.reading() as session:
            for sha256 in gone:
                files.let_go(sha256, lambda each: documents.is_named(session, each), at=now)
    verb = "are taken away" if really else "would be taken away; --do does it"
    click.echo(f"At rest since before {before:%Y-%m-%d}: {said.cases} cases and {said.people} people {verb}.")
    if not said.log.whole:
        raise click.ClickException(
            f"the log does not verify: event {said.log.broken_at} is not as it was written."
        )
    click.echo(f"The log verifies: {said.log.count} events, head {said.log.head}.")


def _read(form: "type[F]", typed: dict[str, Any]) -> "F":
    """What was typed, as the page's form reads it; what that refuses is said by the option it came from."""
    from werkzeug.datastructures import MultiDict

    read = form(MultiDict(typed))
    if not read.validate():
        lines = [f"--{name}: {text}" for name, texts in read.errors.items() for text in texts]
        raise click.ClickException("\n".join(lines))
    return read


def _give_code(database: "Database", person_id: int, login: str, now: "datetime") -> None:
    """Make a code and print it, once; it is kept nowhere."""
    from portal.actions.sign_in import give
    from portal.domain.sign_in import code_of

    code = code_of(secrets.token_hex(32), "")
    database.write(give, person_id=person_id, login=login, code=code, seed=None, by=None, at=now)
    click.echo(f"Code for {login}: {code}")
    click.echo("It works once, for an hour, on the page /first-sign-in of the portal.")


@click.command("import-people")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option(
    "--accept",
    type=click.IntRange(1),
    metavar="N",
    help="So many may leave, change head or change name at once.",
)
@click.option(
    "--adopt", is_flag=True, help="Take over whom somebody typed in, where the file has their personal id."
)
def import_people(
    file: Path, *, dry_run: bool = False, accept: int | None = None, adopt: bool = False
) -> None:
    """Bring people to what the staff directory's file says, every night; the same file again changes nothing."""
    from portal.actions import directory as actions
    from portal.forms.directory import Directory, NoDirectory, read_settings, read_staff
    from portal.settings import zone_from_env

    told, at, schemes = environment.places().directory, environment.now(), environment.schemes()
    how = Directory() if told is None else read_settings(told)
    try:
        staff = read_staff(file.read_bytes(), how, today=at.astimezone(zone_from_env()).date())
    except NoDirectory as unreadable:
        raise click.ClickException(f"{file}: {unreadable}") from None
    staff = staff.without(_break_glass())
    with environment.database() as database:
        if dry_run:
            with database.reading() as session:
                made = actions.plan(session, staff=staff, adopt=adopt, at=at)
            _say(made)
            if over := made.too_much(how.limits, accept):
                raise actions.TooMuch(made, over, how.limits)
            click.echo("Nothing was changed.")
            return
        try:
            made = database.write(
                actions.import_people,
                staff=staff,
                limits=how.limits,
                accepted=accept,
                adopt=adopt,
                language=how.language,
                schemes=schemes,
                at=at,
            )
        except actions.TooMuch as stopped:
            database.write(actions.note_stopped, stopped=stopped, at=at)
            raise
        database.tidy("people")
    _say(made)


def _break_glass() -> str:
    """The number of the administrator who gets in when nobody else can, whom no file changes; empty for nobody."""
    from portal.domain.personal_id import canonical
    from portal.environment import ROOT, told
    from portal.openid.ways import read_ways

    path = told().get("SIGN_IN", "").strip()
    return canonical(read_ways(ROOT / path).break_glass) if path else ""


_MOST_LINES = 200


def _say(made: "Plan") -> None:
    """How many of each kind, and the first of each."""
    from portal.domain.directory import REMARKS, VALUES, Revision
    from portal.language.vocabularies import IMPORTED

    for kind, words in IMPORTED.items():
        if (found := getattr(made, kind, None)) and kind != "remarks":
            who = found[0].entry if isinstance(found[0], Revision) else found[0]
            first = who if isinstance(who, str) else f"{who.number} {who.name}"
            click.echo(f"{words}: {len(found)}. The first: {first}.")
    for name in (*VALUES, "head"):
        if found := [each for each in made.changed if name in each.fields]:
            before, now = (getattr(each, name) for each in (found[0].known, found[0].entry))
            now = found[0].head if name == "head" else now
            said = f"{found[0].entry.number} {found[0].entry.name}: {before!s} → {now!s}"
            click.echo(f"{IMPORTED[f'new_{name}']}: {len(found)}. The first: {said}.")
    for remark in made.remarks[:_MOST_LINES]:
        where = f"line {remark.line}, {remark.number}" if remark.line else remark.number
        column = f" ({remark.detail})" if remark.detail else ""
        click.echo(f"Look at {where}: {REMARKS[remark.code].text}{column}")
    if len(made.remarks) > _MOST_LINES:
        click.echo(f"And {len(made.remarks) - _MOST_LINES} more lines to look at.")
    if not any(getattr(made, kind) for kind in ("new", "back", "adopted", "left", "changed")):
        click.echo("Everybody is as the file says.")


COMMANDS = (add_person, sign_in_code, forget, import_people)

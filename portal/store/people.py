"""Persons as the portal knows them: who they are, what they hold, and whom they lead."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    update,
)

from portal.domain.alphabet import NORWEGIAN, SWEDISH, folded, name_key
from portal.domain.person import Person, as_login, kept_role
from portal.domain.personal_id import canonical
from portal.store.rows import add_row, every, needed, one, pattern, values_of
from portal.store.session import NotFound, Session, clash
from portal.store.tables import PersonRoleRow, PersonRow, SeatHoldingRow
from portal.store.types import WordSet, aliased

_LED = aliased(PersonRow)
_HEAD = aliased(PersonRow)

_COLUMNS = len(fields(Person))


@dataclass(frozen=True, slots=True)
class Login:
    """A local account: the person and the hash that a password is checked against."""

    person: Person
    login: str
    password_hash: str | None


_ROLE_WORD = PersonRoleRow.role + case((PersonRoleRow.fund == "", ""), else_=":" + PersonRoleRow.fund)
_COMMA: Any = literal_column("','")
"""As a text it would be written into the statement anew each time."""


def held_on(day: date | BindParameter[date]) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a seat's holding that is in force on a day."""
    return (
        SeatHoldingRow.starts_on <= day,
        or_(SeatHoldingRow.ends_on.is_(None), SeatHoldingRow.ends_on >= day),
    )


def persons_on(day: date | BindParameter[date]) -> Select[*tuple[Any, ...]]:
    """The fields of `Person`, in their order and in one statement; seats as they are held that day."""
    roles = (
        select(func.aggregate_strings(_ROLE_WORD, _COMMA))
        .where(PersonRoleRow.person_id == PersonRow.id)
        .scalar_subquery()
    )
    funds = (
        select(func.aggregate_strings(SeatHoldingRow.fund, _COMMA))
        .where(SeatHoldingRow.person_id == PersonRow.id, *held_on(day))
        .scalar_subquery()
    )
    leads = exists().where(_LED.head_id == PersonRow.id)
    head = select(_HEAD.number).where(_HEAD.id == PersonRow.head_id, _HEAD.active).scalar_subquery()
    return select(
        PersonRow.id,
        PersonRow.number,
        PersonRow.name,
        PersonRow.email,
        PersonRow.unit,
        PersonRow.language,
        PersonRow.head_id,
        head.label("head_number"),
        PersonRow.specialist,
        PersonRow.specialty,
        PersonRow.administration,
        PersonRow.cost_centre,
        type_coerce(roles, WordSet).label("roles"),
        type_coerce(funds, WordSet).label("funds"),
        leads.label("leads"),
        PersonRow.known_as,
    )


_PERSON = persons_on(bindparam("day")).where(PersonRow.id == bindparam("person_id"))
"""Built once, like every statement that a live check needs: building it takes longer than running it."""
_KNOWN = select(PersonRow.id, PersonRow.active).where(PersonRow.number == bindparam("number"))
_NUMBERED = persons_on(bindparam("day")).where(PersonRow.number == bindparam("number"), PersonRow.active)


def person_of(row: Sequence[Any]) -> Person:
    """The person in the first columns of a row of `persons_on`."""
    return Person(*row[:_COLUMNS])


def find(session: Session, person_id: int, *, day: date) -> Person | None:
    """The person, also one who has left."""
    return one(session.execute(_PERSON, {"person_id": person_id, "day": day}), Person)


def get(session: Session, person_id: int, *, day: date) -> Person:
    return needed(find(session, person_id, day=day), "person")


def get_all(session: Session, ids: Collection[int], *, day: date) -> dict[int, Person]:
    """Those persons by id. Raises NotFound when one is missing."""
    wanted = set(ids)
    found = {
        each.id: each
        for each in every(session.execute(persons_on(day).where(PersonRow.id.in_(wanted))), Person)
    }
    if len(found) < len(wanted):
        raise NotFound("no such person")
    return found


def find_by_number(session: Session, number: str, *, day: date) -> Person | None:
    """The active person with that personal id, or None."""
    return one(session.execute(_NUMBERED, {"number": canonical(number), "day": day}), Person)


def find_id(session: Session, number: str) -> tuple[int, bool] | None:
    """The id of the person with that personal id and whether they are still here, or None."""
    return one(session.execute(_KNOWN, {"number": canonical(number)}), lambda *row: row)


def find_login(session: Session, login: str, *, day: date) -> Login | None:
    """The local account with that login (any case) if its person is active, or None."""
    return _login(session, day, PersonRow.login == as_login(login))


def find_login_of(session: Session, person_id: int, *, day: date) -> Login | None:
    """The local account of an active person, or None."""
    return _login(session, day, PersonRow.id == person_id, PersonRow.password_hash.is_not(None))


def _login(session: Session, day: date, *which: ColumnElement[bool]) -> Login | None:
    statement = persons_on(day).add_columns(PersonRow.login, PersonRow.password_hash)
    row = session.execute(statement.where(PersonRow.active, *which)).one_or_none()
    return None if row is None else Login(person_of(row), row.login, row.password_hash)


def login_of(session: Session, person_id: int) -> str | None:
    """The login of a person, also before they have chosen a password."""
    found: str | None = session.execute(select(PersonRow.login).where(PersonRow.id == person_id)).scalar_one()
    return found


def find_numbered(session: Session, numbers: Collection[str]) -> dict[str, int]:
    """The ids of those of these personal ids that are somebody's."""
    rows = session.execute(select(PersonRow.number, PersonRow.id).where(PersonRow.number.in_(numbers)))
    return {row.number: row.id for row in rows}


def names_of(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of those persons by id."""
    rows = session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


_KEYS = {SWEDISH: PersonRow.name_key_sv, NORWEGIAN: PersonRow.name_key_nb}
_MOST_WORDS = 8
_REST = "\n"
_UNIT: BindParameter[str] = bindparam("unit")
_WHOSE = {"any": true(), "own": PersonRow.unit == _UNIT, "other": PersonRow.unit != _UNIT}
_MOST_TYPED = 300
_HERE = {False: PersonRow.active, True: ~PersonRow.active}
"""By whether those are meant who have left."""


@cache
def _found(alphabet: str, whose: str, left: bool, words: int) -> Select[*tuple[Any, ...]]:
    """Whom a search finds; the inner select needs nothing but the index of the names, which holds the words too."""
    key = _KEYS[alphabet]
    said: BindParameter[str] = bindparam("after_key")
    last: BindParameter[int] = bindparam("after_id")
    ids = (
        select(PersonRow.id)
        .where(
            *(PersonRow.search_text.like(bindparam(f"word_{n}"), escape="/") for n in range(words)),
            or_(key > said, (key == said) & (PersonRow.id > last)),
            _HERE[left],
            _WHOSE[whose],
        )
        .order_by(key, PersonRow.id)
        .limit(bindparam("most"))
    )
    return persons_on(bindparam("day")).where(PersonRow.id.in_(ids)).order_by(key, PersonRow.id)


def search(
    session: Session,
    typed: str,
    *,
    day: date,
    after: tuple[str, int] = ("", 0),
    limit: int = 10,
    unit: str = "",
    alphabet: str = SWEDISH,
    left: bool = False,
    by_name: bool = False,
) -> list[Person]:
    """Persons whose name, number, unit or e-mail holds every word typed, by name; none for nothing typed.

    Those who are here, or, when asked, those who have left; a keyset page at a time after a name and id. `by_name`
    looks at name and unit alone, so that nobody finds out a number or an address by trying.

    With a `unit`, those of that unit come first.
    """
    found_in = folded(canonical(typed[:_MOST_TYPED])).split()
    words = [word for each in found_in if (word := each.strip("(),"))][:_MOST_WORDS]
    if not words:
        return []
    within = f"{_REST}%" if by_name else ""
    values: dict[str, Any] = {f"word_{n}": f"{pattern(word)}{within}" for n, word in enumerate(words)}
    values |= {"after_key": name_key(after[0], alphabet), "after_id": after[1]}
    values |= {"unit": unit} if unit else {}
    found: list[Person] = []
    for whose in ("own", "other") if unit else ("any",):
        if most := limit - len(found):
            rows = session.execute(
                _found(alphabet, whose, left, len(words)), {"day": day, "most": most, **values}
            )
            found += every(rows, Person)
    return found


_HEAD_LEFT = select(_HEAD.id).where(_HEAD.id == PersonRow.head_id, ~_HEAD.active).exists()
LACKING: Mapping[str, ColumnElement[bool]] = {
    "email": PersonRow.email == "",
    "bounced": PersonRow.bounced_at.is_not(None),
    "head": PersonRow.head_id.is_(None),
    "head-left": _HEAD_LEFT,
}
"""What somebody may lack that the portal would need of them."""


def everybody(
    session: Session,
    *,
    day: date,
    after: tuple[str, int] = ("", 0),
    limit: int = 200,
    alphabet: str = SWEDISH,
    left: bool = False,
    lacks: str = "",
) -> list[Person]:
    """Persons who are here, or who have left, by name, a keyset page at a time after a name and id.

    With `lacks`, a key of `LACKING`, only those who lack that.
    """
    seen, person_id, key = name_key(after[0], alphabet), after[1], _KEYS[alphabet]
    statement = (
        persons_on(day)
        .where(_HERE[left], or_(key > seen, (key == seen) & (PersonRow.id > person_id)))
        .where(LACKING.get(lacks, true()))
        .order_by(key, PersonRow.id)
        .limit(limit)
    )
    return every(session.execute(statement), Person)


def first_added(session: Session, *, day: date, limit: int) -> list[Person]:
    """The active persons who were added first, in that order."""
    statement = persons_on(day).where(PersonRow.active).order_by(PersonRow.id)
    return every(session.execute(statement.limit(limit)), Person)


def with_role(session: Session, role: str, *, day: date, fund: str = "") -> list[Person]:
    """Active persons with a role, by name; with a fund, those who have it there, or in every fund."""
    holders = select(PersonRoleRow.person_id).where(
        PersonRoleRow.role == role, PersonRoleRow.fund.in_(("", fund))
    )
    statement = persons_on(day).where(PersonRow.active, PersonRow.id.in_(holders))
    return every(session.execute(statement.order_by(PersonRow.name_key_sv, PersonRow.id)), Person)


def add(session: Session, person: Person, *, login: str | None = None) -> int:
    """Keep a new person and their roles. Raises Clash for a number or login that is taken."""
    with clash(people_number_key="people.number", people_login_key="people.login"):
        account = {"active": True, "login": None if login is None else as_login(login)}
        person_id = add_row(session, PersonRow, columns_from(person) | account)
    set_roles(session, person_id, person.roles)
    return person_id


def change(session: Session, person: Person) -> None:
    """Keep what has changed of a person, roles included. Raises Clash for a number that is taken."""
    with clash(people_number_key="people.number"):
        bounced_at = case((PersonRow.email == person.email, PersonRow.bounced_at))
        values = columns_from(person) | {"bounced_at": bounced_at}
        session.execute(update(PersonRow).where(PersonRow.id == person.id).values(values))
    set_roles(session, person.id, person.roles)


def set_roles(session: Session, person_id: int, roles: Collection[str]) -> None:
    """Let a person have these roles and no other."""
    session.execute(delete(PersonRoleRow).where(PersonRoleRow.person_id == person_id))
    if roles:
        session.execute(
            insert(PersonRoleRow),
            [
                {"person_id": person_id, "role": role, "fund": fund}
                for role, fund in map(kept_role, sorted(roles))
            ],
        )


def set_login(session: Session, person_id: int, *, login: str, password_hash: str | None) -> None:
    """Give a person a local account, with None until they have chosen a password. Raises Clash for a login taken."""
    with clash(people_login_key="people.login"):
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == person_id)
            .values(login=as_login(login), password_hash=password_hash)
        )


def set_password(
    session: Session, person_id: int, password_hash: str, *, instead_of: str | None = None
) -> None:
    """Let a person who has a local account sign in with another password, if they still have the one told."""
    mine = update(PersonRow).where(PersonRow.id == person_id, PersonRow.login.is_not(None))
    if instead_of is not None:
        mine = mine.where(PersonRow.password_hash == instead_of)
    session.execute(mine.values(password_hash=password_hash))


def lock(session: Session, person_id: int) -> None:
    """Lock a person's row until the transaction ends."""
    session.execute(_locked(PersonRow.id == person_id)).all()


def lock_with_role(session: Session, role: str) -> None:
    """Lock the rows of everybody with a role until the transaction ends; who has it then is to be read anew."""
    holders = select(PersonRoleRow.person_id).where(PersonRoleRow.role == role)
    session.execute(_locked(PersonRow.id.in_(holders))).all()


def _locked(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    # NO KEY: what only refers to these people need not wait.
    return select(PersonRow.id).where(which).order_by(PersonRow.id).with_for_update(key_share=True)


def set_language(session: Session, person_id: int, language: str) -> None:
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(language=language))


def bounced_at(session: Session, person_id: int) -> datetime | None:
    """When an e-mail to the address that the person has now came back."""
    found: datetime | None = session.execute(
        select(PersonRow.bounced_at).where(PersonRow.id == person_id)
    ).scalar_one()
    return found


def set_bounced(session: Session, person_id: int, *, at: datetime | None) -> None:
    """Flag a person's address until it is another one, or take the flag away."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(bounced_at=at))


def origin_of(session: Session, person_id: int) -> str | None:
    """What the staff directory said last of a person whom it has brought."""
    found: str | None = session.execute(
        select(PersonRow.origin).where(PersonRow.id == person_id)
    ).scalar_one()
    return found


def has_left(session: Session, person_id: int) -> bool:
    """Whether that person is there but can no longer sign in."""
    found = session.execute(select(PersonRow.id).where(PersonRow.id == person_id, ~PersonRow.active))
    return found.one_or_none() is not None


def set_active(session: Session, person_id: int, *, active: bool) -> None:
    """Let a person sign in, or, when they have left, no more; what they did stays theirs."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(active=active))


def columns_from(person: Person) -> dict[str, Any]:
    return {
        **values_of(person, but=("id", "head_number", "roles", "funds", "leads", "known_as")),
        "search_text": search_text(person.name, person.unit, person.number, person.email),
        "name_key_sv": name_key(person.name, SWEDISH),
        "name_key_nb": name_key(person.name, NORWEGIAN),
    }


def search_text(name: str, unit: str, number: str, email: str) -> str:
    """What is searched of a person: on the first line what everybody may search by."""
    return f"{folded(f'{name} {unit}')}{_REST}{folded(f'{number} {email}')}"

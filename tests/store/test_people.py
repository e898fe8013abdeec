"""People, their seats, roles and sessions as the store knows them on a day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.actions import people as actions
from portal.actions import sign_in as giving
from portal.domain.alphabet import name_key
from portal.domain.person import ADMINISTRATOR, FINANCE, Person
from portal.domain.refusal import Refused
from portal.store import people, seats, sign_in
from portal.store.session import Database, NotFound
from tests.actions.world import MARCH, World

DAY = MARCH.date()
AN_HOUR_BEFORE = MARCH - timedelta(hours=1)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_a_person_is_what_they_hold_and_lead_that_day(world: World) -> None:
    with world.database.reading() as session:
        sub = world.people["sub"].id
        assert people.get(session, sub, day=date(2024, 12, 31)).funds == {"rfr"}
        assert people.get(session, sub, day=date(2025, 1, 1)).funds == frozenset()
        assert people.get(session, world.people["boss"].id, day=DAY).leads
        assert not people.get(session, world.people["anna"].id, day=DAY).leads
        assert people.get(session, world.people["admin"].id, day=DAY).roles == {ADMINISTRATOR}
        assert [p.name for p in people.with_role(session, ADMINISTRATOR, day=DAY)] == ["Admin", "Admin2"]
        assert people.find(session, 999_999, day=DAY) is None
        with pytest.raises(NotFound):
            people.get(session, 999_999, day=DAY)
        with pytest.raises(NotFound):
            people.get_all(session, (sub, 999_999), day=DAY)


def test_all_roles_come_and_go(world: World) -> None:
    def change(roles: frozenset[str]) -> frozenset[str]:
        person = replace(world["bo"], roles=roles)
        world.database.write(
            actions.change_person, person=person, schemes=world.schemes, by=world["admin"], at=MARCH
        )
        return world["bo"].roles

    assert change(frozenset({FINANCE, ADMINISTRATOR})) == {FINANCE, ADMINISTRATOR}
    assert change(frozenset({FINANCE})) == {FINANCE}
    assert change(frozenset()) == frozenset()


def test_people_are_found_by_any_part_of_what_they_are_called(world: World) -> None:
    world.add("åsa öst-Ågren")
    far = world.add("o'neill 100%")
    world.write(
        actions.change_person, person=replace(far, unit="Far away"), schemes=world.schemes, by=None, at=MARCH
    )
    with world.database.reading() as session:

        def found(typed: str) -> list[str]:
            return [person.name for person in people.search(session, typed, day=DAY)]

        assert found("ÅSA ågren") == ["Åsa Öst-Ågren"]
        assert found("0%") == ["O'Neill 100%"]
        everybody = people.search(session, "region.test", day=DAY, limit=99)
        assert people.search(session, "region.test", day=DAY, limit=99, unit="Nowhere") == everybody
        far = people.get(session, far.id, day=DAY)
        assert people.search(session, "region.test", day=DAY, limit=2, unit="Far away") == [far, everybody[0]]
        assert found("_") == []
        assert found("  ") == []
        assert "Anna" in found("clinic ann")
        assert people.find_by_number(session, f" {world.people['bo'].number} ", day=DAY) == world.people["bo"]
        assert people.names_of(session, [world.people["bo"].id, 999_999]) == {world.people["bo"].id: "Bo"}


def test_everybody_comes_page_by_page(world: World) -> None:
    with world.database.reading() as session:
        names: list[str] = []
        after = ("", 0)
        while page := people.everybody(session, day=DAY, after=after, limit=4):
            names += [person.name for person in page]
            after = (page[-1].name, page[-1].id)
    assert names == sorted(person.name for person in world.people.values())


ORDERS = {
    "sv": "Aaberg Andersson Wiik Zorn Åberg Ärlig Ærlig Öberg Øberg",
    "nb": "Andersson Wiik Zorn Ærlig Ärlig Øberg Öberg Aaberg Åberg",
}


@pytest.mark.parametrize("alphabet", ORDERS)
@pytest.mark.parametrize("page_size", [3, 200])
def test_names_come_in_the_reader_s_alphabet(world: World, alphabet: str, page_size: int) -> None:
    """Å is the third last letter in Swedish and the last in Norwegian, where aa is written for it."""
    wanted = ORDERS[alphabet].split()
    with world.in_one_go():
        for name in reversed(wanted):
            world.add(f"{name} test")
    with world.database.reading() as session:
        found: list[str] = []
        after = ("", 0)
        while page := people.everybody(session, day=DAY, after=after, limit=page_size, alphabet=alphabet):
            found += [person.name for person in page]
            after = (page[-1].name, page[-1].id)
        searched = people.search(session, "test", day=DAY, limit=99, alphabet=alphabet)
    mine = [name.partition(" ")[0] for name in found if name.endswith(" Test")]
    assert [name_key(name, alphabet) for name in mine] == [name_key(name, alphabet) for name in wanted]
    names = [each.name for each in searched if each.name.endswith(" Test")]
    assert [name.partition(" ")[0] for name in names] == mine
    assert len(found) == len(set(found)) == len(world.people)


def test_a_name_that_changes_changes_its_place(world: World) -> None:
    world.database.write(
        actions.change_person,
        person=replace(world["anna"], name="Örjan"),
        schemes=world.schemes,
        by=world["admin"],
        at=MARCH,
    )
    with world.database.reading() as session:
        assert people.everybody(session, day=DAY)[-1].name == "Örjan"


def test_who_has_left_signs_in_no_more_but_stays(world: World) -> None:
    bo = world["bo"]
    world.database.write(giving.sign_in, digest="b" * 64, by=bo, at=MARCH)
    world.database.write(
        actions.deactivate, person_id=bo.id, schemes=world.schemes, by=world["admin"], at=MARCH
    )
    with world.database.reading() as session:
        assert people.get(session, bo.id, day=DAY) == bo
        assert people.find_login(session, "bo", day=DAY) is None
        assert people.find_by_number(session, bo.number, day=DAY) is None
        assert people.search(session, "bo@", day=DAY) == []
        assert (
            sign_in.find_person(session, digest="b" * 64, created_after=AN_HOUR_BEFORE, day=DAY, at=MARCH)
            is None
        )


def test_a_session_ends_by_age_by_signing_out_and_from_elsewhere(world: World) -> None:
    anna = world["anna"]
    for digest in ("a" * 64, "b" * 64, "c" * 64):
        world.database.write(giving.sign_in, digest=digest, by=anna, at=MARCH)

    def signed_in(digest: str, created_after: datetime = AN_HOUR_BEFORE) -> Person | None:
        with world.database.reading() as session:
            return sign_in.find_person(session, digest=digest, created_after=created_after, day=DAY, at=MARCH)

    assert signed_in("a" * 64) == anna
    assert signed_in("a" * 64, MARCH) is None
    assert signed_in("d" * 64) is None
    world.database.write(giving.sign_out, digest="a" * 64, by=anna, at=MARCH)
    assert signed_in("a" * 64) is None
    assert world.database.write(giving.end_sessions, person_id=anna.id, but="b" * 64, by=anna, at=MARCH) == 1
    assert (signed_in("b" * 64), signed_in("c" * 64)) == (anna, None)
    with world.database.writing() as session:
        assert sign_in.forget(session, created_before=MARCH) == 0
        assert sign_in.forget(session, created_before=MARCH + timedelta(days=1)) == 3


def test_a_login_is_one_persons_in_any_case(world: World) -> None:
    with world.database.reading() as session:
        login = people.find_login(session, " ANNA ", day=DAY)
    assert login is not None
    assert (login.person.name, login.password_hash) == ("Anna", None)
    for act, code in (
        ({"login": "Anna", "number": "new"}, "person.login-taken"),
        ({"login": "new", "number": world.people["anna"].number}, "person.number-taken"),
    ):
        with pytest.raises(Refused) as refused:
            world.database.write(
                actions.add_person,
                person=Person(0, act["number"], "New", "", ""),
                login=act["login"],
                by=None,
                at=MARCH,
            )
        assert refused.value.refusal.code == code


@pytest.mark.parametrize("by", ["anna", "chair"])
def test_only_administrators_administer(world: World, by: str) -> None:
    for act, how in (
        (actions.add_person, {"person": Person(0, "9", "Nine", "", "")}),
        (actions.change_person, {"person": world["anna"], "schemes": world.schemes}),
        (actions.deactivate, {"person_id": world["bo"].id, "schemes": world.schemes}),
        (giving.give, {"person_id": world["bo"].id, "login": "x", "code": "x", "seed": "x"}),
        (giving.confirm, {"person_id": world["bo"].id, "seen": 1}),
        (actions.end_holding, {"holding_id": 1, "ends_on": DAY, "schemes": world.schemes}),
    ):
        with pytest.raises(Refused) as refused:
            world.database.write(act, **how, by=world[by], at=MARCH)  # type: ignore[arg-type]
        assert refused.value.refusal.code == "access.not-found"


def test_holdings_are_kept_with_their_days(world: World) -> None:
    with world.database.reading() as session:
        held = {(h.person_id, h.seat, h.substitute) for h in seats.of_fund(session, "rfr")}
        in_force = {h.person_id for h in seats.in_force(session, "rfr", date(2025, 1, 1))}
        assert len(seats.all_of_them(session)) == 3
    ids = {name: world.people[name].id for name in ("chair", "rep", "sub")}
    assert held == {
        (ids["chair"], "chair", False),
        (ids["rep"], "representative", False),
        (ids["sub"], "chair", True),
    }
    assert in_force == {ids["chair"], ids["rep"]}


def test_instants_are_utc_whatever_zone_they_were_given_in(world: World) -> None:
    token = world.draft()
    from portal.store import drafts

    with world.database.reading() as session:
        saved_at = drafts.get(session, token).saved_at
    assert saved_at == MARCH
    assert saved_at.tzinfo is UTC

"""Two records of one person become one, and what is old is taken away; on both engines."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, text

from portal.actions import personal
from portal.actions.people import reactivate
from portal.domain.events import Event
from portal.domain.person import FINANCE
from portal.domain.refusal import Refused
from portal.store import applications, audit, people, signing
from portal.store.session import Database
from portal.store.tables import DecisionRow, IdentityRow
from tests.actions.world import MARCH, World


def join(world: World, kept: str, other: str, by: str | None = "admin") -> personal.Joined:
    return world.write(
        personal.join,
        kept_id=world.people[kept].id,
        other_id=world.people[other].id,
        by=world[by] if by else None,
        at=MARCH,
    )


def code(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.refusal.code


@pytest.mark.each_engine
def test_two_records_become_one_with_all_that_both_had(database: Database) -> None:
    world = World(database)
    with world.in_one_go():
        world.add("ann", head_id=world["boss"].id, specialist=True, roles=frozenset({FINANCE}))
        world.add("led", head_id=world["ann"].id)
        own, again = world.apply("anna").number, world.apply("ann", event="The second").number
        world.apply("bo", participant="ann", event="Written by Bo")
    for number in (own, again):
        world.grant(number)
    draft = world.draft("ann")
    linked = {
        "issuer": "i",
        "subject": "s",
        "person_id": world.people["ann"].id,
        "linked_at": MARCH,
        "used_at": MARCH,
    }
    with world.database.writing() as session:
        session.execute(insert(IdentityRow).values(linked))
    done = join(world, "anna", "ann")
    assert (done.applications, done.double) == (2, (own, again))
    anna, ann = world["anna"], world.people["ann"].id
    assert anna.roles == {FINANCE}
    assert world["led"].head_id == anna.id
    with world.reading() as session:
        mine = applications.written_by_or_for(session, anna.id)
        assert {each.title for each in mine} == {"ESC Congress", "The second", "Written by Bo"}
        assert not applications.written_by_or_for(session, ann)
        register = applications.earlier_requests(session, participant_id=anna.id, fund="rfr", year=2024)
        assert len([each for each in register if each.status == "granted"]) == 2
        owner = session.execute(
            text("SELECT owner_id FROM drafts WHERE token = :token"), {"token": draft}
        ).scalar_one()
        assert owner == anna.id
        assert len(session.execute(select(DecisionRow.once_key)).scalars().all()) == 2
        assert people.has_left(session, ann)
        assert session.execute(select(IdentityRow.person_id)).scalar_one() == ann, (
            "nobody signs in as another"
        )
        assert audit.verify(session).whole
        waiting = next(each for each in mine if each.title == "Written by Bo")
        assert signing.granted_already(session, waiting)
    with pytest.raises(Refused):
        world.write(reactivate, person_id=ann, by=world["admin"], at=MARCH)
    with pytest.raises(Exception, match="stays as it was written"), world.database.writing() as session:
        session.execute(text("UPDATE decisions SET amount = 1"))


def test_who_acted_on_the_other_is_not_the_same_person(sqlite_database: Database) -> None:
    world = World(sqlite_database)
    number = world.apply("anna").number
    world.grant(number)
    for kept, other in (("chair", "rep"), ("anna", "chair"), ("boss", "rep")):
        with pytest.raises(Refused) as refused:
            join(world, kept, other)
        assert code(refused) == "join.signed", (kept, other)
    for kept, other, by, why in (
        ("admin", "outsider", "admin", "join.oneself"),
        ("outsider", "admin", "admin", "join.oneself"),
        ("anna", "anna", "admin", "join.same"),
        ("chair", "sub", "admin", "join.seats"),
        ("anna", "bo", "outsider", "access.not-found"),
    ):
        with pytest.raises(Refused) as refused:
            join(world, kept, other, by)
        assert code(refused) == why, (kept, other)


def test_a_seat_that_comes_along_rests_until_another_confirms(sqlite_database: Database) -> None:
    world = World(sqlite_database)
    number = world.apply("anna").number
    join(world, "outsider", "chair")
    with pytest.raises(Refused) as refused:
        world.sign(number, "outsider")
    assert code(refused) == "signoff.held"
    world.confirm("outsider", by="admin2")
    world.sign(number, "outsider")


LATER = datetime(2036, 1, 1, tzinfo=UTC)


@pytest.mark.each_engine
def test_what_is_old_is_forgotten_and_the_log_still_verifies(database: Database) -> None:
    world = World(database)
    with world.in_one_go():
        number = world.apply("bo", participant="anna", participation="Mina egna ord").number
        fresh = world.apply("bo", participation="Väntar än").number
    world.grant(number, amount=8_000_00, reason="Skäl i egna ord")
    world.cancel(number, "bo")
    world.deactivate("anna")
    with world.reading() as session:
        old = applications.get(session, number=number)
    late = Event("keep-letter", None, datetime(2031, 1, 1, tzinfo=UTC), old.id, {})
    world.write(lambda session: audit.append(session, late))

    def forget(*, dry: bool, before: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> personal.Forgotten:
        return world.write(personal.forget, before=before, at=LATER, dry=dry)

    assert forget(dry=True, before=datetime(2024, 1, 1, tzinfo=UTC)).cases == 0
    would = forget(dry=True)
    assert (would.cases, would.people, would.log.whole) == (1, 1, True)
    with world.reading() as session:
        assert applications.version_of(session, applications.get(session, number=number)).answers
    done = forget(dry=False)
    assert (done.cases, done.people, done.log.whole) == (1, 1, True)
    with world.reading() as session:
        old = applications.get(session, number=number)
        assert applications.version_of(session, old).answers == {}
        assert applications.version_of(session, applications.get(session, number=fresh)).answers
        anna = people.get(session, world.people["anna"].id, day=LATER.date())
        assert (anna.name, anna.email, anna.unit, anna.number) == ("–", "", "", f"forgotten-{anna.id}")
        assert audit.verify(session).whole
    again = forget(dry=False)
    assert (again.cases, again.people) == (0, 0)

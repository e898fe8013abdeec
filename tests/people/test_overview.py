"""The administrator's overview: what is as it should be and what is not, and what an administrator cannot do."""

from datetime import date

import pytest
from sqlalchemy import insert

from portal.domain.directory import UNUSED, Remark
from portal.domain.person import ADMINISTRATOR
from portal.domain.refusal import Refused
from portal.store import administration, directory, identities
from portal.store.tables import PersonRoleRow
from tests.actions.world import MARCH
from tests.support.region import Region, text_of


def record(region: Region, outcome: str, counts: dict[str, int], *remarks: Remark) -> None:
    region.world.write(directory.record, outcome=outcome, counts=counts, remarks=remarks, at=MARCH)


@pytest.mark.each_engine
def test_what_has_to_be_looked_at(region: Region) -> None:
    world = region.world
    page = text_of(region.at("admin").get("/administration"))
    assert "Nothing has been imported yet" in page
    assert "Signed in now 1" in page
    assert "no substitute today" in page
    assert "Nobody holds the seat today" in page, "the other fund's seats are empty"
    record(region, "done", {"new": 3, "remarks": 1}, Remark(7, world["anna"].number, UNUSED.code, "name"))
    number = world.apply(head=world["boss"].number).number
    world.change("bo", by=None, email="")
    world.deactivate("boss")
    page = text_of(region.at("admin").get("/administration"))
    assert "New 3 To be looked at 1" in page
    assert f"7 {world['anna'].number} The row cannot be used, so the person stays as they are. (name)" in page
    assert "Boss : 1 open application" in page.replace("Boss:", "Boss :")
    assert "No e-mail address : 1" in page.replace("address:", "address :")
    assert "The head has left : 2" in page.replace("left:", "left :")
    assert number not in page, "no case is shown to administrators"
    said = {"claim": "employee", "value": "E-7", "name": "Nils", "reason": "sign-in.unknown"}
    for _time in range(2):
        world.write(identities.add_unlinked, issuer="i", subject="s", said=said, at=MARCH)
    world.write(identities.link, issuer="i", subject="a", person_id=world["anna"].id, at=MARCH)
    record(region, "stopped", {"left": 300})
    page = text_of(region.at("admin").get("/administration"))
    assert "was stopped, because too much would have changed at once. Nothing was done." in page
    assert "Have left 300" in page
    assert "1 person could not be linked" in page
    assert "employee: E-7 Nobody here has it 1 March 2024 at 10:00 2" in text_of(
        region.at("admin").get("/administration/unlinked")
    )
    assert "Anna 1 March 2024" in text_of(region.at("admin").get("/administration/links"))
    assert "New 3" in page, "beside the last that was done"
    lacking = text_of(region.at("admin").get("/people?lacks=email"))
    assert "Bo 1970" in lacking
    assert "Anna 1970" not in lacking


def test_one_who_sits_in_both_seats_is_told(small_region: Region) -> None:
    world = small_region.world
    with world.reading() as session:
        holdings = {each.seat: each.id for each in people_in_seats(session)}
    world.end(holdings["representative"], date(2024, 2, 1), at=MARCH)
    world.appoint("chair", "representative", substitute=True, ends_on=date(2024, 12, 31))
    world.deactivate("sub")
    assert "Only Chair sits in the seats of RFR today" in text_of(
        small_region.at("admin").get("/administration")
    )


def people_in_seats(session):  # type: ignore[no-untyped-def]
    from portal.store import seats

    return [each for each in seats.of_fund(session, "rfr") if not each.substitute]


def test_who_is_signed_in_is_listed_and_leads_to_where_it_is_ended(small_region: Region) -> None:
    for number in range(52):
        small_region.world.add(f"person{number:02d}", language="en")
        small_region.at(f"person{number:02d}")
    admin = small_region.at("admin")
    first = admin.get("/administration/sessions")
    assert first.get_data(as_text=True).count("/sign-ins") == 50
    path = (
        first.get_data(as_text=True).partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    )
    second = admin.get(path)
    assert second.get_data(as_text=True).count("/sign-ins") == 3
    with small_region.world.reading() as session:
        assert administration.signed_in(session, since=MARCH.replace(hour=0)) == 53


def test_a_search_among_people_is_paged(small_region: Region) -> None:
    with small_region.world.in_one_go():
        for number in range(60):
            small_region.world.add(f"person{number:02d}")
    admin = small_region.at("admin")
    first = admin.get("/people?q=person").get_data(as_text=True)
    path = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "Person49" in first
    assert "Person50" not in first
    assert "Person59" in text_of(admin.get(path))


def test_who_administers_signs_nothing_and_sits_in_no_seat(small_region: Region) -> None:
    world = small_region.world
    number = world.apply().number
    with pytest.raises(Refused, match=r"administrator-sits"):
        world.appoint("admin2", "representative", substitute=True, ends_on=date(2024, 12, 31))
    with pytest.raises(Refused, match=r"administrator-sits"):
        world.change("chair", roles=frozenset({ADMINISTRATOR}))
    with world.database.writing() as session:  # as it may be since before
        role = {"person_id": world["chair"].id, "role": ADMINISTRATOR, "fund": ""}
        session.execute(insert(PersonRoleRow).values(role))
    for act in (world.sign, world.ask):
        with pytest.raises(Refused, match=r"signoff.administers"):
            act(number, "chair")
    page = text_of(small_region.at("chair").get(f"/queue/{number}"))
    assert "You administer the portal, and so sign nothing." in page


def test_nobody_else_comes_in(small_region: Region) -> None:
    for path in (
        "/administration",
        "/administration/sessions",
        "/administration/links",
        "/administration/unlinked",
    ):
        assert {small_region.at(name).get(path).status_code for name in ("anna", "chair", "finn")} == {404}

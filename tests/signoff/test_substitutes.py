"""A holder sets a substitute with days, from those whom an administrator lets them choose among."""

from datetime import date, timedelta

from portal.store import seats
from tests.signoff.conftest import MARCH, Office, text_of

DAY = MARCH.date()


def holding_of(office: Office, name: str) -> int:
    with office.world.reading() as session:
        return next(h.id for h in seats.of_person(session, office.world[name].id, for_update=False))


def choose(
    office: Office, name: str, whom: str, first: date = DAY, last: date = DAY + timedelta(days=6)
) -> str:
    """What the page says after the choice."""
    answer = office.at(name).post(
        "/queue/substitute",
        {
            "holding": holding_of(office, name),
            "person": office.world[whom].id,
            "starts_on": first.isoformat(),
            "ends_on": last.isoformat(),
        },
    )
    return text_of(office.at(name).get("/queue/substitute") if answer.status_code == 303 else answer)


def allow(office: Office, whom: str, seat: str) -> int:
    number = office.world[whom].number
    answer = office.at("admin").post(
        "/seats/substitutes", {"allow_seat": f"rfr/{seat}", "allow_number": number}
    )
    return answer.status_code


def test_a_holder_sets_a_substitute_who_signs_until_the_last_day(office: Office) -> None:
    office.world.add("eva")
    assert "Name somebody who can stand in" in text_of(office.at("admin").get("/"))
    assert "An administrator has not named anybody yet" in text_of(office.at("rep").get("/queue/substitute"))
    nobody = choose(office, "rep", "eva")
    assert "Choose somebody whom an administrator has named" in nobody
    assert allow(office, "eva", "representative") == 303
    assert "Name somebody who can stand in" not in text_of(office.at("admin").get("/"))
    assert "Choose today or later." in choose(office, "rep", "eva", DAY - timedelta(days=1))
    said = choose(office, "rep", "eva")
    assert "Eva can sign in your seat from" in said
    assert office.world.told("substitute") >= {"eva"}
    assert office.world.told("substitute-set") == {"admin", "admin2", "chair", "sub"}
    number = office.world.apply().number
    assert "Eva (substitute until" in office.page("chair", number)
    office.send("eva", number, "grant")
    office.wait_until(MARCH + timedelta(days=7))
    other = office.world.apply("bo").number
    assert office.at("eva").get(f"/queue/{other}").status_code == 404, "it has ended by itself"
    office.send("chair", number, "grant")
    assert "Granted" in text_of(office.at("anna").get(f"/applications/{number}"))


def test_nobody_fills_both_seats_and_a_time_is_ended_early(office: Office) -> None:
    assert allow(office, "sub", "representative") == 422, "stands in for the chair already"
    assert allow(office, "chair", "representative") == 422
    office.world.add("eva")
    for seat in ("chair", "representative"):
        assert allow(office, "eva", seat) == 303
    choose(office, "rep", "eva")
    assert "The person holds the other seat in that time." in choose(office, "chair", "eva")
    with office.world.reading() as session:
        term = seats.of_person(session, office.world["eva"].id, for_update=False)[0].id
    assert office.at("chair").post("/queue/substitute/end", {"term": term}).status_code == 404
    assert office.at("rep").post("/queue/substitute/end", {"term": term}).status_code == 303
    assert office.world.told("substitute-ended") == {"eva"}
    assert "Nobody stands in for you." in text_of(office.at("rep").get("/queue/substitute"))
    assert "Eva can sign in your seat from" in choose(office, "chair", "eva")

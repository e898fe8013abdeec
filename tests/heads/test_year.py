"""What a head stands for in a year: their cases with totals, as a page and as a file, and nothing of others'."""

from portal.actions import claiming
from portal.store import claims
from tests.actions.world import MARCH, answers
from tests.support.region import Region, text_of


def test_a_head_sees_what_they_stand_for_and_nothing_else(small_region: Region) -> None:
    region, world = small_region, small_region.world
    granted, waiting = (
        world.apply().number,
        world.apply("bo", event="Heart days", counter_amount="4 000").number,
    )
    other = world.apply("bo", event="Without boss", head=world["outsider"].number, prior="requested").number
    world.grant(granted)
    with world.reading() as session:
        claim = claims.get(session, world.case(granted).application.id)
    costs = {"costs": answers()["costs"]}
    world.write(
        claiming.state_costs,
        number=granted,
        schemes=world.schemes,
        costs=costs,
        revision=claim.revision,
        by=world["anna"],
        at=MARCH,
    )
    boss = region.at("boss")
    assert 'href="/head"' in boss.get("/").get_data(as_text=True)
    assert 'href="/head"' not in region.at("anna").get("/").get_data(as_text=True)
    page = text_of(boss.get("/head?year=2024")).replace("\xa0", " ")
    assert (
        "Counter-financing promised SEK 14,000 Granted SEK 8,250 Paid by the unit SEK 8,250 Follow-ups owed 1"
        in page
    )
    for said in (granted, waiting, "Heart days", "Waits for the head’s word", "Planned"):
        assert said in page, said
    for hidden in (other, "Without boss"):
        assert hidden not in page, "bo is of their people, and somebody else stands for this one"
    assert "Nothing in this year" in text_of(boss.get("/head?year=2023"))
    assert other in text_of(region.at("outsider").get("/head?year=2024"))
    file = boss.get("/head.csv?year=2024&profile=plain").get_data(as_text=True)
    assert [line.split(",")[0] for line in file.splitlines()[1:]] == [granted, waiting]
    assert "10000.00,8250.00,8250.00,planned,2024-09-20" in file
    assert boss.get("/head.csv?year=2024&profile=xlsx").data.startswith(b"PK")

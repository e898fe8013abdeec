"""Nobody applies for somebody else in silence: the participant is told, and can say no until it is decided."""

from tests.support.region import Region, text_of


def test_the_participant_is_told_and_can_say_no(small_region: Region) -> None:
    region, world = small_region, small_region.world
    number = world.apply("bo", participant="anna").number
    assert (world.told("received"), world.told("applied-for-you")) == ({"bo"}, {"anna"})
    assert "Others have applied for you ESC Congress Written by Bo" in text_of(region.at("anna").get("/"))
    assert "Others have applied" not in text_of(region.at("bo").get("/"))
    anna, path = region.at("anna"), f"/applications/{number}"
    page = anna.get(path).get_data(as_text=True)
    assert "Bo has applied for you." in page
    assert f"{path}/withdraw" not in page, "only who wrote it takes it back without a word"
    assert anna.post(f"{path}/withdraw").status_code == 404
    for name in ("bo", "boss", "chair"):
        assert region.at(name).get(f"{path}/decline").status_code == 404, name
    world.sign(number, "chair")
    refused = anna.post(f"{path}/decline", {"reason": " "})
    assert refused.status_code == 422
    assert "Say why, so that whoever wrote the application knows." in text_of(refused)
    for _again in range(2):
        assert anna.post(f"{path}/decline", {"reason": "I am away then"}).status_code == 303
    assert world.case(number).application.status == "withdrawn"
    assert (world.told("declined"), world.told("withdrawn-signed")) == ({"bo"}, {"chair"})
    assert "Others have applied" not in text_of(anna.get("/"))
    for name, door in (("bo", "applications"), ("chair", "queue")):
        said = text_of(region.at(name).get(f"/{door}/{number}"))
        assert "I am away then" in said, name
        assert "The participant said no" in said, name
    assert "I am away then" not in text_of(region.at("finn").get(path))


def test_what_is_decided_is_not_declined(small_region: Region) -> None:
    world = small_region.world
    number = world.apply("bo", participant="anna").number
    world.grant(number)
    anna = small_region.at("anna")
    assert anna.post(f"/applications/{number}/decline", {"reason": "Too late"}).status_code == 409
    assert "/decline" not in anna.get(f"/applications/{number}").get_data(as_text=True)

"""The days of an application as a calendar file, and the steps after a grant on its page."""

from datetime import UTC, date, datetime

from portal.web.applications.calendar import CalendarEntry, written
from tests.support.region import Region, text_of

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def test_a_calendar_file_keeps_its_lines_short_and_its_text_whole() -> None:
    title = "Möte; om hjärtat, " + "å" * 60
    file = written("RFR-1", [CalendarEntry("event", date(2024, 8, 30), date(2024, 9, 2), title, "https://x.test/")],
                   host="x.test", at=AT)  # fmt: skip
    lines = file.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(each.decode() for each in lines if each), "no character is split"
    whole = file.replace(b"\r\n ", b"").decode()
    assert "SUMMARY:Möte\\; om hjärtat\\, " + "å" * 60 in whole
    assert "DTSTART;VALUE=DATE:20240830\r\nDTEND;VALUE=DATE:20240903\r\n" in whole
    assert "UID:RFR-1-event@x.test\r\nDTSTAMP:20240301T090000Z\r\n" in whole


def test_after_a_grant_the_days_of_all_three_are_in_it(region: Region) -> None:
    number = region.world.apply("anna").number
    address = f"/applications/{number}/days.ics"
    anna = region.at("anna")
    before = anna.get(address)
    assert before.mimetype == "text/calendar"
    assert before.get_data(as_text=True).count("BEGIN:VEVENT") == 1
    region.world.grant(number)
    assert anna.get(address).get_data(as_text=True).count("BEGIN:VEVENT") == 3
    page = text_of(anna.get(f"/applications/{number}"))
    for part in (
        "What is left to do",
        "Tell your colleagues, and record it",
        "State what it cost",
        "in 182 days",
    ):
        assert part in page, part
    assert region.at("outsider").get(address).status_code == 404


def test_an_approver_reads_at_home_what_waits_with_money_and_days(region: Region) -> None:
    region.world.apply("anna", counter_amount="5000")
    page = text_of(region.at("chair").get("/"))
    assert "1 application waits for your signature" in page
    assert "1 with a warning" in page
    assert "the next event is ESC Congress · begins in 182 days" in page
    assert "SEK 5,000 asked for" in page


def test_the_log_says_who_and_how_much_in_words(region: Region) -> None:
    page = text_of(region.at("admin").get("/log?before=40"))
    assert "Person: Anna" in page or "Head: Boss" in page
    assert "Seat: " in page
    assert "person 1" not in page

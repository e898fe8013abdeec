"""The days of an application for a calendar: RFC 5545, for its parties alone."""

from datetime import UTC, date, datetime

from portal.web.applications.days import calendar
from tests.support.region import Region, text_of

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def test_lines_are_escaped_and_folded_by_octets() -> None:
    title = "Å" * 50 + "; one, two\\three\nfour"
    content = calendar("RFR-2024-0001", [("event", title, date(2024, 8, 30), date(2024, 9, 2))], AT)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    lines = content.replace(b"\r\n ", b"").decode().split("\r\n")
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//portal//days//EN"]
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART;VALUE=DATE:20240830" in lines
    assert "DTEND;VALUE=DATE:20240903" in lines, "the day after the last"
    assert "SUMMARY:" + "Å" * 50 + "\\; one\\, two\\\\three four" in lines


def test_a_grant_brings_what_is_owed_to_its_parties_alone(region: Region) -> None:
    number = region.world.apply().number
    waiting = region.at("anna").get(f"/applications/{number}/days.ics")
    assert waiting.headers["Content-Type"].startswith("text/calendar")
    assert waiting.get_data(as_text=True).count("BEGIN:VEVENT") == 1
    region.world.grant(number)
    anna = region.at("anna")
    said = anna.get(f"/applications/{number}/days.ics").get_data(as_text=True)
    assert [line for line in said.split("\r\n") if line.startswith(("SUMMARY", "DTSTART"))] == [
        "DTSTART;VALUE=DATE:20240830",
        "SUMMARY:ESC Congress",
        "DTSTART;VALUE=DATE:20240930",
        "SUMMARY:Last day to invoice: ESC Congress",
        "DTSTART;VALUE=DATE:20240920",
        "SUMMARY:Follow-up: ESC Congress",
    ]
    assert f"/applications/{number}/days.ics" in anna.get(f"/applications/{number}").get_data(as_text=True)
    for other in ("chair", "boss", "finn", "bo"):
        assert region.at(other).get(f"/applications/{number}/days.ics").status_code == 404


def test_after_a_grant_its_page_says_what_is_left_and_by_when(region: Region) -> None:
    number = region.world.apply("anna").number
    region.world.grant(number)
    page = text_of(region.at("anna").get(f"/applications/{number}"))
    for part in (
        "What is left to do",
        "Tell your colleagues, and record it",
        "State what it cost",
        "in 182 days",
    ):
        assert part in page, part


def test_an_approver_reads_at_home_what_waits_with_money_and_days(region: Region) -> None:
    region.world.apply("anna", counter_amount="5000")
    page = text_of(region.at("chair").get("/"))
    assert "1 application waits for your signature" in page
    assert "1 with a warning" in page
    assert "the next event is ESC Congress · begins in 182 days" in page
    assert "SEK 5,000 asked for" in page


def test_the_log_says_who_and_how_much_in_words(region: Region) -> None:
    page = text_of(region.at("admin").get("/log?before=40"))
    assert "Seat: " in page
    assert "person 1" not in page

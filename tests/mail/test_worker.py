"""The worker as a whole: letters printed, reminders put in, e-mails sent; and who is told what before a decision."""

import re
import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.actions.notices import remind, reminders_due
from portal.cli.checkup import examine
from portal.cli.relaying import one_round, post_of, work
from portal.domain.application import Outcome
from portal.mail.notices import NOTICES
from portal.settings import Places, Settings, WrongSettings
from portal.store import letters, outbox
from portal.store.session import Database
from tests.actions.world import MARCH, World
from tests.support.portals import Clock
from tests.support.smtp import SmtpServer, free_port

BASE = "https://courses.example.org"
RANDOM = {"Content-Type", "Message-ID"}
"""Headers with digits by chance, which can be those of an amount."""


def settings(smtp: SmtpServer | None = None) -> Settings:
    """As an installation would be set."""
    url = f"smtp://{smtp.host}:{smtp.port}" if smtp else ""
    return Settings(smtp_url=url, mail_from="portal@example.org", base_url=BASE)


def run(world: World, smtp: SmtpServer | None, at: datetime = MARCH) -> list[str]:
    """One round of the worker, and what it said."""
    said: list[str] = []
    work(world.database, settings(smtp), once=True, every=1, clock=Clock(at), say=said.append)
    return said


def told(world: World, smtp: SmtpServer, at: datetime = MARCH) -> set[tuple[str, str]]:
    """Who got which subject in a round."""
    before = len(smtp.deliveries)
    run(world, smtp, at)
    return {(d.recipients[0].partition("@")[0], str(d.message["Subject"])) for d in smtp.deliveries[before:]}


def test_everybody_is_told_what_concerns_them_and_nothing_else(database: Database, smtp: SmtpServer) -> None:
    world = World(database)
    appointed = told(world, smtp)
    assert {who for who, _subject in appointed} == {"chair", "rep", "sub", "admin2"}
    number = world.apply("anna", participant="bo").number
    assert told(world, smtp) == {
        ("anna", f"Ansökan {number} har kommit in"),
        ("bo", f"En kollega har sökt kursmedel åt dig: {number}"),
        ("boss", f"Ansökan {number} väntar på ditt besked som chef"),
        *((who, f"Ansökan {number} väntar på din underskrift") for who in ("chair", "rep", "sub")),
    }
    world.ask(number)
    assert told(world, smtp) == {(who, f"En fråga om ansökan {number}") for who in ("anna", "bo")}
    world.answer(number, "anna")
    world.sign(number, "chair")
    world.sign(number, "rep", Outcome.REFUSE, amount=0, reason="Nej")
    subjects = {subject for _who, subject in told(world, smtp)}
    assert f"Underskrifterna på ansökan {number} skiljer sig åt" in subjects
    world.take_back(number, "rep")
    world.sign(number, "rep")
    assert told(world, smtp) == {(who, f"Ansökan {number} är beslutad") for who in ("anna", "bo", "boss")}
    for delivery in smtp.deliveries:
        headers = [value for name, value in delivery.message.items() if name not in RANDOM]
        parts = [part.get_content() for part in delivery.message.walk() if not part.is_multipart()]
        text = "\n".join(map(str, [*headers, *parts])).replace("\r", "")
        for secret in ("ESC Congress", "Anna", "Bo ", "8 250", "8250", "Nej", "1970-"):
            assert secret not in text, secret
        assert re.search(rf"{BASE}(/applications/|/queue/|/\n)", text)


def test_an_application_kept_for_next_year_is_told_of_when_its_decisions_begin(
    database: Database, smtp: SmtpServer
) -> None:
    """The year begins in a pause, so the first day is 7 January."""
    world = World(database)
    world.add("late")
    world.appoint(
        "late", "representative", substitute=True, starts_on=date(2024, 2, 1), ends_on=date(2024, 12, 31)
    )
    run(world, smtp)
    autumn = datetime(2023, 11, 1, 10, tzinfo=UTC)
    numbers = [world.apply(name, at=autumn).number for name in ("anna", "bo")]
    subject = "Ansökningar som har sparats kan nu beslutas"
    assert {who for who, _subject in told(world, smtp, autumn)} == {"anna", "bo", "boss"}
    assert told(world, smtp, autumn + timedelta(days=7)) == {
        ("boss", f"Ansökan {number} väntar fortfarande på ditt besked som chef") for number in numbers
    }
    for silent in (datetime(2024, 1, 2, 10, tzinfo=UTC), datetime(2024, 1, 6, 22, 59, 59, tzinfo=UTC)):
        assert told(world, smtp, silent) == set()
    first = datetime(2024, 1, 6, 23, tzinfo=UTC)
    before = len(smtp.deliveries)
    assert told(world, smtp, first) == {(who, subject) for who in ("chair", "rep", "sub")}
    assert len(smtp.deliveries) == before + 3, "one e-mail for all that was kept"
    said = str(smtp.deliveries[-1].message.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "7 januari 2024" in said
    assert f"{BASE}/queue" in said.split()
    assert told(world, smtp, first + timedelta(hours=1)) == set()
    assert told(world, smtp, MARCH) == set(), "who came to the seat later was told then"


def test_nobody_is_told_of_a_year_with_nothing_kept_for_them(sqlite_database: Database) -> None:
    world = World(sqlite_database)
    autumn, first = datetime(2023, 11, 1, 10, tzinfo=UTC), datetime(2024, 1, 8, 10, tzinfo=UTC)

    def receivers(at: datetime = first) -> set[int]:
        with sqlite_database.reading() as session:
            due = reminders_due(session, schemes=world.schemes, at=at)
        return {each.receiver_id for each in due if each.kind == "year-begun"}

    assert receivers() == set(), "nothing was kept"
    world.apply("chair", at=autumn)
    assert receivers() == {world["rep"].id, world["sub"].id}, "the applicant does not sign"
    number = world.apply("bo", at=autumn).number
    assert world["chair"].id in receivers()
    assert receivers(datetime(2025, 1, 8, 10, tzinfo=UTC)) == set(), "the year is over"
    world.withdraw(number, "bo", at=autumn)
    assert world["chair"].id not in receivers()
    world.apply("anna", at=MARCH)
    assert world["chair"].id not in receivers(MARCH), "that one came in among the decisions"


def test_what_waits_is_told_after_a_pause_and_before_the_last_day_and_an_answer_is_asked_for(
    sqlite_database: Database,
) -> None:
    world = World(sqlite_database)

    def told(at: datetime) -> set[tuple[str, str]]:
        with sqlite_database.reading() as session:
            due = reminders_due(session, schemes=world.schemes, at=at)
        world.write(remind, reminders=due, at=at)
        names, kinds = (
            {person.id: name for name, person in world.people.items()},
            {"pause-over", "last-call", "answer-awaited"},
        )
        return {(each.kind, names[each.receiver_id]) for each in due if each.kind in kinds}

    noon = timedelta(hours=11)
    assert told(datetime(2024, 8, 5, tzinfo=UTC) + noon) == set(), "nothing waits"
    world.apply(
        "chair", participant="bo", starts_on="2024-12-27", ends_on="2024-12-28", follow_up_on="2025-02-01"
    )
    assert told(datetime(2024, 8, 4, tzinfo=UTC) + noon) == set()
    assert told(datetime(2024, 8, 5, tzinfo=UTC) + noon) == {("pause-over", "rep"), ("pause-over", "sub")}
    assert told(datetime(2024, 8, 6, tzinfo=UTC) + noon) == set(), "once"
    assert told(datetime(2024, 12, 4, tzinfo=UTC) + noon) == set()
    assert told(datetime(2024, 12, 5, tzinfo=UTC) + noon) == {("last-call", "rep"), ("last-call", "sub")}
    assert told(datetime(2024, 12, 19, tzinfo=UTC) + noon) == set()

    number = world.apply("anna", participant="outsider").number
    world.ask(number)
    assert told(MARCH + timedelta(days=13)) == set()
    assert told(MARCH + timedelta(days=14)) == {("answer-awaited", "anna"), ("answer-awaited", "outsider")}
    assert told(MARCH + timedelta(days=15)) == set()


def test_what_is_due_is_told_once_and_once_more_when_it_is_late(database: Database) -> None:
    world = World(database)
    number = world.apply("anna", participant="bo").number
    world.grant(number)

    def due(day: date) -> list[str]:
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        with database.reading() as session:
            found = reminders_due(session, schemes=world.schemes, at=at)
        database.write(remind, reminders=found, at=at)
        database.write(remind, reminders=found, at=at)
        return sorted(each.kind for each in found)

    # The follow-up is planned for 20 September; the event starts on 30 August, so the invoice is due on 30 September.
    assert due(date(2024, 9, 12)) == []
    assert due(date(2024, 9, 13)) == ["follow-up-due"] * 2
    assert due(date(2024, 9, 20)) == []
    assert due(date(2024, 9, 21)) == ["follow-up-late"] * 2
    assert due(date(2024, 9, 22)) == []
    assert due(date(2024, 9, 23)) == ["invoice-due"] * 2
    assert due(date(2024, 9, 30)) == []
    assert due(date(2024, 10, 1)) == ["invoice-late"] * 2
    assert due(date(2025, 1, 1)) == []
    with database.reading() as session:
        waiting, _parked, _since = outbox.waiting(session)
        kinds = {entry.kind for entry in outbox.unsent(session)}
    assert kinds <= set(NOTICES)
    assert waiting >= 8


def test_a_cancelled_grant_is_reminded_of_nothing(sqlite_database: Database) -> None:
    world = World(sqlite_database)
    number = world.apply("anna").number
    world.grant(number)
    world.cancel(number)
    with sqlite_database.reading() as session:
        late = datetime(2025, 1, 1, tzinfo=UTC)
        assert reminders_due(session, schemes=world.schemes, at=late) == []


def test_a_round_prints_the_letters(sqlite_database: Database) -> None:
    world = World(sqlite_database)
    world.grant(world.apply("anna").number)
    said = run(world, None)
    assert any("SMTP_URL is not set" in line for line in said)
    assert "letters printed: 3" in said
    with sqlite_database.reading() as session:
        assert letters.waiting(session) == (0, None)


def test_without_a_mail_server_the_mails_stay_and_doctor_says_so(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(sqlite_database)
    world.apply("anna")
    run(world, None)
    points = {point.text: point.good for point in examine(sqlite_database, Places(), at=MARCH)}
    (mail,) = (text for text in points if text.startswith("e-mails:"))
    assert not points[mail]
    assert "SMTP_URL is not set" in mail
    later = MARCH + timedelta(hours=2)
    monkeypatch.setenv("SMTP_URL", "smtp://localhost")
    points = {point.text: point.good for point in examine(sqlite_database, Places(), at=later)}
    (mail,) = (text for text in points if text.startswith("e-mails:"))
    assert not points[mail]
    assert "2 h; start portal send-mail" in mail
    work(
        sqlite_database, Settings(smtp_url=f"smtp://127.0.0.1:{free_port()}"), once=True, every=1,
        clock=Clock(later), say=lambda _line: None,
    )  # fmt: skip
    (mail,) = (p.text for p in examine(sqlite_database, Places(), at=later) if p.text.startswith("e-mails:"))
    assert "look at the mail server of SMTP_URL (no connection: ConnectionRefusedError" in mail


def test_the_worker_goes_on_when_a_round_fails_and_stops_when_told(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, said = threading.Event(), list[str]()
    rounds = iter(range(3))

    def failing(*_values: object, **_named: object) -> None:
        if next(rounds) == 2:
            stop.set()
        raise RuntimeError("database away")

    monkeypatch.setattr("portal.cli.relaying.one_round", failing)
    work(sqlite_database, settings(), once=False, every=0.01, clock=Clock(MARCH), say=said.append, stop=stop)
    assert said.count("the round failed: RuntimeError") == 3


def test_a_worker_that_is_told_to_stop_takes_up_nothing_more(
    sqlite_database: Database, smtp: SmtpServer
) -> None:
    """However much waits: neither letters nor e-mails are begun, and the next worker finds them."""
    World(sqlite_database).apply("anna")
    told = iter((False, True, True))
    said = list[str]()
    with sqlite_database.reading() as session:
        waiting = len(letters.due(session))
    post = post_of(settings(smtp))
    one_round(sqlite_database, post, clock=Clock(MARCH), say=said.append, stopped=lambda: next(told))
    assert waiting
    assert said == [f"letters printed: {waiting}"], "those under way"
    assert smtp.deliveries == []


@pytest.mark.parametrize(
    "url",
    [
        "mail.test",
        "http://mail.test",
        "smtp://",
        "smtp://u:p@mail.test",
        "smtp://mail.test:x",
        "smtps://mail.test/path",
    ],
)
def test_a_wrong_address_of_a_mail_server_stops_the_start(url: str) -> None:
    environ = {"SMTP_URL": url, "SECRET_KEY": "0123456789abcdefghijklmnopqrstuv", "BASE_URL": BASE}
    with pytest.raises(WrongSettings, match="SMTP_URL") as wrong:
        Settings.from_env(environ)
    assert "u:p" not in str(wrong.value)


@pytest.mark.parametrize("url", ["smtp+starttls://u:p@mail.test:587", "smtps://u:p@mail.test"])
def test_a_right_one_does_not(url: str) -> None:
    environ = {"SMTP_URL": url, "SECRET_KEY": "0123456789abcdefghijklmnopqrstuv", "BASE_URL": BASE}
    post = post_of(Settings.from_env(environ))
    assert post is not None
    assert (post.base_url, post.server.host, post.server.name) == (BASE, "mail.test", "courses.example.org")

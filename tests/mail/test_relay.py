"""The way of an e-mail from the outbox to the mail server, past everything that can go wrong there."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from portal.mail.relay import LAST_ATTEMPT, Server, delay_after, server_of
from portal.store import outbox
from portal.store.outbox import LEASE
from portal.store.session import Database
from tests.mail.conftest import Office
from tests.support.smtp import Fault


@dataclass(frozen=True)
class Case:
    """A fault, what the portal does about it, and how many copies arrive in the end."""

    fault: Fault | None
    does: str
    copies: int = 1
    round_ends: bool = False


TABLE = {
    "server refuses connections": Case(None, "later", round_ends=True),
    "server hangs": Case(Fault.HANG, "later", round_ends=True),
    "4xx to MAIL FROM": Case(Fault.SENDER_LATER, "later"),
    "4xx to RCPT TO": Case(Fault.RECIPIENT_LATER, "later"),
    "4xx after the message": Case(Fault.DATA_LATER, "later"),
    "5xx to RCPT TO": Case(Fault.RECIPIENT_NEVER, "parked", copies=0),
    "5xx after the message": Case(Fault.DATA_NEVER, "parked", copies=0),
    "connection lost after the message": Case(Fault.DROP_AFTER_DATA, "later", copies=2, round_ends=True),
}
"""The mail fault table, as docs/mail.md has it."""


@pytest.mark.parametrize("name", TABLE)
def test_the_fault_table(office: Office, name: str) -> None:
    case = TABLE[name]
    office.timeout = 0.3 if case.fault is Fault.HANG else office.timeout
    office.put(office.person())
    if case.fault is None:
        office.smtp.refuse()
    else:
        office.smtp.fail(case.fault, None)
    done = office.send()
    (entry,) = office.entries()
    assert (done.sent, bool(done.away)) == (0, case.round_ends)
    assert entry.attempts == 1
    assert entry.last_error
    if case.does == "later":
        assert (done.postponed, done.parked, entry.parked_at) == (1, 0, None)
        assert entry.next_try_at == office.clock() + timedelta(minutes=1)
    else:
        assert (done.postponed, done.parked) == (0, 1)
        assert entry.parked_at == office.clock()
    office.timeout = 20
    office.smtp.heal()
    office.smtp.listen()
    assert office.send().sent == 0, "not before its time"
    office.clock.forward(minutes=1)
    office.send()
    assert len(office.smtp.messages) == case.copies
    assert len({message["Message-ID"] for message in office.smtp.messages}) <= 1
    assert len(office.entries()) == (0 if case.does == "later" else 1)


def test_a_healthy_server_gets_each_mail_once(office: Office) -> None:
    receivers = [office.person(str(n), email=f"p{n}@region.test") for n in range(5)]
    for receiver in receivers:
        office.put(receiver, key=f"received/{receiver}")
        office.put(receiver, key=f"received/{receiver}")
    assert office.send().sent == 5
    assert office.send().sent == 0
    assert sorted(d.recipients for d in office.smtp.deliveries) == [(f"p{n}@region.test",) for n in range(5)]
    assert office.entries() == []


def test_a_server_away_for_five_days_loses_nothing(quick_office: Office) -> None:
    office = quick_office
    for n in range(20):
        office.put(office.person(str(n)), key=str(n))
    office.smtp.refuse()
    begun = office.clock()
    while office.clock() < begun + timedelta(days=5):
        office.send()
        office.clock.forward(minutes=20)
    assert all(entry.parked_at is None for entry in office.entries())
    assert len(office.entries()) == 20
    office.smtp.listen()
    office.clock.forward(hours=4)
    assert office.send().sent == 20
    assert len(office.smtp.messages) == 20


def test_the_tries_of_one_mail_last_over_five_days_and_then_end(quick_office: Office) -> None:
    office = quick_office
    assert sum((delay_after(n) for n in range(1, LAST_ATTEMPT)), timedelta()) >= timedelta(days=5)
    assert max(delay_after(n) for n in range(1, 200)) == timedelta(hours=4)
    office.put(office.person())
    office.smtp.fail(Fault.RECIPIENT_LATER)
    for _attempt in range(LAST_ATTEMPT):
        office.send()
        office.clock.forward(hours=4)
    (entry,) = office.entries()
    assert entry.parked_at is not None
    assert entry.attempts == LAST_ATTEMPT
    assert entry.last_error.startswith("given up: RCPT TO: 450")


def test_one_bad_mail_keeps_no_other_back(office: Office) -> None:
    for n, email in enumerate(("", "no address", "a@region.test\r\nBcc: x@y.test", "good@region.test")):
        office.put(office.person(str(n), email=email), key=str(n))
    office.put(office.person("9", email="kind@region.test"), "no-such-kind", key="9")
    done = office.send()
    assert (done.sent, done.parked) == (1, 4)
    assert [d.recipients for d in office.smtp.deliveries] == [("good@region.test",)]
    assert {entry.last_error for entry in office.entries()} == {
        "the receiver has no e-mail address",
        "the receiver's e-mail address cannot be used",
        "no such kind of e-mail: no-such-kind",
    }


def test_a_fault_of_the_portal_is_tried_again(quick_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = quick_office
    office.put(office.person())

    def broken(*_values: object, **_named: object) -> None:
        raise ZeroDivisionError("secret text")

    with monkeypatch.context() as patch:
        patch.setattr("portal.mail.relay.message_of", broken)
        assert office.send().postponed == 1
    (entry,) = office.entries()
    assert entry.last_error == "a fault in the portal: ZeroDivisionError"
    office.clock.forward(minutes=1)
    assert office.send().sent == 1


def test_relays_at_work_together_send_each_mail_once(
    office: Office, open_database: Callable[[str], Database]
) -> None:
    for n in range(24):
        office.put(office.person(str(n), email=f"p{n}@region.test"), key=str(n))
    url = office.database.url.render_as_string(hide_password=False)
    faults: list[BaseException] = []
    gate = threading.Barrier(4)

    def relay() -> None:
        try:
            mine = Office(open_database(url), office.smtp, office.clock, timeout=20)
            gate.wait()
            mine.send()
        except BaseException as error:
            faults.append(error)
            raise

    threads = [threading.Thread(target=relay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert Counter(d.recipients for d in office.smtp.deliveries) == {
        (f"p{n}@region.test",): 1 for n in range(24)
    }
    assert office.entries() == []


def test_a_claimed_row_is_left_alone_and_comes_back_when_its_relay_dies(office: Office) -> None:
    office.put(office.person())
    held = office.database.write(outbox.claim, at=office.clock())
    assert held is not None
    assert office.send().sent == 0
    office.clock.forward(minutes=9)
    assert office.send().sent == 0
    office.clock.forward(minutes=1)
    assert office.send().sent == 1
    assert office.smtp.messages[0]["Message-ID"] == f"<{held.message_id}>"


def test_a_relay_that_came_back_too_late_changes_nothing(office: Office) -> None:
    office.put(office.person())
    slow = office.database.write(outbox.claim, at=office.clock())
    assert slow is not None
    office.clock.forward(minutes=LEASE.total_seconds() / 60)
    assert office.send().sent == 1
    assert not office.database.write(outbox.mark_sent, slow, at=office.clock())
    assert not office.database.write(outbox.park, slow, at=office.clock(), error="x")
    assert not office.database.write(outbox.postpone, slow, until=office.clock(), error="x")
    assert office.entries() == []


def test_an_administrator_lets_a_parked_mail_begin_anew(office: Office) -> None:
    office.put(office.person())
    office.smtp.fail(Fault.RECIPIENT_NEVER, 1)
    office.send()
    (entry,) = office.entries()
    assert office.database.write(outbox.retry, entry.id, at=office.clock())
    assert office.send().sent == 1
    assert not office.database.write(outbox.retry, entry.id, at=office.clock()), "a sent mail stays sent"
    assert office.send().sent == 0


def test_a_mail_under_way_cannot_be_tried_again(office: Office) -> None:
    office.put(office.person())
    held = office.database.write(outbox.claim, at=office.clock())
    assert held is not None
    assert not office.database.write(outbox.retry, held.id, at=office.clock())


def test_a_talk_that_takes_too_long_ends_before_the_message(quick_office: Office) -> None:
    office = quick_office
    server = Server("smtp", office.smtp.host, office.smtp.port, timeout=5, patience=-1)
    office.put(office.person())
    done = office.send(server)
    assert "too slow" in done.away
    assert office.smtp.messages == []


def test_the_lease_outlasts_the_longest_talk() -> None:
    server = server_of("smtp://mail.test")
    # Begun in time, the message itself can still take three answers: DATA, its end, and the greeting of the next.
    assert server.patience + 3 * server.timeout < LEASE.total_seconds()


def test_a_server_without_encryption_gets_nothing_when_it_was_asked_for(quick_office: Office) -> None:
    office = quick_office
    office.put(office.person())
    server = Server("smtp+starttls", office.smtp.host, office.smtp.port, timeout=2)
    done = office.send(server)
    assert (done.sent, done.postponed) == (0, 1)
    assert "STARTTLS" in done.away


def test_a_wrong_password_parks_nothing(quick_office: Office) -> None:
    office = quick_office
    office.put(office.person())
    server = Server("smtp", office.smtp.host, office.smtp.port, "user", "secret", timeout=2)
    done = office.send(server)
    assert (done.sent, done.postponed, done.parked) == (0, 1, 0)
    assert "secret" not in (office.entries()[0].last_error or "")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("smtp://mail.test", ("smtp", "mail.test", 25, "", "")),
        ("smtp+starttls://u%40x:p%2Fw@mail.test", ("smtp+starttls", "mail.test", 587, "u@x", "p/w")),
        ("smtps://mail.test:4650", ("smtps", "mail.test", 4650, "", "")),
    ],
)
def test_the_address_of_a_server(url: str, wanted: tuple[str, str, int, str, str]) -> None:
    server = server_of(url)
    assert (server.security, server.host, server.port, server.user, server.password) == wanted
    assert "p/w" not in repr(server)


@pytest.mark.parametrize(
    ("language", "subject"), [("sv", "3 meddelanden"), ("nb", "3 meldinger"), ("en", "3 messages")]
)
def test_what_can_wait_comes_once_a_day_in_one_e_mail(
    quick_office: Office, language: str, subject: str
) -> None:
    office, day = quick_office, quick_office.clock().date()
    asa = office.person(language=language)
    office.run(lambda session: outbox.set_daily(session, asa, daily=True, at=office.clock()))
    for number in (1, 2, 3):
        office.put(asa, "to-sign", key=f"k{number}", number=f"RFR-2026-000{number}")
    office.put(asa, "sign-in-changed", key="soon")
    office.put(asa, "to-sign", key="tomorrow", by=day + timedelta(days=1))
    assert office.send().sent == 2, "what is about signing in, and what is for tomorrow, waits for nothing"
    office.clock.set(office.clock() + timedelta(hours=17, minutes=59))
    assert office.send().sent == 0
    office.clock.set(office.clock() + timedelta(minutes=1))
    office.smtp.fail(Fault.DATA_LATER, 1)
    assert office.send().postponed == 1
    office.clock.set(office.clock() + timedelta(minutes=1))
    assert office.send().sent == 1
    assert office.send().sent == 0
    assert office.entries() == []
    daily = office.smtp.messages[-1]
    assert subject in daily["Subject"]
    for body in (daily.get_body(("plain",)), daily.get_body(("html",))):
        assert body is not None
        assert [body.get_content().count(f"/queue/RFR-2026-000{n}") for n in (1, 2, 3)] == [1, 1, 1]

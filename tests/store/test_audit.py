"""The log: in one chain, added to with what it tells, and no change of it goes unseen."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from portal.domain.digest import canonical
from portal.domain.events import FIRST, Event
from portal.store import audit
from portal.store.session import Database, Session

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)
EVENTS = 12


@pytest.fixture
def log(database: Database) -> Database:
    """Twelve events, each in a transaction of its own, the clock going back once."""
    for number in range(EVENTS):
        at = AT + timedelta(minutes=number if number != 5 else -60)
        database.write(
            audit.append, Event("sign", 7, at, number % 3, {"version": number, "digest": "a" * 64})
        )
    return database


def verify(
    database: Database, anchor: tuple[int, str] | None = None, *, since: bool = False
) -> audit.Verification:
    with database.reading() as session:
        return audit.verify(session, anchor, since=since)


def without_triggers(session: Session) -> Session:
    """The session of somebody with the keys to the database; on SQLite the triggers stay away."""
    keys = {
        "sqlite": ("DROP TRIGGER IF EXISTS events_freeze", "DROP TRIGGER IF EXISTS events_keep"),
        "postgresql": ("SET LOCAL session_replication_role = replica",),
    }
    for statement in keys[session.dialect.name]:
        session.execute(text(statement))
    return session


def tamper(database: Database, *statements: str) -> None:
    with database.writing() as session:
        for statement in statements:
            without_triggers(session).execute(text(statement))


def test_the_chain_is_whole(log: Database) -> None:
    verification = verify(log)
    assert (verification.whole, verification.count) == (True, EVENTS)
    with log.reading() as session:
        assert audit.head(session) == (EVENTS, verification.head)
        assert [r.seq for r in audit.history(session, 1)] == [2, 5, 8, 11]
        recorded = audit.history(session, 1)[0]
        assert recorded.event == Event(
            "sign", 7, AT + timedelta(minutes=1), 1, {"version": 1, "digest": "a" * 64}
        )


def test_an_empty_log_is_whole(database: Database) -> None:
    assert verify(database) == audit.Verification(0, FIRST)


TAMPERING: dict[str, tuple[int, Callable[[str], list[str]]]] = {
    "changed act": (4, lambda _: ["UPDATE events SET act = 'grant' WHERE seq = 4"]),
    "changed actor": (6, lambda _: ["UPDATE events SET actor_id = 8 WHERE seq = 6"]),
    "removed actor": (6, lambda _: ["UPDATE events SET actor_id = NULL WHERE seq = 6"]),
    "changed application": (2, lambda _: ["UPDATE events SET application_id = 99 WHERE seq = 2"]),
    "changed body": (9, lambda _: ["""UPDATE events SET body = '{"version": 99}' WHERE seq = 9"""]),
    "changed time": (3, lambda _: ["UPDATE events SET at = '2023-01-01T00:00:00.000000+00:00' WHERE seq = 3"]),
    "changed hash": (7, lambda _: [f"UPDATE events SET hash = '{'b' * 64}' WHERE seq = 7"]),
    "deleted": (5, lambda _: ["DELETE FROM events WHERE seq = 5"]),
    "deleted first": (1, lambda _: ["DELETE FROM events WHERE seq = 1"]),
    "reordered": (3, lambda _: [
        "UPDATE events SET seq = 100 WHERE seq = 3",
        "UPDATE events SET seq = 3 WHERE seq = 4",
        "UPDATE events SET seq = 4 WHERE seq = 100",
    ]),
    "inserted at the end": (13, lambda head: [
        ("INSERT INTO events (seq, at, actor_id, act, application_id, body, prev_hash, hash)"
        f" SELECT 13, at, actor_id, act, application_id, body, '{head}', '{'c' * 64}' FROM events WHERE seq = 1")
    ]),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERING, ids=lambda name: name.replace(" ", "-"))
def test_tampering_is_found_where_it_is(log: Database, how: str) -> None:
    broken_at, statements = TAMPERING[how]
    tamper(log, *statements(verify(log).head))
    assert verify(log).broken_at == broken_at


def test_a_cut_tail_and_a_rewritten_log_are_found_by_an_earlier_head(log: Database) -> None:
    with log.reading() as session:
        anchor = audit.head(session)
    assert verify(log, anchor).whole
    tamper(log, "DELETE FROM events WHERE seq > 9")
    assert verify(log).whole
    assert verify(log, anchor).broken_at == 10
    with log.writing() as session:
        without_triggers(session).execute(text("DELETE FROM events"))
        for number in range(EVENTS + 1):
            audit.append(session, Event("sign", 8, AT, number))
    assert verify(log).whole
    assert verify(log, anchor).broken_at == EVENTS


def test_from_a_proved_head_only_what_came_since_is_gone_through(log: Database) -> None:
    whole = verify(log)
    with log.reading() as session:
        heads = {0: FIRST} | {each.seq: each.hash for each in audit.latest(session)}
    for anchor in heads.items():
        assert verify(log, anchor, since=True) == whole
    assert verify(log, (5, heads[4]), since=True).broken_at == 5
    assert verify(log, (EVENTS + 1, heads[4]), since=True).broken_at == EVENTS + 1
    tamper(log, "UPDATE events SET actor_id = 8 WHERE seq = 6")
    found = {number: verify(log, (number, heads[number]), since=True).broken_at for number in (3, 5, 6, 7)}
    assert found == {3: 6, 5: 6, 6: 6, 7: None}


@pytest.mark.parametrize(("actor", "case"), [(7, 3), (None, None)])
def test_an_event_is_hashed_as_canonical_json(actor: int | None, case: int | None) -> None:
    event = Event("sign", actor, AT, case, {"seat": "chair", "amount": -5, "first": True, "a": None})
    said = [9, "2024-03-01T09:00:00.000000+00:00", actor, "sign", case, dict(event.body), FIRST]
    assert event.hashed(9, FIRST) == hashlib.sha256(canonical(said).encode()).hexdigest()


@pytest.mark.parametrize(
    "event",
    [
        {"act": "Sign It"},
        {"body": {"reason": "Anna's mother is ill"}},
        {"body": {"email": "anna@region.test"}},
        {"at": datetime(2024, 3, 1)},
    ],
)
def test_the_log_holds_no_text_of_people(event: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Event(**{"act": "sign", "actor_id": 1, "at": AT, **event})  # type: ignore[arg-type]

"""What no code may do, the database refuses too: illegal states by direct SQL, on both engines."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError, IntegrityError

from portal.domain.application import Outcome
from portal.store.session import Database, Session
from tests.actions.world import World
from tests.support.databases import prepared

HASH = "a" * 64
THEN = "2024-03-01T09:00:00.000000+00:00"
LATER = "2024-03-02T09:00:00.000000+00:00"


@dataclass(frozen=True)
class Scene:
    """One application granted, one signed once, one waiting, and the ids that attacks need."""

    database: Database
    ids: dict[str, Any]


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database, prepared(database, "illegal states", lambda: _ids(World(database))))


def _ids(world: World) -> dict[str, Any]:
    granted, signed, waiting = world.apply(), world.apply("bo"), world.apply("bo", prior="requested")
    world.grant(granted.number)
    world.sign(signed.number, "rep")
    world.sign(waiting.number, "chair", Outcome.REFUSE, reason="No")
    ids: dict[str, Any] = {
        "granted": granted.id, "signed": signed.id, "waiting": waiting.id, "hash": HASH, "then": THEN, "later": LATER,
        **{f"{name}_key": a.once_key for name, a in (("granted", granted), ("signed", signed))},
        **{f"{name}_digest": a.digest for name, a in (("granted", granted), ("signed", signed), ("waiting", waiting))},
        **{name: person.id for name, person in world.people.items()},
    }  # fmt: skip
    with world.reading() as session:
        for name, query in {
            "chair_seat": "SELECT id FROM seat_holdings WHERE person_id = :chair",
            "rep_seat": "SELECT id FROM seat_holdings WHERE person_id = :rep",
            "sub_seat": "SELECT id FROM seat_holdings WHERE person_id = :sub",
            "rep_signature": "SELECT id FROM signatures WHERE application_id = :signed",
            "period": "SELECT id FROM budget_periods WHERE scheme = 'rfr-2024' AND key = 'H1'",
        }.items():
            ids[name] = session.execute(text(query), ids).scalar_one()
    for name, seat in (("rep", "chair"), ("bo", "chair"), ("boss", "representative")):
        key = f"{name}_chair" if seat == "chair" else f"{name}_seat"
        ids[key] = world.appoint(name, seat, substitute=True, ends_on=date(2024, 12, 31))
    return ids


SIGN = (
    "INSERT INTO signatures (application_id, version, digest, holding_id, seat, signer_id, outcome, amount, reason,"
    " signed_at) VALUES (:{of}, {version}, {digest}, {holding}, '{seat}', :{signer}, '{outcome}', {amount}, '{reason}',"
    " :then)"
)
SIGNING = {
    "of": "signed", "version": 1, "digest": ":signed_digest", "holding": ":chair_seat", "seat": "chair",
    "signer": "chair", "outcome": "grant", "amount": 825000, "reason": "",
}  # fmt: skip

DECIDE = (
    "INSERT INTO decisions (application_id, applicant_id, participant_id, once_key, version, digest, outcome, amount,"
    " reason, period_id, signature_a, seat_a, signer_a, signature_b, seat_b, signer_b, decided_at)"
    " SELECT a.id, {applicant}, {participant}, {key}, {version}, {digest}, '{outcome}', {amount}, '{reason}',"
    " {period}, {first}, '{seat_a}', {signer_a}, {second}, '{seat_b}', {signer_b}, :later"
    " FROM applications a WHERE a.id = :signed"
)
CHAIR_SIGNATURE = "(SELECT id FROM signatures WHERE application_id = :signed AND seat = 'chair')"
DECIDING = {
    "applicant": "a.author_id", "participant": "a.participant_id", "key": "a.once_key", "version": "a.version",
    "digest": "a.digest", "outcome": "grant", "amount": 825000, "reason": "", "period": ":period",
    "first": CHAIR_SIGNATURE, "seat_a": "chair", "signer_a": ":chair",
    "second": ":rep_signature", "seat_b": "representative", "signer_b": ":rep",
}  # fmt: skip


def signature(**other: Any) -> str:
    return SIGN.format(**{**SIGNING, **other})


def decision(**other: Any) -> str:
    return DECIDE.format(**{**DECIDING, **other})


SIGN_WELL, DECIDE_WELL = signature(), decision()
GRANT = "UPDATE applications SET status = 'granted', queue = 'closed' WHERE id = :signed"
BACK = "UPDATE signatures SET withdrawn_at = :later WHERE id = :rep_signature"
ANSWERED = (
    "INSERT INTO application_versions (application_id, number, answers, assessment, amount, digest, scheme_digest,"
    " submitted_by, submitted_at, submit_key) SELECT application_id, 2, answers, assessment, amount, :hash,"
    " scheme_digest, submitted_by, submitted_at, 'another' FROM application_versions WHERE application_id = :signed"
)
CHANGED = "UPDATE applications SET version = 2, digest = :hash WHERE id = :signed"
TAKEN = "UPDATE applications SET applicant_id = :{} WHERE id = :signed"
HEAD = "UPDATE applications SET head_id = :{} WHERE id = :signed"
WORD = (
    "INSERT INTO head_words (application_id, version, head_id, given, reason, said_at)"
    " VALUES (:signed, 1, :{}, '1', '', :then)"
)
ASIDE = (
    "INSERT INTO conflicts (application_id, person_id, declared_at, note) VALUES (:signed, :{}, :then, '')"
)
CLAIM = (
    "INSERT INTO claims (application_id, granted_amount, stage, costs, payable_amount, released_amount, revision,"
    " invoice_amount, paid_amount, release_reason) VALUES (:signed, {}, 'waiting', '[]', 0, 0, 1, 0, 0, '')"
)
EVENT = (
    "INSERT INTO events (seq, at, act, body, prev_hash, hash) SELECT seq + {}, at, act, body, {}, :hash"
    " FROM events WHERE seq = (SELECT max(seq) FROM events)"
)
NEXT = EVENT.format(1, "hash")

ATTACKS: dict[str, tuple[str, ...]] = {
    # four eyes
    "a seat signs twice": (signature(holding=":rep_seat", seat="representative", signer="rep"),),
    "a person signs in two seats": (
        ("INSERT INTO seat_holdings (fund, seat, person_id, substitute, starts_on)"
        " SELECT fund, seat, :rep, substitute, starts_on FROM seat_holdings WHERE id = :chair_seat"),
        signature(signer="rep", holding="(SELECT max(id) FROM seat_holdings)"),
    ),
    "a borrowed seat": (signature(holding=":rep_seat"),),
    "a seat not one's own": (signature(holding=":rep_seat", seat="representative", signer="chair"),),
    "no such version": (signature(version=2),),
    "another content": (signature(digest=":hash"),),
    "a refusal without reason": (signature(outcome="refuse", amount=0, reason="  "),),
    "a refusal with money": (signature(outcome="refuse", amount=1, reason="No"),),
    "an unknown outcome": (signature(outcome="maybe"),),
    "a negative amount": (signature(amount=-1),),
    "a changed signature": ("UPDATE signatures SET amount = 1 WHERE id = :rep_signature",),
    "a deleted signature": ("DELETE FROM signatures WHERE id = :rep_signature",),
    "taken back before it was signed": (
        "UPDATE signatures SET withdrawn_at = '2020-01-01T00:00:00.000000+00:00' WHERE id = :rep_signature",
    ),
    "taken back twice": (
        "UPDATE signatures SET withdrawn_at = :later WHERE id = :rep_signature",
        "UPDATE signatures SET withdrawn_at = NULL WHERE id = :rep_signature",
    ),
    # decisions
    "one signature used twice": (
        decision(first=":rep_signature", seat_a="representative", signer_a=":rep"),
    ),
    "one signature": (decision(first=":rep_signature"),),
    "an invented signature": (SIGN_WELL, decision(first="999999")),
    "a signature on something else": (
        SIGN_WELL,
        decision(first="(SELECT id FROM signatures WHERE application_id = :waiting)"),
    ),
    "another amount than signed": (SIGN_WELL, decision(amount=1)),
    "another outcome than signed": (SIGN_WELL, decision(outcome="refuse", amount=0, reason="No", period="NULL")),
    "signatures that differ": (signature(amount=1, reason="Less"), DECIDE_WELL),
    "another version than signed": (SIGN_WELL, decision(version=2)),
    "a hidden participant": (SIGN_WELL, decision(participant=":anna")),
    "a hidden applicant": (SIGN_WELL, decision(applicant=":anna")),
    "another once-only key": (SIGN_WELL, decision(key="'rfr|free'")),
    "a grant without a budget period": (SIGN_WELL, decision(period="NULL")),
    "a budget period there is not": (SIGN_WELL, decision(period="999999")),
    "decided twice": (SIGN_WELL, DECIDE_WELL, DECIDE_WELL),
    "a changed decision": ("UPDATE decisions SET amount = 1 WHERE application_id = :granted",),
    "a deleted decision": ("DELETE FROM decisions WHERE application_id = :granted",),
    "half a cancellation": ("UPDATE decisions SET cancelled_at = :later WHERE application_id = :granted",),
    "cancelled before it was decided": (
        ("UPDATE decisions SET cancelled_at = '2020-01-01T00:00:00.000000+00:00', cancelled_by = :anna,"
        " cancel_reason = 'x' WHERE application_id = :granted"),
    ),
    "uncancelled": (
        ("UPDATE decisions SET cancelled_at = :later, cancelled_by = :anna, cancel_reason = 'x'"
        " WHERE application_id = :granted"),
        ("UPDATE decisions SET cancelled_at = NULL, cancelled_by = NULL, cancel_reason = NULL"
        " WHERE application_id = :granted"),
    ),
    "a second grant for the same person and year": (
        "UPDATE applications SET once_key = :granted_key WHERE id = :signed", SIGN_WELL, DECIDE_WELL, GRANT,
    ),
    "a second grant where a cancelled one is used up": (
        ("UPDATE decisions SET cancelled_at = :later, cancelled_by = :anna, cancel_reason = 'x'"
        " WHERE application_id = :granted"),
        "UPDATE applications SET status = 'cancelled', spent = '1' WHERE id = :granted",
        "UPDATE applications SET once_key = :granted_key WHERE id = :signed", SIGN_WELL, DECIDE_WELL, GRANT,
    ),
    "a grant used up while it stands": ("UPDATE applications SET spent = '1' WHERE id = :granted",),
    "an invoice credited by nobody": (
        ("INSERT INTO invoices (application_id, number, search_text, amount, registered_at, registered_by,"
        " returned_amount, credited_at) VALUES (:granted, 'F', 'f', 1, :then, :anna, 0, :then)"),
    ),
    "an invoice that says something else": (
        ("INSERT INTO invoices (application_id, number, search_text, amount, registered_at, registered_by,"
        " returned_amount) VALUES (:granted, 'F', 'f', 1, :then, :anna, 0)"),
        "UPDATE invoices SET amount = 2 WHERE application_id = :granted",
    ),
    # seats
    "a seat given to oneself": ("UPDATE seat_holdings SET appointed_by = person_id WHERE id = :chair_seat",),
    "a term that ends before it begins": ("UPDATE seat_holdings SET ends_on = '2000-01-01' WHERE id = :chair_seat",),
    # money
    "an overdrawn period": (
        "UPDATE budget_periods SET granted_amount = allocated_amount + 1 WHERE id = :period",
    ),
    "a period below nothing": ("UPDATE budget_periods SET granted_amount = -1 WHERE id = :period",),
    "an allocation below what is granted": ("UPDATE budget_periods SET allocated_amount = 1 WHERE id = :period",),
    "a period twice": (
        ("INSERT INTO budget_periods (scheme, key, starts_on, allocated_amount, carried_amount, granted_amount)"
        " VALUES ('rfr-2024', 'H1', '2024-01-01', 1, 0, 0)"),
    ),
    "money reserved twice": (
        ("INSERT INTO budget_entries (period_id, application_id, kind, amount, entered_at)"
        " VALUES (:period, :granted, 'reserve', 1, :then)"),
    ),
    "money given back as more": (
        ("INSERT INTO budget_entries (period_id, application_id, kind, amount, entered_at)"
        " VALUES (:period, :granted, 'cancel', 1, :then)"),
    ),
    "a changed entry": ("UPDATE budget_entries SET amount = 0 WHERE application_id = :granted",),
    "a deleted entry": ("DELETE FROM budget_entries WHERE application_id = :granted",),
    # applications
    "an unknown status": ("UPDATE applications SET status = 'paid' WHERE id = :signed",),
    "a status that the queue does not follow": ("UPDATE applications SET status = 'granted' WHERE id = :signed",),
    "returned without a question": (
        "UPDATE applications SET status = 'returned', queue = 'returned' WHERE id = :signed",
    ),
    "another participant": ("UPDATE applications SET participant_id = :anna WHERE id = :signed",),
    "another first receipt": ("UPDATE applications SET received_at = :then WHERE id = :signed",),
    "another content once decided": ("UPDATE applications SET digest = :hash WHERE id = :granted",),
    "another amount once decided": ("UPDATE applications SET amount = 1 WHERE id = :granted",),
    "another once-only key once decided": ("UPDATE applications SET once_key = 'x' WHERE id = :granted",),
    "a deleted application": ("DELETE FROM applications WHERE id = :signed",),
    "a number twice": (
        "UPDATE number_series SET last = last",
        ("INSERT INTO applications (number, scheme, fund, kind, applicant_id, author_id, participant_id, title, year,"
        " starts_on, ends_on, status, queue, version, digest, amount, currency, once_key, received_at, submitted_at,"
        " signed_seats, disagreed, marks, search_text) SELECT number, scheme, fund, kind, applicant_id, author_id,"
        " participant_id, title, year, starts_on, ends_on, status, queue, version, digest, amount, currency, once_key,"
        " received_at, submitted_at, signed_seats, disagreed, marks, search_text FROM applications WHERE id = :signed"),
    ),
    "an end before the start": ("UPDATE applications SET ends_on = '2024-01-01' WHERE id = :signed",),
    "a changed version": ("UPDATE application_versions SET amount = 1 WHERE application_id = :signed",),
    "a deleted version": ("DELETE FROM application_versions WHERE application_id = :signed",),
    "one submission twice": (
        ("INSERT INTO application_versions (application_id, number, answers, assessment, amount, digest, scheme_digest,"
        " submitted_by, submitted_at, submit_key) SELECT application_id, 2, answers, assessment, amount, digest,"
        " scheme_digest, submitted_by, submitted_at, submit_key FROM application_versions"
        " WHERE application_id = :signed"),
    ),
    "an undeclared conflict": (
        "INSERT INTO conflicts (application_id, person_id, declared_at, note) VALUES (:signed, :chair, :then, '')",
        "DELETE FROM conflicts",
    ),
    # people
    "a personal id twice": (
        "UPDATE people SET number = (SELECT number FROM people WHERE id = :anna) WHERE id = :bo",
    ),
    "one's own head": ("UPDATE people SET head_id = id WHERE id = :anna",),
    "a head there is not": ("UPDATE people SET head_id = 999999 WHERE id = :anna",),
    "an unknown role": ("INSERT INTO person_roles (person_id, role) VALUES (:anna, 'king')",),
    "a deleted person": ("DELETE FROM people WHERE id = :anna",),
    "a bare token for a session": (
        "INSERT INTO sessions (id, person_id, created_at) VALUES ('token', :anna, :then)",
    ),
    # log and outbox
    "a changed event": ("UPDATE events SET act = 'nothing' WHERE seq = 1",),
    "a deleted event": ("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",),
    "a forked log": (
        ("INSERT INTO events (seq, at, act, body, prev_hash, hash)"
        " SELECT seq + 1000, at, act, body, prev_hash, :hash FROM events WHERE seq = 2"),
    ),
    "an e-mail twice": (
        ("INSERT INTO outbox (dedup_key, receiver_id, kind, params, created_at, next_try_at, attempts, message_id)"
        " SELECT dedup_key, receiver_id, kind, params, created_at, next_try_at, 0, message_id"
        " FROM outbox WHERE id = 1"),
    ),
    # types: what SQLite would otherwise take
    "text as an amount": ("UPDATE budget_periods SET allocated_amount = '12abc' WHERE id = :period",),
    "a flag that is neither": ("UPDATE people SET active = '7' WHERE id = :anna",),
    "a name too long": (f"UPDATE people SET name = '{'x' * 201}' WHERE id = :anna",),
}  # fmt: skip


def test_the_database_refuses_every_attack(scene: Scene) -> None:
    taken = [name for name, statements in ATTACKS.items() if not refused(scene, statements)]
    assert taken == []


def test_what_is_well_passes(scene: Scene) -> None:
    """The attacks above fail for what they do, not for how they are written."""
    assert not refused(scene, (SIGN_WELL, DECIDE_WELL))
    assert not refused(scene, (SIGN_WELL, DECIDE_WELL, GRANT))


LAWS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "a grant without a decision": ((GRANT,), (SIGN_WELL, DECIDE_WELL, GRANT)),
    "a grant with one signature": ((decision(first=":rep_signature"),), (SIGN_WELL, DECIDE_WELL)),
    "one signer twice": ((signature(signer="rep", holding=":rep_chair"),), (SIGN_WELL,)),
    "one signer twice, by the signature of another": (
        (SIGN_WELL, decision(signer_a=":rep")), (SIGN_WELL, DECIDE_WELL),
    ),
    "the applicant as signer": ((signature(signer="bo", holding=":bo_chair"),), (SIGN_WELL,)),
    "who took the case over as signer": (
        (TAKEN.format("chair"), SIGN_WELL), (TAKEN.format("outsider"), SIGN_WELL),
    ),
    "who took the case over as signer of a decision": (
        (SIGN_WELL, TAKEN.format("rep"), DECIDE_WELL), (SIGN_WELL, TAKEN.format("outsider"), DECIDE_WELL),
    ),
    "the head as signer": ((HEAD.format("chair"), SIGN_WELL), (HEAD.format("outsider"), SIGN_WELL)),
    "the head who gave the word as signer": (
        (WORD.format("chair"), SIGN_WELL), (WORD.format("boss"), SIGN_WELL),
    ),
    "the head who gave the word as signer of a decision": (
        (SIGN_WELL, WORD.format("rep"), DECIDE_WELL), (SIGN_WELL, WORD.format("boss"), DECIDE_WELL),
    ),
    "who stepped aside as signer": ((ASIDE.format("chair"), SIGN_WELL), (ASIDE.format("sub"), SIGN_WELL)),
    "a seat not one's own": ((signature(holding=":rep_seat"),), (SIGN_WELL,)),
    "another amount than signed": ((SIGN_WELL, decision(amount=1)), (SIGN_WELL, DECIDE_WELL)),
    "another outcome than signed": (
        (SIGN_WELL, decision(outcome="refuse", amount=0, reason="No", period="NULL")), (SIGN_WELL, DECIDE_WELL),
    ),
    "an unsigned version": ((SIGN_WELL, ANSWERED, CHANGED, DECIDE_WELL), (SIGN_WELL, ANSWERED, DECIDE_WELL)),
    "a version that was signed and stands no more": (
        (SIGN_WELL, ANSWERED, CHANGED, decision(version=1, digest=":signed_digest")),
        (SIGN_WELL, ANSWERED, decision(version=1, digest=":signed_digest")),
    ),
    "a signature on a version that stands no more": (
        (ANSWERED, CHANGED, SIGN_WELL), (ANSWERED, CHANGED, signature(version=2, digest=":hash")),
    ),
    "a signature on what is decided": (
        (signature(of="granted", digest=":granted_digest", seat="chair", signer="sub", holding=":sub_seat"),),
        (signature(signer="sub", holding=":sub_seat"),),
    ),
    "a decision by a signature taken back": ((SIGN_WELL, BACK, DECIDE_WELL), (SIGN_WELL, DECIDE_WELL)),
    "a signature taken back once it has decided": ((SIGN_WELL, DECIDE_WELL, BACK), (SIGN_WELL, BACK)),
    "a grant undone": (
        ("UPDATE applications SET status = 'waiting', queue = 'waiting' WHERE id = :granted",),
        ("UPDATE applications SET status = 'withdrawn', queue = 'closed' WHERE id = :signed",),
    ),
    "a refusal of what was granted": (
        (SIGN_WELL, DECIDE_WELL, GRANT.replace("granted", "refused")), (SIGN_WELL, DECIDE_WELL, GRANT),
    ),
    "a claim on what is not granted": ((CLAIM.format(825000),), (SIGN_WELL, DECIDE_WELL, CLAIM.format(825000))),
    "a claim on more than was granted": (
        (SIGN_WELL, DECIDE_WELL, CLAIM.format(825001)), (SIGN_WELL, DECIDE_WELL, CLAIM.format(825000)),
    ),
    "an edited event": (("UPDATE events SET act = 'nothing' WHERE seq = 2",), (NEXT,)),
    "a deleted event": (("DELETE FROM events WHERE seq = 2",), (NEXT,)),
    "an event slipped in": ((EVENT.format(1, "prev_hash"),), (NEXT,)),
    "an event after a gap": ((EVENT.format(2, "hash"),), (NEXT,)),
}  # fmt: skip
"""What breaks the law, and the legal act beside it."""

REPLACED = {
    "an event": "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 2",
    "a signature": "INSERT OR REPLACE INTO signatures SELECT * FROM signatures WHERE id = :rep_signature",
    "another's signature": signature(
        seat="representative", signer="boss", holding=":boss_seat"
    ).replace("INSERT", "INSERT OR REPLACE"),
    "a decision": "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
    "an application": "INSERT OR REPLACE INTO applications SELECT * FROM applications WHERE id = :waiting",
    "a budget entry": "INSERT OR REPLACE INTO budget_entries SELECT * FROM budget_entries",
}  # fmt: skip
EMPTIED = (
    "events", "decisions", "signatures", "applications", "application_versions", "budget_entries", "payments",
    "payment_batches", "head_words", "conflicts",
)  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
def test_the_law_is_kept_where_no_key_is_checked_too(scene: Scene, law: str) -> None:
    """SQLite checks keys only for who asks it to, and an operator's own tool does not."""
    broken, kept = LAWS[law]
    for keys in (True, False):
        assert refused(scene, broken, keys=keys)
        assert not refused(scene, kept, keys=keys)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_replaced(scene: Scene) -> None:
    assert [name for name, one in REPLACED.items() if not refused(scene, (one,), keys=False)] == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_table_is_emptied_at_once(scene: Scene) -> None:
    for table in EMPTIED:
        with (
            scene.database.writing() as session,
            pytest.raises(IntegrityError, match="stays as it was written"),
        ):
            session.execute(text(f"TRUNCATE {table} CASCADE"))


def refused(scene: Scene, statements: tuple[str, ...], *, keys: bool = True) -> bool:
    """Whether the last statement is refused, after those before it went through; nothing is kept."""
    *before, last = statements
    with scene.database.writing() if keys else without_keys(scene.database) as session:
        for statement in before:
            session.execute(text(statement), bound(scene, statement))
        try:
            done: Any = session.execute(text(last), bound(scene, last))
            assert done.rowcount > 0, f"did nothing: {last}"
        except (IntegrityError, DataError):
            return True
        finally:
            session.rollback()
    return False


@contextmanager
def without_keys(database: Database) -> Iterator[Session]:
    """A session of a program that asks SQLite for no keys; PostgreSQL checks them whoever writes."""
    if database.dialect == "postgresql":
        with database.writing() as session:
            yield session
        return
    engine = create_engine(database.url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def bound(scene: Scene, statement: str) -> dict[str, Any]:
    return {name: scene.ids[name] for name in re.findall(r"(?<!:):([a-z_]+)", statement)}

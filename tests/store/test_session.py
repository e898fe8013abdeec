"""Transactions: what fails leaves nothing, what lost a race is run again, what reads cannot write."""

import multiprocessing
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from portal.domain.refusal import Refusal, Refused
from portal.store import session as sessions
from portal.store.session import (
    Busy,
    Clash,
    Database,
    Session,
    clash,
    inserting,
    is_away,
    is_passing,
    wal_is_safe,
)
from portal.store.tables import NumberSeriesRow

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def last(database: Database, series: str = "X") -> int | None:
    with database.reading() as session:
        found: int | None = session.execute(
            text("SELECT last FROM number_series WHERE series = :series"), {"series": series}
        ).scalar_one_or_none()
        return found


def put(session: Session, value: int) -> None:
    session.execute(inserting(session, NumberSeriesRow).values(series="X", last=value))


def add_slowly(session: Session) -> None:
    """Read, then write what was read and one more: lost without a lock taken at the start."""
    now = session.execute(text("SELECT last FROM number_series WHERE series = 'X' FOR UPDATE" if _pg(session) else
                               "SELECT last FROM number_series WHERE series = 'X'")).scalar_one()  # fmt: skip
    session.execute(text("UPDATE number_series SET last = :next WHERE series = 'X'"), {"next": now + 1})


def _pg(session: Session) -> bool:
    return session.dialect.name == "postgresql"


def test_what_fails_leaves_nothing(database: Database) -> None:
    def act(session: Session) -> None:
        put(session, 1)
        raise Refused(Refusal("x", "No"))

    with pytest.raises(Refused):
        database.write(act)
    assert last(database) is None


def test_a_lost_race_is_run_again_from_the_start(database: Database) -> None:
    calls: list[int] = []

    def act(session: Session) -> str:
        calls.append(1)
        put(session, len(calls))
        if len(calls) < 3:
            raise OperationalError("UPDATE", {}, _lost_race(database))
        return "done"

    assert database.write(act) == "done"
    assert (len(calls), last(database)) == (3, 3)


def test_a_race_without_end_is_busy(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions.time, "sleep", lambda _: None)
    calls: list[int] = []

    def act(session: Session) -> None:
        calls.append(1)
        raise OperationalError("UPDATE", {}, _lost_race(database))

    with pytest.raises(Busy):
        database.write(act)
    assert len(calls) == sessions.ATTEMPTS


def _lost_race(database: Database) -> Exception:
    if database.dialect == "sqlite":
        return sessions.sqlite_driver.OperationalError("database is locked")
    import psycopg

    return psycopg.errors.SerializationFailure()


def test_other_faults_are_not_run_again(database: Database) -> None:
    calls: list[int] = []

    def act(session: Session) -> None:
        calls.append(1)
        session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(DBAPIError) as fault:
        database.write(act)
    assert not is_passing(fault.value)
    assert len(calls) == 1


def test_a_clash_names_its_constraint(database: Database) -> None:
    database.write(put, 1)
    with (
        pytest.raises(Clash) as found,
        database.writing() as session,
        clash(number_series_pkey="number_series.series"),
    ):
        put(session, 2)
    assert found.value.constraint == "number_series_pkey"
    with pytest.raises(IntegrityError), database.writing() as session, clash(another="another.column"):
        put(session, 2)


def test_a_reader_sees_one_moment_and_stops_nobody(database: Database) -> None:
    database.write(put, 1)
    with database.reading() as session:
        query = text("SELECT last FROM number_series WHERE series = 'X'")
        assert session.execute(query).scalar_one() == 1
        database.write(add_slowly)
        assert session.execute(query).scalar_one() == 1
    assert last(database) == 2


def test_a_postgresql_reader_cannot_write(postgresql_database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"), postgresql_database.reading() as session:
        put(session, 1)


def test_threads_wait_for_each_other(database: Database) -> None:
    database.write(put, 0)
    threads = [
        threading.Thread(target=lambda: [database.write(add_slowly) for _ in range(10)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert last(database) == 80


def test_a_sqlite_writer_takes_its_place_at_the_start(sqlite_database: Database) -> None:
    """A transaction that begins by reading and only then writes would be turned away, whatever the timeout."""
    other = sessions.sqlite_driver.connect(str(sqlite_database.url.database), isolation_level=None, timeout=0)
    with sqlite_database.writing(), pytest.raises(sessions.sqlite_driver.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE").close()
    other.close()


def _add_often(url: str) -> None:
    database = Database(url)
    for _ in range(25):
        database.write(add_slowly)


def test_processes_wait_for_each_other(database: Database, database_url: str) -> None:
    database.write(put, 0)
    database.close()
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(_add_often, [database_url] * 4)
    assert last(database) == 100


def _in_the_child(database: Database) -> bool:
    database.write(add_slowly)
    return True


def test_an_engine_opened_before_a_fork_is_not_shared(database: Database) -> None:
    database.write(put, 0)
    engine = database.engine
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_in_the_child, args=(database,))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert database.engine is engine
    database.write(add_slowly)
    assert last(database) == 2


def test_sqlite_is_set_up_on_every_connection(sqlite_database: Database) -> None:
    with sqlite_database.reading() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("foreign_keys", "busy_timeout", "journal_mode", "synchronous", "trusted_schema")
        }
    safe = wal_is_safe(sessions.sqlite_driver.sqlite_version_info)
    assert pragmas == {
        "foreign_keys": 1,
        "busy_timeout": sessions.BUSY_MILLISECONDS,
        "journal_mode": "wal" if safe else "delete",
        "synchronous": 2 if safe else 3,
        "trusted_schema": 0,
    }


def test_postgresql_is_set_up_on_every_connection(postgresql_database: Database) -> None:
    with postgresql_database.reading() as session:
        told = {
            name: session.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("lock_timeout", "timezone", "random_page_cost")
        }
    assert told == {"lock_timeout": "4s", "timezone": "UTC", "random_page_cost": "1.1"}


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 0), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 0), True),
    ],
)  # fmt: skip
def test_wal_only_where_it_is_safe(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        Database("mysql://nobody@localhost/portal").engine  # noqa: B018


def test_values_come_back_as_they_went(database: Database) -> None:
    from portal.store import drafts
    from tests.actions.world import World

    world = World(database)
    odd = {"event": "Å\0\ud800 e\u0301 🩺 \u202e", "costs": [{"amount": 1, "n": None}], "x": True}
    token = world.draft(**odd)
    with database.reading() as session:
        draft = drafts.get(session, token)
    assert {name: draft.answers[name] for name in odd} == odd
    assert draft.saved_at.tzinfo is UTC


Opener = Callable[[str], Database]


def test_two_stores_see_each_other(database: Database, database_url: str, open_database: Opener) -> None:
    database.write(put, 7)
    assert last(open_database(database_url)) == 7


def test_a_kept_connection_never_writes_into_a_file_that_was_taken_away(
    sqlite_database: Database, tmp_path: Path
) -> None:
    sqlite_database.write(put, 1)
    with sqlite_database.reading() as session:
        session.execute(text("SELECT 1"))
    file = Path(str(sqlite_database.url.database))
    with closing(sessions.sqlite_driver.connect(str(file))) as raw:
        raw.execute(f"VACUUM INTO '{tmp_path / 'restored'}'").close()
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()
    (tmp_path / "restored").rename(file)
    sqlite_database.write(add_slowly)
    with closing(sessions.sqlite_driver.connect(str(file))) as raw:
        assert raw.execute("SELECT last FROM number_series").fetchall() == [(2,)]


def test_a_postgresql_that_says_nothing_is_given_up(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SILENT_SECONDS", 0.2)
    with postgresql_database.reading() as session, pytest.raises(OperationalError) as silent:
        session.execute(text("SELECT pg_sleep(5)"))
    assert is_away(silent.value)
    assert silent.value.connection_invalidated
    monkeypatch.undo()
    postgresql_database.write(put, 1)  # by a new connection

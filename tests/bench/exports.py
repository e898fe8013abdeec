"""How fast the CSV of applications is written, against Python's csv over the driver's own rows of the same query.

    python -m tests.bench.exports [rows ...]        10 000, 100 000 and 1 000 000 rows when not given

Each figure is taken in a process of its own, so that the largest memory it ever held is the export's alone. The rows
are made by SQL with the foreign keys off: an export only reads, and versions and signatures would say nothing here.
"""

import csv
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.engine import make_url

from tests.bench.figures import Figure
from tests.support.postgres import PostgresServer

ROWS = (10_000, 100_000, 1_000_000)
STOCKHOLM = ZoneInfo("Europe/Stockholm")

_PEOPLE = """
INSERT INTO people (number, name, email, unit, language, specialist, active, search_text)
SELECT printf('%06d', n), 'Namn Efternamn ' || n, n || '@example.org', 'Enheten för kurser ' || (n % 50), 'sv', 1, 1, ''
FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000) SELECT n FROM c)
"""
_APPLICATIONS = """
INSERT INTO applications (number, scheme, fund, kind, applicant_id, author_id, participant_id, title, year, starts_on,
    ends_on, zone, status, queue, version, digest, amount, currency, once_key, received_at, submitted_at, signed_seats,
    disagreed, marks, search_text)
SELECT printf('RFR-2026-%07d', n), 'rfr-2026', 'rfr', 'application', n % 2000 + 1, n % 2000 + 1, n * 7 % 2000 + 1,
    'Konferens om hjärta och kärl nummer ' || n, 2026, '2026-09-01', '2026-09-04', 'europe',
    iif(n % 10 < 7, 'granted', 'withdrawn'), 'closed', 1, printf('%064x', n), n % 1000000, 'SEK', 'rfr|' || n,
    printf('2026-%02d-%02dT%02d:%02d:%02d.000000+00:00', n % 12 + 1, n % 28 + 1, n % 24, n % 60, n % 59),
    '2026-12-31T00:00:00.000000+00:00', '[]', 0, '[]', 'konferens om hjärta ' || n
FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) SELECT n FROM c)
"""
_PERIODS = """
INSERT INTO budget_periods (scheme, key, starts_on, ends_on, allocated_amount, carried_amount, granted_amount)
VALUES ('rfr-2026', 'H1', '2026-01-01', '2026-06-30', 175000000, 0, 0)
"""
_DECISIONS = """
INSERT INTO decisions (application_id, applicant_id, participant_id, once_key, version, digest, outcome, amount, reason,
    period_id, signature_a, seat_a, signer_a, signature_b, seat_b, signer_b, decided_at)
SELECT id, applicant_id, participant_id, once_key, 1, digest, 'grant', amount, '', 1, id, 'chair',
    (id * 3 + 7) % 900 + 2001 - 1000, id, 'representative', (id * 5 + 11) % 90 + 1, received_at
FROM applications WHERE status = 'granted' AND (id * 3 + 7) % 900 + 1001 <> applicant_id
    AND (id * 3 + 7) % 900 + 1001 <> participant_id AND (id * 5 + 11) % 90 + 1 <> applicant_id
    AND (id * 5 + 11) % 90 + 1 <> participant_id
"""


def fill(path: Path, rows: int) -> None:
    """A migrated database with so many applications, most of them granted."""
    from portal.store.migrate import upgrade

    upgrade(f"sqlite:///{path}")
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA foreign_keys=OFF", "PRAGMA synchronous=OFF", "BEGIN", _PEOPLE, _PERIODS):
        connection.execute(statement)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(_APPLICATIONS, (rows,))
    for statement in (_DECISIONS, "COMMIT", "ANALYZE"):
        connection.execute(statement)
    connection.close()


def copy(path: Path, url: str) -> None:
    """The same rows in a migrated PostgreSQL database."""
    from portal.store.migrate import upgrade

    upgrade(url)
    with closing(sqlite3.connect(path)) as source, psycopg.connect(_plain(url)) as target:
        target.execute("SET session_replication_role = replica")
        for table in ("people", "budget_periods", "applications", "decisions"):
            rows = source.execute(f"SELECT * FROM {table}")
            columns = ", ".join(column[0] for column in rows.description)
            with target.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as into:
                for row in rows:
                    into.write_row(row)
        target.execute("ANALYZE")


def wanted() -> "object":
    """The filter of both: the whole year of one fund."""
    from portal.store.reports import ApplicationFilter

    return ApplicationFilter(date(2026, 1, 1), date(2026, 12, 31), STOCKHOLM, ("rfr",))


def export(url: str) -> int:
    """The portal's own export; gives the rows written."""
    from portal.finance.profiles import EXCEL, lines
    from portal.finance.sheets import APPLICATIONS
    from portal.language.vocabularies import vocabularies
    from portal.schemes.loader import load
    from portal.store import reports
    from portal.store.session import Database

    database, count = Database(url), 0
    words = vocabularies(load())
    keys = [column.key for column in APPLICATIONS.columns]
    with (
        Path(os.devnull).open("wb") as out,
        database.reading() as session,
        reports.stream(session, wanted(), keys) as rows,  # type: ignore[arg-type]
    ):
        for piece in lines(rows, APPLICATIONS.columns, EXCEL, language="sv", zone=STOCKHOLM, words=words):
            count += piece.count(b"\r\n")
            out.write(piece)
    return count - 1


def floor(url: str) -> int:
    """The same query by the driver and csv alone; gives the rows written."""
    from portal.finance.sheets import APPLICATIONS
    from portal.store import reports

    name = make_url(url).get_backend_name()
    dialect = sqlite.dialect(paramstyle="named") if name == "sqlite" else psycopg_dialect.dialect()
    values = reports._values()
    columns = [reports.as_text(values[column.key], name) for column in APPLICATIONS.columns]
    compiled = reports._selected(wanted(), columns).compile(dialect=dialect)  # type: ignore[arg-type]
    read = compiled._bind_processors
    params = {key: read[key](value) if key in read else value for key, value in compiled.params.items()}
    with closing(_rows(url, str(compiled), params)) as rows, Path(os.devnull).open("w", newline="") as out:
        writer, count = csv.writer(out, delimiter=";"), 0
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _rows(url: str, statement: str, params: dict[str, Any]) -> Generator[Any, None, None]:
    """The driver's own rows: on PostgreSQL by a cursor of the server's, as the portal reads them."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            yield from connection.execute(statement, params)
        return
    with psycopg.connect(_plain(url)) as connection, connection.cursor("floor") as cursor:
        cursor.itersize = 1000
        yield from cursor.execute(statement, params)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def measured(what: str, url: str) -> tuple[int, float, int]:
    """Rows, seconds and the largest memory (kB) of one of the two, in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.bench.exports", what, url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return int(said[0]), float(said[1]), int(said[2])


def main(arguments: list[str]) -> None:
    """Measure, or (called by itself) do one measurement and say rows, seconds and memory."""
    if arguments[:1] in (["export"], ["floor"]):
        begun = time.perf_counter()
        rows = {"export": export, "floor": floor}[arguments[0]](arguments[1])
        seconds = time.perf_counter() - begun
        print(rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    print("    rows   engine       portal rows/s   floor rows/s   ratio   memory")
    for rows, engine, ours, theirs, memory in compared(map(int, arguments or map(str, ROWS))):
        print(
            f"{rows:8}   {engine:10}   {ours:13.0f}   {theirs:12.0f}   {ours / theirs:5.2f}   {memory / 1024:.0f} MB",
            flush=True,
        )


def compared(sizes: Iterable[int]) -> Iterator[tuple[int, str, float, float, int]]:
    """Rows, engine, the portal's and the floor's rows a second, and the largest memory in kB."""
    server = PostgresServer()
    server.start()
    try:
        for rows in sizes:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "portal.sqlite3"
                fill(path, rows)
                sqlite_url, postgresql_url = f"sqlite:///{path}", _database(server, f"rows_{rows}")
                copy(path, postgresql_url)
                for url in (sqlite_url, postgresql_url):
                    # In turns, and the best of each: other work on the machine slows both, not always alike.
                    turns = [(measured("floor", url), measured("export", url)) for _turn in range(3)]
                    assert {found for turn in turns for found, _seconds, _memory in turn} == {rows}
                    theirs = rows / min(least[1] for least, _own in turns)
                    ours = rows / min(own[1] for _least, own in turns)
                    memory = max(own[2] for _least, own in turns)
                    yield rows, make_url(url).get_backend_name(), ours, theirs, memory
    finally:
        server.remove()


def figures(full: bool) -> Iterator[Figure]:
    """The share of the floor's rows a second, and how much more memory many rows take than few."""
    first: dict[str, int] = {}
    for rows, engine, ours, theirs, memory in compared(ROWS if full else ROWS[:2]):
        name, how = f"CSV of {rows:,} rows, {engine}", f"{ours:,.0f} rows/s, {memory / 1024:.0f} MB"
        yield Figure(name, ours / theirs, 0.5, at_least=True, how=how)
        if engine in first:
            yield Figure(f"{name}, memory beside {ROWS[0]:,}", memory / first[engine], 1.1, "× the few")
        first.setdefault(engine, memory)


def _database(server: PostgresServer, name: str) -> str:
    with psycopg.connect(_plain(server.url()), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    return server.url(name)


if __name__ == "__main__":
    main(sys.argv[1:])

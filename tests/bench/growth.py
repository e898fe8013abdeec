"""How long each page takes that could grow with the whole history, at some thousand applications and at a million.

    python -m tests.bench.growth                         10 000 and 1 000 000 applications on SQLite
    python -m tests.bench.growth --sizes 100000 --engine postgresql
    python -m tests.bench.growth --folder /tmp/million   keeps the databases, and measures those it finds there

The demo's region is multiplied by what is over in it: each copy has its own applications, people, decisions, invoices
and batches, some years earlier, so that what waits is as much as ever. Triggers sleep meanwhile. Charter: at most
60 ms, and 1.25 times what the page takes at 10 000.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from portal.demo import load, roll_editions
from portal.schemes.loader import load as load_schemes
from portal.settings import Settings
from portal.store import totals
from portal.store.files import Folder
from portal.store.migrate import upgrade
from portal.store.search import INDEXED
from portal.store.session import Database
from portal.store.tables import Base
from portal.store.types import Day, Instant
from tests.support.portals import Visitor
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from flask import Flask

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
STEP = 100_000
"""Between the ids of one copy and the next."""
PEOPLE = 500
"""Copies of the people: 55 000 at the most."""
YEARS = 20
COPIED = (
    "people applications application_versions signatures decisions claims invoices payment_batches payments followups"
    " budget_entries head_words"
).split()
OWN = {"once_key", "submit_key", "login"}
"""Texts that are there once."""
HEAVY = {"answers", "assessment", "costs", "csv", "xlsx"}
"""What no list reads: left out of the copies, for the disk's sake."""
OF_THE_CASE = {"author_id", "applicant_id", "participant_id", "head_id"}
OVER = f"""SELECT d.application_id FROM decisions d
 LEFT JOIN claims c ON c.application_id = d.application_id
 LEFT JOIN followups f ON f.application_id = d.application_id
 WHERE d.application_id < {STEP} AND coalesce(c.stage, 'released') IN ('paid', 'released')
 AND (c.stage = 'released' OR f.application_id IS NULL OR f.confirmed_at IS NOT NULL)"""
"""Decisions after which nothing is awaited: refused, given back, or paid and its follow-up confirmed."""


def multiply(connection: Connection, copies: int, *, postgres: bool) -> None:
    """Write that many copies of what the demo has decided, each in the same order of ids and of time."""
    connection.execute(text("CREATE TEMPORARY TABLE copies (k integer PRIMARY KEY)"))
    numbers = (
        "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :last) SELECT k FROM n"
    )
    connection.execute(text(f"INSERT INTO copies {numbers}"), {"last": copies})
    for name in COPIED:
        table = Base.metadata.tables[name]
        columns = [each for each in table.columns if each.computed is None]
        values = ", ".join(_value(name, each, copies, postgres=postgres) for each in columns)
        names = ", ".join(each.name for each in columns)
        key = next(iter(table.primary_key.columns)).name
        some = f"t.{key} < {STEP}" + (f" AND k <= {PEOPLE}" if name == "people" else "")
        if name not in ("people", "payment_batches"):
            case = "t.id" if name == "applications" else "t.application_id"
            some += f" AND {case} IN ({OVER})"
        connection.execute(
            text(f"INSERT INTO {name} ({names}) SELECT {values} FROM {name} t, copies WHERE {some}")
        )


def _value(table: str, column: Any, copies: int, *, postgres: bool) -> str:
    name = f"t.{column.name}"
    if column.name in HEAVY:
        return f"substr({name}, 1, 8)" if column.name in ("csv", "xlsx") else "'{}'"
    if column.name == "search_text" and table in INDEXED:
        return f"{name} || ' copy' || k"
    if column.name in OWN:
        return f"{name} || '-' || k"
    if column.name == "number" and table in ("applications", "people"):
        return f"{name} || substr(CAST({STEP} + k AS text), 2)"
    if column.name in OF_THE_CASE or (table, column.name) == ("people", "id"):
        return f"{name} + {STEP} * ((k - 1) % {PEOPLE} + 1)"
    if column.name in (
        "id",
        "application_id",
        "signature_a",
        "signature_b",
        "invoice_id",
        "batch_id",
        "replaces",
    ):
        return f"{name} + {STEP} * k"
    if table == "payment_batches" and column.name == "number":
        return f"{name} + 1000 * k"
    if isinstance(column.type, (Day, Instant)) and table != "people":
        years = f"({YEARS} - k * {YEARS} / {copies + 1})"
        if postgres:
            return f"{name} - make_interval(years => {years})" + (
                "" if isinstance(column.type, Instant) else "::date"
            )
        return f"CAST(substr({name}, 1, 4) - {years} AS text) || substr({name}, 5)"
    return name


def fill(url: str, size: int, folder: Path) -> None:
    """Write a region with so many applications."""
    postgres, at, base = url.startswith("postgresql"), time.monotonic(), folder / "demo.sqlite3"
    file = Path(url.removeprefix("sqlite:///"))
    if not postgres and base.exists():
        shutil.copy(base, file)
    database = Database(url)
    try:
        if postgres or not base.exists():
            upgrade(url)
            load(database, _schemes(folder), at=NOW, files=Folder(folder / "documents"))
            if not postgres:
                database.close()
                shutil.copy(file, base)
        with database.engine.connect() as raw:
            asleep = _let_sleep(raw, postgres=postgres)
            with raw.begin():
                over = raw.execute(text(f"SELECT count(*) FROM ({OVER}) AS o")).scalar_one()
                multiply(raw, max(1, size // over), postgres=postgres)
                for statement in asleep:
                    raw.exec_driver_sql(statement)
                for name in () if postgres else INDEXED:
                    raw.exec_driver_sql(f"INSERT INTO {name}_search({name}_search) VALUES ('rebuild')")
                total = raw.execute(text("SELECT count(*) FROM applications")).scalar_one()
            with raw.begin():
                raw.exec_driver_sql("ANALYZE")
        database.write(totals.recount)
    finally:
        database.close()
    print(f"{total:,} applications in {time.monotonic() - at:.0f} s", flush=True)


def _let_sleep(raw: Connection, *, postgres: bool) -> list[str]:
    """Hasten a connection, and take away the triggers; the statements that bring them back."""
    if postgres:
        with raw.begin():
            raw.exec_driver_sql("SET SESSION session_replication_role = replica")
            raw.exec_driver_sql("SET SESSION statement_timeout = 0")
        return []
    driver: Any = raw.connection.driver_connection  # in autocommit, outside of any transaction
    asleep = driver.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for statement in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-400000"):
        driver.execute(f"PRAGMA {statement}").close()
    for name, _sql in asleep:
        driver.execute(f"DROP TRIGGER {name}").close()
    return [sql for _name, sql in asleep]


def _schemes(folder: Path) -> Any:
    editions = folder / "schemes"
    if not editions.exists():
        editions.mkdir(parents=True)
        roll_editions(editions, NOW.year)
    return load_schemes(editions)


PAGES = {
    "payments": ("Lars Malmberg", "/finance/payments"),
    "claims": ("Lars Malmberg", "/finance/claims"),
    "claims, paid": ("Lars Malmberg", "/finance/claims?stage=paid"),
    "claims, late": ("Lars Malmberg", "/finance/claims?stage=late"),
    "budget": ("Lars Malmberg", "/finance"),
    "finance, this year": ("Lars Malmberg", "/finance/applications"),
    "finance, all years": ("Lars Malmberg", "/finance/applications?from=2000-01-01&until=2099-12-31"),
    "finance, all, decided": (
        "Lars Malmberg",
        "/finance/applications?from=2000-01-01&until=2099-12-31&by=decided",
    ),
    "finance, no hit": ("Lars Malmberg", "/finance/applications?from=2000-01-01&until=2099-12-31&q=qzxqzx"),
    "finance, few hits": (
        "Lars Malmberg",
        "/finance/applications?from=2000-01-01&until=2099-12-31&q=copy77",
    ),
    "queue": ("Margareta Lindqvist", "/queue"),
    "queue, decided": ("Margareta Lindqvist", "/queue?tab=decided"),
    "queue, decided, no hit": ("Margareta Lindqvist", "/queue?tab=decided&q=qzxqzx"),
    "year": ("Margareta Lindqvist", "/year"),
    "lessons": ("Åsa Bergström", "/lessons"),
    "queue, decided, few hits": ("Margareta Lindqvist", "/queue?tab=decided&q=copy77"),
    "lessons, no hit": ("Åsa Bergström", "/lessons?q=qzxqzx"),
    "start, applicant": ("Åsa Bergström", "/"),
    "start, approver": ("Margareta Lindqvist", "/"),
    "start, finance": ("Lars Malmberg", "/"),
    "own application": ("", "/applications/{number}"),
    "case": ("Margareta Lindqvist", "/queue/{number}"),
}


def measure(app: "Flask", times: int) -> dict[str, float]:
    """Milliseconds for each page, the median.

    On SQLite those of the processor: a machine that does other things does not count. On PostgreSQL those of the clock,
    for the server works in other processes.
    """
    database: Database = app.extensions["portal"].database
    with database.reading() as session:
        people = {
            row.name: row.id
            for row in session.execute(text(f"SELECT name, id FROM people WHERE id < {STEP}"))
        }
        owner, number = session.execute(
            text(
                "SELECT applicant_id, number FROM applications WHERE status = 'granted' AND fund = 'rfr'"
                f" AND id < {STEP} ORDER BY id DESC LIMIT 1"
            )
        ).one()
    clock = time.process_time if database.dialect == "sqlite" else time.perf_counter
    took = {}
    for page, (who, address) in PAGES.items():
        visitor = Visitor(app.test_client()).sign_in(people.get(who, owner))
        path = address.format(number=number)
        answer = visitor.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        spent = []
        for _turn in range(times):
            begun = clock()
            visitor.client.get(path)
            spent.append((clock() - begun) * 1000)
            if sum(spent) > 20_000:
                break
        took[page] = statistics.median(spent)
    return took


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--times", type=int, default=15)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder: Path = wanted.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        taken = []
        for size in wanted.sizes:
            server = PostgresServer() if wanted.engine == "postgresql" else None
            try:
                file = folder / f"{size}.sqlite3"
                there = file.exists()
                if server:
                    server.start()
                url = server.url() if server else f"sqlite:///{file}"
                if not there:
                    fill(url, size, folder)
                taken.append(_measured(url, folder, wanted.times))
            finally:
                if server:
                    server.remove()
    print(f"{'ms':<26}" + "".join(f"{size:>12,}" for size in wanted.sizes))
    for page in PAGES:
        print(f"{page:<26}" + "".join(f"{each[page]:>12.1f}" for each in taken))


def _measured(url: str, folder: Path, times: int) -> dict[str, float]:
    from portal.app import create_app

    settings = Settings(
        secret_key="only-for-the-bench-0123456789abcdef", base_url="http://localhost", demo=True, database_url=url,
        uploads_dir=folder / "documents", schemes_dir=folder / "schemes",
    )  # fmt: skip
    app = create_app(settings, clock=lambda: NOW)
    try:
        return measure(app, times)
    finally:
        app.extensions["portal"].database.close()


if __name__ == "__main__":
    main()

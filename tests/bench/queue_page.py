"""How long a page of the queue takes with few and with many applications, as a ratio to the floor, on both engines.

    python -m tests.bench.queue_page                     1 000 and 100 000 applications on SQLite and PostgreSQL
    python -m tests.bench.queue_page --sizes 1000        another size or two
    python -m tests.bench.queue_page --engines sqlite

Nothing is judged here; the figures stand in the table that is printed. Charter: at most 2.5 floors, at most 8
statements, and the same within 20 % whatever the size.
"""

import argparse
import itertools
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert, text

from portal.domain.digest import digest_of
from portal.schemes.loader import load
from portal.settings import Settings
from portal.store import budgets
from portal.store.migrate import upgrade
from portal.store.personal import lifted
from portal.store.session import Database
from portal.store.tables import (
    ApplicationRow,
    ApplicationVersionRow,
    PersonRow,
    SeatHoldingRow,
    SignatureRow,
)
from tests.bench import figures as figures_of
from tests.bench.desk import quiet
from tests.bench.floor import Took, floor_request, milliseconds
from tests.support.portals import Visitor
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from flask import Flask

NOW = datetime(2024, 3, 5, 10, tzinfo=UTC)
PEOPLE = 5_000
CHAIR, REPRESENTATIVE = 1, 2
BATCH = 5_000
SHARES = (("waiting", 30), ("one", 10), ("disagreed", 4), ("returned", 4), ("granted", 34), ("refused", 18))
"""How many in a hundred stand how."""
DIGEST = digest_of("application", {})
Batch = list[tuple[dict[str, Any], list[dict[str, Any]]]]


@dataclass(frozen=True)
class Figure:
    """What one page took."""

    engine: str
    size: int
    page: str
    took: Took
    floor: Took
    statements: int

    def __str__(self) -> str:
        wall, work = self.took.wall / self.floor.wall, self.took.work / self.floor.work
        return (
            f"{self.engine:<12}{self.size:>13,}  {self.page:<24}{self.took.wall:>9.2f}{wall:>7.2f}"
            f"{self.took.work:>9.2f}{work:>7.2f}{self.statements:>12}"
        )


def people() -> Iterator[dict[str, Any]]:
    """The two approvers, then everybody else."""
    for number in range(1, PEOPLE + 1):
        name = {CHAIR: "Ordförande", REPRESENTATIVE: "Representant"}.get(number, f"Person {number}")
        yield {
            "id": number, "number": f"P{number:06d}", "name": name, "email": f"p{number}@region.test",
            "unit": f"Klinik {number % 200}", "language": "sv", "head_id": None, "specialist": True, "active": True,
            "login": None, "password_hash": None, "search_text": name.lower(),
        }  # fmt: skip


def applications(size: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each application with the signatures that count on it."""
    chance = random.Random(20240305)  # noqa: S311 - the same queue each time
    ways = list(itertools.chain.from_iterable([way] * share for way, share in SHARES))
    for number in range(1, size + 1):
        way = chance.choice(ways)
        starts_on = date(2024, 4, 1) + timedelta(days=chance.randrange(270))
        participant = chance.randrange(3, PEOPLE + 1)
        seats = {
            "one": [chance.choice(["chair", "representative"])],
            "disagreed": ["chair", "representative"],
            "granted": ["chair", "representative"],
            "refused": ["chair", "representative"],
        }.get(way, [])
        status = {"one": "waiting", "disagreed": "waiting"}.get(way, way)
        amount = chance.randrange(1_000_00, 10_000_00)
        title = f"Congress {number % 977}"
        row = {
            "id": number, "number": f"RFR-2024-{number:06d}", "scheme": "rfr-2024", "fund": "rfr",
            "kind": "application",
            "applicant_id": participant, "author_id": participant,
            "participant_id": participant, "head_id": None, "title": title, "year": 2024,
            "starts_on": starts_on, "ends_on": starts_on + timedelta(days=2),
            "zone": chance.choice(["home", "europe", "outside", "digital"]), "status": status,
            "queue": status if status in ("waiting", "returned") else "closed", "version": 1, "digest": DIGEST,
            "amount": amount, "currency": "SEK", "once_key": f"rfr|application|P{participant:06d}|2024|{number}",
            "received_at": NOW - timedelta(minutes=number), "submitted_at": NOW - timedelta(minutes=number),
            "question": "Which?" if way == "returned" else None, "signed_seats": seats, "disagreed": way == "disagreed",
            "marks": ["rfr.uncovered"] if number % 5 == 0 else [],
            "search_text": f"rfr-2024-{number:06d} {title} person {participant} klinik {participant % 200}".lower(),
        }  # fmt: skip
        yield row, [_signature(number, seat, way, amount, first=not at) for at, seat in enumerate(seats)]


def _signature(application: int, seat: str, way: str, amount: int, *, first: bool) -> dict[str, Any]:
    refuses = way == "refused" or (way == "disagreed" and first)
    return {
        "application_id": application, "version": 1, "digest": DIGEST, "seat": seat,
        "holding_id": CHAIR if seat == "chair" else REPRESENTATIVE,
        "signer_id": CHAIR if seat == "chair" else REPRESENTATIVE, "outcome": "refuse" if refuses else "grant",
        "amount": 0 if refuses else amount, "reason": "Because" if refuses else "", "signed_at": NOW,
        "withdrawn_at": None,
    }  # fmt: skip


def fill(database: Database, size: int) -> None:
    """Write a queue of that size."""
    with database.writing() as session:
        session.execute(insert(PersonRow), list(people()))
        holdings = ((CHAIR, "chair"), (REPRESENTATIVE, "representative"))
        session.execute(insert(SeatHoldingRow), [
            {"id": who, "fund": "rfr", "seat": seat, "person_id": who, "substitute": False,
             "starts_on": date(2023, 1, 1), "ends_on": None, "appointed_by": None} for who, seat in holdings
        ])  # fmt: skip
        budgets.ensure_periods(session, load()["rfr-2024"])
    for batch in _batches(size):
        _write(database, batch)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _batches(size: int) -> Iterator[Batch]:
    rows = applications(size)
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _write(database: Database, batch: Batch) -> None:
    versions = [
        {"application_id": row["id"], "number": 1, "answers": {}, "assessment": {}, "amount": row["amount"],
         "digest": DIGEST, "scheme_digest": "", "submitted_by": row["applicant_id"],
         "submitted_at": row["submitted_at"],
         "submit_key": f"k{row['id']}"} for row, _signatures in batch
    ]  # fmt: skip
    signatures = [each for _row, signed in batch for each in signed]
    with database.writing() as session, lifted(session):
        session.execute(insert(ApplicationRow), [row for row, _signatures in batch])
        session.execute(insert(ApplicationVersionRow), versions)
        session.execute(insert(SignatureRow), signatures)


PAGES: Mapping[str, str] = {
    "waiting for me": "/queue",
    "the same, further on": "/queue?after={day}.0&used=rfr-2024.99900000",
    "waiting for the other": "/queue?tab=other",
    "differ": "/queue?tab=disagreed",
    "returned": "/queue?tab=returned",
    "decided": "/queue?tab=decided",
    "in Europe": "/queue?zone=europe",
}


def measure(
    app: "Flask", engine: str, size: int, times: int, floor: Callable[[], object]
) -> Iterator[Figure]:
    """Each page of the queue as the chair sees it."""
    database: Database = app.extensions["portal"].database
    visitor = Visitor(app.test_client()).sign_in(CHAIR)
    counted: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda _c, _u, statement, *_rest: counted.append(statement)
    )
    for name, address in PAGES.items():
        path = address.format(day="2024-08-14")
        counted.clear()
        answer = visitor.get(path)
        statements = len(counted)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        if size >= 1000:
            assert answer.get_data(as_text=True).count("/queue/RFR-") == 25, name
        took, least = milliseconds(lambda path=path: visitor.client.get(path), floor, times=times)
        yield Figure(engine, size, name, took, least, statements)


@contextmanager
def urls(engine: str, folder: Path, sizes: list[int]) -> Iterator[list[tuple[int, str]]]:
    """An empty database for each size."""
    if engine == "sqlite":
        yield [(size, f"sqlite:///{folder / f'queue-{size}.sqlite3'}") for size in sizes]
        return
    server = PostgresServer()
    try:
        server.start()
        import psycopg
        from sqlalchemy.engine import make_url

        base = make_url(server.url())
        with psycopg.connect(
            base.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        ) as c:
            for size in sizes:
                c.execute(f"CREATE DATABASE queue_{size}")  # type: ignore[arg-type]
        named = [base.set(database=f"queue_{size}").render_as_string(hide_password=False) for size in sizes]
        yield list(zip(sizes, named, strict=True))
    finally:
        server.remove()


def measured(engines: list[str], sizes: list[int], times: int) -> Iterator[Figure]:
    """Fill and measure, engine by engine and size by size."""
    from portal.app import create_app

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        send: Callable[[], None] = floor_request(folder)
        for engine in engines:
            with urls(engine, folder, sizes) as databases:
                for size, url in databases:
                    upgrade(url)
                    settings = Settings(
                        secret_key="only-for-the-bench-0123456789abcdef", base_url="http://localhost", demo=True,
                        database_url=url, uploads_dir=folder,
                    )  # fmt: skip
                    app = create_app(settings, clock=lambda: NOW)
                    fill(app.extensions["portal"].database, size)
                    yield from measure(app, engine, size, times, send)
                    app.extensions["portal"].database.close()


def figures(full: bool) -> Iterator[figures_of.Figure]:
    """The pages at each size beside their bound, and how much slower many applications make the same page."""
    sizes = [1_000, 100_000 if full else 10_000]
    with quiet():
        taken = list(measured(["sqlite", "postgresql"], sizes, 60))
    for engine in ("sqlite", "postgresql"):
        few, many = ([each for each in taken if (each.engine, each.size) == (engine, size)] for size in sizes)
        for pages in (few, many):
            ratios = {each.page: each.took.wall / each.floor.wall for each in pages}
            name = f"queue, {engine}, {pages[0].size:,} applications"
            yield figures_of.Figure(name, statistics.median(ratios.values()), 2.5, how=_slowest(ratios))
            most = max(each.statements for each in pages)
            yield figures_of.Figure(f"{name}, SQL", most, 8, "statements")
        grown = {
            a.page: (b.took.wall / b.floor.wall) / (a.took.wall / a.floor.wall)
            for a, b in zip(few, many, strict=True)
        }
        name = f"queue, {engine}, {sizes[1]:,} beside {sizes[0]:,}"
        yield figures_of.Figure(
            name, statistics.median(grown.values()), 1.2, "× the few", how=_slowest(grown)
        )


def _slowest(ratios: Mapping[str, float]) -> str:
    page = max(ratios, key=lambda each: ratios[each])
    return f"median of {len(ratios)} pages; slowest {ratios[page]:.2f}: {page}"


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description="Time the pages of the queue.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--times", type=int, default=60)
    wanted = parser.parse_args()
    heads = ("wall ms", "ratio", "work ms", "ratio")
    print(f"{'engine':<12}{'applications':>13}  {'page':<24}", end="")
    print("".join(f"{head:>{9 if 'ms' in head else 7}}" for head in heads) + f"{'statements':>12}")
    for figure in measured(wanted.engines, wanted.sizes, wanted.times):
        print(figure, flush=True)


if __name__ == "__main__":
    main()

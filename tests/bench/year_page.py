"""How long the year at a glance takes over many decisions, and in how many statements, on both engines.

    python -m tests.bench.year_page                      100 000 applications on SQLite and PostgreSQL
    python -m tests.bench.year_page --sizes 1000 --engines sqlite

Nine in ten are decided within the year, most of them granted, each grant with its budget entries, claim and follow-up.
"""

import argparse
import itertools
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, text, update

from portal.schemes.loader import load
from portal.settings import Settings
from portal.store import budgets, totals
from portal.store.migrate import upgrade
from portal.store.personal import lifted
from portal.store.session import Database
from portal.store.tables import (
    ApplicationRow,
    ApplicationVersionRow,
    BudgetEntryRow,
    BudgetPeriodRow,
    ClaimRow,
    DecisionRow,
    FollowUpRow,
    PersonRow,
    SeatHoldingRow,
    SignatureRow,
)
from tests.bench.queue_page import BATCH, CHAIR, DIGEST, REPRESENTATIVE, applications, people, urls
from tests.support.portals import Visitor

NOW = datetime(2024, 11, 22, 10, tzinfo=UTC)
FIRST = datetime(2024, 1, 2, 8, tzinfo=UTC)
STAGES = ("waiting", "stated", "invoiced", "paid")
TABLES = (
    ApplicationRow,
    ApplicationVersionRow,
    SignatureRow,
    DecisionRow,
    BudgetEntryRow,
    ClaimRow,
    FollowUpRow,
)
Rows = dict[Any, list[dict[str, Any]]]


def cases(size: int) -> Iterator[Rows]:
    """Applications with everything that follows them, a batch at a time."""
    chance = random.Random(20241122)  # noqa: S311 - the same year each time
    made = (row for row, _signatures in applications(size))
    while batch := list(itertools.islice(made, BATCH)):
        rows: Rows = {table: [] for table in TABLES}
        for row in batch:
            _case(row, chance, rows)
        yield rows


def _case(row: dict[str, Any], chance: random.Random, rows: Rows) -> None:
    number, decided_at = row["id"], FIRST + timedelta(minutes=chance.randrange(320 * 1440))
    received_at = decided_at - timedelta(minutes=chance.randrange(60, 80 * 1440))
    way = chance.choices(("granted", "refused", "cancelled", "waiting"), (70, 15, 5, 10))[0]
    row |= {"received_at": received_at, "submitted_at": received_at, "status": way, "disagreed": False}
    row |= {"queue": "waiting" if way == "waiting" else "closed", "question": None, "signed_seats": []}
    rows[ApplicationRow].append(row)
    rows[ApplicationVersionRow].append({
        "application_id": number, "number": 1, "answers": {}, "assessment": {}, "amount": row["amount"],
        "digest": DIGEST, "scheme_digest": "", "submitted_by": row["applicant_id"], "submitted_at": received_at,
        "submit_key": f"k{number}",
    })  # fmt: skip
    if way != "waiting":
        _decision(row, way, decided_at, rows)
    if way == "granted":
        _after(row, decided_at, chance, rows)


def _decision(row: dict[str, Any], way: str, at: datetime, rows: Rows) -> None:
    number, granted = row["id"], way != "refused"
    amount, reason = (row["amount"] if granted else 0), "" if granted else "Because"
    said = {"application_id": number, "version": 1, "digest": DIGEST, "amount": amount, "reason": reason}
    said["outcome"] = "grant" if granted else "refuse"
    seats = ((2 * number, CHAIR, "chair"), (2 * number + 1, REPRESENTATIVE, "representative"))
    for signature, who, seat in seats:
        rows[SignatureRow].append({
            **said, "id": signature, "holding_id": who, "signer_id": who, "seat": seat, "signed_at": at,
            "withdrawn_at": None,
        })  # fmt: skip
    period = (1 if at.month < 7 else 2) if granted else None
    cancelled = at + timedelta(days=3) if way == "cancelled" else None
    rows[DecisionRow].append({
        **said, "applicant_id": row["applicant_id"], "participant_id": row["participant_id"],
        "once_key": row["once_key"], "period_id": period, "signature_a": 2 * number, "seat_a": "chair",
        "signer_a": CHAIR, "signature_b": 2 * number + 1, "seat_b": "representative", "signer_b": REPRESENTATIVE,
        "decided_at": at, "cancelled_at": cancelled, "cancelled_by": CHAIR if cancelled else None,
        "cancel_reason": "Ill" if cancelled else None,
    })  # fmt: skip
    if granted:
        _enter(rows, period, number, "reserve", amount, at)
    if cancelled:
        _enter(rows, period, number, "cancel", -amount, cancelled)


def _enter(rows: Rows, period: int | None, number: int, kind: str, amount: int, at: datetime) -> None:
    entry = {"period_id": period, "application_id": number, "kind": kind, "amount": amount, "entered_at": at}
    rows[BudgetEntryRow].append(entry)


def _after(row: dict[str, Any], at: datetime, chance: random.Random, rows: Rows) -> None:
    amount, stage = row["amount"], chance.choice(STAGES)
    settled = stage in ("invoiced", "paid")
    back = amount // 10 if settled else 0
    rows[ClaimRow].append({
        "application_id": row["id"], "granted_amount": amount, "due_on": row["starts_on"] + timedelta(days=30),
        "stage": stage, "costs": {}, "payable_amount": 0 if stage == "waiting" else amount, "released_amount": back,
        "revision": 1, "release_reason": "", "invoice_amount": amount - back if settled else 0,
        "paid_amount": amount - back if stage == "paid" else 0,
        "paid_on": date(2024, 11, 1) if stage == "paid" else None,
    })  # fmt: skip
    if back:
        period = 1 if at.month < 7 else 2
        _enter(rows, period, row["id"], "release", -back, at + timedelta(days=20))
    recorded = at + timedelta(days=60) if chance.random() < 0.4 else None
    rows[FollowUpRow].append({
        "application_id": row["id"], "planned_on": row["ends_on"] + timedelta(days=30),
        "held_on": recorded and recorded.date(), "forum": "", "audience": "", "lesson": "", "search_text": "",
        "recorded_at": recorded, "recorded_by": row["applicant_id"] if recorded else None,
        "confirmed_at": None, "confirmed_by": None,
    })  # fmt: skip


def fill(database: Database, size: int) -> None:
    """Write a year of that size; the budget is made large enough for it."""
    with database.writing() as session:
        session.execute(insert(PersonRow), list(people()))
        session.execute(insert(SeatHoldingRow), [
            {"id": who, "fund": "rfr", "seat": seat, "person_id": who, "substitute": False,
             "starts_on": date(2023, 1, 1), "ends_on": None, "appointed_by": None}
            for who, seat in ((CHAIR, "chair"), (REPRESENTATIVE, "representative"))
        ])  # fmt: skip
        budgets.ensure_periods(session, load()["rfr-2024"])
        session.execute(update(BudgetPeriodRow).values(allocated_amount=10**12))
    granted = {1: 0, 2: 0}
    for rows in cases(size):
        with database.writing() as session, lifted(session):
            for table in TABLES:
                if rows[table]:
                    session.execute(insert(table), rows[table])
        for entry in rows[BudgetEntryRow]:
            granted[entry["period_id"]] += entry["amount"]
    with database.writing() as session:
        for period, amount in granted.items():
            session.execute(
                update(BudgetPeriodRow).where(BudgetPeriodRow.id == period).values(granted_amount=amount)
            )
        totals.recount(session)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def measure(url: str, engine: str, size: int, folder: Path) -> None:
    """Print how long page and file take: the median of five, after one to warm up."""
    from portal.app import create_app

    settings = Settings(
        secret_key="only-for-the-bench-0123456789abcdef", base_url="http://localhost", demo=True,
        database_url=url, uploads_dir=folder,
    )  # fmt: skip
    app = create_app(settings, clock=lambda: NOW)
    database: Database = app.extensions["portal"].database
    fill(database, size)
    visitor = Visitor(app.test_client()).sign_in(CHAIR)
    counted: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda _c, _u, statement, *_rest: counted.append(statement)
    )
    for path in ("/year?year=2024", "/year/units.csv?scheme=rfr-2024&year=2024", "/"):
        assert visitor.get(path).status_code == 200
        took = []
        for _turn in range(5):
            counted.clear()
            begun = time.perf_counter()
            visitor.client.get(path)
            took.append((time.perf_counter() - begun) * 1000)
        print(
            f"{engine:<12}{size:>9,}  {path:<44}{sorted(took)[2]:>9.0f} ms{len(counted):>4} statements",
            flush=True,
        )
    database.close()


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description="Time the year at a glance.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000])
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgresql"])
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for engine in wanted.engines:
            with urls(engine, folder, wanted.sizes) as databases:
                for size, url in databases:
                    upgrade(url)
                    measure(url, engine, size, folder)


if __name__ == "__main__":
    main()

"""What is asked of the register: page, totals and file are one answer, on both engines alike."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from portal.domain.application import Status
from portal.finance.downloads import budget_lines
from portal.finance.profiles import PLAIN, lines
from portal.finance.sheets import APPLICATIONS, BUDGET
from portal.language.vocabularies import vocabularies
from portal.schemes.loader import Schemes
from portal.store import reports
from portal.store.reports import ApplicationCursor, ApplicationFilter
from portal.store.session import Database, Session
from portal.store.tables import ApplicationRow, ConflictRow, PersonRow
from portal.store.totals import DECIDED
from tests.finance.conftest import NOW
from tests.finance.reading import read

STOCKHOLM = ZoneInfo("Europe/Stockholm")
KEYS = [column.key for column in APPLICATIONS.columns]
YEAR = ApplicationFilter(date(2026, 1, 1), date(2026, 12, 31), STOCKHOLM, ("rfr",))
EVERYTHING = ApplicationFilter(date(2023, 1, 1), date(2026, 12, 31), STOCKHOLM, ("rfr", "kvalitetsfondet"))
FILTERS = {
    "everything": EVERYTHING,
    "received": YEAR,
    "decided": replace(YEAR, by=DECIDED),
    "first half": replace(YEAR, by=DECIDED, last=date(2026, 6, 30)),
    "second half": replace(YEAR, by=DECIDED, first=date(2026, 7, 1)),
    "granted": replace(EVERYTHING, status=Status.GRANTED),
    "cancelled": replace(EVERYTHING, status=Status.CANCELLED),
    "searched": replace(EVERYTHING, search="kardiologi kongress"),
    "odd days": replace(EVERYTHING, first=date(2025, 2, 10), last=date(2026, 10, 20)),
    "odd days, decided": replace(EVERYTHING, by=DECIDED, first=date(2025, 2, 20), last=date(2026, 10, 10)),
    "one day": replace(YEAR, first=date(2026, 11, 10), last=date(2026, 11, 10)),
    "nothing": replace(YEAR, search="100 % _"),
    "other fund": replace(YEAR, funds=("kvalitetsfondet",)),
}


def streamed(session: Session, wanted: ApplicationFilter) -> list[dict[str, Any]]:
    with reports.stream(session, wanted, KEYS) as rows:
        return [dict(zip(KEYS, row, strict=True)) for row in rows]


@pytest.fixture(params=FILTERS.values(), ids=FILTERS)
def wanted(request: pytest.FixtureRequest) -> ApplicationFilter:
    found: ApplicationFilter = request.param
    return found


def test_totals_are_the_files_to_the_ore(register: Database, wanted: ApplicationFilter) -> None:
    with register.reading() as session:
        rows, totals = streamed(session, wanted), reports.totals(session, wanted)
    assert [total.currency for total in totals] == sorted({row["currency"] for row in rows})
    for total in totals:
        mine = [row for row in rows if row["currency"] == total.currency]
        assert total.applications == len(mine)
        for key in ("assessed_amount", "granted_amount", "standing_amount"):
            assert getattr(total, key) == sum(row[key] or 0 for row in mine)


def test_pages_hold_each_row_of_the_file_once_and_in_its_order(
    register: Database, wanted: ApplicationFilter
) -> None:
    found: list[str] = []
    after: ApplicationCursor | None = None
    with register.reading() as session:
        while rows := reports.page(session, wanted, after=after, limit=7):
            assert len(rows) <= 7
            found += [row.number for row in rows]
            last = rows[-1]
            after = ApplicationCursor(last.decided_at if wanted.by == DECIDED else last.received_at, last.id)
        assert found == [row["number"] for row in streamed(session, wanted)]
    assert len(set(found)) == len(found)


def test_a_page_and_the_file_say_the_same_of_a_row(register: Database) -> None:
    with register.reading() as session:
        shown = reports.page(session, EVERYTHING, limit=1000)
        for row, cells in zip(shown, streamed(session, EVERYTHING), strict=True):
            for key, cell in cells.items():
                value = getattr(row, key)
                if isinstance(value, datetime):
                    assert datetime.fromisoformat(cell) == value
                else:
                    assert cell == (value.isoformat() if isinstance(value, date) else value)


def test_the_days_of_a_filter_begin_at_midnight_where_the_fund_is(register: Database) -> None:
    with register.reading() as session:
        instants = session.execute(select(ApplicationRow.received_at)).scalars().all()
        for day in {at.astimezone(STOCKHOLM).date() for at in instants}:
            expected = sum(at.astimezone(STOCKHOLM).date() == day for at in instants)
            assert len(streamed(session, replace(EVERYTHING, first=day, last=day))) == expected


@pytest.mark.parametrize("by", ["received", DECIDED])
def test_what_somebody_stepped_aside_from_is_in_no_sum_of_theirs(register: Database, by: str) -> None:
    with register.engine.connect() as session:  # and nothing of it is committed
        person, *_more = session.execute(select(PersonRow.id).order_by(PersonRow.id.desc())).scalars()
        cases = session.execute(select(ApplicationRow.id).where(ApplicationRow.id % 3 == 0)).scalars()
        rows = [
            {"application_id": each, "person_id": person, "declared_at": NOW, "note": ""} for each in cases
        ]
        session.execute(insert(ConflictRow), rows)
        for wanted in (replace(EVERYTHING, by=by), replace(FILTERS["odd days"], by=by)):
            found = streamed(session, aside := replace(wanted, but_aside=person))
            assert len(found) < len(streamed(session, wanted))
            sums = {each.currency: each.applications for each in reports.totals(session, aside)}
            assert sums == Counter(row["currency"] for row in found)


@pytest.mark.parametrize("by", ["received", DECIDED])
def test_both_engines_write_the_same_file(demo: Callable[[str], Database], schemes: Schemes, by: str) -> None:
    files = []
    for engine in ("sqlite", "postgresql"):
        wanted = replace(EVERYTHING, by=by)
        with demo(engine).reading() as session, reports.stream(session, wanted, KEYS) as rows:
            files.append(
                b"".join(
                    lines(
                        rows,
                        APPLICATIONS.columns,
                        PLAIN,
                        language="sv",
                        zone=STOCKHOLM,
                        words=vocabularies(schemes),
                    )
                )
            )
    assert files[0] == files[1]
    assert files[0].count(b"\r\n") > 50


def test_the_budget_is_what_the_decisions_of_its_days_left(register: Database, schemes: Schemes) -> None:
    scheme = schemes["rfr-2026"]
    with register.reading() as session:
        found = budget_lines(session, [scheme], NOW)
        for line in found:
            assert line.period.ends_on is not None
            days = replace(YEAR, by=DECIDED, first=line.period.starts_on, last=line.period.ends_on)
            decided = [row for row in streamed(session, days) if row["scheme"] == scheme.key]
            assert line.granted_amount == sum(row["standing_amount"] for row in decided) > 0
            assert line.left_amount == line.period.amount - line.granted_amount
            assert {row["period"] for row in decided if row["period"]} == {f"rfr-2026/{line.period.key}"}
        waiting = [
            row["assessed_amount"]
            for row in streamed(session, replace(EVERYTHING, status=Status.WAITING))
            if row["scheme"] == scheme.key
        ]
    # In November what waits can only be decided in the second half-year.
    assert [line.waiting_amount for line in found] == [0, sum(waiting)]
    assert sum(waiting) > 0


def test_what_waits_for_next_year_counts_in_its_first_half(register: Database, schemes: Schemes) -> None:
    with register.reading() as session:
        first, second = budget_lines(session, [schemes["rfr-2027"]], NOW)
    assert first.waiting_amount > 0
    assert second.waiting_amount == first.granted_amount == second.granted_amount == 0


def test_budget_cells_are_the_sheets_columns(register: Database, schemes: Schemes) -> None:
    words = vocabularies(schemes)
    with register.reading() as session:
        found = budget_lines(session, list(schemes.values()), NOW)
    content = b"".join(
        lines(
            (line.cells for line in found), BUDGET.columns, PLAIN, language="sv", zone=STOCKHOLM, words=words
        )
    )
    back = list(read(content, BUDGET.columns, PLAIN, language="sv", zone=STOCKHOLM, words=words))
    assert len(back) == sum(len(scheme.budget) for scheme in schemes.values())
    for line, cells in zip(found, back, strict=True):
        left = cells["allocated_amount"] - cells["before_amount"] - cells["granted_amount"]
        assert cells["left_amount"] == left == line.left_amount
        assert cells["period"] in words["periods"]
        assert cells["currency"] == line.scheme.currency

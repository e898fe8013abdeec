"""The year's figures equal finance's files to the öre, on both engines, and stand in one currency each."""

import csv
import html
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.domain.claim import Stage
from portal.finance.overview import YearFigures, figures, rows
from portal.finance.sheets import YEAR
from portal.language.catalogue import said
from portal.schemes.loader import Schemes
from portal.store.session import Database
from portal.store.tables import ApplicationRow, BudgetEntryRow, BudgetPeriodRow, ClaimRow, DecisionRow
from tests.finance.conftest import NOW
from tests.support.portals import Visitor

Be = Callable[[str], Visitor]
FINANCE, CHAIR, NORWEGIAN, ADMINISTRATOR = "100305", "100201", "N20011", "100318"
RFR, KF = "rfr-2026", "kvalitetsfondet-2023"


def table(visitor: Visitor, address: str) -> list[dict[str, str]]:
    """The rows of a plain file."""
    joined = "&" if "?" in address else "?"
    answer = visitor.get(f"{address}{joined}profile=plain")
    assert answer.status_code == 200, address
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def ore(text: str) -> int:
    """Minor units of an amount in a plain file."""
    return int(Decimal(text or "0") * 100)


def added(lines: list[dict[str, str]], key: str) -> int:
    return sum(ore(line[key]) for line in lines)


def year(register: Database, schemes: Schemes, key: str, of: int = 2026) -> YearFigures:
    with register.reading() as session:
        return figures(session, [schemes[key]], of, NOW)[0]


@pytest.mark.parametrize(("scheme", "of"), [(RFR, 2026), ("rfr-2025", 2025), (KF, 2025), (KF, 2026)])
def test_every_file_of_the_year_adds_up_to_finances_own(be: Be, scheme: str, of: int) -> None:
    visitor = be(FINANCE)
    fund = scheme.rpartition("-")[0]
    decided = [
        line
        for line in table(
            visitor, f"/finance/applications.csv?by=decided&from={of}-01-01&until={of}-12-31&fund={fund}"
        )
        if line["scheme"] == scheme
    ]
    for part in ("months", "units", "zones", "kinds"):
        mine = table(visitor, f"/year/{part}.csv?scheme={scheme}&year={of}")
        assert {line["currency"] for line in mine} <= {"NOK" if scheme == KF else "SEK"}
        assert added(mine, "used_amount") == added(decided, "standing_amount"), part
        assert sum(int(line["decisions"]) for line in mine) == len(decided), part
        refused = [line for line in decided if line["outcome"] == "refuse"]
        assert sum(int(line["refusals"]) for line in mine) == len(refused), part
        stands = [line for line in decided if line["status"] == "granted"]
        kept = [line for line in decided if line["status"] == "cancelled"]
        granted = added(stands, "granted_amount") + added(kept, "standing_amount")
        assert added(mine, "granted_amount") == granted, part
        assert sum(int(line["grants"]) for line in mine) == len(stands), part
    for line in table(visitor, f"/year/units.csv?scheme={scheme}&year={of}"):
        assert ore(line["used_amount"]) == added(
            [d for d in decided if d["unit"] == line["unit"]], "standing_amount"
        )
    for line in table(visitor, f"/year/zones.csv?scheme={scheme}&year={of}"):
        assert ore(line["used_amount"]) == added(
            [d for d in decided if d["zone"] == line["zone"]], "standing_amount"
        )


def test_the_budget_is_what_finances_file_says(be: Be) -> None:
    visitor = be(FINANCE)
    theirs = {line["period"]: line for line in table(visitor, "/finance/budget.csv")}
    seen = 0
    for scheme, of in ((RFR, 2026), ("rfr-2025", 2025), (KF, 2026)):
        mine = table(visitor, f"/year/budget.csv?scheme={scheme}&year={of}")
        days = table(visitor, f"/year/days.csv?scheme={scheme}&year={of}")
        for line in mine:
            other = theirs[line["period"]]
            assert line["currency"] == other["currency"]
            for key in ("allocated_amount", "granted_amount", "waiting_amount"):
                assert line[key] == other[key], (line["period"], key)
            steps = [day for day in days if day["period"] == line["period"]]
            if steps:
                assert steps[-1]["sum_amount"] == line["granted_amount"]
                seen += 1
    assert seen >= 2


def test_used_is_what_the_budget_granted(be: Be) -> None:
    """Two ways through the tables: by decisions with their claims, and by the entries in the budget."""
    visitor = be(FINANCE)
    used = added(table(visitor, f"/year/units.csv?scheme={RFR}&year=2026"), "used_amount")
    assert used == added(table(visitor, f"/year/budget.csv?scheme={RFR}&year=2026"), "granted_amount")
    assert used > 0


def test_invoices_are_what_finances_list_says(be: Be) -> None:
    visitor = be(FINANCE)
    theirs = [line for line in table(visitor, "/finance/claims/claims.csv") if line["scheme"] == RFR]
    mine = table(visitor, f"/year/after.csv?scheme={RFR}&year=2026")
    for stage in Stage:
        claims = [line for line in theirs if line["stage"] == stage.value]
        parts = [line for line in mine if line["stage"] == stage.value]
        assert sum(int(line["grants"]) for line in parts) == len(claims), stage
        assert added(parts, "granted_amount") == added(claims, "granted_amount"), stage
        assert added(parts, "released_amount") == added(claims, "released_amount"), stage
    late = sum(int(line["grants"]) for line in mine if line["late"])
    assert late == len([line for line in theirs if line["late"]])
    assert theirs


def test_the_sums_are_those_of_the_rows_one_by_one(register: Database, schemes: Schemes) -> None:
    """The database's sums against Python's over every row."""
    found = year(register, schemes, RFR)
    with register.reading() as session:
        entries = session.execute(
            select(func.sum(BudgetEntryRow.amount))
            .join(BudgetPeriodRow, BudgetPeriodRow.id == BudgetEntryRow.period_id)
            .where(BudgetPeriodRow.scheme == RFR)
        ).scalar_one()
        lines = session.execute(
            select(
                ApplicationRow.received_at, DecisionRow.decided_at, DecisionRow.outcome, DecisionRow.amount,
                DecisionRow.cancelled_at, ClaimRow.released_amount,
            )
            .join(DecisionRow, DecisionRow.application_id == ApplicationRow.id)
            .outerjoin(ClaimRow, ClaimRow.application_id == ApplicationRow.id)
            .where(ApplicationRow.scheme == RFR)
        ).all()  # fmt: skip
    assert sum(period.granted_amount for period in found.periods) == int(entries)
    days = sorted((line.decided_at - line.received_at).days for line in lines)
    assert sorted(day for day, times in found.days_taken.items() for _ in range(times)) == days
    assert found.median_days == days[(len(days) + 1) // 2 - 1]
    assert sum(number for _week, number in found.weeks_taken) == len(lines)
    stands = [line for line in lines if line.outcome == "grant"]
    assert found.total.used_amount == sum(line.amount - (line.released_amount or 0) for line in stands)
    assert found.total.cancelled == len([line for line in lines if line.cancelled_at])
    zone = schemes[RFR].zone
    for month, used in found.months:
        mine = [line for line in lines if line.decided_at.astimezone(zone).month == month]
        assert used.decisions == len(mine)


def test_what_waits_and_is_projected_stands_in_the_period_of_today(
    register: Database, schemes: Schemes
) -> None:
    first, second = year(register, schemes, RFR).periods
    assert (first.is_now, second.is_now) == (False, True)
    assert first.projected_amount is None
    assert first.waiting_amount == 0
    assert second.projected_amount is not None
    assert second.projected_amount >= second.granted_amount


def test_both_engines_tell_the_same(demo: Callable[[str], Database], schemes: Schemes) -> None:
    told = []
    for engine in ("sqlite", "postgresql"):
        with demo(engine).reading() as session:
            found = figures(session, [schemes[RFR], schemes[KF]], 2026, NOW)
        told.append([sorted(map(str, rows(each, key))) for each in found for key in sorted(YEAR)])
    assert told[0] == told[1]


def test_the_page_says_what_its_files_hold(be: Be, register: Database, schemes: Schemes) -> None:
    from portal.web.language import money

    page = html.unescape(be(FINANCE).get("/year?fund=rfr&year=2026").get_data(as_text=True))
    found = year(register, schemes, RFR)
    for amount in (
        found.total.used_amount,
        found.total.granted_amount,
        *(p.granted_amount for p in found.periods),
    ):
        assert money(amount, "SEK", "sv") in page
    assert " NOK" not in page
    for unit, used in found.units[:12]:
        assert unit in page
        assert money(used.used_amount, "SEK", "sv") in page
    drawings = re.findall(r'<svg class="plot".*?</svg>', page, re.DOTALL)
    assert len(drawings) == 4
    for drawing in drawings:
        assert re.search(r"<title id=[^>]+>[^<]+</title>\s*<desc id=[^>]+>[^<]+</desc>", drawing)
        assert "style=" not in drawing
    files = set(re.findall(r'href="/year/(\w+)\.csv', page))
    assert files == {"budget", "days", "units", "zones", "months", "times", "after"}


def test_who_may_see_it(be: Be, site: Any) -> None:
    for who, shown in (
        (FINANCE, {"SEK", "NOK"}),
        (ADMINISTRATOR, {"SEK", "NOK"}),
        (CHAIR, {"SEK"}),
        (NORWEGIAN, {"NOK"}),
    ):
        visitor = be(who)
        page = visitor.get("/year?year=2026").get_data(as_text=True)
        titles = re.findall(r"\((SEK|NOK)\)</h2>", page)
        assert set(titles) == shown
        assert 'href="/year"' in visitor.get("/").get_data(as_text=True)
        for scheme, currency in ((RFR, "SEK"), (KF, "NOK")):
            answer = visitor.get(f"/year/budget.csv?scheme={scheme}&year=2026")
            assert answer.status_code == (200 if currency in shown else 404)
    for who in ("101042", "100112"):
        visitor = be(who)
        assert visitor.get("/year").status_code == 404
        assert visitor.get(f"/year/units.csv?scheme={RFR}").status_code == 404
        assert 'href="/year"' not in visitor.get("/").get_data(as_text=True)
    assert site.test_client().get("/year").status_code in (302, 303)


@pytest.mark.parametrize(
    "query", ["year=x", "year=99999", "year=1999", "fund=nothing", "year=²026", "year=2027"]
)
def test_odd_addresses_are_answered(be: Be, query: str) -> None:
    assert be(FINANCE).get(f"/year?{query}").status_code == 200


def test_a_figure_that_there_is_none_of_is_no_page(be: Be) -> None:
    visitor = be(FINANCE)
    assert visitor.get(f"/year/secrets.csv?scheme={RFR}").status_code == 404
    assert visitor.get("/year/units.csv?scheme=nothing").status_code == 404
    assert visitor.get(f"/year/units.csv?scheme={RFR}&profile=xls").status_code == 404


def test_the_page_says_what_stands_in_each_column_of_its_files(be: Be) -> None:
    page = html.unescape(be(FINANCE).get("/year?fund=rfr&year=2026").get_data(as_text=True))
    for sheet in YEAR.values():
        assert f"Kolumnerna i ”{said(sheet.title, 'sv')}”" in page
        for column in sheet.columns:
            assert said(column.meaning, "sv") in page
            assert len({said(column.meaning, language) for language in ("sv", "nb", "en")}) == 3

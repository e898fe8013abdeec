"""The finance page and its downloads: one filter, the reader's own funds, the right bytes, and nobody else gets in."""

import html
import re
from collections.abc import Callable
from csv import reader as csv_reader
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from portal.domain.money import plain
from portal.domain.scheme import LANGUAGES
from portal.finance.profiles import PROFILES, unguarded
from portal.finance.sheets import APPLICATIONS, BUDGET, Cell
from portal.language.catalogue import said
from portal.language.vocabularies import vocabularies
from portal.schemes.loader import Schemes
from portal.store.session import Database
from portal.store.tables import ApplicationRow, ApplicationVersionRow, DecisionRow, PersonRow, SignatureRow
from portal.web.language import money
from tests.finance.reading import read
from tests.support.portals import Visitor

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FINANCE, CHAIR, NORWEGIAN = "100305", "100201", "N20011"
NOT_FINANCE = {"employee": "101042", "head": "100112", "administrator": "100318"}
PATHS = ("/finance", "/finance/applications", "/finance/applications.csv", "/finance/budget.csv")
QUERIES = (
    "",
    "?by=decided&from=2026-01-01&until=2026-06-30&fund=rfr",
    "?status=granted",
    "?q=kongress&from=2025-01-01",
    "?fund=kvalitetsfondet",
)

Be = Callable[[str], Visitor]


def links(page: str, path: str) -> list[str]:
    """The addresses on the page that lead to a path."""
    return [html.unescape(each) for each in re.findall(rf'href="({path}[^"]*)"', page)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", NOT_FINANCE)
def test_nobody_else_sees_that_there_is_such_a_page(be: Be, path: str, who: str) -> None:
    visitor = be(NOT_FINANCE[who])
    assert visitor.get(path).status_code == visitor.get("/finance/no-such-page").status_code == 404
    assert "/finance" not in visitor.get("/").get_data(as_text=True)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_signed_in_is_sent_to_the_sign_in_page(site: Any, path: str) -> None:
    answer = site.test_client().get(path)
    assert answer.status_code in (302, 303)
    assert "/sign-in" in answer.headers["Location"]


def test_a_workbook_holds_texts_as_they_are_written(be: Be) -> None:
    visitor = be(FINANCE)
    answer = visitor.get("/finance/applications.csv?profile=xlsx&from=2023-01-01")
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    sheet = load_workbook(BytesIO(answer.get_data())).active
    csv = (
        visitor.get("/finance/applications.csv?profile=excel&from=2023-01-01").get_data().decode("utf-8-sig")
    )
    rows = list(csv_reader(csv.splitlines(), delimiter=";"))
    assert sheet.max_row == len(rows) > 10
    texts = [
        place for place, column in enumerate(APPLICATIONS.columns) if column.kind in (Cell.TEXT, Cell.WORD)
    ]
    for written, cells in zip(rows[1:], sheet.iter_rows(min_row=2, values_only=True), strict=True):
        assert [unguarded(written[place]) for place in texts] == [cells[place] or "" for place in texts]
    for address in ("/finance/budget.csv?profile=xlsx", "/finance/claims/claims.csv?profile=xlsx"):
        assert visitor.get(address).get_data()[:2] == b"PK"


@pytest.mark.parametrize("query", QUERIES)
def test_the_files_on_the_page_hold_what_the_page_says(be: Be, schemes: Schemes, query: str) -> None:
    visitor = be(FINANCE)
    page = visitor.get(f"/finance/applications{query}").get_data(as_text=True)
    found = {}
    workbook, *csv = links(page, "/finance/applications.csv")
    assert "profile=xlsx" in workbook, "people are offered the workbook first"
    for address in csv:
        profile = PROFILES[re.search(r"profile=(\w+)", address)[1]]  # type: ignore[index]
        content = visitor.get(address).get_data()
        found[profile.key] = list(
            read(
                content,
                APPLICATIONS.columns,
                profile,
                language="sv",
                zone=STOCKHOLM,
                words=vocabularies(schemes),
            )
        )
    assert set(found) == set(PROFILES)
    assert [row["number"] for row in found["excel"]] == [row["number"] for row in found["plain"]]
    rows = found["plain"]
    shown = re.findall(r'<a href="/applications/[^"]+" class="number">([^<]+)</a>', page)
    assert shown == [row["number"] for row in rows[:25]]
    for currency in {row["currency"] for row in rows}:
        mine = [row for row in rows if row["currency"] == currency]
        for key in ("assessed_amount", "granted_amount", "standing_amount"):
            assert money(sum(row[key] or 0 for row in mine), currency, "sv") in page


def test_the_next_page_goes_on_with_the_same_filter(be: Be) -> None:
    visitor, seen, address = be(FINANCE), [], "/finance/applications?from=2024-01-01&status=granted"
    for _turn in range(10):
        page = visitor.get(address).get_data(as_text=True)
        seen += re.findall(r'<a href="/applications/[^"]+" class="number">([^<]+)</a>', page)
        following = re.findall(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        address = html.unescape(following[0])
    file = visitor.get("/finance/applications.csv?profile=plain&from=2024-01-01&status=granted")
    assert seen == [line.split(b",")[0].decode() for line in file.get_data().split(b"\r\n")[1:-1]]
    assert len(seen) > 25 + 5


def test_the_bytes_for_excel(be: Be) -> None:
    answer = be(FINANCE).get("/finance/applications.csv?fund=rfr&by=decided&from=2026-01-01&until=2026-06-30")
    content = answer.get_data()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = "applications_rfr_2026-01-01_2026-06-30.csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Length" not in answer.headers
    assert content.startswith("\ufeffNummer;Omgång;Slag;Läge;Inkom;".encode())
    rows = content.decode("utf-8-sig").split("\r\n")
    assert rows.pop() == ""
    assert not any("\n" in row for row in rows)
    cells = rows[1].split(";")
    assert re.fullmatch(r"RFR-2026-\d{4}", cells[0])
    assert re.fullmatch(r"2026-\d\d-\d\d \d\d:\d\d:\d\d|2025-\d\d-\d\d \d\d:\d\d:\d\d", cells[4])
    assert re.fullmatch(r"\d+,\d\d", cells[16])


def test_the_plain_bytes(be: Be, schemes: Schemes) -> None:
    given = plain(schemes["rfr-2026"].budget[0].amount).replace(".", r"\.").encode()
    content = be(FINANCE).get("/finance/budget.csv?profile=plain").get_data()
    rows = content.split(b"\r\n")
    assert rows[0] == ",".join(column.key for column in BUDGET.columns).encode()
    assert any(
        re.fullmatch(
            rb"rfr,rfr-2026,rfr-2026/H1,2026-01-01,2026-06-30,SEK,%s,\d+\.\d\d,0\.00,\d+\.\d\d,0\.00" % given,
            row,
        )
        for row in rows
    )
    assert any(
        row.startswith(b"kvalitetsfondet,kvalitetsfondet-2023,") and b",NOK,24000000.00," in row
        for row in rows
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_columns_are_told_on_the_page_in_the_readers_language(be: Be, language: str) -> None:
    visitor = be(FINANCE)
    visitor.client.set_cookie("language", language)
    for path, sheet in (("/finance/applications", APPLICATIONS), ("/finance", BUDGET)):
        page = html.unescape(visitor.get(path).get_data(as_text=True))
        spoken = re.search(r'<html lang="(\w+)"', page)[1]  # type: ignore[index]
        for column in sheet.columns:
            assert said(column.header, spoken) in page
            assert said(column.meaning, spoken) in page
            assert f"<code>{column.key}</code>" in page


def test_an_approver_sees_the_money_of_their_own_fund_only(be: Be) -> None:
    for number, mine, other in ((CHAIR, "SEK", "NOK"), (NORWEGIAN, "NOK", "SEK")):
        visitor = be(number)
        budget = visitor.get("/finance/budget.csv?profile=plain").get_data(as_text=True)
        assert f",{mine}," in budget
        assert f",{other}," not in budget
        for fund in ("", "rfr", "kvalitetsfondet"):
            file = visitor.get(f"/finance/applications.csv?profile=plain&from=2023-01-01&fund={fund}")
            assert f",{other}," not in file.get_data(as_text=True)


def own_words(register: Database) -> set[str]:
    """Everything people wrote about why and how."""
    with register.reading() as session:
        told = {
            answers.get(name, "")
            for answers in session.execute(select(ApplicationVersionRow.answers)).scalars()
            for name in ("participation", "follow_up_how", "topic")
        }
        for column in (
            DecisionRow.reason,
            DecisionRow.cancel_reason,
            ApplicationRow.question,
            SignatureRow.reason,
        ):
            told |= set(session.execute(select(column)).scalars())
    return {text for text in told if text}


def test_what_people_wrote_is_neither_on_the_page_nor_in_a_file(be: Be, register: Database) -> None:
    told, visitor = own_words(register), be(FINANCE)
    assert len(told) > 10
    paths = [f"/finance/applications.csv?from=2023-01-01&profile={profile}" for profile in PROFILES]
    for path in ("/finance/applications?from=2023-01-01", *paths):
        content = html.unescape(visitor.get(path).get_data(as_text=True))
        assert not [text for text in told if text in content]


@pytest.mark.parametrize("status", ["returned", "granted", "refused", "cancelled", "waiting"])
def test_finance_opens_a_case_without_what_people_wrote(be: Be, register: Database, status: str) -> None:
    told = own_words(register)
    with register.reading() as session:
        number, person_id = session.execute(
            select(ApplicationRow.number, ApplicationRow.participant_id)
            .where(ApplicationRow.status == status, ApplicationRow.scheme == "rfr-2026")
            .order_by(ApplicationRow.id.desc())
        ).first() or ("", 0)
        participant = session.execute(select(PersonRow.number).where(PersonRow.id == person_id)).scalar_one()
    finance, party = be(FINANCE), be(participant)
    for path in (f"/applications/{number}", f"/applications/{number}/versions/1"):
        seen = html.unescape(finance.get(path).get_data(as_text=True))
        theirs = html.unescape(party.get(path).get_data(as_text=True))
        assert number in seen
        assert not [text for text in told if text in seen]
        assert [text for text in told if text in theirs]


@pytest.mark.parametrize(
    "query",
    ["from=x", "until=2026-02-30", "from=2026-05-01&until=2026-04-30", "from=0001-01-01", "until=9999-12-31"],
)
def test_days_that_cannot_be_read_are_said_and_give_no_file(be: Be, query: str) -> None:
    visitor = be(FINANCE)
    page = visitor.get(f"/finance/applications?{query}").get_data(as_text=True)
    assert "data-error-summary" in page
    assert not links(page, "/finance/applications.csv")
    assert visitor.get(f"/finance/applications.csv?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=2026_1",
        "after=2026-01-01T00:00:00+00:00_99999999999999999999",
        "status=x&by=y&fund=z",
        "q=%25_'",
    ],
)
def test_other_oddities_are_as_if_they_were_not_there(be: Be, query: str) -> None:
    visitor = be(FINANCE)
    assert visitor.get(f"/finance/applications?{query}").status_code == 200
    assert visitor.get(f"/finance/applications.csv?{query}").status_code == 200


def test_an_unknown_profile_is_no_page(be: Be) -> None:
    assert be(FINANCE).get("/finance/budget.csv?profile=xls").status_code == 404


def test_asked_by_htmx_only_the_list_comes(be: Be) -> None:
    answer = be(FINANCE).get("/finance/applications?status=granted", headers={"HX-Request": "true"})
    assert answer.get_data(as_text=True).lstrip().startswith('<div id="found"')


def test_a_file_that_nobody_reads_to_its_end_gives_its_connection_back(be: Be, register: Database) -> None:
    visitor = be(FINANCE)
    for _turn in range(20):  # more than the pool holds
        answer = visitor.client.get("/finance/applications.csv?from=2023-01-01", buffered=False)
        next(iter(answer.response))
        answer.close()
        assert visitor.client.head("/finance/applications.csv").status_code == 200
    assert visitor.get("/finance").status_code == 200


@pytest.mark.usefixtures("swedish_afterwards")
@pytest.mark.parametrize("path", ["/finance", "/finance/applications", "/finance/claims"])
def test_the_readers_own_currency_stands_first(be: Be, path: str) -> None:
    visitor = be(FINANCE)
    for code, first in (("sv", "SEK"), ("nb", "NOK")):
        visitor.post("/language", {"lang": code})
        heads = re.findall(r"(?:>|\()(SEK|NOK)(?:\)</h2>|</th>)", visitor.get(path).get_data(as_text=True))
        assert heads[0] == first
        assert sorted(heads) == ["NOK", "SEK"]

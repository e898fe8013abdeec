"""Files: their raw bytes in both profiles, and that every row comes back whatever stands in its cells."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.scheme import LANGUAGES
from portal.finance.profiles import BATCH, EXCEL, FORMULA, PLAIN, PROFILES, Profile, lines
from portal.finance.sheets import APPLICATIONS, BUDGET, CLAIMS, PAYMENTS, YEAR, Cell, Column, CsvSheet
from portal.language.catalogue import said
from portal.language.vocabularies import STATUSES, own_vocabularies, vocabularies
from tests.finance.reading import Unreadable, read
from tests.support.portals import own_schemes

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WORDS = own_vocabularies()
SHEETS = (APPLICATIONS, BUDGET, PAYMENTS, CLAIMS, *YEAR.values())


def column(key: str, kind: Cell, vocabulary: str = "") -> Column:
    return Column(key, kind, "Event" if key == "title" else f"heading of {key}", "", vocabulary)


COLUMNS = (
    column("title", Cell.TEXT),
    column("amount", Cell.AMOUNT),
    column("on", Cell.DATE),
    column("at", Cell.INSTANT),
    column("count", Cell.NUMBER),
    column("status", Cell.WORD, "statuses"),
)
ROW = ('Kurs; i "hjärta"', -123450, "2026-03-01", "2026-03-01T09:00:00.000000+00:00", 3, "waiting")


def written(rows: Sequence[Any], profile: Profile, language: str = "sv") -> bytes:
    return b"".join(lines(rows, COLUMNS, profile, language=language, zone=STOCKHOLM, words=WORDS))


def test_the_bytes_for_a_spreadsheet() -> None:
    assert written([ROW, ("=1", 0, None, None, 0, None)], EXCEL) == (
        b"\xef\xbb\xbfEvenemang;heading of amount;heading of on;heading of at;heading of count;heading of status\r\n"
        b'"Kurs; i ""hj\xc3\xa4rta""";-1234,50;2026-03-01;2026-03-01 10:00:00;3;V\xc3\xa4ntar p\xc3\xa5 beslut\r\n'
        b"'=1;0,00;;;0;\r\n"
    )


def test_the_bytes_for_a_program() -> None:
    assert written([ROW, ("=1", 0, None, None, 0, None)], PLAIN) == (
        b"title,amount,on,at,count,status\r\n"
        b'"Kurs; i ""hj\xc3\xa4rta""",-1234.50,2026-03-01,2026-03-01T09:00:00Z,3,waiting\r\n'
        b"=1,0.00,,,0,\r\n"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_and_words_follow_the_language(language: str) -> None:
    first, second = written([ROW], EXCEL, language).decode("utf-8-sig").splitlines()
    assert first.split(";")[0] == {"sv": "Evenemang", "nb": "Arrangement", "en": "Event"}[language]
    assert second.endswith(f";{said(STATUSES['waiting'], language)}")


hostile = st.text(
    alphabet=st.sampled_from([*FORMULA, *"';\",\r\n\v\f\u2028\u0085\ufeff", "a", "ö", "😀"])
    | st.characters(exclude_characters="\x00", exclude_categories=("Cs",)),
    max_size=30,
)
values = st.tuples(
    hostile,
    st.integers(-(10**12), 10**12),
    st.dates(date(1900, 1, 1), date(2200, 1, 1)).map(str),
    # Whole hours in the first half of a day of May: the one hour that comes twice is in October.
    st.datetimes(datetime(2000, 5, 1), datetime(2000, 5, 31)).map(
        lambda at: f"{at.isoformat(timespec='microseconds')}+00:00"
    ),
    st.integers(0, 10**9),
    st.sampled_from(sorted(STATUSES)),
)


@given(st.lists(values, max_size=5), st.sampled_from(sorted(PROFILES)), st.sampled_from(LANGUAGES))
def test_every_row_comes_back(rows: list[tuple[Any, ...]], name: str, language: str) -> None:
    profile = PROFILES[name]
    content = written(rows, profile, language)
    found = list(read(content, COLUMNS, profile, language=language, zone=STOCKHOLM, words=WORDS))
    assert found == [
        {
            "title": title or None,
            "amount": amount,
            "on": date.fromisoformat(on),
            "at": datetime.fromisoformat(at).replace(microsecond=0),
            "count": count,
            "status": status,
        }
        for title, amount, on, at, count, status in rows
    ]


@given(st.lists(values, min_size=1, max_size=5))
def test_a_spreadsheet_finds_as_many_cells_and_no_formula(rows: list[tuple[Any, ...]]) -> None:
    content = written(rows, EXCEL).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))
    assert [len(row) for row in found] == [len(COLUMNS)] * (len(rows) + 1)
    assert not any(row[0][:1] in {*FORMULA} for row in found)
    for row, (_title, amount, *_rest) in zip(found[1:], rows, strict=True):
        assert row[1] == f"{'-' if amount < 0 else ''}{abs(amount) // 100},{abs(amount) % 100:02d}"


def test_a_long_file_comes_in_pieces_that_hold_every_row_once() -> None:
    rows = [(f"Kurs {n}", n, None, None, n, None) for n in range(BATCH * 2 + 7)]
    pieces = list(lines(rows, COLUMNS, PLAIN, language="sv", zone=STOCKHOLM, words=WORDS))
    assert len(pieces) == 4
    found = read(b"".join(pieces), COLUMNS, PLAIN, language="sv", zone=STOCKHOLM, words=WORDS)
    assert [row["count"] for row in found] == list(range(BATCH * 2 + 7))


def test_half_a_character_does_not_end_the_file() -> None:
    content = written([("a\ud800b", 0, None, None, 0, None), ROW], EXCEL)
    assert b"\r\na?b;0,00" in content
    assert content.endswith("Väntar på beslut\r\n".encode())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: the column title is missing"),
        (b"title,amount\r\n", "line 1: the column on is missing"),
        (b"\xff\xfe", "line 1"),
        (b"title,amount,on,at,count,status\r\nx,1.00\r\n", "line 2: 2 cells, not 6"),
        (b"title,amount,on,at,count,status\r\nx,1.0,,,,\r\n", "line 2: not an amount: '1.0'"),
        (b"title,amount,on,at,count,status\r\nx,,2026-02-30,,,\r\n", "line 2: day is out of range"),
        (b'title,amount,on,at,count,status\r\n"x"y,,,,,\r\n', "line 2: '"),
    ],
)
def test_what_is_no_such_file_is_refused_by_line(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        list(read(content, COLUMNS, PLAIN, language="sv", zone=STOCKHOLM, words=WORDS))
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.key)
def test_every_column_is_told_in_every_language(sheet: CsvSheet) -> None:
    known = vocabularies(own_schemes())
    assert len({each.key for each in sheet.columns}) == len(sheet.columns)
    for each in sheet.columns:
        assert all(said(each.meaning, language).endswith(".") for language in LANGUAGES)
        assert bool(each.vocabulary) == (each.kind is Cell.WORD)
        assert not each.vocabulary or each.vocabulary in known
    for language in LANGUAGES:
        headings = [said(each.header, language) for each in sheet.columns]
        assert sorted(set(headings)) == sorted(headings)


def test_a_row_is_given_by_key_and_whole() -> None:
    sheet = CsvSheet("test", "Test", COLUMNS[:2])
    assert sheet.row(amount=1, title="a") == ("a", 1)
    assert sheet.row(SimpleNamespace(amount=5, other=6), title="b") == ("b", 5)
    with pytest.raises(AttributeError):
        sheet.row(title="c")
    with pytest.raises(KeyError):
        sheet.row(title="c", amount=2, count=3)
    with pytest.raises(ValueError, match="1 cells in 6 columns"):
        written([("a",)], PLAIN)


def test_no_sheet_holds_what_people_wrote_about_themselves() -> None:
    keys = {each.key for sheet in (APPLICATIONS, BUDGET) for each in sheet.columns}
    assert not keys & {"answers", "participation", "reason", "question", "note", "follow_up_how"}

"""A search through an index finds what reading every row would find, and what is forgotten leaves nothing in it."""

from contextlib import suppress
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from portal.domain.alphabet import folded
from portal.store import personal, reports, search
from portal.store.reports import ApplicationFilter
from portal.store.session import Database, Session
from portal.store.tables import ApplicationRow
from tests.actions.world import World

PARTIES = ("anna", "bo", "rep")
YEAR = ApplicationFilter(date(2024, 1, 1), date(2024, 12, 31), ZoneInfo("Europe/Stockholm"), ("rfr",))
TEXTS = st.text(st.sampled_from("aabbcåÄöØßİıI %_\\/\"'*()^-:½漢𐍈é"), max_size=12)


def _three(database: Database) -> None:
    world = World(database)
    for name in PARTIES:
        world.apply(name)


def _write(session: Session, texts: list[str]) -> None:
    for number, said in enumerate(texts, start=1):
        session.execute(update(ApplicationRow).where(ApplicationRow.id == number).values(search_text=said))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_it_finds_what_reading_every_row_finds(request: pytest.FixtureRequest, engine: str) -> None:
    database: Database = request.getfixturevalue(f"{engine}_database")
    _three(database)

    @given(st.lists(TEXTS.map(folded), min_size=3, max_size=3), TEXTS, st.integers(0, 2), st.data())
    def check(texts: list[str], typed: str, place: int, data: st.DataObject) -> None:
        if len(texts[place]) > 3 and data.draw(st.booleans()):
            at = data.draw(st.integers(0, len(texts[place]) - 3))
            typed = texts[place][at : at + 4]
        with suppress(_Undone), database.writing() as session:
            _write(session, ["some that stood before", *texts[1:]])
            _write(session, texts)
            words = folded(typed).split()[:8]
            wanted = {n for n, said in enumerate(texts, start=1) if all(word in said for word in words)}
            found = reports.page(session, _searched(typed))
            assert {row.id for row in found} == wanted
            maybe = search.candidates(session, ApplicationRow.id, words)
            assert maybe is None or wanted <= set(maybe)
            raise _Undone

    check()


class _Undone(Exception):
    """Nothing of the example is kept."""


def _searched(typed: str) -> ApplicationFilter:
    return ApplicationFilter(YEAR.first, YEAR.last, YEAR.zone, YEAR.funds, search=typed)


PLANS = {
    "sqlite": (
        "EXPLAIN QUERY PLAN SELECT rowid FROM applications_search WHERE applications_search MATCH 'abc'",
        "SCAN applications_search VIRTUAL TABLE INDEX 0:M",
    ),
    "postgresql": (
        "EXPLAIN SELECT id FROM applications WHERE search_grams(search_text) @> '{abc,bcd}' LIMIT 1001",
        "Bitmap Index Scan on applications_search_idx",
    ),
}


def test_a_word_that_stands_nowhere_is_looked_up_and_no_row_is_read(database: Database) -> None:
    _three(database)
    explain, index = PLANS[database.dialect]
    with database.reading() as session:
        assert search.candidates(session, ApplicationRow.id, ["qzxqzx"]) == []
        assert search.candidates(session, ApplicationRow.id, ["qz", ""]) is None, "too short for the index"
        assert any(index in row[-1] for row in session.execute(text(explain)))


def test_what_stands_in_too_many_rows_is_left_to_like(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _three(database)
    monkeypatch.setattr(search, "MOST", 2)
    with database.reading() as session:
        assert search.candidates(session, ApplicationRow.id, ["congress"]) is None
        assert len(reports.page(session, _searched("congress"))) == len(PARTIES)


def test_what_is_forgotten_leaves_nothing_in_the_index(sqlite_database: Database) -> None:
    fresh = _blocks(sqlite_database)
    _three(sqlite_database)
    assert _blocks(sqlite_database) > fresh
    with sqlite_database.writing() as session:
        with personal.lifted(session):
            ids = list(session.execute(select(ApplicationRow.id)).scalars())
            personal.forget_cases(session, ids)
        assert search.candidates(session, ApplicationRow.id, ["congress"]) == []
        search.leave_nothing(session)
    assert _blocks(sqlite_database) == fresh


def _blocks(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM applications_search_data")).scalar_one())

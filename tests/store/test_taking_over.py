"""Two PostgreSQL servers, the first of which falls while people work: what was acknowledged is there, they go on."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from portal.store import audit
from portal.store.migrate import upgrade
from portal.store.session import Database, Session, Unsure, inserting
from portal.store.tables import NumberSeriesRow
from tests.support.databases import listening
from tests.support.portals import Visitor
from tests.support.postgres import PostgresServer
from tests.support.region import Region
from tests.support.typed import revision_in, start

pytestmark = pytest.mark.slow
WORKING = ("anna", "bo", "boss")


@pytest.fixture
def pair() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """One that is written to and waits with each commit for its standby."""
    with ExitStack() as stack:
        first, second = PostgresServer(synchronous_commit="on"), PostgresServer(synchronous_commit="on")
        stack.callback(first.remove)
        stack.callback(second.remove)
        first.start()
        with closing(psycopg.connect(_plain(first.url()), autocommit=True)) as admin:
            admin.execute("CREATE DATABASE portal TEMPLATE template0 ENCODING 'UTF8'")
            upgrade(first.url("portal"))
            second.follow(first)
            second.start()
            admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            admin.execute("SELECT pg_reload_conf()")
        _until(lambda: _is_followed(first))
        yield first, second


def _is_followed(server: PostgresServer) -> bool:
    with psycopg.connect(_plain(server.url())) as admin:
        found = admin.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
        return bool(found.fetchall())


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")


class Work:
    """Somebody who counts in a field of a draft, and what the portal has said to have saved."""

    def __init__(self, visitor: Visitor, draft: str) -> None:
        self.visitor, self.draft, self.saved, self.answers = visitor, draft, 0, Counter[int]()

    def go_on(self, until: threading.Event) -> None:
        n = 0
        while not until.is_set():
            n += 1
            page = self.visitor.get(self.draft)
            self.answers[page.status_code] += 1
            if page.status_code != 200:
                time.sleep(0.1)
                continue
            typed = {"event": f"Course {n}", "revision": revision_in(page), "action": "save"}
            answer = self.visitor.post(self.draft, typed)
            self.answers[answer.status_code] += 1
            if answer.status_code == 303:
                self.saved = n


def test_the_standby_takes_over_and_nothing_that_was_acknowledged_is_lost(
    pair: tuple[PostgresServer, PostgresServer], make_region: Callable[..., Region]
) -> None:
    first, second = pair
    url = first.url("portal") + f",{second.folder}&target_session_attrs=read-write"
    with closing(Database(url)) as database:
        region = make_region(database, url)
        portal = region.app.extensions["portal"]
        quick = Database(url, hurried=True)
        region.app.extensions["portal"] = replace(portal, database=quick)
        works = []
        for name in WORKING:
            visitor = region.at(name)
            works.append(Work(visitor, start(visitor)))
        done = threading.Event()
        threads = [threading.Thread(target=work.go_on, args=(done,)) for work in works]
        for thread in threads:
            thread.start()
        _until(lambda: all(work.saved > 3 for work in works))
        first.stop(signal.SIGQUIT)
        _until(lambda: all(work.answers[503] for work in works))
        second.promote()
        before = [work.saved for work in works]
        _until(lambda: all(work.saved > n for work, n in zip(works, before, strict=True)))
        done.set()
        for thread in threads:
            thread.join(60)
        for work in works:
            assert set(work.answers) == {200, 303, 503}, "away, and never a fault"
            assert f'value="Course {work.saved}"' in work.visitor.get(work.draft).get_data(as_text=True)
        with database.reading() as session:
            assert audit.verify(session).whole
        quick.close()


def test_what_the_standby_has_not_got_is_not_acknowledged(
    pair: tuple[PostgresServer, PostgresServer],
) -> None:
    first, second = pair
    with closing(Database(first.url("portal"))) as database:
        database.write(put, 1)
        second.stop()
        with listening(database, "connect", lambda raw, _: _set(raw, "statement_timeout = '300ms'")):
            database.engine.pool.dispose()
            with pytest.raises(Unsure):
                database.write(put, 2)
            database.engine.pool.dispose()
        second.start()
        _until(lambda: _is_followed(first))
        database.write(put, 3)


def put(session: Session, value: int) -> None:
    session.execute(inserting(session, NumberSeriesRow).values(series=f"X{value}", last=value))


def _set(raw: Any, what: str) -> None:
    raw.execute(f"SET {what}")
    raw.commit()


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)

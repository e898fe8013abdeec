"""What is answered when something goes wrong: a page with words and an id that stands in the log, and nothing more."""

import errno
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal.domain.money import Money
from portal.domain.refusal import Refusal, Refused
from portal.store import session
from portal.store.session import Busy, Database, NotFound, Session, sqlite_driver
from portal.web.guard import guard
from tests.support.databases import listening
from tests.support.portals import Visitor
from tests.support.region import Region, text_of
from tests.support.smtp import free_port
from tests.support.typed import revision_in, start

INSIDE = re.compile(r"Traceback|\.py|sqlite|SELECT|werkzeug|flask|line \d", re.IGNORECASE)


@pytest.fixture
def broken(small_region: Region, monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], Visitor]:
    """Lets the start page raise, and gives a visitor who is signed in."""
    anna = small_region.at("anna")

    def breaks(error: BaseException) -> Visitor:
        @guard("apply")
        def view() -> str:
            raise error

        monkeypatch.setitem(small_region.app.view_functions, "start.start", view)
        return anna

    return breaks


def logged(captured: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.splitlines() if line.startswith("{")]


def test_a_fault_of_ours(broken: Callable[..., Visitor], capsys: pytest.CaptureFixture[str]) -> None:
    answer = broken(ZeroDivisionError("secret words of Anna")).get("/")
    said = text_of(answer)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in said
    assert not INSIDE.search(said.replace("/assets/", ""))
    assert "secret words" not in said
    found = re.search(r"give this number: ([0-9a-f]{12})", said)
    assert found
    [fault] = [line for line in logged(capsys.readouterr().err) if line["event"] == "fault"]
    assert (fault["request_id"], fault["error"]) == (found[1], "ZeroDivisionError")
    assert fault["frames"]


def test_the_log_of_a_real_portal_holds_no_text_of_people(
    make_region: Callable[..., Region],
    sqlite_database: Database,
    sqlite_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    region = make_region(sqlite_database, sqlite_url, demo=False)
    visitor = region.visitor()
    visitor.post("/sign-in", {"login": "anna-canary", "password": "canary-password", "next": "/canary"})
    visitor.get("/people?q=canary")
    visitor.get("/canary/in/the/path")
    assert "canary" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Busy("busy"), 503, "The portal is busy"),
        (NotFound("x"), 404, "There is no such page"),
        (Refused(Refusal("a.b", "Only %(left)s is left of the budget period, less than %(amount)s.",
                         {"left": Money(5_00, "SEK"), "amount": Money(7_500_00, "SEK")})), 409,
         "Only SEK\xa05 is left"),
        (MemoryError(), 500, "Something went wrong"),
    ],
)  # fmt: skip
def test_every_kind_of_fault_has_words(
    broken: Callable[..., Visitor], error: BaseException, status: int, words: str
) -> None:
    answer = broken(error).get("/")
    assert answer.status_code == status
    assert words in answer.get_data(as_text=True).replace("&nbsp;", "\xa0")
    assert (answer.headers.get("Retry-After") == "5") is (status == 503)


def test_a_fault_in_a_fragment_is_a_fragment(broken: Callable[..., Visitor]) -> None:
    answer = broken(Busy("busy")).get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert answer.get_data(as_text=True).lstrip().startswith('<section id="error"')


def test_when_even_the_database_is_gone_there_is_a_page(
    small_region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = small_region.at("anna")

    def gone(*_args: object, **_more: object) -> Iterator[None]:
        raise OSError("no disk")

    monkeypatch.setattr(small_region.app.extensions["portal"].database, "reading", gone)
    answer = anna.get("/", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert "Something went wrong on our side" in text_of(answer)


@pytest.fixture
def away(region: Region, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes the database of a portal away: its file, or its server."""

    def take() -> None:
        portal = region.app.extensions["portal"]
        portal.database.close()
        nowhere = "sqlite:////no/such/place.sqlite3"
        if not database_url.startswith("sqlite"):
            nowhere = f"{database_url.rpartition('@')[0]}@127.0.0.1:{free_port()}/none"
        monkeypatch.setitem(region.app.extensions, "portal", replace(portal, database=Database(nowhere)))

    return take


@pytest.mark.each_engine
def test_while_the_database_is_away_it_is_said_and_nothing_typed_is_lost(
    region: Region, away: Callable[[], None]
) -> None:
    anna, headers = region.at("anna"), {"Accept-Language": "sv"}
    draft = start(anna)
    shown = anna.get(draft).get_data(as_text=True)
    saved = re.search(r'name="saved_at" value="([^"]+)"', shown)
    assert saved
    away()
    for path in (
        "/",
        draft,
        "/queue",
        "/people/1",
        "/applications/RFR-2024-0001",
        "/funds",
        "/sign-in",
        "/nothing",
    ):
        answer = anna.get(path, headers=headers)
        assert (answer.status_code, int(answer.headers["Retry-After"])) == (503, 30), path
        assert "The portal does not answer just now" in text_of(answer), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    typed = {"event": "A course & more", "revision": "1", "saved_at": saved[1], "action": "review"}
    answer = anna.post(draft, typed, headers=headers)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert 'name="event" value="A course &amp; more"' in page
    assert f'action="{draft}"' in page
    assert "nothing you typed is lost. It was last saved 1 March 2024 at 10:00." in text_of(answer)
    answer = anna.post(draft + "/save", typed, headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert answer.get_data(as_text=True).lstrip().startswith('<section id="error"')
    hidden = anna.post("/sign-in", {"login": "anna", "password": "hush hush"})
    assert (hidden.status_code, "hush" in hidden.get_data(as_text=True)) == (503, False)
    assert region.visitor().get("/health/ready").status_code == 503
    assert region.visitor().get("/health/live").status_code == 200


@pytest.mark.parametrize("lost", [True, False], ids=["the answer to COMMIT is lost", "the page after it"])
def test_where_it_may_be_saved_nothing_else_is_said(
    small_region: Region, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    anna = small_region.at("anna")
    draft = start(anna)
    gone = OperationalError("COMMIT", {}, sqlite_driver.OperationalError("disk I/O error"))

    commit = Session.commit

    def lose(*_how: object) -> None:
        raise gone

    def commit_and_lose(session: Session) -> None:
        commit(session)
        raise gone

    with monkeypatch.context() as fault:
        if lost:
            fault.setattr(Session, "commit", commit_and_lose)
        else:
            fault.setattr("portal.web.apply.views.render.redirect", lose)
        typed = {"event": "Kongress", "mode": "digital", "costs-0-kind": "fee", "costs-0-amount": "10"}
        answer = anna.post(draft, typed | {"revision": "0", "action": "save"})
    said = text_of(answer)
    assert answer.status_code == 503
    assert "We do not know whether it was saved" in said
    assert "Nothing was saved" not in said
    assert f'href="{draft}"' in answer.get_data(as_text=True)
    for text in (
        "Name: Kongress",
        "How do you attend? Digitally",
        "What it is for: Course",
        "Costs 1, Amount: 10",
    ):
        assert text in said, said
    assert 'value="Kongress"' in anna.get(draft).get_data(as_text=True), "it was"


@pytest.mark.parametrize("lang", ["sv", "nb"])
def test_it_is_said_in_the_language_somebody_reads(
    region: Region, away: Callable[[], None], lang: str
) -> None:
    anna = region.at("anna")
    anna.post("/language", {"lang": lang})
    anna.get("/")
    away()
    said = {"sv": "Portalen svarar inte just nu", "nb": "Portalen svarer ikke akkurat nå"}[lang]
    assert said in text_of(anna.get("/", headers={"Accept-Language": "en"}))


def test_what_is_raised_outside_of_every_view_has_a_page_too(
    small_region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(*_args: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("gone"))

    monkeypatch.setattr("portal.web.current.release", raises)
    answer = small_region.visitor().get("/sign-in")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "The portal does not answer just now" in text_of(answer)
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_what_is_not_there(small_region: Region) -> None:
    answer = small_region.at("anna").get("/nothing/here")
    assert answer.status_code == 404
    assert "There is no such page" in text_of(answer)


@pytest.mark.parametrize(
    "path", ["/people?q=%00", "/applications/%00", "/funds/%00", "/people?name=%00&id=1"]
)
@pytest.mark.each_engine
def test_what_nobody_types_is_refused_at_the_door(region: Region, path: str) -> None:
    assert region.at("admin").get(path).status_code == 400


@pytest.mark.each_engine
def test_a_nul_in_a_form(region: Region) -> None:
    answer = region.at("admin").post("/people/new", {"number": "1\x002", "name": "x", "language": "sv"})
    assert answer.status_code == 400


def test_too_much_at_once(small_region: Region) -> None:
    anna = small_region.at("anna")
    assert anna.post("/account/password", {"old_password": "x" * 15_000_000}).status_code == 413
    many = {f"field-{number}": "x" for number in range(1_200)}
    assert anna.post("/account/password", many, content_type="multipart/form-data").status_code == 413


def test_an_old_form_is_shown_again_with_what_was_typed(region: Region) -> None:
    admin = region.at("admin")
    typed = {"number": "77", "name": "<b>Ny Person</b>", "language": "sv", "csrf_token": "old"}
    answer = admin.post("/people/new", typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert 'value="&lt;b&gt;Ny Person&lt;/b&gt;"' in page
    assert "nothing you typed is lost" in page
    again = {name: value for name, value in typed.items() if name != "csrf_token"}
    assert admin.post("/people/new", again).status_code == 303


def test_a_form_stays_its_owners_while_they_sign_in_anew_and_is_nobody_elses(small_region: Region) -> None:
    """Another tab of the same browser: the same cookies, and a page that came before."""
    admin, chair = small_region.world["admin"], small_region.world["chair"]
    tab = small_region.at("admin")
    tab.get("/people/new")
    old, typed = str(tab._token), {"number": "77", "name": "Ny Person", "language": "sv"}
    tab.post("/sign-out")
    tab.get("/sign-in")
    tab.sign_in(admin.id)
    assert tab.get("/account").status_code == 200
    assert tab.post("/people/new", typed | {"csrf_token": old}).status_code == 303
    tab.get("/account")
    tab.post("/sign-out")
    tab.get("/sign-in")
    tab.sign_in(chair.id)
    answer = tab.post("/people/new", typed | {"csrf_token": old, "name": "Nobody reads this"})
    assert answer.status_code == 403
    assert "opened by somebody else" in text_of(answer)
    assert "Nobody reads this" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/applications/RFR-2024-0001/follow-up/confirm", "/applications/RFR-2024-0001/follow-up"),
        ("/queue/RFR-2024-0001/sign", "/queue/RFR-2024-0001"),
        ("/drafts/x/save", "/drafts/x"),
        ("/people/3/account", "/people/3"),
        ("/account/password", "/account"),
    ],
)
def test_whoever_is_signed_out_by_a_form_comes_back_to_its_page(
    small_region: Region, path: str, page: str
) -> None:
    going = small_region.visitor().post(path, {"x": "y"}).headers["Location"]
    assert going == f"/sign-in?next={page}&ended=1"
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{path}"}
    assert small_region.visitor().post(path, headers=headers).headers["HX-Redirect"] == going


def test_another_language_leads_back_to_the_page_of_a_refused_form(small_region: Region) -> None:
    number = small_region.world.apply("anna").number
    refused = small_region.at("chair").post(f"/queue/{number}/sign", {"act": "refuse", "refuse-text": ""})
    assert refused.status_code in (409, 422)
    assert f'name="next" value="/queue/{number}"' in refused.get_data(as_text=True)


@pytest.mark.parametrize("error", [Busy("busy"), ZeroDivisionError(), NotFound("x")])
def test_a_form_that_meets_a_fault_gives_back_what_was_typed(
    small_region: Region, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    admin = small_region.at("admin")

    @guard("administer")
    def view() -> str:
        raise error

    monkeypatch.setitem(small_region.app.view_functions, "people.add", view)
    answer = admin.post("/people/new", {"name": "Ny <b>", "login-password": "hush hush"})
    assert "Name: Ny <b>" in text_of(answer)
    assert "hush" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("/account/data.zip", "portal.web.account.data"),
        ("/applications/RFR-2024-0001/case.zip", "portal.web.letters.bundles"),
    ],
)
def test_a_file_whose_making_fails_is_let_go_of(
    small_region: Region, monkeypatch: pytest.MonkeyPatch, path: str, module: str
) -> None:
    small_region.world.apply("anna")
    begun: list[SpooledTemporaryFile[bytes]] = []

    def begin(**how: Any) -> SpooledTemporaryFile[bytes]:
        begun.append(SpooledTemporaryFile(**how))  # noqa: SIM115 - whether it is closed is asked below
        return begun[-1]

    def fails(*_of: object) -> Iterator[tuple[str, bytes]]:
        yield "first.txt", b"made"
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(f"{module}.SpooledTemporaryFile", begin)
    monkeypatch.setattr(f"{module}._files", fails)
    assert small_region.at("anna").get(path).status_code == 503
    assert [each.closed for each in begun] == [True]


def test_an_old_form_never_shows_a_password(small_region: Region) -> None:
    anna = small_region.at("anna")
    answer = anna.post("/account/password", {"old_password": "hush hush", "csrf_token": "old"})
    assert answer.status_code == 403
    assert "hush" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://[::1"},
        {"Origin": "\u00ff//]"},
        {"Referer": "http://[::1"},
        {"Referer": "https://localhost:abc/"},
        {"Referer": "https://localhost:99999999/"},
    ],
)
def test_a_form_of_another_site_is_refused_whatever_it_holds(
    small_region: Region, headers: dict[str, str]
) -> None:
    anna = small_region.at("anna")
    answer = anna.post("/language", {"lang": "sv"}, headers=headers)
    assert answer.status_code == 403
    assert anna.get("/account").get_data(as_text=True).count('<html lang="en">') == 1


@pytest.mark.parametrize("token", ["", "x", None])
def test_a_form_without_the_token_does_nothing(small_region: Region, token: str | None) -> None:
    anna = small_region.at("anna")
    data = {"lang": "sv"} | ({} if token is None else {"csrf_token": token})
    assert anna.client.post("/language", data=data, headers={"HX-Request": "true"}).status_code == 403
    assert anna.client.post("/language", data="lang=sv", content_type="text/plain").status_code == 403


def test_another_hosts_name_is_not_answered(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/sign-in", base_url="http://evil.test").status_code == 400
    assert client.get("/health/live", headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize(
    ("limit", "who", "path", "says"),
    [
        ("EXPORTS", "finn", "/finance/budget.csv", "You have fetched very many files"),
        ("SEARCHES", "anna", "/apply/people?q=boss", "You have searched for people very many times"),
        ("DRAFTS", "anna", "/apply/rfr-2024", "You have begun very many applications"),
    ],
)
def test_what_nobody_needs_so_often_waits_an_hour_and_keeps_what_was_typed(
    small_region: Region, monkeypatch: pytest.MonkeyPatch, limit: str, who: str, path: str, says: str
) -> None:
    monkeypatch.setattr(f"portal.web.limits.{limit}", "2 per hour")
    browser, typed = small_region.at(who), {"number": "1", "whom": "yes", "for_whom": "Bo typed this"}
    ask = (lambda: browser.post(path, typed)) if limit == "DRAFTS" else (lambda: browser.get(path))
    for _time in range(2):
        assert says not in text_of(ask())
    refused = ask()
    assert refused.status_code in (422, 429)
    assert f"{says} in a short time. Try again in an hour." in text_of(refused)
    assert limit != "DRAFTS" or "Bo typed this" in refused.get_data(as_text=True)
    other = small_region.at("admin" if who == "anna" else "finn")
    assert limit == "EXPORTS" or says not in text_of(other.get("/apply/people?q=boss"))


SENT_INTO = ("the disk is full", "it may only be read", "another program holds the lock")


@contextmanager
def unable(database: Database, why: str) -> Iterator[None]:
    """An SQLite that takes nothing just now; what is there can be read."""
    tell = {
        "the disk is full": "PRAGMA max_page_count=1",  # never below what it has: not a page more
        "it may only be read": "PRAGMA query_only=ON",
        "another program holds the lock": "PRAGMA busy_timeout=20",
    }[why]
    with ExitStack() as meanwhile:
        if "lock" in why:
            other = sqlite_driver.connect(str(database.url.database), isolation_level=None)
            meanwhile.callback(other.close)
            other.execute("BEGIN IMMEDIATE").close()
        database.close()
        meanwhile.callback(database.close)
        meanwhile.enter_context(listening(database, "connect", lambda raw, _: raw.execute(tell).close()))
        yield


@pytest.mark.parametrize("why", SENT_INTO)
def test_where_nothing_can_be_written_reading_goes_on_and_what_was_typed_comes_back(
    small_region: Region, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    anna, database = small_region.at("anna"), small_region.app.extensions["portal"].database
    draft, text = start(anna), "Kongress " + "å" * 15_000
    shown = anna.get(draft)
    typed = {"event": "Kongress", "participation": text, "revision": revision_in(shown), "action": "save"}
    saved = re.search(r'name="saved_at" value="([^"]+)"', shown.get_data(as_text=True))
    assert saved
    monkeypatch.setattr("portal.store.session.PATIENCE_SECONDS", 0.05)
    with unable(database, why):
        answer = anna.post(draft, typed | {"saved_at": saved[1]})
        assert (answer.status_code, "Refresh" in answer.headers) == (503, False)
        assert answer.headers["Retry-After"] == ("5" if "lock" in why else "30")
        assert "Nothing was saved just now, and nothing you typed is lost. It was last saved" in text_of(
            answer
        )
        assert f'name="participation" value="{text}"' in answer.get_data(as_text=True)
        assert [anna.get(path).status_code for path in ("/", draft, "/lessons")] == [200] * 3
    answer = anna.post(draft, typed)
    assert answer.status_code == 303, text_of(answer)


@pytest.mark.parametrize("why", ["it may only be read", "another program holds the lock"])
def test_where_postgresql_takes_nothing_reading_goes_on_too(
    make_region: Callable[..., Region],
    postgresql_database: Database,
    postgresql_url: str,
    monkeypatch: pytest.MonkeyPatch,
    why: str,
) -> None:
    region = make_region(postgresql_database, postgresql_url)
    number = region.world.apply().number
    anna, chair, database = region.at("anna"), region.at("chair"), region.app.extensions["portal"].database
    draft = start(anna)
    revision = revision_in(anna.get(draft))
    monkeypatch.setattr("portal.store.session.PATIENCE_SECONDS", 0.05)
    tell = "default_transaction_read_only = on" if "read" in why else "lock_timeout = '20ms'"

    def told(raw: Any, _record: object) -> None:
        raw.execute(f"SET {tell}")
        raw.commit()

    with ExitStack() as meanwhile:
        if "lock" in why:
            other = meanwhile.enter_context(database.engine.connect())
            other.exec_driver_sql("LOCK TABLE drafts, readings IN EXCLUSIVE MODE")
        database.engine.pool.dispose()  # what is taken out goes on
        meanwhile.callback(database.engine.pool.dispose)
        meanwhile.enter_context(listening(database, "connect", told))
        answer = anna.post(draft, {"event": "Kongress", "revision": revision, "action": "save"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5" if "lock" in why else "30")
        assert "Nothing was saved just now, and nothing you typed is lost." in text_of(answer)
        assert 'name="event" value="Kongress"' in answer.get_data(as_text=True)
        assert [anna.get(path).status_code for path in ("/", draft, "/lessons")] == [200] * 3
        assert chair.get(f"/queue/{number}").status_code == 200, "though it is not noted who has read it"
    answer = anna.post(draft, {"event": "Kongress", "revision": revision, "action": "save"})
    assert answer.status_code == 303, text_of(answer)


def test_nobody_waits_longer_than_fifteen_seconds() -> None:
    assert session.PATIENCE_SECONDS + session.BUSY_MILLISECONDS / 1000 < 15
    assert session.SILENT_SECONDS > session.HURRIED_SECONDS
    assert session.PATIENCE_SECONDS + 4 < 15, "PostgreSQL's lock_timeout"


def test_a_page_that_met_a_fault_asks_again_by_itself(broken: Callable[..., Visitor]) -> None:
    anna = broken(Busy("busy"))
    answer = anna.get("/")
    assert 5 <= int(answer.headers["Refresh"]) < 15
    assert "Wait a moment: the page asks again by itself." in text_of(answer)
    assert "Refresh" not in anna.get("/", headers={"HX-Request": "true"}).headers
    assert "Refresh" not in broken(ZeroDivisionError()).get("/").headers


def test_a_log_on_a_full_disk_costs_no_answer(small_region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sys.stderr.write", full)
    assert small_region.at("anna").get("/").status_code == 200

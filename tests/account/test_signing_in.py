"""Signing in and out: passwords, sessions and their ends, where one is sent, and what strangers learn."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask

from portal.store import audit, outbox, people
from portal.store.session import Database
from portal.web.security import is_local_path
from portal.web.sessions import agent
from tests.actions.world import MARCH
from tests.support.portals import Visitor
from tests.support.region import PASSWORD, Region, text_of

WRONG = "The login or the password is wrong."
ABROAD = (
    "//evil.test", "///evil.test", "////evil.test", "/\\evil.test", "\\/evil.test", "\\\\evil.test", "http://evil.test",
    "https://evil.test/", "https:evil.test", "https:/evil.test", "javascript:alert(1)", "data:text/html,x", "evil.test",
    "/\t/evil.test", "/\n/evil.test", "\t//evil.test", " //evil.test", "/ /evil.test", "\x00//evil.test",
    "//evil.test/%2f..",
    "//user@evil.test", "/\x0b/evil.test", "ftp://evil.test", "mailto:a@b", "", "?next=//evil.test", "#//evil.test",
    "//[::1]/", "http:///evil.test", "///", "//", "\\", "/\\", "/\x7f/evil.test", "/x\\y", "x" * 3000, "/" + "x" * 3000,
)  # fmt: skip


def sign_in(visitor: Visitor, login: str = "anna", password: str = PASSWORD, **more: Any) -> Any:
    return visitor.post("/sign-in", {"login": login, "password": password} | more)


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/account").status_code == 200


@pytest.mark.each_engine
def test_the_right_password_opens(region: Region) -> None:
    anna = region.visitor()
    assert sign_in(anna, " ANNA ").status_code == 303
    assert "Hello, Anna" in text_of(anna.get("/"))


@pytest.mark.parametrize(
    ("login", "password"),
    [("anna", "wrong"), ("nobody", PASSWORD), ("bo", PASSWORD), ("anna", ""), ("", ""), ("anna", PASSWORD + " "),
     ("anna", "x" * 5000), ("nobody\u202e", PASSWORD)],
)  # fmt: skip
def test_every_way_to_be_wrong_gets_the_same_answer(region: Region, login: str, password: str) -> None:
    visitor = region.visitor()
    visitor.post("/language", {"lang": "en"})
    answer = sign_in(visitor, login, password)
    assert answer.status_code == 422
    assert WRONG in text_of(answer)
    assert not is_in(visitor)


def test_what_was_typed_as_login_is_kept_and_the_password_is_not(small_region: Region) -> None:
    answer = sign_in(small_region.visitor(), "anna", "no such thing").get_data(as_text=True)
    assert 'value="anna"' in answer
    assert "no such thing" not in answer


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is judged from now on, without the work of Argon2."""
    seen: list[str] = []

    def is_password(password: str, kept: str | None) -> bool:
        seen.append(password)
        return password == PASSWORD and kept is not None

    monkeypatch.setattr("portal.actions.sign_in.is_password", is_password)
    monkeypatch.setattr("portal.web.proof.is_password", is_password)
    return seen


def test_a_stranger_locks_nobody_out_of_a_browser_they_have_signed_in_from(
    small_region: Region, judged: list[str]
) -> None:
    anna, stranger = small_region.visitor(), small_region.visitor()
    assert sign_in(anna).status_code == 303
    small_region.clock.forward(hours=2)
    tries = [sign_in(stranger, password="wrong").status_code for _ in range(8)]
    assert tries == [422] * 5 + [429] * 3
    anna.post("/sign-out")
    assert sign_in(anna).status_code == 303, "from the same address"
    assert sign_in(stranger, "bo", "wrong").status_code == 422, "another account"


def test_a_try_after_many_waits_and_says_how_long(small_region: Region, judged: list[str]) -> None:
    anna, waits = small_region.visitor(), []
    anna.post("/language", {"lang": "en"})
    for _ in range(5):
        sign_in(anna, " " * 97 + "anna", "wrong")
    for _ in range(9):
        before, early = len(judged), sign_in(anna)
        assert early.status_code == 429
        assert len(judged) == before, "not judged, the right one neither"
        assert 'value="anna"' in early.get_data(as_text=True)
        waits.append(int(early.headers["Retry-After"]))
        small_region.clock.forward(seconds=waits[-1])
        assert sign_in(anna, password="wrong").status_code == 422
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    said = text_of(sign_in(anna))
    assert "wait 5 minutes. Until then the right password is not tried either." in said
    small_region.clock.forward(seconds=300)
    assert sign_in(anna).status_code == 303
    assert sign_in(small_region.visitor(), password="wrong").status_code == 422, "forgiven"


@pytest.mark.parametrize(("most", "logins", "addresses"), [(30, 1, 99), (60, 99, 1)])
def test_one_account_and_one_address_are_counted_for_themselves(
    small_region: Region, judged: list[str], most: int, logins: int, addresses: int
) -> None:
    stranger, codes = small_region.visitor(), []
    for n in range(most + 2):
        typed = {"login": f"someone{n % logins}", "password": "wrong"}
        address = {"REMOTE_ADDR": f"192.0.2.{n % addresses}"}
        codes.append(stranger.post("/sign-in", typed, environ_base=address).status_code)
    assert codes == [422] * most + [429] * 2


def test_success_is_not_counted(small_region: Region, judged: list[str]) -> None:
    for _ in range(62):
        assert sign_in(small_region.visitor()).status_code == 303


def test_failures_leave_a_line_and_many_an_event_without_the_login(
    small_region: Region, judged: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    stranger, typed = small_region.visitor(), {"login": "anna", "password": "wrong"}
    for n in range(10):
        stranger.post("/sign-in", typed, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "sign-in-failed" in line]
    assert [(line["address"], line["reason"]) for line in lines][:2] == [
        ("192.0.2.0", "wrong"),
        ("192.0.2.1", "wrong"),
    ]
    assert len({line["account"] for line in lines}) == 1
    assert len({line["request_id"] for line in lines}) == 10
    assert "anna" not in json.dumps(lines)
    assert last_act(small_region) == "wrong-passwords"


def test_refusals_leave_a_line(small_region: Region, capsys: pytest.CaptureFixture[str]) -> None:
    anna = small_region.at("anna")
    anna.get("/people")
    anna.post("/account/sessions/end", {"csrf_token": "x"})
    anna.post("/account/sessions/end", headers={"Sec-Fetch-Site": "cross-site"})
    for _ in range(2):
        anna.get("/", headers={"X-Forwarded-For": "192.0.2.1"})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    refused = [line for line in lines if line["event"] == "refused"]
    assert [line["reason"] for line in refused] == ["access.not-found", "csrf", "origin"]
    assert refused[0]["person"] == small_region.world["anna"].id
    assert len([line for line in lines if line["event"] == "proxy-not-counted"]) <= 1, "once a process"


def test_a_hash_of_another_strength_is_made_anew(small_region: Region) -> None:
    def kept() -> str:
        with small_region.world.database.reading() as session:
            login = people.find_login(session, "anna", day=MARCH.date())
        assert login is not None
        return login.password_hash or ""

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    small_region.world.database.write(people.set_password, small_region.world["anna"].id, weak)
    assert sign_in(small_region.visitor()).status_code == 303
    strong = kept()
    assert "m=19456,t=2,p=1" in strong
    assert sign_in(small_region.visitor()).status_code == 303
    assert kept() == strong


@pytest.mark.parametrize("path", ABROAD)
def test_an_address_that_leads_abroad_leads_home(path: str) -> None:
    assert not is_local_path(path)


@pytest.mark.parametrize(
    "path", ["/", "/queue?tab=mine", "/drafts/a-b_c", "/funds/rfr-2024#rules", "/people?q=%C3%A5"]
)
def test_an_address_within_the_portal_is_kept(path: str) -> None:
    assert is_local_path(path)


def test_signing_in_leads_where_one_was_going(small_region: Region) -> None:
    anna = small_region.visitor()
    there = anna.get("/funds/rfr-2024?x=1").headers["Location"]
    assert there == "/sign-in?next=/funds/rfr-2024?x%3D1"
    page = anna.get(there).get_data(as_text=True)
    going = re.findall(r'name="next" value="([^"]+)"', page)[-1]
    assert sign_in(anna, next=going).headers["Location"] == "/funds/rfr-2024?x=1"
    assert sign_in(small_region.visitor(), next="//evil.test").headers["Location"] == "/"


def cookie(visitor: Visitor) -> str:
    found = visitor.client.get_cookie("portal")
    assert found is not None
    return found.value


def test_signing_in_begins_a_new_session(small_region: Region) -> None:
    anna = small_region.visitor()
    anna.get("/sign-in")
    before = cookie(anna)
    sign_in(anna)
    first = cookie(anna)
    assert first != before
    anna.get("/account")
    sign_in(anna)
    for old in (before, first):
        planted = small_region.visitor()
        planted.client.set_cookie("portal", old)
        assert not is_in(planted)
    assert is_in(anna)


def test_signing_out_ends_the_session_on_the_server(region: Region) -> None:
    anna = region.visitor()
    sign_in(anna)
    anna.get("/")
    stolen = cookie(anna)
    answer = anna.post("/sign-out")
    assert answer.headers["Location"] == "/sign-in"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(anna)
    thief = region.visitor()
    thief.client.set_cookie("portal", stolen)
    assert not is_in(thief)


def test_no_other_site_signs_anybody_out(region: Region) -> None:
    anna = region.at("anna")
    assert anna.get("/sign-out").status_code == 405, "a picture or a link"
    assert anna.client.post("/sign-out").status_code == 403, "a form without the token"
    assert anna.post("/sign-out", {"csrf_token": region.visitor()._given_token()}).status_code == 403
    for sent in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}):
        assert anna.post("/sign-out", headers=sent).status_code == 403
    assert is_in(anna)


@pytest.mark.each_engine
def test_an_idle_session_ends(region: Region) -> None:
    anna = region.at("anna")
    region.clock.forward(minutes=29)
    assert is_in(anna)
    region.clock.forward(minutes=29)
    assert is_in(anna), "each visit counts"
    region.clock.forward(minutes=31)
    assert not is_in(anna)


def test_no_session_outlives_its_day(region: Region) -> None:
    anna = region.at("anna")
    for _ in range(29):
        region.clock.forward(minutes=20)
        assert is_in(anna)
    region.clock.forward(minutes=21)
    assert not is_in(anna)


FIREFOX = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0"}


def from_afar(visitor: Visitor) -> Visitor:
    """The same as anna, with a password, from another place."""
    typed = {"login": "anna", "password": PASSWORD}
    visitor.post("/sign-in", typed, headers=FIREFOX, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    return visitor


def mails(region: Region) -> list[tuple[str, Any]]:
    """What waits to be sent about signing in; that people were given seats is not asked here."""
    about = ("new-browser", "signed-out")
    with region.world.database.reading() as session:
        return [(each.kind, each.params) for each in outbox.unsent(session) if each.kind in about]


def last_act(region: Region) -> str:
    with region.world.database.reading() as session:
        return audit.latest(session, limit=1)[0].event.act


def test_people_see_and_end_their_own_sign_ins(region: Region) -> None:
    here, there = region.at("anna"), from_afar(region.visitor())
    page = here.get("/account")
    assert text_of(page).count("1 March 2024") == 2
    assert text_of(page).count("(this browser)") == 1
    assert "Firefox, Windows 192.0.2.7" in text_of(page)
    [one] = re.findall(r'name="session" value="(\w+)"', page.get_data(as_text=True))
    region.at("bo").post("/account/sessions/end", {"session": one})
    assert is_in(there), "nobody ends somebody else's"
    here.post("/account/sessions/end", {"session": one})
    assert "1 other browser is signed out." in text_of(here.get("/account"))
    assert not is_in(there)
    there = region.at("anna")
    here.post("/account/sessions/end")
    assert (is_in(here), is_in(there)) == (True, False)
    assert mails(region) == [], "nobody is told of their own act"


def test_whoever_signed_out_in_another_tab_is_told(small_region: Region) -> None:
    admin, said = small_region.at("admin"), "or when you sign out in another tab"
    admin.post("/sign-out")
    admin.client.set_cookie("language", "en")
    live = {"HX-Request": "true", "HX-Current-URL": "/people/new"}
    late = admin.post("/people/new", {"name": "Nora"})
    assert late.location == admin.post("/people/new", headers=live).headers["HX-Redirect"]
    assert said in text_of(admin.get(late.location))
    assert said not in text_of(admin.get("/sign-in?next=/people/new"))


def test_an_administrator_ends_somebodys_sign_ins_and_they_are_told(region: Region) -> None:
    one, other, admin = region.at("anna"), region.at("anna"), region.at("admin")
    place = f"/people/{region.world['anna'].id}/sign-ins"
    assert f'href="{place}"' in admin.get(place.removesuffix("/sign-ins")).get_data(as_text=True)
    found = re.findall(r'name="session" value="(\w+)"', admin.get(place).get_data(as_text=True))
    assert len(found) == 2
    admin.post(f"{place}/end", {"session": found[0]})
    assert sorted((is_in(one), is_in(other))) == [False, True]
    assert last_act(region) == "end-sessions"
    region.clock.forward(minutes=1)
    admin.post(f"{place}/end")
    assert not is_in(one)
    assert not is_in(other)
    assert text_of(admin.get(place)).count("Signed out 1 March 2024") == 2
    assert [kind for kind, _params in mails(region)] == ["signed-out"] * 2
    bo = region.at("bo")
    assert (bo.get(place).status_code, bo.post(f"{place}/end").status_code) == (404, 404)


def test_a_sign_in_from_a_new_browser_is_told_by_mail(small_region: Region) -> None:
    sign_in(first := small_region.visitor())
    first.get("/account")
    assert sign_in(first).status_code == 303
    assert mails(small_region) == [], "not the very first"
    from_afar(small_region.visitor())
    assert last_act(small_region) == "sign-in-new-browser"
    [(kind, params)] = mails(small_region)
    assert (kind, params["agent"], params["address"]) == ("new-browser", "Firefox, Windows", "192.0.2.7")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (FIREFOX["User-Agent"], "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8.0 <script>", ""),
        ("x" * 500 + "Firefox/", ""),
    ],
)
def test_a_browser_is_known_by_a_few_words(header: str, words: str) -> None:
    assert agent(header) == words


def test_who_has_left_is_out_at_once(region: Region) -> None:
    bo = region.at("bo")
    region.world.deactivate("bo")
    assert not is_in(bo)


@pytest.mark.each_engine
def test_changing_the_password_ends_other_sessions(region: Region) -> None:
    here, there = region.visitor(), region.visitor()
    sign_in(here)
    sign_in(there)
    here.get("/account")
    new = "sju sjösjuka sjömän sköljde"
    assert here.post("/account/password", {"old_password": PASSWORD, "new_password": new}).status_code == 303
    assert is_in(here)
    assert not is_in(there)
    assert sign_in(region.visitor()).status_code == 422
    assert sign_in(region.visitor(), password=new).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wrong", "sju sjösjuka sjömän sköljde", "That is not the password you have."),
        (PASSWORD, "kort", "needs at least 15 characters"),
        (PASSWORD, "x" * 201, "at most 200 characters"),
        (PASSWORD, "aaaaaaaaaaaaaaaaaaaa", "too easy to guess"),
        (PASSWORD, "annaannaannaanna", "too easy to guess"),
        (PASSWORD, "password123456789", "too easy to guess"),
    ],
)
def test_a_password_that_will_not_do(small_region: Region, old: str, new: str, said: str) -> None:
    anna = small_region.at("anna")
    answer = anna.post("/account/password", {"old_password": old, "new_password": new})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert new not in answer.get_data(as_text=True)


def test_the_old_password_is_counted_by_person(small_region: Region, judged: list[str]) -> None:
    typed, anna = {"new_password": "sju sjösjuka sjömän sköljde"}, small_region.at("anna")
    for n in range(5):
        wrong = typed | {"old_password": "wrong"}
        address = {"REMOTE_ADDR": f"192.0.2.{n}"}
        assert anna.post("/account/password", wrong, environ_base=address).status_code == 422
    right = typed | {"old_password": PASSWORD}
    early = small_region.at("anna").post("/account/password", right)
    assert (early.status_code, early.headers["Retry-After"], len(judged)) == (429, "2", 5)
    small_region.clock.forward(seconds=2)
    assert anna.post("/account/password", right).status_code == 303


def test_the_picker_is_for_demos_only(
    make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str
) -> None:
    region = make_region(sqlite_database, sqlite_url, demo=False)
    visitor = region.visitor()
    assert "Try the portal" not in text_of(visitor.get("/sign-in"))
    assert visitor.post("/sign-in/demo", {"person": "1"}).status_code == 404
    assert not is_in(visitor)


@pytest.mark.parametrize(
    ("listens_on", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("0.0.0.0", 403), ("10.0.0.7", 403)],  # noqa: S104
)
def test_a_demo_answers_its_own_machine_only(small_region: Region, listens_on: str, status: int) -> None:
    sent = {"SERVER_NAME": listens_on, "HTTP_HOST": "localhost"}
    assert small_region.visitor().get("/sign-in", environ_overrides=sent).status_code == status


@pytest.mark.parametrize("person", ["", "x", "-1", "0", "99999", "1" * 30, "²"])
def test_the_picker_knows_only_its_people(small_region: Region, person: str) -> None:
    assert small_region.visitor().post("/sign-in/demo", {"person": person}).status_code == 404


def test_the_cookies_over_https(
    make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str
) -> None:
    region = make_region(sqlite_database, sqlite_url, demo=False, base_url="https://courses.example.org")
    address, client = "https://courses.example.org", region.app.test_client()
    page = client.get("/sign-in", base_url=address)
    [token, *_rest] = re.findall(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    typed = {"login": "anna", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", data=typed, base_url=address, headers={"Referer": f"{address}/"})
    names = set()
    for line in (*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")):
        name, _, rest = line.partition("=")
        names.add(name)
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in rest.split(";")}
        assert "Domain" not in rest
    assert names == {"__Host-portal", "__Host-portal-browser"}


def test_the_cookie_holds_no_person(small_region: Region) -> None:
    payload = cookie(small_region.at("anna")).split(".")[0]
    held = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    assert "anna" not in held.lower()
    assert small_region.world["anna"].number not in held


def signed_with_sha256(value: str, salt: str, key: str) -> bool:
    """Whether a signed value carries the HMAC-SHA-256 that itsdangerous makes of it; Flask derives by HMAC itself."""
    body, _, signature = value.rpartition(".")
    derive = {"cookie-session": lambda: hmac.digest(key.encode(), salt.encode(), "sha256")}.get(
        salt, lambda: hashlib.sha256(f"{salt}signer{key}".encode()).digest()
    )
    made = hmac.digest(derive(), body.encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=") == signature


def test_a_new_key_signs_and_the_one_before_is_believed(
    make_region: Callable[..., Region],
    make_app: Callable[..., Flask],
    sqlite_database: Database,
    sqlite_url: str,
) -> None:
    old, new = "the-key-before-0123456789abcdefghij", "the-key-after-0123456789abcdefghijk"
    region = make_region(sqlite_database, sqlite_url, secret_key=old)
    anna = region.at("anna")
    anna.get("/account")
    held, token = cookie(anna), anna._token or ""
    assert signed_with_sha256(held, "cookie-session", old)
    assert signed_with_sha256(token, "wtf-csrf-token", old)
    region.clock.forward(minutes=45)
    late = region.visitor()
    late.client.set_cookie("portal", held)
    late_page = late.post("/account/sessions/end", {"csrf_token": token, "said": "too late"}).get_data(
        as_text=True
    )
    region.clock.forward(minutes=-45)
    sealed = re.findall(r'name="kept" value="([^"]+)"', late_page)[0]
    assert signed_with_sha256(sealed, "a form that was not sent", old)

    turned = make_app(database_url=sqlite_url, secret_key=new, secret_key_old=old)
    browser = Visitor(turned.test_client())
    browser.client.set_cookie("portal", held)
    assert is_in(browser), "nobody is signed out"
    assert browser.post("/language", {"lang": "nb", "csrf_token": token}).status_code == 303, (
        "an open form goes through"
    )
    again = browser.post("/sign-in/demo", {"person": str(region.world.people["anna"].id), "kept": sealed})
    assert "too late" in again.get_data(as_text=True), "a form sent too late is offered again"
    assert signed_with_sha256(cookie(browser), "cookie-session", new)

    gone = Visitor(make_app(database_url=sqlite_url, secret_key=new).test_client())
    gone.client.set_cookie("portal", held)
    assert not is_in(gone), "once the old key is taken out it is worth nothing"


def test_one_statement_loads_who_signed_in(small_region: Region, statements: list[str]) -> None:
    anna = small_region.at("anna")
    statements.clear()
    anna.get("/accessibility")
    assert len([each for each in statements if each.startswith("SELECT")]) == 1

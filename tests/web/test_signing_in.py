"""Signing in and out: passwords, sessions and their ends, where one is sent, and what strangers learn."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from portal.store.session import Database
from portal.web.security import is_local_path
from tests.support.portals import Visitor
from tests.web.conftest import PASSWORD, Region, text_of

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


def test_after_six_failures_the_seventh_try_waits_a_quarter(small_region: Region) -> None:
    visitor, other = small_region.visitor(), small_region.visitor()
    for _ in range(6):
        assert sign_in(visitor, password="wrong").status_code == 422
    assert sign_in(visitor).status_code == 429
    assert sign_in(other, "bo", "wrong").status_code == 422, "another account is not locked"
    elsewhere = other.post(
        "/sign-in", {"login": "anna", "password": PASSWORD}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert elsewhere.status_code == 303, "a stranger locks nobody out elsewhere"


def test_success_is_not_counted(small_region: Region) -> None:
    for _ in range(10):
        assert sign_in(small_region.visitor()).status_code == 303


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
    planted = small_region.visitor()
    planted.client.set_cookie("portal", before)
    assert not is_in(planted)


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


def test_signing_out_elsewhere(region: Region) -> None:
    here, there = region.at("anna"), region.at("anna")
    page = text_of(here.get("/account"))
    assert page.count("1 March 2024") == 2
    assert page.count("(this browser)") == 1
    here.post("/account/sessions/end")
    assert "1 other browser is signed out." in text_of(here.get("/account"))
    assert is_in(here)
    assert not is_in(there)


def test_who_has_left_is_out_at_once(region: Region) -> None:
    bo = region.at("bo")
    region.world.deactivate("bo")
    assert not is_in(bo)


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


def test_the_picker_is_for_demos_only(
    make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str
) -> None:
    region = make_region(sqlite_database, sqlite_url, demo=False)
    visitor = region.visitor()
    assert "Try the portal" not in text_of(visitor.get("/sign-in"))
    assert visitor.post("/sign-in/demo", {"person": "1"}).status_code == 404
    assert not is_in(visitor)


@pytest.mark.parametrize("person", ["", "x", "-1", "0", "99999", "1" * 30, "²"])
def test_the_picker_knows_only_its_people(small_region: Region, person: str) -> None:
    assert small_region.visitor().post("/sign-in/demo", {"person": person}).status_code == 404


def test_the_cookie_over_https(
    make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str
) -> None:
    region = make_region(sqlite_database, sqlite_url, demo=False, base_url="https://courses.example.org")
    answer = region.app.test_client().get("/sign-in", base_url="https://courses.example.org")
    [line] = answer.headers.getlist("Set-Cookie")
    name, _, rest = line.partition("=")
    assert name == "__Host-portal"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in rest.split(";")}
    assert "Domain" not in rest


def test_the_cookie_holds_no_person(small_region: Region) -> None:
    import base64

    payload = cookie(small_region.at("anna")).split(".")[0]
    held = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    assert "anna" not in held.lower()
    assert small_region.world["anna"].number not in held


def test_one_statement_loads_who_signed_in(small_region: Region, statements: list[str]) -> None:
    anna = small_region.at("anna")
    statements.clear()
    anna.get("/accessibility")
    assert len([each for each in statements if each.startswith("SELECT")]) == 1

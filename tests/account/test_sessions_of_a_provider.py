"""Sessions that a provider began: a fresh sign-in before what decides, how they end, roles, links and other ways."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.actions import claiming
from portal.actions.people import change_person
from portal.domain.person import ADMINISTRATOR, FINANCE
from portal.store import applications, audit, identities, payments, people, seats
from portal.store.claims import get as get_claim
from portal.store.signing import signatures_on
from tests.account.conftest import Desk, Make, is_in, lines
from tests.actions.world import MARCH, World
from tests.support.issuer import seconds
from tests.support.portals import Visitor
from tests.support.region import PASSWORD, kept_password, text_of

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def hidden(answer: Any) -> dict[str, str]:
    return dict(HIDDEN.findall(answer.get_data(as_text=True).partition('id="main"')[2]))


def go_again(desk: Desk, visitor: Visitor, page: Any, **claims: Any) -> Any:
    """Press the button of the page that asks who one is, and come back."""
    sent = hidden(page)
    address = desk.set_out(visitor, again="1", kept=sent["kept"], next=sent["next"])
    assert parse_qs(urlsplit(address).query)["max_age"] == ["900"]
    return visitor.get(desk.issuer.go(address, **claims))


def test_a_signature_wants_a_fresh_sign_in_and_nothing_typed_is_lost(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    world, clock = desk.region.world, desk.region.clock
    number = world.apply().number
    chair, _answer = desk.enter("chair", acr="strong")
    shown = hidden(chair.get(f"/queue/{number}"))
    sent = {
        "act": "refuse",
        "refuse-text": "Mine, in my own words",
        "shown": shown["shown"],
        "saw": shown["saw"],
    }
    clock.forward(minutes=15)
    page = chair.post(f"/queue/{number}/sign", sent)
    assert page.status_code == 401
    assert "Show once more who you are" in text_of(page)
    as_chair = desk.as_person("chair")
    long_ago = seconds(clock()) - 1000
    for claims, reason, said in (
        (as_chair | {"auth_time": None}, "no-auth-time", "have to let the sign-in send auth_time"),
        (as_chair | {"auth_time": long_ago}, "sign-in-too-old", "cannot be relied on"),
        (desk.as_person("rep"), "sign-in.another", "Somebody else signed in"),
    ):
        answer = go_again(desk, chair, page, **claims)
        assert said in text_of(answer)
        if reason != "sign-in.another":
            page = answer
        assert lines(capsys, "sign-in-failed")[-1]["reason"] == reason
    back = go_again(desk, chair, page, **as_chair, acr="stronger")
    assert back.headers["Location"] == "/account/kept"
    waiting = chair.get("/account/kept")
    assert "Mine, in my own words" in text_of(waiting)
    with world.reading() as session:
        assert signatures_on(session, 1) == (), "nothing is done by itself"
    again = hidden(waiting)
    assert chair.post(f"/queue/{number}/sign", again).status_code == 303
    with world.reading() as session:
        (signature,) = signatures_on(session, 1)
    assert (signature.reason, signature.acr) == ("Mine, in my own words", "stronger")
    assert signature.signed_in_at == clock()
    case = text_of(chair.get(f"/queue/{number}"))
    assert "level stronger." in case.partition("Signed in 1 March 2024 at")[2][:40], (
        "for approvers and auditors"
    )
    assert "level stronger" not in text_of(desk.region.at("anna").get(f"/applications/{number}"))
    with world.reading() as session:
        (event,) = [each.event for each in audit.history(session, 1) if each.event.act == "sign"]
    assert (event.body["signed_in"], event.body["acr"]) == (seconds(clock()), "stronger")


def test_a_signature_wants_the_level_that_is_asked_for(
    make_desk: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = make_desk(required_acr=["weak", "strong"], signing_acr=["strong"])
    assert desk.enter("chair", acr="none")[1].status_code == 400
    assert lines(capsys, "sign-in-failed")[-1]["reason"] == "wrong-acr"
    number = desk.region.world.apply().number
    chair, _answer = desk.enter("chair", acr="weak")
    shown = hidden(chair.get(f"/queue/{number}"))
    page = chair.post(f"/queue/{number}/sign", shown | {"act": "grant", "amount": "8250.00"})
    assert page.status_code == 401, "fresh, but too weak"
    assert go_again(desk, chair, page, **desk.as_person("chair"), acr="weak").status_code == 400
    assert go_again(desk, chair, page, **desk.as_person("chair"), acr="strong").status_code == 303
    assert chair.post(f"/queue/{number}/sign", hidden(chair.get("/account/kept"))).status_code == 303


def due(world: World) -> None:
    """A granted and invoiced application, which waits for a batch."""
    number, at, schemes = world.apply().number, MARCH, world.schemes
    world.grant(number)
    with world.reading() as session:
        revision = get_claim(session, applications.get(session, number=number).id).revision
    costs = {"costs": [{"kind": "fee", "amount": "16500.00"}]}
    more: dict[str, Any] = {"number": number, "schemes": schemes, "at": at}
    world.write(claiming.state_costs, costs=costs, revision=revision, by=world["anna"], **more)
    world.write(
        claiming.register_invoice, invoice_number="F-1", invoice_on=at.date(), amount=825_000, whole=True,
        revision=revision + 1, by=world["finn"], **more,
    )  # fmt: skip


def rights(world: World) -> dict[str, bool]:
    """What has been given by now."""
    with world.reading() as session:
        return {
            "role": FINANCE in people.get(session, world["bo"].id, day=MARCH.date()).roles,
            "seat": bool(seats.held_by(session, world["bo"].id, day=date(2024, 4, 1))),
            "batch": payments.last_number(session, "rfr") == 1,
        }


@pytest.mark.parametrize("by_password", [False, True])
def test_giving_rights_and_batches_wants_it_too_and_what_was_chosen_waits_for_the_button(
    desk: Desk, by_password: bool
) -> None:
    world, clock = desk.region.world, desk.region.clock
    due(world)
    bo = world["bo"].id
    for who, right, page, path, chosen in (
        ("admin", "role", f"/people/{bo}", f"/people/{bo}", {
            "number": world["bo"].number, "name": "Bo", "language": "en", "roles": "finance",
        }),
        ("admin", "seat", "/seats", "/seats", {
            "seat": "rfr/chair", "number": world["bo"].number, "substitute": "y", "starts_on": "2024-04-01",
            "ends_on": "2024-04-02",
        }),
        ("finn", "batch", "/finance/payments", "/finance/payments/rfr/1", {}),
    ):  # fmt: skip
        if by_password:
            world.write(people.set_login, person_id=world[who].id, login=who, password_hash=kept_password())
            visitor = desk.region.at(who)
        else:
            visitor, _answer = desk.enter(who)
        shown = hidden(visitor.get(page))
        clock.forward(minutes=16)
        asked = visitor.post(path, {key: shown[key] for key in ("seen", "shown") if key in shown} | chosen)
        assert asked.status_code == 401, right
        if by_password:
            asked = visitor.post("/account/prove", hidden(asked) | {"password": "wrong"})
            assert "That is not the password you have." in text_of(asked)
            waiting = visitor.post("/account/prove", hidden(asked) | {"password": PASSWORD})
        else:
            assert go_again(desk, visitor, asked, **desk.as_person(who)).status_code == 303
            waiting = visitor.get("/account/kept")
        assert waiting.status_code == 200
        assert not rights(world)[right], "nothing is done by itself"
        assert chosen.items() <= hidden(waiting).items(), "and nothing that was chosen is lost"
        assert visitor.post(path, hidden(waiting)).status_code in (200, 303), right
        assert rights(world)[right], right


def test_coming_back_begins_a_new_session_and_ends_the_one_before(desk: Desk) -> None:
    def cookie(visitor: Visitor) -> str:
        found = visitor.client.get_cookie("portal")
        assert found is not None
        return found.value

    anna = desk.region.visitor()
    anna.get("/sign-in")
    held = [cookie(anna)]
    for who in ("anna", "bo"):
        assert desk.enter(who, anna)[1].status_code == 303
        held.append(cookie(anna))
    for known in held[:-1]:
        planted = desk.region.visitor()
        planted.client.set_cookie("portal", known)
        assert not is_in(planted), "whoever put it there, or had seen it, gets nothing by it"
    assert "Bo" in text_of(anna.get("/account"))


def test_signing_out_leads_to_the_provider_and_its_sign_out_ends_sessions_here(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    anna, _answer = desk.enter("anna", sid="one")
    left = anna.post("/sign-out")
    address = urlsplit(left.headers["Refresh"].removeprefix("0; url="))
    query = parse_qs(address.query)
    assert (address.path, query["post_logout_redirect_uri"]) == ("/end", ["http://localhost/sign-in"])
    assert query["id_token_hint"][0].count(".") == 2
    assert not is_in(anna)
    here = [desk.enter("anna", sid=sid)[0] for sid in ("one", "two", "three")]

    def told(**claims: Any) -> int:
        token = desk.issuer.sign_out_token(**claims)
        client = desk.region.app.test_client()
        return client.post("/sign-out/by-provider", data={"logout_token": token}).status_code

    for wrong in (
        {"sid": "one", "aud": "another"}, {"sid": "one", "iss": "https://example.org"}, {"sid": "one", "events": {}},
        {"sid": "one", "nonce": "x"}, {}, {"sid": "one", "iat": seconds(desk.region.clock()) - 400},
        {"sid": "one", "exp": seconds(desk.region.clock()) - 100}, {"sid": 1}, {"sid": "one", "typ": "JWT"},
    ):  # fmt: skip
        assert told(**wrong) == 400, wrong
    assert all(map(is_in, here))
    assert told(sid="one") == 200
    assert [is_in(each) for each in here] == [False, True, True]
    assert told(sub="s-anna") == 200
    assert not any(map(is_in, here))
    assert [line["sessions"] for line in lines(capsys, "ended-by-provider")] == [1, 2]


def test_an_administrator_undoes_a_link_and_it_is_not_made_again_by_itself(desk: Desk) -> None:
    world = desk.region.world
    anna, _answer = desk.enter("anna")
    admin, page = desk.region.at("admin"), f"/people/{world['anna'].id}/sign-ins"
    assert f"{desk.issuer.address}, linked" in text_of(admin.get(page))
    assert admin.post(f"/people/{world['anna'].id}/links/1").status_code == 303
    assert not is_in(anna)
    assert world.told("link-undone") == {"anna"}
    assert "An administrator has undone the link" in text_of(desk.enter("anna")[1])
    assert "by Admin" in text_of(admin.get(page))
    assert "Anna 1 March 2024" in text_of(admin.get("/administration/links?undone=1"))
    assert "Anna" not in text_of(admin.get("/administration/links"))
    admin.post(f"/people/{world['anna'].id}/links/1", {"act": "restore"})
    assert desk.enter("anna")[1].status_code == 303
    own, _answer = desk.enter("admin")
    assert own.post(f"/people/{world['admin'].id}/links/2").status_code == 409, (
        "one's own is another's to undo"
    )
    with world.reading() as session:
        assert len(identities.of_person(session, world["anna"].id)) == 1


def test_a_role_comes_from_the_claim_or_from_an_administrator_and_losing_one_ends_sessions(
    make_desk: Make,
) -> None:
    desk = make_desk(role_claim="groups", roles={"finance": ["money"]})
    world = desk.region.world
    bo, _answer = desk.enter("bo", groups=["money", "other"])
    assert bo.get("/finance/payments").status_code == 200
    assert world.told("roles-by-claim") == {"bo"}
    admin = desk.region.at("admin")
    form = admin.get(f"/people/{world['bo'].id}")
    assert "comes from the organisation’s sign-in" in text_of(form)
    fields = hidden(form) | {
        "number": world["bo"].number,
        "name": "Bo",
        "language": "en",
        "roles": "administrator",
    }
    assert admin.post(f"/people/{world['bo'].id}", fields).status_code == 303
    with world.reading() as session:
        assert people.get(session, world["bo"].id, day=desk.region.clock().date()).roles == {
            FINANCE,
            ADMINISTRATOR,
        }
    assert is_in(bo)
    again, _answer = desk.enter("bo", groups=[])
    assert again.get("/finance/payments").status_code == 404
    assert not is_in(bo), "whoever loses a role is out elsewhere"
    finn = desk.region.at("finn")
    person = replace(world["finn"], roles=frozenset())
    world.write(change_person, person=person, schemes=world.schemes, by=None, at=desk.region.clock())
    assert not is_in(finn)


def test_with_local_accounts_off_one_administrator_gets_in_and_all_are_told(make_desk: Make) -> None:
    desk = make_desk(local=False)
    world, region = desk.region.world, desk.region
    world.write(people.set_login, person_id=world["admin"].id, login="glass", password_hash=kept_password())
    visitor = region.visitor()
    visitor.post("/language", {"lang": "en"})
    assert "Password" not in text_of(visitor.get("/sign-in")).partition("Employees")[0]
    for login, status in (("anna", 422), ("glass", 422)):
        assert visitor.post("/sign-in", {"login": login, "password": PASSWORD}).status_code == status
    assert world.told("break-glass") == set()
    portal = region.app.extensions["portal"]
    ways = replace(portal.ways, break_glass=world["admin"].number)
    region.app.extensions["portal"] = replace(portal, ways=ways)
    assert visitor.post("/sign-in", {"login": "anna", "password": PASSWORD}).status_code == 422
    assert visitor.post("/sign-in", {"login": "glass", "password": PASSWORD}).status_code == 303
    assert "admin" in world.told("break-glass")


def test_a_header_counts_from_a_named_proxy_alone(
    make_region: Any, sqlite_database: Any, sqlite_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "sign-in.toml"
    path.write_text(
        'contact = "help@example.org"\n[header]\nname = "X-Employee"\nproxies = ["10.1.2.0/24"]\n'
        'signed_in_at = "X-Signed-In-At"\n'
    )
    region = make_region(
        sqlite_database, sqlite_url, sign_in=path, trusted_proxies=1, base_url="https://localhost"
    )
    number = region.world["anna"].number
    for peer, sent, status in (
        ("10.9.9.9", {"X-Employee": number}, 403),
        ("10.9.9.9", {"X-Employee": number, "X-Forwarded-For": "10.1.2.3"}, 403),
        ("10.1.2.3", {}, 403),
        ("10.1.2.3", {"X-Employee": "nobody"}, 403),
        ("10.1.2.3", {"X-Employee": number, "X-Forwarded-For": "192.0.2.7"}, 303),
    ):
        visitor = region.visitor()
        options: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": peer}, "base_url": "https://localhost"}
        visitor.get("/sign-in", **options)
        answer = visitor.post("/sign-in/header", headers=sent | {"Referer": "https://localhost/"}, **options)
        assert answer.status_code == status, (peer, sent, text_of(answer))

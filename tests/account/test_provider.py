"""Signing in by the organisation's provider: whom it means, what is never believed, and what decides anew."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from werkzeug.wrappers import Response

from portal.actions.people import change_person
from portal.actions.personal import join
from portal.environment import WrongSettings
from portal.openid.ways import read_ways
from portal.store import audit, people
from portal.store.session import Session
from portal.store.tables import DetourRow, PersonRow, ProviderSessionRow
from portal.web import limits
from tests.account.conftest import Desk, Make, is_in, lines
from tests.house.files import ROOT
from tests.support import issuer as made
from tests.support.issuer import Issuer
from tests.support.region import text_of


@pytest.mark.parametrize("told", [{}, {"by_key": True, "key_algorithm": "ES256", "key_id": "portal-1"}])
@pytest.mark.parametrize("pushes", [False, True])
def test_the_provider_lets_somebody_in_and_the_first_link_is_told(
    make_desk: Make, capsys: pytest.CaptureFixture[str], told: dict[str, Any], pushes: bool
) -> None:
    desk = make_desk(**told, acr_values=["strong"], claims={"id_token": {"employee": {"essential": True}}})
    if pushes:
        desk.issuer.discovery["pushed_authorization_request_endpoint"] = f"{desk.issuer.address}/par"
    anna, answer = desk.enter("anna", acr="strong")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Hello, Anna" in text_of(anna.get("/"))
    assert desk.region.world.told("linked") == {"anna"}
    wanted = next(form for path, form in desk.issuer.asked if path == "/par") if pushes else {}
    assert not pushes or (wanted["acr_values"], wanted["scope"]) == ("strong", "openid profile email")
    assert not pushes or json.loads(wanted["claims"]) == {"id_token": {"employee": {"essential": True}}}
    (line,) = lines(capsys, "signed-in")
    assert (line["way"], line["acr"], line["person"]) == ("provider", "strong", desk.region.world["anna"].id)
    _again, answer = desk.enter("anna", employee="somebody else entirely")
    assert answer.status_code == 303, "known by issuer and subject alone"


def alter(**other: Any) -> Callable[[Issuer], None]:
    def twist(issuer: Issuer) -> None:
        issuer.alter = lambda claims: (
            claims | {name: value(claims) if callable(value) else value for name, value in other.items()}
        )

    return twist


def sets(**values: Any) -> Callable[[Issuer], None]:
    def twist(issuer: Issuer) -> None:
        for name, value in values.items():
            setattr(issuer, name, value(issuer) if callable(value) and name != "instead" else value)

    return twist


def instead(path: str, answer: Callable[[], Response]) -> Callable[[Issuer], None]:
    return lambda issuer: issuer.instead.update({path: answer})


def of_another(issuer: Issuer) -> None:
    issuer.userinfo = {"sub": "s-other", "employee": "1"}
    issuer.alter = lambda claims: claims | {"employee": None}


DISCOVERY = "/.well-known/openid-configuration"
MISDEEDS: dict[str, tuple[Callable[[Issuer], None], dict[str, Any], str]] = {
    "wrong aud": (alter(aud="another"), {}, "token-aud"),
    "several aud without azp": (alter(aud=["portal", "another"]), {}, "token-azp"),
    "wrong azp": (alter(azp="another"), {}, "token-azp"),
    "wrong iss": (alter(iss="https://issuer.example.org"), {}, "token-iss"),
    "wrong nonce": (alter(nonce="another"), {}, "token-nonce"),
    "no nonce": (alter(nonce=None), {}, "token-nonce"),
    "no sub": (alter(sub=None), {}, "token-sub"),
    "a sub that is no text": (alter(sub=7), {}, "token-sub"),
    "expired": (alter(exp=lambda claims: claims["iat"] - 61), {}, "token-exp"),
    "no exp": (alter(exp=None), {}, "token-exp"),
    "from the future": (alter(iat=lambda claims: claims["iat"] + 61), {}, "token-iat"),
    "signed in tomorrow": (alter(auth_time=lambda claims: claims["iat"] + 86_400), {}, "token-auth_time"),
    "auth_time that is none": (alter(auth_time="now"), {}, "token-auth_time"),
    "alg none": (sets(sign=lambda _issuer: made.unsigned), {}, "token-signature"),
    "HS256 by the public key": (sets(sign=made.by_public_key), {}, "token-signature"),
    "unknown kid": (sets(sign=lambda _issuer: made.by_key(made.rsa_key("two"))), {}, "token-signature"),
    "another key under a known kid": (
        sets(sign=lambda _issuer: made.by_key(made.rsa_key("two"), "one")), {}, "token-signature",
    ),
    "a token that is none": (sets(sign=lambda _issuer: lambda _claims: "a.b.c"), {}, "token-signature"),
    "no token": (
        instead("/token", lambda: made._json({"access_token": "x", "token_type": "Bearer"})),
        {},
        "no-id-token",
    ),
    "mixed-up issuer": (sets(), {"iss": "https://issuer.example.org"}, "answer-of-another-issuer"),
    "no issuer in the answer": (sets(), {"iss": None}, "answer-without-issuer"),
    "an error": (sets(), {"code": None, "error": "access_denied"}, "provider-refused"),
    "no code": (sets(), {"code": None}, "answer-without-code"),
    "unknown code": (sets(), {"code": "guessed"}, "code-refused"),
    "another state": (sets(), {"state": "guessed"}, "state"),
    "discovery of another issuer": (
        sets(discovery=lambda issuer: {"issuer": f"{issuer.address}/"}), {}, "discovery-issuer",
    ),
    "discovery that leads into the clear": (
        sets(discovery=lambda _issuer: {"token_endpoint": "http://example.org/token"}), {}, "discovery-addresses",
    ),
    "discovery away": (instead(DISCOVERY, lambda: Response(status=503)), {}, "discovery-away"),
    "discovery slow": (instead(DISCOVERY, lambda: made.slow(3)), {}, "discovery-too-slow"),
    "discovery huge": (instead(DISCOVERY, made.huge), {}, "discovery-too-large"),
    "discovery that leads elsewhere": (
        instead(DISCOVERY, lambda: Response(status=302, headers={"Location": "http://127.0.0.1:9/"})),
        {}, "discovery-redirected",
    ),
    "discovery that is no JSON": (instead(DISCOVERY, lambda: Response("<html>")), {}, "discovery-away"),
    "discovery broken off": (
        instead(DISCOVERY, lambda: Response(iter([b"{"]), headers={"Content-Length": "100"})), {}, "discovery-away",
    ),
    "keys away": (instead("/jwks", lambda: Response(status=500)), {}, "keys-away"),
    "keys huge": (instead("/jwks", made.huge), {}, "keys-too-large"),
    "token endpoint away": (instead("/token", lambda: Response(status=502)), {}, "token-endpoint"),
    "token endpoint slow": (instead("/token", lambda: made.slow(3)), {}, "token-endpoint-too-slow"),
    "token endpoint huge": (instead("/token", made.huge), {}, "token-endpoint-too-large"),
    "userinfo of another subject": (of_another, {}, "userinfo-sub"),
    "userinfo away": (
        lambda issuer: (alter(employee=None)(issuer), instead("/userinfo", lambda: Response(status=500))(issuer))[0],
        {}, "userinfo-away",
    ),
}  # fmt: skip
"""What a provider, or somebody between, can do wrong; what of the answer is otherwise; what the log says."""


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_what_a_provider_does_wrong_is_a_page_and_a_line_and_never_a_session(
    make_desk: Make, capsys: pytest.CaptureFixture[str], misdeed: str
) -> None:
    twist, answer, reason = MISDEEDS[misdeed]
    desk = make_desk(timeout=0.3)
    twist(desk.issuer)
    anna = desk.region.visitor()
    anna.post("/language", {"lang": "en"})
    page = anna.post("/sign-in/provider")
    if page.status_code == 200:
        address = page.headers["Refresh"].removeprefix("0; url=")
        page = anna.get(desk.issuer.go(address, answer=answer, **desk.as_person("anna")))
    assert page.status_code in (400, 503)
    assert "You are not signed in" in text_of(page)
    (line,) = lines(capsys, "sign-in-failed")
    assert (line["reason"], line["way"]) == (reason, "provider")
    assert line["request_id"] in text_of(page), "to be told to those who look into it"
    assert not is_in(anna)
    with desk.region.world.reading() as session:
        assert "sign-in" not in {each.event.act for each in audit.latest(session)}
    assert desk.region.world.told("linked") == set()


def test_a_state_is_good_once_in_its_browser_and_for_an_hour(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    anna, bo = desk.region.visitor(), desk.region.visitor()
    desk.issuer.again = True
    desk.set_out(bo)
    back = desk.issuer.go(desk.set_out(anna), **desk.as_person("anna"))
    assert bo.get(back).status_code == 400, "of another browser"
    assert desk.region.visitor().get(back).status_code == 400, "of a browser that never set out"
    assert anna.get(back).status_code == 303
    assert anna.get(back).status_code == 400, "replayed"
    assert not is_in(bo)
    late = desk.issuer.go(desk.set_out(bo), **desk.as_person("bo"))
    desk.region.clock.forward(minutes=61)
    assert bo.get(late).status_code == 400
    assert {line["reason"] for line in lines(capsys, "sign-in-failed")} == {"state"}


def test_strangers_set_out_so_often_and_nobody_else_waits_for_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    anna = desk.enter("anna")[0]
    monkeypatch.setattr(limits, "NEW_BROWSERS", "2 per minute")
    monkeypatch.setattr(limits, "SET_OUTS", "3 per minute")
    junk = {"kept": "x" * 8_000}
    said = [desk.region.visitor().post("/sign-in/provider", junk).status_code for _ in range(4)]
    assert said == [200, 200, 429, 429]
    assert [line["reason"] for line in lines(capsys, "sign-in-failed")] == ["too-often"] * 2
    with desk.region.world.reading() as session:
        assert session.execute(select(func.max(func.length(DetourRow.kept)))).scalar_one() == 0
    elsewhere = desk.region.visitor()
    elsewhere.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.post("/sign-in/provider", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200
    anna.post("/sign-out")
    said = [anna.post("/sign-in/provider").status_code for _ in range(4)]
    assert said == [200, 200, 200, 429], "a browser that is known waits for itself alone"


def test_new_keys_are_asked_for_once_and_old_ones_cease(desk: Desk) -> None:
    assert desk.enter("anna")[1].status_code == 303
    desk.issuer.key = made.rsa_key("two")
    desk.issuer.published = [made.rsa_key("two")]
    desk.region.clock.forward(minutes=1)
    assert desk.enter("bo")[1].status_code == 303
    desk.issuer.sign = made.by_key(made.rsa_key("one"))
    assert desk.enter("chair")[1].status_code == 400
    assert [path for path, _form in desk.issuer.asked].count("/jwks") == 2, (
        "no flood of strange keys asks again"
    )


def test_a_stranger_learns_whom_to_write_to(desk: Desk) -> None:
    stranger, answer = desk.enter(
        "anna", sub="x", employee="no such number", name="Anna", email="anna@example.org"
    )
    assert answer.status_code == 403
    assert "Write to help@example.org" in text_of(answer)
    assert not is_in(stranger)


def test_administrators_see_who_could_not_be_linked_until_they_are(desk: Desk) -> None:
    world = desk.region.world
    nils = {"sub": "x", "employee": "E-77", "name": "Nils  Ny\u00a0"}
    for claims in (nils, nils, {"sub": "y", "employee": None, "name": "No claim"}, {"sub": "z\u00e5"}):
        desk.issuer.userinfo = {"sub": claims["sub"]}
        desk.enter("anna", **claims)
    desk.enter("anna", sub="second")
    admin = desk.region.at("admin")
    overview = text_of(admin.get("/administration"))
    assert "3 people could not be linked" in overview
    assert "Linked to the organisation’s sign-in 1" in overview
    page = text_of(admin.get("/administration/unlinked"))
    assert "Nils Ny employee: E-77 Nobody here has it" in page
    assert "No claim employee: – The sign-in sends no such thing" in page
    assert "linked to another sign-in" in page
    assert "2" in page.partition("E-77")[2].partition("No claim")[0]
    with world.reading() as session:
        acts = [each.event for each in audit.latest(session) if each.event.act == "not-linked"]
    assert sorted(str(each.body["reason"]) for each in acts) == [
        "sign-in.no-claim", "sign-in.taken", "sign-in.unknown",
    ], "once for each"  # fmt: skip
    world.change("bo", by=None, number="E-77")
    assert desk.enter("anna", **nils)[1].status_code == 303
    assert "Nils" not in text_of(admin.get("/administration/unlinked"))
    desk.region.clock.forward(days=31)
    desk.set_out(desk.region.visitor())
    assert "2 people" not in text_of(desk.region.at("admin").get("/administration"))


NUL, HALF, LONG = "1\x00", "1\ud800", "x" * 5_000


def test_odd_claims_are_a_page_or_left_out_and_never_a_fault(make_desk: Make) -> None:
    desk = make_desk(unknown="applicant")
    desk.issuer.sign = made.escaped(desk.issuer)
    outcomes: dict[int, list[dict[str, Any]]] = {
        400: [{"sub": each} for each in (NUL, HALF, LONG, " ", "\u202e1", 7)]
        + [{"auth_time": each} for each in (1e300, True, "x", -1)]
        + [{"aud": []}, {"azp": 5}, {"exp": "x"}, {"at_hash": "x"}],
        503: [{"employee": "x" * 300_000}],
        403: [{"employee": each} for each in (NUL, HALF, LONG, ["a"], {"a": 1}, 7, "", "%")]
        + [{"employee": f"E-{n}", "name": each} for n, each in enumerate((NUL, HALF, LONG, ["x"], ""))],
        303: [{"acr": NUL}, {"acr": HALF}, {"acr": LONG}, {"acr": ["a"]}, {"sid": NUL}, {"sid": 9}]
        + [{"sub": f"n{n}", "employee": f"N-{n}", "name": "N", "email": each} for n, each in enumerate((HALF, LONG))],
    }  # fmt: skip
    for status, odd in outcomes.items():
        for n, claims in enumerate(odd):
            fresh = {"sub": f"{status}-{n}"} if status == 403 else {}
            desk.issuer.userinfo = fresh or {"sub": "s-anna"}
            assert desk.enter("anna", **(fresh | claims))[1].status_code == status, claims
    with desk.region.world.reading() as session:
        kept = {row.acr for row in session.execute(select(ProviderSessionRow.acr))}
    assert kept == {""}
    assert desk.region.at("admin").get("/administration/unlinked").status_code == 200
    for told in ("//evil.test", "/\\evil.test", "https://evil.test", "/\t/evil.test", "javascript:alert(1)"):
        bo = desk.region.visitor()
        back = desk.issuer.go(desk.set_out(bo, next=told), **desk.as_person("bo"))
        assert bo.get(back).headers["Location"] == "/", told
    assert is_in(bo)
    desk.region.world.deactivate("bo")
    assert not is_in(bo), "out at once"
    assert desk.enter("bo")[1].status_code == 403


def test_a_link_follows_a_record_that_was_joined_with_another(desk: Desk) -> None:
    world, at = desk.region.world, desk.region.clock()
    assert desk.enter("bo")[1].status_code == 303
    world.write(join, kept_id=world["anna"].id, other_id=world["bo"].id, by=None, at=at)
    visitor, answer = desk.enter("bo")
    assert answer.status_code == 303
    assert "Hello, Anna" in text_of(visitor.get("/"))
    assert "anna" in world.told("linked")
    admin = desk.region.at("admin")
    assert admin.post(f"/people/{world['anna'].id}/links/1").status_code == 303
    assert not is_in(visitor), "undone where the person is now"

    assert desk.enter("chair")[1].status_code == 303
    assert desk.enter("rep")[1].status_code == 303
    world.write(set_joined, other_id=world["rep"].id, kept_id=world["chair"].id)
    _rep, answer = desk.enter("rep")
    assert answer.status_code == 403, "somebody with two of the issuer is told, and an administrator sees it"
    assert "linked to another sign-in" in text_of(admin.get("/administration/unlinked"))


def test_a_stranger_can_become_an_applicant_and_nothing_more(make_desk: Make) -> None:
    desk = make_desk(unknown="applicant")
    claims = {"sub": "x", "employee": "E-77", "name": "Nils  Ny", "email": "nils@example.org"}
    nils, answer = desk.enter("anna", **claims)
    assert answer.status_code == 303
    assert "Nils Ny" in text_of(nils.get("/account"))
    with desk.region.world.reading() as session:
        person = people.find_by_number(session, "E-77", day=desk.region.clock().date())
    assert person is not None
    assert (person.roles, person.funds, person.email) == (frozenset(), frozenset(), "nils@example.org")
    left = desk.region.world["bo"]
    desk.region.world.write(people.set_active, person_id=left.id, active=False)
    assert desk.enter("bo", name="Bo")[1].status_code == 403, "who has left is not made anew"


def test_an_address_links_only_verified_and_only_one(make_desk: Make) -> None:
    desk = make_desk(link_to="email", link_claim="email")
    world = desk.region.world
    desk.issuer.userinfo = {"sub": "s-403"}
    email = "Shared@example.org"
    for name in ("anna", "bo"):
        world.write(
            change_person,
            person=replace(world[name], email=email),
            schemes=world.schemes,
            by=None,
            at=desk.region.clock(),
        )
    for claims, status in (
        ({"email": world["chair"].email}, 403),
        ({"email": world["chair"].email, "email_verified": "true"}, 403),
        ({"email": email, "email_verified": True}, 403),
        ({"name": world["chair"].name}, 403),
        ({"email": world["chair"].email.upper(), "email_verified": True}, 303),
    ):
        assert desk.enter("chair", sub=f"s-{status}", **claims)[1].status_code == status, claims
    second = desk.enter("chair", sub="s-second", email=world["chair"].email, email_verified=True)
    assert second[1].status_code == 403, "who has a link already gets no other by a claim"


def set_joined(session: Session, other_id: int, kept_id: int) -> None:
    session.execute(update(PersonRow).where(PersonRow.id == other_id).values(joined_to=kept_id))


def examples() -> dict[str, str]:
    """The settings in the documentation, by the title above each."""
    found: dict[str, str] = {}
    title, inside = "", False
    for line in (ROOT / "docs" / "sign-in.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line == "```toml"
        elif inside:
            found[title] = f"{found.get(title, '')}{line}\n"
        elif line.startswith("#"):
            title = line.lstrip("# ")
    return found


@pytest.mark.parametrize("title", examples())
def test_every_example_of_the_documentation_is_read(tmp_path: Path, title: str) -> None:
    text = re.sub(r"\"/etc/portal/[\w.-]+\"", json.dumps(str(tmp_path / "secret")), examples()[title])
    (tmp_path / "secret").write_text("a secret or a key")
    (tmp_path / "sign-in.toml").write_text(text, encoding="utf-8")
    ways = read_ways(tmp_path / "sign-in.toml")
    assert ways.provider or ways.header
    assert len(examples()) == 7


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("local_accounts = false", "break_glass"),
        ('local_accounts = false\nbreak_glass = "1"', "cannot be switched off"),
        ("passwords = true", "passwords: there is no such entry"),
        ('contact = "x"\n[header]\nname = "X-Employee"', "header.proxies: name the addresses"),
        ('contact = "x"\n[header]\nname = "X"\nproxies = ["all"]', "neither an address"),
        ('contact = "x"\n[provider]\nissuer = "http://example.org"', "provider.issuer: must be the issuer"),
        ('contact = "x"\n[provider]\nlink_to = "name"', "provider.link_to: must be number or email"),
        ('contact = "x"\n[provider]\nalgorithms = ["HS256"]', "provider.algorithms: must be of RS256"),
        ('contact = "x"\n[provider]\nroles = {finance = ["a"]}', "provider.role_claim: goes together"),
        ("fresh_minutes = 0", "fresh_minutes: must be from 1"),
        ("[provider", "cannot be read"),
    ],
)
def test_wrong_settings_stop_the_start_and_are_named(tmp_path: Path, told: str, said: str) -> None:
    path = tmp_path / "sign-in.toml"
    path.write_text(told)
    with pytest.raises(WrongSettings, match=re.escape(said)):
        read_ways(path)

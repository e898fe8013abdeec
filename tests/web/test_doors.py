"""Every door has a guard, the open ones are few and known, and no visit writes anything."""

import hashlib
import html
import re

import pytest
from flask import Flask
from sqlalchemy import MetaData, select
from werkzeug.routing import IntegerConverter, Rule

from portal.domain.person import AUDITOR
from portal.store.session import Database
from portal.store.tables import Base
from portal.web import limits, render
from portal.web.guard import Guard
from tests.support.region import Region, text_of

OPEN = {"sign-in", "sign-out", "language", "accessibility", "health"}
"""The reviewed list of what anybody may reach: adding to it is a decision."""

EVERYBODY = ("boss", "anna", "bo", "chair", "rep", "sub", "outsider", "finn", "admin")
ID = re.compile(r"[0-9a-f]{12}")


def rules(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


def guard_of(app: Flask, rule: Rule) -> Guard:
    found: Guard = app.view_functions[rule.endpoint].guard  # type: ignore[attr-defined]
    return found


def address(app: Flask, rule: Rule, **known: object) -> str:
    """An address of the rule: what is known, and for the rest something that may not exist."""
    values = {
        name: known.get(name, 1 if isinstance(rule._converters[name], IntegerConverter) else "x")
        for name in rule.arguments
    }
    with app.test_request_context():
        built = rule.build(values)
    assert built is not None, rule
    return built[1]


def len_of(number: int) -> str:
    return f"{len(str(number))} digits"


def test_every_door_has_a_guard(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert isinstance(guard_of(app, rule), Guard), rule


def test_a_door_without_a_guard_stops_the_start(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.web.guard import check_every_view

    monkeypatch.setitem(app.view_functions, "start.start", lambda: "")
    with pytest.raises(RuntimeError, match=r"/ \(start.start\)"):
        check_every_view(app)


def test_only_the_reviewed_doors_are_open(app: Flask) -> None:
    assert {
        guard_of(app, rule).act for rule in app.url_map.iter_rules() if guard_of(app, rule).public
    } == OPEN


def test_the_doors_that_the_frame_knows_by_name_are_there(app: Flask) -> None:
    named = limits.WITH_FILES | limits._LONGER | {endpoint for endpoint, _label, _act in render._DOORS}
    assert named <= set(app.view_functions)
    assert set(render._UNDER) | set(render._UNDER.values()) <= set(app.blueprints)


def test_nobody_in_particular_is_sent_to_sign_in(small_region: Region) -> None:
    app = small_region.app
    for rule in rules(app, "GET"):
        if guard_of(app, rule).public:
            continue
        path = address(app, rule)
        answer = small_region.visitor().get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/sign-in"), path


def test_a_fragment_for_nobody_says_where_to_sign_in(small_region: Region) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/queue?tab=mine"}
    answer = small_region.visitor().get("/queue", headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=/queue&ended=1")


def test_a_form_from_nobody_does_nothing(small_region: Region) -> None:
    app, visitor = small_region.app, small_region.visitor()
    for rule in rules(app, "POST"):
        if not guard_of(app, rule).public:
            answer = visitor.post(address(app, rule))
            assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in"), rule


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_no_other_method_is_answered(small_region: Region, method: str) -> None:
    anna = small_region.at("anna")
    answer = anna.client.open("/account", method=method)
    assert answer.status_code == 405


def test_another_method_cannot_be_smuggled_in(small_region: Region) -> None:
    answer = small_region.at("anna").get("/account/password", headers={"X-HTTP-Method-Override": "POST"})
    assert answer.status_code == 405


def test_only_administrators_see_their_rooms(small_region: Region) -> None:
    for name in EVERYBODY:
        visitor = small_region.at(name)
        answers = {
            visitor.get(path).status_code
            for path in ("/people", "/people/new", "/people/1", "/seats", "/log")
        }
        assert answers == ({200} if name == "admin" else {404}), name


OF_ONESELF = {"/sign-out", "/language", "/account/password", "/account/mail", "/account/sessions/end"}


def test_an_auditor_opens_every_list_and_changes_nothing(small_region: Region) -> None:
    world, app = small_region.world, small_region.app
    world.add("vera", roles=frozenset({AUDITOR}), language="en")
    number = world.apply("anna").number
    world.grant(number)
    vera, anna = small_region.at("vera"), small_region.at("anna")
    lists = (
        "/",
        "/queue",
        "/finance",
        "/finance/applications",
        "/finance/claims",
        "/finance/payments",
        "/year",
        "/people",
        "/seats",
    )
    pages = (
        f"/applications/{number}",
        f"/queue/{number}",
        f"/finance/claims/{number}",
        "/lessons/owed",
        "/log",
    )
    links = set()
    for path in (*lists, *pages, "/administration", f"/applications/{number}/letters"):
        answer = vera.get(path)
        assert answer.status_code == 200, path
        page = answer.get_data(as_text=True)
        assert set(re.findall(r'method="post" action="([^"?]+)', page)) <= OF_ONESELF, path
        links |= {html.unescape(each) for each in re.findall(r'<a [^>]*href="(/[^"#]+)', page)}
    dead = {each for each in links if vera.get(each, buffered=True).status_code != 200}
    assert dead == set(), "a link leads only where its reader may go"
    assert number in text_of(vera.get("/queue?tab=decided"))
    assert anna.get("/apply").status_code == 200
    assert vera.get("/apply").status_code == vera.get("/people/new").status_code == 404
    before = digest(world.database)
    for rule in rules(app, "POST"):
        path = address(app, rule, number=number, key="rfr-2024", fund="rfr", person_id=world["anna"].id)
        if path not in OF_ONESELF and not guard_of(app, rule).public:
            assert vera.post(path).status_code == 404, path
    assert digest(world.database) == before


def test_who_read_a_case_is_found_by_the_case_and_by_the_reader(small_region: Region) -> None:
    world = small_region.world
    world.add("vera", roles=frozenset({AUDITOR}), language="en")
    number = world.apply("anna", participant="bo").number
    chair, vera = small_region.at("chair"), small_region.at("vera")
    for visitor in (small_region.at("anna"), small_region.at("bo"), chair, chair, vera):
        visitor.get(f"/applications/{number}")
    chair.get(f"/applications/{number}/case.zip").close()
    small_region.at("finn").get(f"/applications/{number}/versions/1")
    small_region.at("outsider").get(f"/applications/{number}")
    for reader in ("vera", "admin"):
        page = text_of(small_region.at(reader).get(f"/log/readings?q={number.lower()}"))
        lines = re.findall(rf"(\w+) {number} (Pages of the case|The whole case as a file)", page)
        everybody = [("Chair", "Pages of the case"), ("Chair", "The whole case as a file")]
        assert sorted(lines) == [*everybody, ("Finn", "Pages of the case"), ("Vera", "Pages of the case")]
        assert text_of(small_region.at(reader).get("/log/readings?q=chair")).count(number) == 2
    assert chair.get("/log/readings").status_code == 404


def test_what_may_not_be_seen_looks_like_what_does_not_exist(small_region: Region) -> None:
    bo = small_region.at("bo")
    number = small_region.world.apply("anna").number
    hidden, missing = bo.get(f"/applications/{number}"), bo.get("/applications/RFR-2024-9999")
    assert hidden.status_code == missing.status_code == 404
    assert ID.sub("", text_of(hidden)) == ID.sub("", text_of(missing))


def digest(database: Database) -> str:
    """Everything in every table, as one value, but for who read what: that is all a visit leaves."""

    metadata: MetaData = Base.metadata
    with database.reading() as session:
        tables = [each for each in metadata.sorted_tables if each.name != "readings"]
        rows = [sorted(map(repr, session.execute(select(table)).all())) for table in tables]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def visits(app: Flask, **known: object) -> list[str]:
    """Each page that there is, and each of something that there may not be."""
    return list(
        dict.fromkeys(address(app, rule, **values) for rule in rules(app, "GET") for values in ({}, known))
    )


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 10**30, int("9" * 4_000)], ids=len_of)
def test_a_number_beyond_the_database_names_nothing(small_region: Region, number: int) -> None:
    admin, app = small_region.at("admin"), small_region.app
    for rule in app.url_map.iter_rules():
        numbers = [n for n in rule.arguments if isinstance(rule._converters[n], IntegerConverter)]
        if numbers:
            path = address(app, rule, **dict.fromkeys(numbers, number))
            answer = admin.get(path) if "GET" in (rule.methods or ()) else admin.post(path)
            assert answer.status_code == 404, path
    digits = str(number)
    for query in (
        "/log?before=",
        "/people?name=a&id=",
        "/queue?after=2024-01-01.",
        "/lessons?before=2024-01-01.",
    ):
        assert admin.get(f"{query}{digits}").status_code in (200, 404), query
    assert admin.post("/sign-in/demo", {"person": digits}).status_code == 404


@pytest.mark.each_engine
def test_looking_writes_nothing(region: Region) -> None:
    application = region.world.apply("anna", participant="bo")
    region.world.ask(region.world.apply("bo").number)
    draft = region.world.draft("anna")
    known = {
        "number": application.number,
        "token": draft,
        "key": "rfr-2024",
        "person_id": region.world["bo"].id,
    }
    for name in ("anna", "chair", "finn", "admin"):
        visitor = region.at(name)
        region.clock.forward(minutes=5)
        before = digest(region.world.database)
        for path in visits(region.app, **known):
            answer = visitor.get(path)
            assert answer.status_code < 500, (name, path, answer.get_data(as_text=True))
            answer.close()
            visitor.client.head(path, headers={"HX-Request": "true"}).close()
        assert digest(region.world.database) == before, name

"""The administrator's rooms: people, accounts, seats and the log."""

import re
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from portal.actions.submitting import Blocked
from portal.forms.people import NO_ADDRESS
from portal.letters.orders import print_due
from portal.mail.message import message_of
from portal.store import outbox
from portal.store.tables import Base
from tests.support.region import MARCH, PASSWORD, Region, text_of

NEW = {
    "number": "2001-01",
    "name": "Nina Ny",
    "email": "nina@region.test",
    "unit": "Clinic",
    "language": "nb",
}


def person_id(region: Region, name: str) -> int:
    return region.world.people[name].id


def test_an_auditor_has_no_other_role_and_no_seat(region: Region) -> None:
    admin, world = region.at("admin"), region.world
    refused = admin.post("/people/new", NEW | {"roles": ["auditor", "finance:rfr"]})
    assert (refused.status_code, "An auditor changes nothing" in text_of(refused)) == (422, True)
    assert admin.post("/people/new", NEW | {"roles": ["auditor", "finance:no-such-fund"]}).status_code == 303
    assert "Auditor" in text_of(admin.get(f"/people?q={NEW['number']}"))
    days = {"substitute": "yes", "starts_on": "2024-03-01", "ends_on": "2024-04-01"}
    seated = admin.post("/seats", {"seat": "rfr/chair", "number": NEW["number"]} | days)
    assert "An auditor changes nothing" in text_of(seated)
    sent = form_of(admin.get(f"/people/{world['chair'].id}").get_data(as_text=True)) | {"roles": "auditor"}
    assert "An auditor changes nothing" in text_of(admin.post(f"/people/{world['chair'].id}", sent))
    sent |= {"roles": ["finance:rfr"]}
    assert admin.post(f"/people/{world['chair'].id}", sent).status_code == 303
    assert world["chair"].roles == {"finance:rfr"}
    assert "Approver, Finance, " in text_of(admin.get("/people"))


def test_the_list_shows_everybody_and_what_they_are(region: Region) -> None:
    page = text_of(region.at("admin").get("/people"))
    assert "Chair 1970-0006 Clinic Approver" in page
    assert "Anna 1970-0004 Clinic Boss" in page
    assert "Finn" in page


@pytest.mark.each_engine
def test_a_search_finds_parts_of_names(region: Region) -> None:
    page = text_of(region.at("admin").get("/people?q=OUTS"))
    assert "Outsider" in page
    assert "Chair" not in page
    assert "Nobody found" in text_of(region.at("admin").get("/people?q=%25"))


@pytest.mark.each_engine
def test_the_list_goes_on_by_name(region: Region) -> None:
    for number in range(60):
        region.world.add(f"person{number:02d}")
    admin = region.at("admin")
    first = admin.get("/people").get_data(as_text=True)
    path = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = text_of(admin.get(path))
    assert "Person00" in text_of(admin.get("/people"))
    assert "Person59" not in first
    assert "Person59" in second


def test_somebody_new_can_sign_in_at_once(region: Region) -> None:
    admin = region.at("admin")
    answer = admin.post("/people/new", NEW | {"head": "1970-0003", "specialist": "yes", "roles": "finance"})
    assert answer.headers["Location"] == "/people"
    page = admin.get("/people")
    assert "Nina Ny is added." in text_of(page)
    path = page.get_data(as_text=True).partition(">Nina Ny<")[0].rpartition('href="')[2].rstrip('"')
    form = admin.get(path).get_data(as_text=True)
    assert 'value="1970-0003"' in form
    assert 'value="finance" checked' in form
    sent = admin.post(f"{path}/account", {"login": "Nina"})
    assert "A code is sent to nina@region.test." in text_of(admin.get(sent.headers["Location"]))
    code, password = code_sent(region, "nina@region.test"), "elva elaka elefanter"
    nina = region.visitor()
    chosen = nina.post("/first-sign-in", {"code": f" {code.lower()} ", "new_password": password})
    assert chosen.headers["Location"] == "/sign-in"
    assert "nina" in text_of(nina.get("/sign-in"))
    assert nina.post("/sign-in", {"login": "nina", "password": password}).status_code == 303
    assert "Hei, Nina Ny" in text_of(nina.get("/"))
    assert (
        region.visitor().post("/first-sign-in", {"code": code, "new_password": password}).status_code == 422
    )


def code_sent(region: Region, email: str) -> str:
    """The code in the last e-mail to an address, as its receiver reads it there."""
    key, at = region.app.config["SECRET_KEY"], region.clock.at
    codes = []
    while (mail := region.world.database.write(outbox.claim, at=at)) is not None:
        if mail.kind == "sign-in-code" and mail.email == email:
            message = message_of(mail, sender="portal@region.test", base_url="", at=at, key=key)
            codes += re.findall(r"(?:[0-9A-Z]{5}-){4}[0-9A-Z]{5}", message.get_body(("plain",)).get_content())
    return codes[-1]


def send_code(region: Region, name: str, *, by: str = "admin") -> Any:
    return region.at(by).post(f"/people/{person_id(region, name)}/account", {"login": name})


def test_nobody_but_its_owner_sees_a_code(region: Region) -> None:
    admin = region.at("admin")
    assert send_code(region, "chair").status_code == 303
    seen = [text_of(admin.get(path)) for path in ("/outbox", "/log", f"/people/{person_id(region, 'chair')}")]
    with region.world.reading() as session:
        kept = repr([session.execute(table.select()).all() for table in Base.metadata.sorted_tables])
    code = code_sent(region, "chair@region.test")
    assert "Gave somebody a way to sign in" in seen[1]
    assert "A code to choose a password with (Admin)" in seen[2]
    assert not any(code in text for text in (*seen, kept))


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        ("an hour", "The code is wrong, has been used or is older than an hour."),
        ("another code", "The code is wrong, has been used or is older than an hour."),
        ("another address", "The code is wrong, has been used or is older than an hour."),
        ("wrong", "The code is wrong, has been used or is older than an hour."),
        ("weak", "needs at least 15 characters"),
    ],
)
def test_a_code_that_will_not_do(small_region: Region, happens: str, said: str) -> None:
    region = small_region
    send_code(region, "bo")
    code = code_sent(region, "bo@region.test")
    if happens == "another code":
        send_code(region, "bo", by="admin2")
    if happens == "another address":
        region.world.change("bo", email="b@region.test")
    region.clock.forward(minutes=60 if happens == "an hour" else 59)
    typed = {"code": "x" if happens == "wrong" else code, "new_password": "elva elaka elefanter"}
    visitor = region.visitor()
    visitor.post("/language", {"lang": "en"})
    if happens == "weak":
        typed["new_password"] = "kort"
    answer = visitor.post("/first-sign-in", typed)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert f'value="{typed["code"]}"' in answer.get_data(as_text=True), "what was typed is kept"
    assert typed["new_password"] not in answer.get_data(as_text=True)


def test_who_gets_a_code_is_out_at_once_and_the_old_password_ceases(small_region: Region) -> None:
    anna = small_region.at("anna")
    send_code(small_region, "anna")
    assert anna.get("/account").status_code == 302
    assert small_region.visitor().post("/sign-in", {"login": "anna", "password": PASSWORD}).status_code == 422
    again = small_region.at("anna")
    assert again.post("/account/password", {"old_password": "", "new_password": PASSWORD}).status_code == 404


def test_no_address_no_code(small_region: Region) -> None:
    small_region.world.change("bo", by=None, email="")
    answer = send_code(small_region, "bo")
    assert answer.status_code == 422
    assert "they have no e-mail address. Add one first." in text_of(answer)


def test_an_address_an_administrator_changed_gets_no_code_until_another_confirms(
    small_region: Region,
) -> None:
    region, path = small_region, f"/people/{person_id(small_region, 'chair')}"
    region.world.change("chair", email="mine@region.test")
    assert region.world.told("sign-in-changed") == {"chair"}
    assert region.world.told("sign-in-changed-other") == {"admin2", "rep", "sub"}
    for by in ("admin", "admin2"):
        answer = send_code(region, "chair", by=by)
        assert answer.status_code == 422
        assert "The e-mail address has just been changed." in text_of(answer)
    for by, reason in (("admin", "You made the change yourself, or let in who made it."), ("admin2", "")):
        page = region.at(by).get(path).get_data(as_text=True)
        assert reason in page
        assert ('aria-describedby="confirm-reason"' in page) == bool(reason)
        seen = re.findall(r'name="seen" value="(\d+)"', page)[0]
        assert region.at(by).post(f"{path}/confirm", {"seen": seen}).status_code == (409 if reason else 303)
    assert "Confirmed by Admin2" in text_of(region.at("admin").get(path))
    assert send_code(region, "chair").status_code == 303
    with region.world.reading() as session:
        to = [each.params.get("to") for each in outbox.unsent(session) if each.kind == "sign-in-changed"]
    assert sorted(to, key=str) == [None, "chair@region.test"], "told to the old address and to the new"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"roles": ["administrator", "finance"]}, "roles"),
        ({"specialist": ""}, "specialist"),
        ({"head": "1970-0003"}, "head"),
        ({"number": "1970-9999"}, "number"),
    ],
)
def test_nobody_gives_themselves_what_the_rules_ask_for(
    small_region: Region, typed: dict[str, Any], field: str
) -> None:
    path = f"/people/{person_id(small_region, 'admin')}"
    usual = {"number": "1970-0001", "name": "Admin", "language": "en", "roles": ["administrator"]}
    usual |= {"specialist": "yes"}
    answer = small_region.at("admin").post(path, usual | typed)
    said = answer.get_data(as_text=True).partition(f'id="{field}-error">')[2].partition("</p>")[0]
    assert (answer.status_code, said) == (422, "Another administrator changes this of yourself.")
    assert small_region.at("admin").post(path, usual | {"unit": "Archive"}).status_code == 303


def test_the_last_administrator_stays(small_region: Region) -> None:
    small_region.world.deactivate("admin2")
    path = f"/people/{person_id(small_region, 'admin')}"
    answer = small_region.at("admin").post(
        path, {"number": "1970-0001", "name": "Admin", "language": "en", "specialist": "yes"}
    )
    said = "Nobody else is an administrator. Give somebody else the role first."
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True).partition('id="roles-error">')[2].partition("</p>")[0]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"number": ""}, "number", "This has to be filled in."),
        ({"name": " \u200e "}, "name", "This has to be filled in."),
        ({"name": "x" * 201}, "name", "This is too long."),
        ({"email": "nina"}, "email", NO_ADDRESS),
        ({"email": "åsa@region.test"}, "email", NO_ADDRESS),
        ({"email": "Nina<nina@region.test>"}, "email", NO_ADDRESS),
        ({"email": "nina@region"}, "email", NO_ADDRESS),
        ({"language": "de"}, "language", "Choose one of the list."),
        ({"head": "nobody"}, "head", "There is nobody with that personal id."),
        ({"number": "1970-0004"}, "number", "Somebody else has that personal id."),
    ],
)
@pytest.mark.each_engine
def test_what_cannot_be_kept_is_said_at_its_field(
    region: Region, typed: dict[str, str], field: str, said: str
) -> None:
    answer = region.at("admin").post("/people/new", NEW | typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page.partition(f'id="{field}-error">')[2].partition("</p>")[0]
    assert f'<a href="#{field}">{said}</a>' in page
    assert 'value="Nina Ny"' in page or "name" in typed
    assert "<title>Error:" in page


def test_a_change_is_kept(region: Region) -> None:
    admin, path = region.at("admin"), f"/people/{person_id(region, 'bo')}"
    assert admin.post(path, NEW | {"number": "1970-0005", "name": "Bo Bok"}).status_code == 303
    assert region.world["bo"].name == "Bo Bok"
    assert region.world["bo"].head_id is None
    works = {"administration": "Sahlgrenska", "cost_centre": "4711", "specialty": "Kardiologi"}
    assert admin.post(path, NEW | {"number": "1970-0005"} | works).status_code == 303
    bo = region.world["bo"]
    assert (bo.administration, bo.cost_centre, bo.specialty) == tuple(works.values())
    assert re.search(r'name="specialty"[^>]* value="Kardiologi"', admin.get(path).get_data(as_text=True))
    assert admin.post(path, NEW | {"number": "1970-0005", "head": "1970-0005"}).status_code == 422


def test_only_the_fields_of_the_form_are_read(region: Region) -> None:
    path = f"/people/{person_id(region, 'bo')}"
    extra: dict[str, Any] = {
        "id": "1",
        "active": "0",
        "login": "root",
        "password_hash": "x",
        "funds": "rfr",
        "leads": "1",
    }
    assert region.at("admin").post(path, NEW | extra | {"roles": "root"}).status_code == 303
    bo = region.world["bo"]
    assert (bo.id, bo.roles, bo.funds) == (person_id(region, "bo"), frozenset(), frozenset())


@pytest.mark.parametrize(("name", "login"), [("outsider", ""), ("outsider", "ANNA"), ("admin", "admin")])
@pytest.mark.each_engine
def test_an_account_that_will_not_do(region: Region, name: str, login: str) -> None:
    path = f"/people/{person_id(region, name)}/account"
    assert region.at("admin").post(path, {"login": login}).status_code == 422


def test_letting_somebody_go(region: Region) -> None:
    admin = region.at("admin")
    admin.get(f"/people/{person_id(region, 'bo')}")
    answer = admin.post(f"/people/{person_id(region, 'bo')}/deactivate")
    assert answer.status_code == 303
    page = text_of(admin.get("/people"))
    assert "Bo can no longer sign in." in page
    assert "1970-0005" not in page


def test_letting_somebody_in_again(region: Region) -> None:
    admin, path = region.at("admin"), f"/people/{person_id(region, 'bo')}"
    admin.get(path)
    admin.post(f"{path}/deactivate")
    assert ">Bo<" in admin.get("/people?left=1").get_data(as_text=True)
    assert "The person cannot sign in." in text_of(admin.get(path))
    assert admin.post(f"{path}/reactivate").headers["Location"] == path
    assert "Bo can sign in again." in text_of(admin.get(path))
    assert ">Bo<" not in admin.get("/people?left=1").get_data(as_text=True)
    assert region.at("bo").get("/").status_code == 200


@pytest.mark.each_engine
def test_who_leaves_gives_up_the_seat_and_the_page_says_which_is_empty(region: Region) -> None:
    number = region.world.apply("anna").number
    region.world.sign(number, "rep")
    admin, path = region.at("admin"), f"/people/{person_id(region, 'rep')}"
    title = "RFR representative (RFR)"
    assert f"Their terms end today: {title}." in text_of(admin.get(path))
    vacant = text_of(admin.get("/seats")).count("Nobody holds the seat today")
    admin.post(f"{path}/deactivate")
    told = text_of(admin.get("/people"))
    assert "Rep can no longer sign in." in told
    assert f"Nobody holds these seats now: {title}. Fill them under Seats." in told
    page = text_of(admin.get("/seats")).replace("\xa0", " ")
    assert page.count("Nobody holds the seat today") == vacant + 1
    assert "Rep Holder 1 Jan 2023 – 1 Mar 2024 Over" in page
    assert region.world.case(number).standing == ()
    assert appoint(region, seat="rfr/representative", substitute="", ends_on="").status_code == 303
    assert text_of(admin.get("/seats")).count("Nobody holds the seat today") == vacant
    assert "Nobody can sign in this seat" not in text_of(region.at("chair").get(f"/queue/{number}"))


def test_no_seat_is_spoken_of_where_none_is_given_up(region: Region) -> None:
    admin, path = region.at("admin"), f"/people/{person_id(region, 'sub')}"
    assert "Their terms end today" in text_of(admin.get(path))
    admin.post(f"{path}/deactivate")
    assert "Nobody holds these seats now" not in text_of(admin.get("/people"))
    assert "Their terms end" not in text_of(admin.get(f"/people/{person_id(region, 'bo')}"))


def test_nobody_takes_away_their_own_access(region: Region) -> None:
    admin, path = region.at("admin"), f"/people/{person_id(region, 'admin')}"
    said = "You cannot take away your own access. Ask another administrator."
    page = admin.get(path).get_data(as_text=True)
    assert said in page
    assert f'action="{path}/deactivate"' in page
    answer = admin.post(f"{path}/deactivate")
    assert answer.status_code == 409
    assert said in text_of(answer)


def appoint(region: Region, **typed: str) -> Any:
    usual = {
        "seat": "rfr/chair",
        "number": "1970-0009",
        "starts_on": "2024-03-01",
        "ends_on": "2024-05-31",
        "substitute": "yes",
    }
    return region.at("admin").post("/seats", usual | typed)


@pytest.mark.each_engine
def test_a_substitute_is_appointed_and_sees_the_queue(region: Region) -> None:
    assert region.at("outsider").get("/queue").status_code == 404
    assert appoint(region).status_code == 303
    assert region.at("outsider").get("/queue").status_code == 200
    page = text_of(region.at("admin").get("/seats"))
    assert "Outsider Substitute 1 Mar 2024 – 31 May 2024 Today" in page.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"number": "nobody"}, "number", "There is nobody with that personal id."),
        ({"number": "1970-0001"}, "number", "You cannot appoint yourself."),
        ({"ends_on": ""}, "ends_on", "Give the last day of a substitute."),
        ({"ends_on": "2024-02-01"}, "ends_on", "The last day is before the first."),
        ({"starts_on": "31/2/2024"}, "starts_on", "Write a day such as"),
        ({"starts_on": "0024-03-01"}, "starts_on", "The year cannot be right."),
        ({"starts_on": "2042-03-01"}, "starts_on", "The year of"),
        ({"ends_on": "2204-05-31"}, "ends_on", "The year cannot be right."),
        ({"ends_on": "2042-05-31"}, "ends_on", "The year of"),
        ({"substitute": ""}, "seat", "Somebody holds the seat in that time."),
        ({"seat": "rfr/king"}, "seat", "There is no such seat in this fund."),
        ({"seat": "x"}, "seat", "There is no such seat in this fund."),
    ],
)
def test_an_appointment_that_will_not_do(
    region: Region, typed: dict[str, str], field: str, said: str
) -> None:
    answer = appoint(region, **typed)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True).partition(f'id="{field}-error">')[2].partition("</p>")[0]


def test_a_term_ends(region: Region) -> None:
    admin = region.at("admin")
    page = admin.get("/seats").get_data(as_text=True)
    holding = page.partition("Last day of Sub")[0].rpartition('name="holding" value="')[2].partition('"')[0]
    assert admin.post("/seats/end", {"holding": holding, "ends_on": "2024-02-29"}).status_code == 303
    assert region.at("sub").get("/queue").status_code == 404
    longer = admin.post("/seats/end", {"holding": holding, "ends_on": "2024-12-31"})
    assert longer.status_code == 422
    assert "The term ends on 29 February 2024 already." in text_of(longer).replace("\xa0", " ")
    for nothing in ("soon", " \t ", "\u202e"):
        assert admin.post("/seats/end", {"holding": holding, "ends_on": nothing}).status_code == 422
    for unknown in ("99999", str(2**63), "9" * 5_000):
        assert admin.post("/seats/end", {"holding": unknown, "ends_on": "2024-02-29"}).status_code == 422


def test_two_terms_of_one_person_are_told_apart(region: Region) -> None:
    appoint(region, starts_on="2024-03-01", ends_on="2024-03-31")
    appoint(region, starts_on="2024-05-01", ends_on="2024-05-31")
    admin = region.at("admin")
    page = admin.get("/seats").get_data(as_text=True).replace("\xa0", " ")
    later = page.partition("Last day of Outsider, from 1 May 2024")[0]
    holding = later.rpartition('name="holding" value="')[2].partition('"')[0]
    admin.post("/seats/end", {"holding": holding, "ends_on": "2024-05-03"})
    page = text_of(admin.get("/seats")).replace("\xa0", " ")
    assert "1 Mar 2024 – 31 Mar 2024" in page
    assert "1 May 2024 – 3 May 2024" in page


def test_a_signature_whose_term_has_run_out_says_that_it_counts(region: Region) -> None:
    appoint(region, seat="rfr/representative", ends_on="2024-03-08")
    number = region.world.apply("anna").number
    region.world.sign(number, "outsider")
    said = "The term ended on 8 March 2024. The signature was given in it and counts."
    chair = region.at("chair")
    assert said not in text_of(chair.get(f"/queue/{number}")).replace("\xa0", " ")
    region.clock.set(region.clock.at + timedelta(days=8))
    chair = region.at("chair")
    assert said in text_of(chair.get(f"/queue/{number}")).replace("\xa0", " ")


def test_an_empty_seat_is_pointed_out(region: Region) -> None:
    region.clock.set(region.clock.at.replace(year=2022))
    assert "Nobody holds the seat today" in text_of(region.at("admin").get("/seats"))


@pytest.mark.each_engine
def test_the_log_shows_what_was_done_by_whom(region: Region) -> None:
    number = region.world.apply("anna").number
    admin = region.at("admin")
    page = text_of(admin.get("/log"))
    assert "Signed in" in page
    assert f"Anna Submitted the application {number}" in page
    assert "amount" not in page
    assert not re.search(r"[0-9a-f]{13}", page), "no hash of a file says anything to whoever reads it"
    for asked in ({"q": number.lower()}, {"q": "anna"}, {"q": "anna", "until": "2024-03-01"}):
        found = text_of(admin.get("/log", query_string=asked))
        assert f"Anna Submitted the application {number}" in found, asked
        assert "Added a person" not in found, asked
    assert "Nothing found" in text_of(admin.get("/log?until=2024-02-29&q=anna"))
    assert "Nothing found" in text_of(admin.get("/log?q=nobody"))
    assert "Write a date that exists" in text_of(admin.get("/log?until=2024-02-30"))
    earlier = text_of(admin.get("/log?before=3"))
    assert "Command line Added a person" in earlier
    assert "Submitted" not in earlier


@pytest.mark.each_engine
def test_what_the_portal_does_by_itself_is_told_apart_and_only_when_asked_for(region: Region) -> None:
    number = region.world.apply("anna").number
    failed = Mock()
    assert print_due(region.world.database, at=MARCH, failing=failed).made
    failed.assert_not_called()
    admin = region.at("admin")
    assert "Kept a letter" not in text_of(admin.get("/log"))
    assert f"The portal Kept a letter {number}" in text_of(admin.get("/log?show=everything"))


def test_nobody_holds_both_seats(small_region: Region) -> None:
    world = small_region.world
    world.deactivate("rep")
    typed = {"seat": "rfr/representative", "number": world.people["chair"].number, "starts_on": "2024-03-01"}
    answer = small_region.at("admin").post("/seats", typed)
    assert answer.status_code == 422
    assert "A decision takes two people, one in each seat." in text_of(answer)


@pytest.mark.each_engine
def test_a_search_finds_every_spelling_of_the_same_letters(region: Region) -> None:
    """Composed or decomposed, with or without accents, with any hyphen: the same name."""
    world = region.world
    world.add("rene")
    world.change("rene", name="Renée Ångström-Ødegård")
    admin = region.at("admin")
    for typed in (
        "Renée",
        "Rene\u0301e",
        "renee",
        "ÅNGSTRÖM",
        "angstrom",
        "A\u030angstro\u0308m",
        "odegard",
        "ström\u2011ø",
    ):
        assert "Renée" in text_of(admin.get("/people", query_string={"q": typed})), typed


@pytest.mark.each_engine
def test_a_renamed_person_is_found_in_queue_and_finance_by_either_name(region: Region) -> None:
    world, number = region.world, region.world.apply().number
    world.change("anna", name="Anna Sjöberg")
    for typed in ("sjoberg", "Sjöberg", "Anna"):
        assert number in text_of(region.at("rep").get("/queue", query_string={"q": typed, "tab": "mine"}))
        assert number in text_of(region.at("finn").get("/finance/applications", query_string={"q": typed}))
    assert number not in text_of(region.at("rep").get("/queue?q=Lindgren&tab=mine"))


def form_of(page: str) -> dict[str, str]:
    """What the form of a person would send, but for ticked boxes."""
    return dict(
        re.findall(r'<input [^>]*name="(number|name|email|unit|head|seen)"[^>]*value="([^"]*)"', page)
    ) | {"language": "en"}


def test_a_person_whose_head_has_left_can_be_saved(small_region: Region) -> None:
    world, path = small_region.world, f"/people/{person_id(small_region, 'anna')}"
    world.deactivate("boss")
    admin = small_region.at("admin")
    page = admin.get(path)
    assert "Boss, who is the head here, has left." in text_of(page)
    sent = form_of(page.get_data(as_text=True))
    assert admin.post(path, sent | {"unit": "Ward"}).status_code == 303
    assert (world["anna"].unit, world["anna"].head_id) == ("Ward", person_id(small_region, "boss"))


def test_a_form_open_since_before_gives_back_no_role(small_region: Region) -> None:
    world, path = small_region.world, f"/people/{person_id(small_region, 'finn')}"
    admin = small_region.at("admin")
    sent = form_of(admin.get(path).get_data(as_text=True)) | {"roles": "finance", "unit": "Economy"}
    world.change("finn", by="admin2", roles=frozenset())
    answer = admin.post(path, sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Somebody has changed the person since the page was shown" in text_of(answer)
    assert 'value="Economy"' in page, "what was typed is not lost"
    assert 'value="finance" checked' not in page, "and the role is shown as it is now"
    assert admin.post(path, form_of(page)).status_code == 303
    assert (world["finn"].roles, world["finn"].unit) == (frozenset(), "Economy")


@pytest.mark.each_engine
def test_those_who_have_left_are_searched_and_listed_page_by_page(region: Region) -> None:
    with region.world.in_one_go():
        for number in range(55):
            region.world.add(f"gone{number:02d}")
            region.world.deactivate(f"gone{number:02d}", by=None)
    admin = region.at("admin")
    first = admin.get("/people?left=1").get_data(as_text=True)
    assert "Gone49" in first
    assert "Gone54" not in first
    path = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "Gone54" in text_of(admin.get(path))
    found = admin.get("/people?left=1&q=gone54")
    assert "Gone54" in text_of(found)
    assert "Chair" not in text_of(found)
    assert admin.post(f"/people/{person_id(region, 'gone54')}/reactivate").status_code == 303
    assert "Gone54" in text_of(admin.get("/people?q=gone54"))


@pytest.mark.parametrize("typed", ["197001011233", "700101-1233", "19700101\u20111233", "19700101 1233"])
def test_the_same_personal_number_is_the_same_person(small_region: Region, typed: str) -> None:
    admin = small_region.at("admin")
    assert admin.post("/people/new", NEW | {"number": "19700101-1233"}).status_code == 303
    again = admin.post("/people/new", NEW | {"number": typed, "name": "Nina Igen"})
    assert again.status_code == 422
    assert "Somebody else has that personal id." in text_of(again)
    assert "Nina Ny" in text_of(admin.get("/people", query_string={"q": typed}))
    assert admin.post("/people/new", NEW | {"number": "x-1", "head": typed}).status_code == 303


def test_a_mistyped_personal_number_is_said(small_region: Region) -> None:
    answer = small_region.at("admin").post("/people/new", NEW | {"number": "19700101-1234"})
    assert answer.status_code == 422
    assert "The check digits of the personal id are not right" in text_of(answer)


def test_a_corrected_id_is_the_same_person_for_once(small_region: Region) -> None:
    """One grant a year, whatever becomes of the number; and who gets the number later is somebody else."""
    world = small_region.world
    old = world["anna"].number
    world.grant(world.apply().number)
    world.change("anna", number="19700101-1233")
    with pytest.raises(Blocked) as blocked:
        world.apply()
    assert "rfr.second-grant" in blocked.value.assessment.codes
    world.change("bo", number=old)
    assert world.grant(world.apply("bo").number).state == "decided"


def test_two_records_are_joined_on_a_page_that_says_what_comes_along(small_region: Region) -> None:
    world, admin = small_region.world, small_region.at("admin")
    with world.in_one_go():
        double = world.add("ann", specialist=True, head_id=world["boss"].id)
        numbers = [world.apply(name).number for name in ("anna", "ann")]
    for number in numbers:
        world.grant(number)
    path = f"/people/{world['anna'].id}/join"
    page = text_of(admin.get(f"{path}?number={double.number}"))
    assert ("Ann" in page, "Applications 1" in page) == (True, True)
    assert admin.post(path, {"number": "nobody"}).status_code == 422
    refused = admin.post(f"/people/{world['chair'].id}/join", {"number": world["rep"].number})
    assert (refused.status_code, "could not have done both" in text_of(refused)) == (409, True)
    done = admin.post(path, {"number": double.number})
    said = text_of(admin.get(done.headers["Location"]))
    assert f"Of these only one could have been granted: {numbers[0]}, {numbers[1]}." in said
    mine = text_of(small_region.at("anna").get("/"))
    assert all(number in mine for number in numbers)
    assert world.told("joined") == {"anna"}
    assert small_region.at("bo").get(path).status_code == 404

"""Writing an application: choosing, saving, the live check, two windows, reviewing, sending once."""

import html
import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from portal.actions.drafting import start_draft
from portal.actions.people import change_person
from portal.actions.submitting import Blocked
from portal.domain import fields
from portal.domain.facts import Facts
from portal.language.wording import finding_text
from portal.store import applications, drafts
from tests.actions.world import MARCH, answers
from tests.documents import made
from tests.support.cases import assess
from tests.support.portals import Visitor
from tests.support.region import Region, text_of
from tests.support.typed import HTMX, revision_in, save, send, start, typed_as


def kept(region: Region, path: str) -> Any:
    """The draft as the database has it, or None."""
    with region.world.database.reading() as session:
        return drafts.find(session, path.rsplit("/", 1)[-1])


def hidden_in(answer: Any) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.get_data(as_text=True))
    return {name: value for name, value in found if name not in ("csrf_token", "next")}


def check(visitor: Visitor, path: str, said: dict[str, Any]) -> str:
    """What the panel says of answers that stand in the form."""
    answer = visitor.post(f"{path}/check", typed_as(said), headers=HTMX)
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).startswith('<div id="assessment"')
    return text_of(answer)


def test_the_funds_that_are_open_are_offered(small_region: Region) -> None:
    page = text_of(small_region.at("anna").get("/apply"))
    assert "Course and conference grant from RFR" in page
    assert "Open for events in 2024: the first day decides the year." in page
    assert "The unit pays at least as much as the grant." in page
    assert small_region.at("anna").get("/apply/no-such-fund").status_code == 404
    assert small_region.at("anna").post("/apply/no-such-fund").status_code == 404
    assert small_region.at("anna").post("/apply/rfr-2024", {"kind": "no-such-kind"}).status_code == 404


def test_a_draft_is_begun_for_oneself_or_for_another(region: Region) -> None:
    visitor = region.at("anna")
    mine = kept(region, start(visitor))
    assert mine.participant_id == mine.owner_id == region.world.people["anna"].id
    for_bo = kept(region, start(visitor, for_whom=region.world.people["bo"].number))
    assert for_bo.participant_id == region.world.people["bo"].id
    assert (
        kept(region, start(visitor, for_whom="outsid")).participant_id == region.world.people["outsider"].id
    )


def test_a_participant_who_is_not_one_person_is_asked_about(small_region: Region) -> None:
    visitor = small_region.at("anna")
    several = visitor.post("/apply/rfr-2024", {"for_whom": "Clinic"})
    assert several.status_code == 422
    assert "Whom do you mean?" in text_of(several)
    nobody = visitor.post("/apply/rfr-2024", {"for_whom": "Nobody Atall"})
    assert nobody.status_code == 422
    assert "Nobody by that name or number was found." in text_of(nobody)
    blank = visitor.post("/apply/rfr-2024", {"whom": "other"})
    assert "Write the name or number" in text_of(blank)
    chosen = visitor.post(
        "/apply/rfr-2024", {"for_whom": "Clinic", "number": small_region.world.people["bo"].number}
    )
    assert kept(small_region, chosen.headers["Location"]).participant_id == small_region.world.people["bo"].id


def test_what_is_typed_is_kept_and_shown_again(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    saved = save(
        visitor, path, answers(event="Läkardagarna “<b>”", costs=[{"kind": "fee", "amount": "not a number"}])
    )
    assert (saved.status_code, revision_in(saved)) == (200, "1")
    assert "Saved" in text_of(saved)
    assert kept(region, path).answers["event"] == "Läkardagarna “<b>”"
    page = region.at("anna").get(path).get_data(as_text=True)
    assert 'value="Läkardagarna “&lt;b&gt;”"' in page
    assert 'value="not a number"' in page
    assert revision_in(region.at("anna").get(path)) == "1"


def test_the_same_text_again_is_no_new_revision(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    assert revision_in(save(visitor, path, answers())) == "1"
    # The answer to the first was lost on its way: the page still says 0.
    assert revision_in(save(visitor, path, answers(), "0")) == "1"


@pytest.mark.each_engine
def test_two_windows_never_overwrite_each_other(region: Region) -> None:
    first, second = region.at("anna"), region.at("anna")
    path = start(first)
    save(first, path, answers(event="From the first"))
    background = save(second, path, answers(event="From the second"), "0")
    assert background.status_code == 409
    assert "changed in another window" in text_of(background)
    page = second.post(path, typed_as(answers(event="From the second")) | {"revision": "0", "action": "save"})
    assert page.status_code == 409
    assert "From the first" in text_of(page)
    assert "From the second" in text_of(page)
    assert kept(region, path).answers["event"] == "From the first"
    sent_again = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.get_data(as_text=True))
    )
    answer = second.post(path, sent_again | {"action": "save"})
    assert answer.status_code == 303
    assert kept(region, path).answers["event"] == "From the second"
    assert kept(region, path).answers["costs"] == answers()["costs"]


def test_the_live_check_says_the_amount_and_what_stops_it(small_region: Region) -> None:
    visitor = small_region.at("anna")
    path = start(visitor)
    good = check(visitor, path, answers())
    assert "SEK 8,250" in good
    assert "Nothing stops the application" in good
    assert "First day it can be decided 1 March 2024" in good
    assert "SEK 1,750,000 (first half-year)" in good
    low = check(visitor, path, answers(counter_amount="1000", counter_source="company"))
    assert "The grant falls to SEK 1,000" in low
    assert "If the unit pays SEK 7,250 more, the grant rises to SEK 8,250." in low
    assert "The counter-financing may not come from a company." in low
    assert "motfinansierar med motsvarande summa" in low


def test_the_live_check_writes_nothing_and_asks_little(small_region: Region, statements: list[str]) -> None:
    visitor = small_region.at("anna")
    path = start(visitor, for_whom=small_region.world.people["bo"].number)
    statements.clear()
    check(visitor, path, answers(head="boss"))
    assert len(statements) <= 5
    assert [each for each in statements if not each.lstrip().upper().startswith("SELECT")] == []
    assert kept(small_region, path).answers == {}


@pytest.mark.each_engine
def test_earlier_requests_of_the_participant_are_listed(region: Region) -> None:
    number = region.world.apply("anna", event="An earlier congress").number
    visitor = region.at("anna")
    said = check(visitor, start(visitor), answers())
    assert f"{number} Waiting for decision An earlier congress" in said
    assert "Nothing stops the application" in said


def test_unreadable_answers_stand_beside_their_fields(small_region: Region) -> None:
    visitor = small_region.at("anna")
    path = start(visitor)
    bad = answers(
        starts_on="tomorrow", costs=[{"kind": "fee", "amount": "1e9"}, {"amount": "5", "currency": "EUR"}]
    )
    answer = visitor.post(path, typed_as(bad) | {"revision": "0", "action": "check"})
    page = visitor.get(answer.headers["Location"]).get_data(as_text=True)
    for field in ("starts_on", "costs-0-amount", "costs-1-kind", "costs-1-rate", "costs-1-rate_on"):
        assert re.search(rf'id="{field}-error">[^<]+<', page), field
    assert 'value="tomorrow"' in page
    assert re.search(r'id="event-error"><', page)


def test_without_a_script_the_check_button_saves_and_marks_what_is_missing(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    answer = visitor.post(path, {"revision": "0", "action": "check", "event": "ESC Congress"})
    assert answer.headers["Location"] == f"{path}?checked=yes#assessment"
    page = visitor.get(answer.headers["Location"])
    assert "Write the first day." in text_of(page)
    assert 'aria-invalid="true"' in page.get_data(as_text=True)
    assert kept(region, path).answers == {"event": "ESC Congress"}
    fresh = visitor.get(path).get_data(as_text=True)
    assert 'aria-invalid="true"' not in fresh


def test_without_a_script_cost_lines_are_added_and_removed(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    typed = typed_as(answers()) | {"revision": "0"}
    added = visitor.post(path, typed | {"action": "add-line"})
    assert added.headers["Location"] == f"{path}?lines=4#costs-3-kind"
    assert 'name="costs-3-amount"' in visitor.get(added.headers["Location"]).get_data(as_text=True)
    removed = visitor.post(path, typed | {"revision": "1", "action": "remove-line-0"})
    assert removed.status_code == 303
    assert [line["kind"] for line in kept(region, path).answers["costs"]] == ["travel", "lodging"]


def test_a_country_typed_by_name_is_understood(small_region: Region) -> None:
    visitor = small_region.at("anna")
    path = start(visitor)
    assert "SEK 10,000" in check(visitor, path, answers(country="Tyskland"))
    assert "Choose one of the alternatives." in check(visitor, path, answers(country="Atlantis"))


@pytest.mark.each_engine
def test_a_head_is_found_by_name_and_named_in_full(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    save(visitor, path, answers(head="bos"))
    assert kept(region, path).answers["head"] == "bos", "while it is typed it is kept as the field holds it"
    visitor.post(path, typed_as(answers(head="bos")) | {"revision": "1", "action": "save"})
    assert kept(region, path).answers["head"] == "Boss (Clinic)"
    unknown = check(visitor, path, answers(head="Nobody Atall"))
    assert "The head who stands for the counter-financing was not found." in unknown
    assert "Nothing stops the application" not in unknown
    fragment = visitor.post(f"{path}/check", typed_as(answers(head="Nobody Atall")), headers=HTMX)
    announced = re.search(r'data-announce="([^"]*)"', fragment.get_data(as_text=True))
    assert announced is not None
    assert announced[1].endswith(", 1 thing stops the application")
    saved = save(visitor, path, answers(head="Nobody Atall"), revision="2")
    refused = visitor.post(f"{path}/submit", {"revision": revision_in(saved)})
    assert refused.status_code == 422
    assert "The head who stands for the counter-financing was not found." in text_of(refused)
    assert kept(region, path) is not None


def test_a_head_named_by_a_name_that_one_person_has_is_found_when_it_is_sent_too(region: Region) -> None:
    """Whoever passes the live check passes the submission: both are told the same of whom the answer names."""
    world = region.world
    token = world.draft("anna", **answers(head="bos"))
    assert world.submit(token).head_id == world["boss"].id
    few = world.draft("bo", **answers(head=world["boss"].number[-6:]))
    with pytest.raises(Blocked) as blocked:
        world.submit(few, by="bo")
    assert blocked.value.assessment.codes == ("rfr.head-unknown",)


def test_answers_are_read_once_by_every_door(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, read = region.at("anna"), fields.read_amount
    amounts: list[object] = []
    monkeypatch.setattr(fields, "read_amount", lambda typed, *a: amounts.append(typed) or read(typed, *a))
    said = answers()
    once = sorted([said["counter_amount"], *(line["amount"] for line in said["costs"])])

    def seen() -> list[object]:
        found = sorted(map(str, amounts))
        amounts.clear()
        return found

    path = start(visitor)
    amounts.clear()
    check(visitor, path, said)
    assert seen() == once
    saved = save(visitor, path, said)
    assert seen() == [], "saving judges nothing"
    visitor.get(path)
    assert seen() == once
    visitor.get(f"{path}/review")
    assert seen() == once
    sent = visitor.post(f"{path}/submit", {"revision": revision_in(saved)})
    assert seen() == once, "the letters are composed of what was judged"
    number = sent.headers["Location"].rpartition("/")[2].partition("?")[0]
    region.at("chair").get(f"/queue/{number}")
    assert seen() == once


def test_people_are_offered_as_they_are_typed(small_region: Region) -> None:
    visitor = small_region.at("anna")
    answer = visitor.get("/apply/people?head=boss", headers=HTMX).get_data(as_text=True)
    assert answer.startswith('<datalist id="people">')
    assert 'value="Boss (Clinic)"' in answer
    short = visitor.get("/apply/people?head=bo", headers=HTMX).get_data(as_text=True)
    assert "Boss" not in short
    assert "Write at least three letters of the name, or the whole number." in short


def test_nobody_finds_out_a_personal_id_or_an_address_by_searching(small_region: Region) -> None:
    world, visitor = small_region.world, small_region.at("anna")
    with world.in_one_go():
        twin = world.add("berta")
        twin = replace(twin, name="Boss", unit="Far away", number="secret-77")
        world.write(change_person, person=twin, schemes=world.schemes, by=None, at=MARCH)
    for typed in ("secret", "boss secret", "region.test", "boss region.test"):
        assert "Boss" not in visitor.get(f"/apply/people?head={typed}", headers=HTMX).get_data(
            as_text=True
        ), typed
    page = visitor.post("/apply/rfr-2024", {"whom": "other", "for_whom": "boss"}).get_data(as_text=True)
    chosen = dict(re.findall(r'name="number" value="([^"]+)">Boss <small>([^<]+)<', page))
    assert sorted(chosen.values()) == ["Clinic", "Far away"]
    for posted, unit in chosen.items():
        whom = kept(small_region, start(visitor, number=posted)).participant_id
        assert whom == (twin.id if unit == "Far away" else world["boss"].id)
        forged = visitor.post("/apply/rfr-2024", {"number": f"{posted}x"})
        assert forged.status_code == 422
    path = start(visitor)
    visitor.post(path, typed_as(answers(head="boss far")) | {"revision": "0", "action": "save"})
    assert kept(small_region, path).answers["head"] == "Boss (Far away)"
    for page in (visitor.get(path), visitor.get(f"{path}/review")):
        assert not [
            each for each in ("secret-77", world["boss"].number) if each in page.get_data(as_text=True)
        ]


def test_few_people_are_offered_and_those_of_the_own_unit_first(small_region: Region) -> None:
    world = small_region.world
    with world.in_one_go():
        for n in range(12):
            far = world.add(f"albert{chr(97 + n)}")
            world.write(
                change_person, person=replace(far, unit="Far away"), schemes=world.schemes, by=None, at=MARCH
            )
        world.add("albertz")
    visitor = small_region.at("anna")
    answer = visitor.get("/apply/people?for_whom=alb", headers=HTMX).get_data(as_text=True)
    names = re.findall(r'value="(\w+) \(', answer)
    assert (len(names), names[:2]) == (10, ["Albertz", "Alberta"])
    assert "Write more of the name." in answer
    page = text_of(visitor.post("/apply/rfr-2024", {"whom": "other", "for_whom": "al"}))
    assert "Write at least three letters" in page
    assert "Albertz" not in page


def test_who_writes_for_a_colleague_learns_only_that_there_is_an_earlier_request(
    small_region: Region,
) -> None:
    earlier = small_region.world.apply(
        "anna", event="Kept to herself", costs=[{"kind": "fee", "amount": "6 666"}]
    )
    for name, told in (("bo", False), ("anna", True)):
        path, visitor = f"/drafts/{small_region.world.draft(name, participant='anna')}", small_region.at(name)
        for page in (
            text_of(visitor.get(path)),
            text_of(visitor.get(f"{path}/review")),
            check(visitor, path, answers()),
        ):
            for said in (
                earlier.number,
                "Kept to herself",
                "3,333",
                "Waiting for decision",
                "Earlier requests",
            ):
                assert (said in page) is told, (name, said)
            says = "The answer is no, but the register holds an earlier application in the same year."
            assert (says in page, "holds an earlier request for the participant in 2024" in page) == (
                told,
                not told,
            ), name


def test_the_participant_of_a_draft_can_be_changed(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    typed = typed_as(answers()) | {"revision": "0", "action": "participant"}
    visitor.post(path, typed | {"for_whom": region.world.people["bo"].number})
    assert kept(region, path).participant_id == region.world.people["bo"].id
    several = visitor.post(path, typed | {"revision": "1", "for_whom": "Clinic"})
    assert "for_whom=Clinic" in several.headers["Location"]
    assert "Write more of the name." in text_of(visitor.get(several.headers["Location"]))
    visitor.post(path, typed | {"revision": "2", "action": f"for-{region.world.people['anna'].number}"})
    assert kept(region, path).participant_id == region.world.people["anna"].id


@pytest.mark.parametrize("action", ["save", "review", "check", "add-line", ""])
def test_a_name_in_the_search_for_a_participant_chooses_nobody(small_region: Region, action: str) -> None:
    """Neither a background save nor a button for something else: only the field's own button does."""
    visitor, bo = small_region.at("anna"), small_region.world["bo"]
    path, typed = start(visitor), typed_as(answers()) | {"revision": "0", "for_whom": bo.number}
    assert visitor.post(f"{path}/save", typed, headers=HTMX).status_code == 200
    visitor.post(f"{path}/check", typed, headers=HTMX)
    answer = visitor.post(path, typed | {"revision": "1", "action": action})
    assert kept(small_region, path).participant_id == small_region.world["anna"].id
    assert f"{path}?for_whom=" in answer.headers["Location"], "what was typed is not passed over either"
    page = visitor.get(answer.headers["Location"])
    assert "Press the name to choose this person, or empty the field." in text_of(page)
    assert 'value="for-' in page.get_data(as_text=True)


def test_a_name_written_and_not_chosen_begins_and_adds_nothing(small_region: Region) -> None:
    visitor, bo = small_region.at("anna"), small_region.world["bo"]
    refused = visitor.post("/apply/rfr-2024", {"for_whom": bo.number})
    assert (refused.status_code, ">Bo <small>" in refused.get_data(as_text=True)) == (422, True)
    path = start(visitor, "kvalitetsfondet-2023")
    rows = {"row": path.rpartition("/")[2], f"{path.rpartition('/')[2]}:revision": "0"}
    for action in ("save", "send", "share"):
        answer = visitor.post(f"{path}/several", rows | {"new:who": bo.number, "action": action})
        assert answer.status_code == 422, action
        assert 'value="choose-' in answer.get_data(as_text=True)
    assert text_of(visitor.get("/")).count("saved") == 1


def test_for_whom_it_is_stands_wherever_it_is_for_another(small_region: Region) -> None:
    visitor, mark = small_region.at("anna"), "For Bo"
    mine, his = start(visitor), start(visitor, for_whom=small_region.world["bo"].number)
    for page in ("", "/review", "/delete"):
        assert mark in text_of(visitor.get(his + page)), page
        assert mark not in text_of(visitor.get(mine + page)), page
    save(visitor, his, answers())
    conflict = visitor.post(his, typed_as(answers(event="Other")) | {"revision": "0", "action": "save"})
    assert (conflict.status_code, mark in text_of(conflict)) == (409, True)
    assert text_of(visitor.get("/")).count(mark) == 1


@pytest.mark.each_engine
def test_an_application_is_reviewed_and_sent_once_however_often_it_arrives(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    save(visitor, path, answers(head="boss"))
    review = visitor.get(f"{path}/review")
    assert "ESC Congress" in text_of(review)
    assert "30 August 2024" in text_of(review)
    first = send(visitor, path)
    assert first.status_code == 303
    receipt = first.headers["Location"]
    assert "Your application is received. Its number is RFR-2024-0001." in text_of(visitor.get(receipt))
    again = visitor.post(f"{path}/submit", {"revision": revision_in(review)})
    assert again.headers["Location"] == receipt
    for page in (path, f"{path}/review"):
        assert visitor.get(page).headers["Location"] == receipt
    with region.world.database.reading() as session:
        sent = applications.written_by_or_for(session, region.world.people["anna"].id)
    assert [each.number for each in sent] == [receipt.rsplit("/", 1)[-1]] == ["RFR-2024-0001"]
    assert sent[0].head_id == region.world.people["boss"].id
    assert kept(region, path) is None


def test_what_stops_it_is_told_on_top_and_nothing_is_lost(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    save(visitor, path, answers(participation="", starts_on="2024-02-01", ends_on="2024-02-02"))
    review = visitor.get(f"{path}/review")
    assert 'aria-disabled="true"' in review.get_data(as_text=True)
    answer = visitor.post(f"{path}/submit", {"revision": revision_in(review)})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "data-error-summary" in page
    assert "<title>Error: " in page
    assert '<a href="#participation">' in page
    assert 'value="01/02/2024"' in page
    assert re.search(r'id="participation-error">[^<]+<', page)
    assert kept(region, path).answers["event"] == "ESC Congress"


def test_a_draft_that_changed_after_the_review_is_not_sent(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    save(visitor, path, answers())
    seen = revision_in(visitor.get(f"{path}/review"))
    save(visitor, path, answers(event="Another congress"), seen)
    answer = visitor.post(f"{path}/submit", {"revision": seen})
    assert answer.headers["Location"] == f"{path}/review"
    assert "were changed since they were shown" in text_of(visitor.get(f"{path}/review"))
    assert kept(region, path) is not None


def test_documents_that_changed_after_the_review_are_not_sent(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor, "kvalitetsfondet-2023")
    shown = hidden_in(visitor.get(f"{path}/review"))
    area = re.search(r'type="file" id="([^"]+)"', visitor.get(path).get_data(as_text=True))
    assert area is not None
    visitor.post(f"{path}/documents", {area[1]: (BytesIO(made.pdf()), "proof.pdf")}, headers=HTMX)
    answer = visitor.post(f"{path}/submit", shown)
    assert answer.headers["Location"] == f"{path}/review"
    anew = visitor.get(f"{path}/review")
    assert "documents were changed since they were shown" in text_of(anew)
    assert "proof.pdf" in text_of(anew)
    assert visitor.post(f"{path}/submit", hidden_in(anew)).status_code != 303, (
        "sent or stopped for what it says"
    )


@pytest.mark.parametrize("gone", ["deleted", "sent", "sent by the other"])
def test_what_was_typed_into_a_draft_that_is_gone_is_given_back(region: Region, gone: str) -> None:
    world, visitor = region.world, region.at("anna")
    if gone == "sent by the other":
        number = world.apply("anna", participant="bo").number
        world.ask(number)
        opened = visitor.post(f"/applications/{number}/answer").headers["Location"]
        world.submit(opened.rpartition("/")[2], by="bo")
    else:
        opened = start(visitor)
        save(visitor, opened, answers())
        deleted = visitor.post(f"{opened}/delete") if gone == "deleted" else send(visitor, opened)
        assert deleted.status_code == 303
    typed = typed_as(answers(event="Typed <b> after that")) | {"revision": "1", "action": "save"}
    for act in ("", "/check", "/save"):
        answer = visitor.post(opened + act, typed)
        assert answer.status_code == (404 if gone == "deleted" else 409)
        assert "Typed <b> after that" in text_of(answer)
        told = (
            "it has been deleted" if gone == "deleted" else "was sent meanwhile, as application RFR-2024-0001"
        )
        assert told in text_of(answer)
        assert told in text_of(visitor.post(opened + act, typed, headers=HTMX)), "and while it is typed"


def test_a_draft_is_deleted_after_being_asked(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    assert "Delete the draft?" in text_of(visitor.get(f"{path}/delete"))
    assert kept(region, path) is not None
    assert visitor.post(f"{path}/delete").status_code == 303
    assert kept(region, path) is None
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("name", ["bo", "boss", "chair", "finn", "admin"])
def test_nobody_else_sees_or_touches_a_draft(small_region: Region, name: str) -> None:
    owner, other = small_region.at("anna"), small_region.at(name)
    path = start(owner)
    save(owner, path, answers())
    for page in ("", "/review", "/delete"):
        assert other.get(path + page).status_code == 404
    form = typed_as(answers(event="Mine now")) | {"revision": "1", "action": "save"}
    for act in ("", "/check", "/save", "/submit", "/delete"):
        assert other.post(path + act, form).status_code == 404
    assert kept(small_region, path).answers["event"] == "ESC Congress"


@pytest.mark.parametrize("revision", ["", "x", "-1", "1e3", "9" * 19])
def test_a_page_that_says_no_revision_saves_nothing(small_region: Region, revision: str) -> None:
    visitor = small_region.at("anna")
    path = start(visitor)
    assert visitor.post(path, typed_as(answers()) | {"revision": revision}).status_code == 400
    assert kept(small_region, path).answers == {}


def test_signed_out_meanwhile_the_draft_stays_and_the_fragment_says_so(small_region: Region) -> None:
    visitor = small_region.at("anna")
    path = start(visitor)
    save(visitor, path, answers())
    small_region.clock.forward(hours=11)
    answer = visitor.post(f"{path}/save", typed_as(answers(event="Later")) | {"revision": "1"}, headers=HTMX)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in")
    assert kept(small_region, path).answers["event"] == "ESC Congress"


def test_a_draft_goes_by_the_course_that_was_chosen(region: Region) -> None:
    """On the start page too, where a listed course had no name; another course goes by the name that was typed."""
    visitor = region.at("anna")
    path = start(visitor, "kvalitetsfondet-2023")
    for revision, said, title in (
        ("0", {"course": "diabetes", "course_title": "Left behind"}, "Klinisk emnekurs Diabetes"),
        ("1", {"course": "other"}, "New application"),
        ("2", {"course": "other", "course_title": "Simulation"}, "Simulation"),
    ):
        save(visitor, path, said, revision)
        assert title in text_of(visitor.get("/")), said
        assert f">{title}</h1>" in visitor.get(path).get_data(as_text=True), said


def test_the_other_fund_comes_out_of_the_same_templates(small_region: Region) -> None:
    visitor = small_region.at("anna")
    path = start(visitor, "kvalitetsfondet-2023")
    page = visitor.get(path)
    assert page.status_code == 200
    kind = small_region.world.schemes["kvalitetsfondet-2023"].main_kind
    source = page.get_data(as_text=True)
    for name, field in kind.fields.items():
        if field.given or field.name == "preapproval":  # which is asked where there is one
            continue
        if field.type not in ("documents", "calendar"):
            assert f'id="{name}"' in source, name
        assert field.label["en"] in text_of(page), name
    hidden = visitor.post(f"{path}/check", {"in_hours": "no"}, headers=HTMX).get_data(as_text=True)
    assert re.search(r'data-unasked="[^"]*whole_days', hidden)


@pytest.mark.parametrize("language", ["sv", "nb", "en"])
def test_the_panel_says_what_the_evaluation_says(small_region: Region, language: str) -> None:
    visitor = small_region.at("anna")
    visitor.post("/language", {"lang": language, "next": "/"})
    path = start(visitor)
    said = answers(
        organiser="",
        counter_amount="500",
        follow_up_on="2024-08-31",
        starts_on="2025-01-02",
        ends_on="2025-01-03",
    )
    scheme = small_region.world.schemes["rfr-2024"]
    assessment = assess(said, scheme, Facts(budget_left=1_750_000_00), small_region.clock())
    page = " ".join(check(visitor, path, said).split())
    for finding in assessment.findings:
        assert " ".join(finding_text(finding, language).split()) in page, finding.code


def test_a_form_sent_after_the_session_ran_out_is_offered_again_to_the_same_person(region: Region) -> None:
    visitor = region.at("anna")
    path = start(visitor)
    region.clock.forward(minutes=45)
    form = typed_as(answers(event="Typed while away <b>")) | {"revision": "0", "action": "save"}
    stopped = visitor.post(path, form)
    assert stopped.status_code == 401
    assert "Typed while away" not in text_of(stopped)
    sealed = dict(re.findall(r'name="(kept)" value="([^"]*)"', stopped.get_data(as_text=True)))
    other = region.visitor().post("/sign-in/demo", sealed | {"person": str(region.world.people["bo"].id)})
    assert other.status_code == 303
    offered = visitor.post("/sign-in/demo", sealed | {"person": str(region.world.people["anna"].id)})
    assert "Typed while away <b>" in text_of(offered)
    assert kept(region, path).answers == {}
    page = offered.get_data(as_text=True)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    again = {
        html.unescape(name): html.unescape(value)
        for name, value in fields
        if name not in ("next", "csrf_token")
    }
    assert visitor.post(path, again).status_code == 303
    assert kept(region, path).answers["event"] == "Typed while away <b>"
    assert kept(region, path).answers["costs"] == answers()["costs"]


def test_what_was_sealed_is_not_offered_when_touched_or_too_late(small_region: Region) -> None:
    visitor = small_region.at("anna")
    path = start(visitor)
    me = {"person": str(small_region.world.people["anna"].id)}
    small_region.clock.forward(minutes=45)
    stopped = visitor.post(path, {"revision": "0", "event": "x"}).get_data(as_text=True)
    sealed = re.findall(r'name="kept" value="([^"]*)"', stopped)[0]
    touched = small_region.visitor().post("/sign-in/demo", me | {"kept": sealed[:-1] + "!"})
    assert touched.status_code == 303
    small_region.clock.forward(hours=13)
    assert small_region.visitor().post("/sign-in/demo", me | {"kept": sealed}).status_code == 303


def test_nothing_is_sealed_for_a_browser_that_was_never_signed_in_or_signed_out(small_region: Region) -> None:
    stranger = small_region.visitor()
    assert stranger.post("/drafts/x", {"revision": "0", "event": "x"}).status_code == 303
    visitor = small_region.at("anna")
    visitor.post("/sign-out")
    assert visitor.post("/drafts/x", {"revision": "0", "event": "x"}).status_code == 303


def test_what_only_a_grant_gives_is_neither_typed_nor_kept_without_it(region: Region) -> None:
    scheme, anna = region.world.schemes["kvalitetsfondet-2023"], region.world["anna"]
    given = next(name for name, field in scheme.main_kind.fields.items() if field.given)
    draft = region.world.database.write(
        start_draft, scheme=scheme, by=anna, at=region.clock(), answers={given: "8", "fee": "100"}
    )
    visitor = region.at("anna")
    save(visitor, f"/drafts/{draft.token}", {"fee": "200", given: "12"})
    assert kept(region, draft.token).answers == {"fee": "200"}


def test_what_the_register_knows_of_the_participant_is_filled_in(small_region: Region) -> None:
    world = small_region.world
    for name, administration, centre in (("anna", "Sahlgrenska", "4711"), ("bo", "Skaraborg", "5822")):
        works = {"administration": administration, "cost_centre": centre}
        world.change(name, by=None, **works)
    visitor = small_region.at("anna")
    path = start(visitor)
    page = visitor.get(path).get_data(as_text=True)
    assert re.search(r'name="cost_centre"[^>]* value="4711"', page)
    assert "(from the register)" in page

    # Whoever it is for instead works elsewhere; what was typed by hand stays.
    typed = typed_as(answers(administration="Sahlgrenska", cost_centre="9999"))
    button = {"revision": "0", "action": "participant", "for_whom": world["bo"].number}
    visitor.post(path, typed | button)
    page = visitor.get(path).get_data(as_text=True)
    assert re.search(r'name="administration"[^>]* value="Skaraborg"', page)
    assert re.search(r'name="cost_centre"[^>]* value="9999"', page)
    number = send(visitor, path).headers["Location"].rpartition("/")[2]
    with world.database.reading() as session:
        sent = applications.version_of(session, applications.get(session, number=number)).answers
    assert (sent["administration"], sent["cost_centre"]) == ("Skaraborg", "9999")


def test_earlier_requests_of_ones_own_are_filled_in(small_region: Region) -> None:
    small_region.world.apply("anna", event="Another", starts_on="2024-09-10", ends_on="2024-09-11")
    visitor = small_region.at("anna")
    path = start(visitor)
    save(visitor, path, answers(prior="", specialist=""))
    page = visitor.get(path).get_data(as_text=True)
    assert re.search(r'value="requested"[^>]* checked', page)
    assert re.search(r'name="specialist"[^>]*value="yes"[^>]* checked', page)
    assert "Say whether the participant has asked" not in page
    # Who writes for somebody else is not told what became of it, and is asked.
    path = start(small_region.at("bo"), for_whom=small_region.world["anna"].number)
    save(small_region.at("bo"), path, answers(prior=""))
    page = small_region.at("bo").get(f"{path}?checked=yes").get_data(as_text=True)
    assert not re.search(r'value="(requested|granted)"[^>]* checked', page)
    assert "Say whether the participant has asked" in page


def test_an_answer_that_the_register_contradicts_is_pointed_out(small_region: Region) -> None:
    world = small_region.world
    world.change("anna", by=None, specialist=False)
    visitor = small_region.at("anna")
    assert "The register and the answer differ" in check(visitor, start(visitor), answers())
    number = world.apply("anna").number
    assert "The register and the answer differ" in text_of(small_region.at("chair").get(f"/queue/{number}"))

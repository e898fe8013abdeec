"""A municipality applies for several doctors of one course in one go: a row each, all sent by one button."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from portal.domain.application import Status
from portal.store import applications, drafts
from tests.apply.acts import save
from tests.documents import made
from tests.support.fund import Fund
from tests.support.portals import Visitor
from tests.support.region import text_of
from tests.support.typed import start

SHARED = {
    "payee": "municipality",
    "org_number": "972418013",
    "invoice_reference": "ref. 4410",
    "course": "kloke-valg",
    "starts_on": "2024-02-05",
    "ends_on": "2024-02-07",
    "in_hours": "yes",
}
MINE = {"whole_days": "2", "fee": "4 250", "salary_cost": "9 000"}
HIS = {"whole_days": "1", "half_days": "1", "fee": "4 250", "salary_cost": "20 000"}

_VALUE = re.compile(r'name="([^"]+)" value="([^"]*)"')


def begun(fund: Fund) -> tuple[Visitor, str]:
    """Somebody of the municipality, and the first doctor's claim with its documents; the address of its rows."""
    clerk = fund.at("finn")
    path = start(clerk, "kvalitetsfondet-2023", kind="claim", number=fund["kari"].number)
    save(clerk, path, SHARED | MINE)
    for proves in ("certificate", "receipt", "absence"):
        fund.attach(path.rpartition("/")[2], proves, by="finn")
    assert f'href="{path}/several"' in clerk.get(path).get_data(as_text=True)
    return clerk, f"{path}/several"


def add(fund: Fund, clerk: Visitor, path: str, answers: Mapping[str, str] = HIS) -> Any:
    """One more doctor, with papers of his own: only the invoice is shared."""
    answer = press(clerk, path, "add", {"who": fund["ola"].number} | dict(answers))
    for proves in ("certificate", "absence"):
        fund.attach(rows(clerk, path)[-1], proves, by="finn", content=made.pdf(f"Ola: {proves}"))
    return answer


def rows(clerk: Visitor, path: str) -> list[str]:
    return re.findall(r'name="row" value="([^"]+)"', clerk.get(path).get_data(as_text=True))


def form(clerk: Visitor, path: str) -> dict[str, Any]:
    """What a browser would send of the page as it is."""
    page = clerk.get(path).get_data(as_text=True)
    found = dict(_VALUE.findall(page[page.index('id="row-1"') :]))
    found.pop("lang", None)  # the switch of languages, which a form holds too
    found["row"] = rows(clerk, path)
    for name in re.findall(r'id="([^"]+:\w+)"', page):
        found[name] = (re.search(rf'name="{re.escape(name)}"[^>]* value="([^"]*)"', page) or ["", ""])[1]
    return found


def press(clerk: Visitor, path: str, action: str, new: Mapping[str, str] | None = None, **typed: str) -> Any:
    added = {f"new:{name}": text for name, text in (new or {}).items()}
    return clerk.post(path, form(clerk, path) | added | typed | {"action": action})


def of_the_fund(fund: Fund) -> list[Any]:
    with fund.database.reading() as session:
        return applications.written_by_or_for(session, fund["finn"].id)


@pytest.mark.each_engine
def test_each_doctor_gets_an_application(each_fund: Fund) -> None:
    fund = each_fund
    clerk, path = begun(fund)
    answer = add(fund, clerk, path)
    assert answer.status_code == 303, text_of(answer)
    assert len(rows(clerk, path)) == 2
    page = text_of(clerk.get(path))
    assert "Ola" in page
    assert "NOK 13,250" in page, "4 250 and the salary cost of 9 000, below two days"
    assert "NOK 17,375" in page, "4 250 and one and a half days"

    body = form(clerk, path) | {"action": "send"}
    answer = clerk.post(path, body)
    assert answer.status_code == 303, text_of(answer)
    found = of_the_fund(fund)
    assert {(each.participant_id, each.amount) for each in found} == {
        (fund["kari"].id, 13_250_00),
        (fund["ola"].id, 17_375_00),
    }
    assert {each.status for each in found} == {Status.WAITING}
    assert {len(fund.of_version(each, 1)) for each in found} == {3}

    clerk.get("/account")
    again = clerk.post(path, body)
    assert again.status_code == 303
    assert again.headers["Location"].startswith("/applications/KF-")
    assert len(of_the_fund(fund)) == 2, "a second click sends nothing more"


@pytest.mark.each_engine
def test_one_row_that_is_not_complete_keeps_all_back(each_fund: Fund) -> None:
    fund = each_fund
    clerk, path = begun(fund)
    add(fund, clerk, path, HIS | {"salary_cost": ""})
    answer = press(clerk, path, "send")
    assert answer.status_code == 422
    assert "1 row is not complete yet." in text_of(answer)
    assert "is missing here too" not in text_of(answer)
    assert of_the_fund(fund) == []
    other = next(each for each in rows(clerk, path) if f"/drafts/{each}/" not in path)
    assert press(clerk, path, "send", **{f"{other}:salary_cost": "20 000"}).status_code == 303
    assert len(of_the_fund(fund)) == 2


def test_nothing_typed_is_lost_when_nobody_is_found(fund: Fund) -> None:
    clerk, path = begun(fund)
    first = rows(clerk, path)[0]
    answer = press(clerk, path, "send", {"who": "Nobody by this name"} | HIS, **{f"{first}:fee": "4 300"})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Nobody by that name or number was found." in page
    assert 'value="Nobody by this name"' in page
    assert 'value="20 000"' in page
    assert 'value="4 300"' in page
    assert of_the_fund(fund) == []


def test_the_same_doctor_is_there_once_and_can_be_left_out(fund: Fund) -> None:
    clerk, path = begun(fund)
    for _click in range(2):
        assert press(clerk, path, "add", {"who": fund["ola"].number} | HIS).status_code == 303
    both = rows(clerk, path)
    assert len(both) == 2
    other = next(each for each in both if f"/drafts/{each}/" not in path)
    assert press(clerk, path, f"remove-{other}").status_code == 303
    assert len(rows(clerk, path)) == 1


def test_what_another_window_saved_is_not_overwritten(fund: Fund) -> None:
    clerk, path = begun(fund)
    old, first = form(clerk, path), rows(clerk, path)[0]
    press(clerk, path, "save", **{f"{first}:fee": "4 400"})
    answer = clerk.post(path, old | {f"{first}:fee": "4 500", "action": "save"})
    assert answer.status_code == 409
    assert 'value="4 500"' in answer.get_data(as_text=True), "what was typed is still there"
    assert form(clerk, path)[f"{first}:fee"] == "4 400"


def test_which_days_each_was_away_is_each_ones_own(fund: Fund) -> None:
    clerk, path = begun(fund)
    away = {"2024-02-05": "whole", "2024-02-06": "half"}
    save(clerk, path.removesuffix("/several"), SHARED | MINE | {"away": away})
    add(fund, clerk, path)
    other = f"/drafts/{rows(clerk, path)[-1]}"
    assert "away" not in answers_of(fund, other)
    save(clerk, other, SHARED | HIS | {"away": {"2024-02-07": "half"}})
    press(clerk, path, "save")
    first = answers_of(fund, path.removesuffix("/several"))
    assert (first["away"], first["whole_days"], first["half_days"]) == (away, "1", "1")
    assert answers_of(fund, other)["away"] == {"2024-02-07": "half"}
    assert "whole_days" not in answers_of(fund, other), "the numbers follow"
    press(clerk, path, "save", **{f"{other.rpartition('/')[2]}:whole_days": "2"})
    assert "away" not in answers_of(fund, other), "the row says otherwise now"


def test_only_the_invoice_is_shared_and_what_each_lacks_is_said_of_each(fund: Fund) -> None:
    clerk, path = begun(fund)
    press(clerk, path, "add", {"who": fund["ola"].number} | HIS)
    press(clerk, path, "share")
    other = rows(clerk, path)[-1]
    assert [each.kind for each in fund.of_draft(other)] == ["receipt"]
    first, his = text_of(clerk.get(path)).split("Ola ", 1)
    assert "Attach the course certificate" not in first
    assert "Course certificate: fil.pdf" in first
    assert "Course certificate: nothing attached Receipt or invoice: fil.pdf" in his
    assert "Attach the course certificate" in his
    assert press(clerk, path, "send").status_code == 422
    assert of_the_fund(fund) == []


@pytest.mark.each_engine
def test_a_paper_of_one_doctor_is_not_taken_for_anothers_unsaid(each_fund: Fund) -> None:
    fund = each_fund
    clerk, path = begun(fund)
    add(fund, clerk, path)
    his, said = rows(clerk, path)[-1], "certificate or documentation of absence for another doctor (1)."
    assert said not in text_of(clerk.get(path)), "the invoice alone is the same"
    fund.attach(his, "certificate", by="finn", content=made.pdf("certificate"))
    assert text_of(clerk.get(path)).count(said) == 2, "it is said of both"
    assert said in text_of(clerk.get(f"/drafts/{his}"))
    assert press(clerk, path, "send").status_code == 303, "approvers judge it"
    for each in of_the_fund(fund):
        assert said in text_of(fund.at("leder").get(f"/queue/{each.number}"))


@pytest.mark.parametrize("what", ["attached", "taken off", "another row"])
def test_nothing_is_sent_that_the_page_did_not_show(fund: Fund, what: str) -> None:
    clerk, path = begun(fund)
    press(clerk, path, "add", {"who": fund["ola"].number} | HIS)
    old, other = form(clerk, path), next(each for each in rows(clerk, path) if f"/drafts/{each}/" not in path)
    if what == "another row":
        press(clerk, path, "add", {"who": fund["anna"].number} | HIS)
    elif what == "attached":
        fund.attach(other, "absence", by="finn", content=made.pdf("En annen"))
    else:
        page = clerk.get(f"/drafts/{other}").get_data(as_text=True)
        clerk.post(
            f"/drafts/{other}/documents", {"action": re.findall(r'value="(remove-document-\d+)"', page)[0]}
        )
    answer = clerk.post(path, old | {"action": "send"})
    assert answer.status_code == 409
    assert "Another window has changed the rows or their documents" in text_of(answer)
    assert of_the_fund(fund) == []


@pytest.mark.each_engine
def test_what_is_changed_in_ones_own_form_stays_and_is_told(each_fund: Fund) -> None:
    fund = each_fund
    clerk, path = begun(fund)
    press(clerk, path, "add", {"who": fund["ola"].number} | HIS)
    first = path.removesuffix("/several")
    other = next(f"/drafts/{each}" for each in rows(clerk, path) if f"/drafts/{each}/" not in path)
    assert "Changed in the form of this participant" not in text_of(clerk.get(path))

    # He took part the week after; then it turns out that the course is another, for all of them.
    save(clerk, other, SHARED | HIS | {"starts_on": "2024-02-12", "ends_on": "2024-02-14"})
    save(clerk, first, SHARED | MINE | {"course": "diabetes", "invoice_reference": "ref. 4411"})
    page = text_of(clerk.get(path))
    assert "Changed in the form of this participant, and kept: First day; Last day." in page
    assert press(clerk, path, "save").status_code == 303
    for _round in range(2):
        theirs = answers_of(fund, other)
        assert (theirs["course"], theirs["invoice_reference"]) == ("diabetes", "ref. 4411")
        assert (theirs["starts_on"], theirs["ends_on"]) == ("2024-02-12", "2024-02-14")
        assert theirs["salary_cost"] == HIS["salary_cost"]
        press(clerk, path, "save")

    assert press(clerk, path, f"alike-{other.rpartition('/')[2]}").status_code == 303
    assert answers_of(fund, other)["starts_on"] == SHARED["starts_on"]
    assert "Changed in the form of this participant" not in text_of(clerk.get(path))


def test_what_the_first_one_changes_since_reaches_those_who_changed_nothing(fund: Fund) -> None:
    clerk, path = begun(fund)
    add(fund, clerk, path)
    other = next(f"/drafts/{each}" for each in rows(clerk, path) if f"/drafts/{each}/" not in path)
    save(clerk, other, SHARED | HIS)
    save(clerk, path.removesuffix("/several"), SHARED | MINE | {"in_hours": "no"})
    assert "Changed in the form of this participant" not in text_of(clerk.get(path))
    assert press(clerk, path, "send").status_code == 303
    found = {each.participant_id: each.amount for each in of_the_fund(fund)}
    assert found[fund["ola"].id] == 4_250_00, "outside working hours it is the fee only"


def test_what_all_of_them_lack_is_said_of_the_first_only(fund: Fund) -> None:
    clerk, path = begun(fund)
    press(clerk, path, "add", {"who": fund["ola"].number} | HIS)
    save(clerk, path.removesuffix("/several"), SHARED | MINE | {"in_hours": ""})
    page = text_of(clerk.get(path))
    assert page.count("Was the course taken in working hours?") == 1
    assert page.count("What is missing in the form of the first is missing here too.") == 1
    assert "2 rows are not complete yet." in page


def answers_of(fund: Fund, draft: str) -> Mapping[str, Any]:
    with fund.database.reading() as session:
        return drafts.get(session, draft.rpartition("/")[2]).answers


def test_nobody_elses_rows_are_seen(fund: Fund) -> None:
    clerk, path = begun(fund)
    assert fund.at("ola").get(path).status_code == 404
    assert start(clerk, "rfr-2024")
    assert clerk.get(start(clerk, "rfr-2024") + "/several").status_code == 404


def test_an_officer_is_asked_whom_it_is_for(fund: Fund) -> None:
    """Whoever is no doctor by the register is never made the participant unasked."""
    fund.world.add("clerk", specialist=False, language="en")
    fund.world.add("gp", specialist=False, specialty="General practice", language="en")
    key = "kvalitetsfondet-2023"
    clerk = fund.at("clerk")
    assert clerk.post(f"/apply/{key}").location.endswith(f"/apply/{key}"), "no draft, but the question"
    page = clerk.get(f"/apply/{key}").get_data(as_text=True)
    assert "Say whom it is for." in page
    assert '<details class="details" open>' in page
    path = start(clerk, key, whom="self")
    assert "For Clerk" not in clerk.get(path).get_data(as_text=True)
    path = start(clerk, key, for_whom=fund["kari"].number)
    assert "For Kari" in text_of(clerk.get(path))
    assert "/drafts/" in fund.at("gp").post(f"/apply/{key}").location
    assert "/drafts/" in clerk.post("/apply/rfr-2024").location, "the other fund asks for no such thing"

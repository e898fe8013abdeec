"""The password again before a signature, and what the case page says of a change of how somebody signs in."""

from functools import cache
from typing import Any

import pytest

from portal.actions.sign_in import hash_password
from portal.store import people
from tests.signoff.conftest import Office, text_of

PASSWORD = "fyra glada grodor sjunger högt"
LABEL = "Your password, since you signed in a while ago"
ACTS = ("grant", "less", "refuse", "ask")


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def number(office: Office) -> str:
    """A case that waits, and a chair who has a password and signed in 14 minutes ago."""
    office.world.write(people.set_password, person_id=office.world["chair"].id, password_hash=_hash())
    office.at("chair")
    office.clock.forward(minutes=14)
    return office.world.apply().number


def test_a_signature_soon_after_the_password_asks_for_nothing(office: Office, number: str) -> None:
    assert LABEL not in office.page("chair", number)
    assert office.send("chair", number, "grant").status_code == 303


@pytest.mark.parametrize("act", ACTS)
def test_a_while_later_the_password_is_asked_for_and_nothing_typed_is_lost(
    office: Office, number: str, act: str
) -> None:
    typed: dict[str, Any] = {"amount": "5 000" if act == "less" else "8250.00"}
    typed |= {f"{act}-text": "My long reason"} if act != "grant" else {}
    shown = office.shown("chair", number)  # the field was not there yet
    office.clock.forward(minutes=1)
    for password, said in (
        ("", "It is a while since you signed in."),
        ("x", "That is not the password you have."),
    ):
        answer = office.send("chair", number, act, **shown, **typed, **{f"{act}-password": password})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert said in page.partition(f'id="{act}-password-error">')[2].partition("</p>")[0]
        assert act == "grant" or "My long reason" in page
        assert act != "less" or 'value="5 000"' in page
    assert text_of(answer).count(LABEL) == len(ACTS)
    good = office.send("chair", number, act, **shown, **typed, **{f"{act}-password": PASSWORD})
    assert good.status_code == 303
    assert LABEL not in text_of(office.at("chair").get(good.headers["Location"]))
    office.clock.forward(minutes=14)
    assert office.send("chair", office.world.apply("bo").number, "grant").status_code == 303, (
        "shown a while ago"
    )


def test_wrong_passwords_are_counted_by_person_and_together(office: Office, number: str) -> None:
    office.clock.forward(minutes=2)
    for act in ("grant", "ask", "less", "grant", "ask"):
        said = text_of(office.send("chair", number, act, **{f"{act}-password": "wrong"}))
        assert "That is not the password you have." in said
    right = office.send(
        "chair", number, "refuse", **{"refuse-text": "My long reason", "refuse-password": PASSWORD}
    )
    assert right.status_code == 422
    assert "the next one has to wait 2 seconds" in text_of(right)
    assert "My long reason" in text_of(right)
    assert office.send("rep", number, "grant").status_code == 303, "in a demo one click is enough"


def test_a_password_is_not_carried_through_signing_in_anew(office: Office, number: str) -> None:
    shown = office.shown("chair", number)
    office.clock.forward(minutes=31)
    answer = office.at("chair").post(
        f"/queue/{number}/sign",
        shown | {"act": "refuse", "refuse-text": "Mine", "refuse-password": PASSWORD},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert 'name="kept"' in page
    again = office.at("chair").post(
        "/sign-in/demo",
        {
            "person": office.world["chair"].id,
            "kept": page.partition('name="kept" value="')[2].partition('"')[0],
        },
    )
    assert "Mine" in text_of(again) or "Mine" in again.get_data(as_text=True)
    assert PASSWORD not in again.get_data(as_text=True)


def test_the_page_says_until_when_and_the_history_who_answered(office: Office, number: str) -> None:
    office.world.give("rep")
    said = "Your way to sign in has just been changed, so you can sign from 2 March 2024 at 10:00."
    assert said in office.page("rep", number).replace("\xa0", " ")
    assert "Rep, whose way to sign in was changed, from 2 March 2024 at 10:00" in office.page(
        "chair", number
    ).replace("\xa0", " ")
    held = office.send("rep", number, "grant")
    assert held.status_code == 409
    assert said in text_of(held).replace("\xa0", " ")
    office.world.confirm("rep", by="admin2")
    assert office.send("rep", number, "grant").status_code == 303
    assert "The way to sign in had just been changed; Admin2 had confirmed it." in office.page(
        "chair", number
    )

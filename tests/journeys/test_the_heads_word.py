"""RFR in a browser: the head says no, the applicant changes it, the head confirms, two sign; every page checked."""

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Journey

pytestmark = pytest.mark.browser


def test_the_head_says_no_and_then_confirms(make_journey: Callable[[str], Journey]) -> None:
    journey = make_journey("en")
    number = journey.world.apply().number
    boss = journey.at("boss").follow("Confirm the counter-financing of ESC Congress")
    boss.page.locator("#reason").fill("We pay 9 000")
    boss.press("Say no").sees("The head says no")
    journey.world.answer(number, counter_amount="9 000")
    boss.go(f"/applications/{number}/head")
    for box in boss.page.locator("[name^=confirm-]").all():
        box.check()
    boss.page.locator("#confirm").click()
    boss.page.wait_for_load_state()
    boss.check().sees("Confirmed by the head")
    for name in ("chair", "rep"):
        signer = journey.at(name).go(f"/queue/{number}").sees("Confirmed by the head")
        signer.page.locator("#grant").click()
        signer.page.wait_for_load_state()
    assert journey.world.case(number).application.status == "granted"
    boss.go("/head?year=2024").sees("SEK 9,000")
    assert journey.faults == []

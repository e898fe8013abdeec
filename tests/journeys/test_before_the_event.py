"""The whole way of an application under RFR 2024 in a real browser: apply, return, answer, two signatures, the file."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Journey, Walker

DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 375, "height": 800}}


def fill(page: Page, **more: str) -> None:
    """Answer the form as somebody would who types."""
    page.get_by_label("Ja", exact=True).first.check()
    page.get_by_label("Namn", exact=True).fill("ESC Congress")
    page.get_by_label("Arrangör").fill("European Society of Cardiology")
    page.get_by_label("På plats").check()
    if page.locator("select[name=country]:visible").count():
        page.locator("select[name=country]").select_option("GB")
    else:
        page.get_by_role("combobox", name="Land").fill("Storbritannien")
        page.get_by_role("option", name="Storbritannien").first.click()
    page.get_by_label("Första dagen", exact=True).fill("30/8/2024")
    page.get_by_label("Sista dagen", exact=True).fill("2 sept 2024")
    page.locator("[name=participation]").fill("Egen poster, och ett seminarium för kliniken efteråt.")
    page.locator("[name=costs-0-amount]").fill("7 400,00")
    page.locator("[name=costs-1-amount]").fill("3200")
    page.locator("[name=costs-2-amount]").fill("5 900")
    page.locator("[name=counter_amount]").fill(more.get("counter", "10 000"))
    page.get_by_label("Verksamhetens egna medel").check()
    page.locator("[name=cost_centre]").fill("4711")
    page.get_by_label("Nej", exact=True).last.check()
    page.locator("[name=follow_up_how]").fill("Föredrag på läkarmötet")
    page.locator("[name=follow_up_forum]").fill("APT")
    page.locator("[name=follow_up_on]").fill("2024-09-20")
    page.locator("[name=follow_up_on]").blur()


def start(walker: Walker) -> Page:
    """Begin an application for oneself in the edition of 2024."""
    walker.go("/apply")
    walker.page.locator("article:has(#fund-rfr-2024)").get_by_role(
        "button", name="Börja ansökan"
    ).first.click()
    walker.page.wait_for_load_state()
    walker.check()
    return walker.page


def submit(walker: Walker) -> str:
    """Review and send; the number on the receipt."""
    walker.press("Granska och skicka")
    walker.sees("ESC Congress")
    walker.page.locator("#send").click()
    walker.page.wait_for_load_state()
    walker.check()
    number = walker.page.url.rpartition("/")[2].partition("?")[0]
    walker.sees(number)
    return number


@pytest.mark.parametrize(
    ("script", "screen"),
    [(True, DESKTOP), (False, PHONE)],
    ids=["desktop with JavaScript", "phone without"],
)
def test_from_the_first_letter_to_the_file(
    make_journey: Callable[[str], Journey], script: bool, screen: dict[str, object]
) -> None:
    journey = make_journey("sv")
    options = {"java_script_enabled": script, **screen}
    anna = journey.at("anna", **options)
    page = start(anna)
    fill(page, counter="6 000")
    if script:
        anna.sees("6 000 kr", "Betalar verksamheten 2 250 kr till höjs bidraget till 8 250 kr.")
    else:
        anna.press("Kontrollera").sees("6 000 kr")
    page.locator("[name=counter_amount]").fill("10 000")
    page.locator("[name=counter_amount]").blur()
    if script:
        anna.sees("8 250 kr")
    number = submit(anna)

    chair = journey.at("chair", **options)
    chair.go("/queue").sees(number).follow(number).sees("8 250 kr")
    chair.page.get_by_text("Återsänd med en fråga").locator("visible=true").first.click()
    chair.page.locator("[name=ask-text]").fill("Vilken session presenterar du i?")
    chair.page.locator("#ask").click()
    chair.page.wait_for_load_state()
    chair.check()

    journey.clock.forward(minutes=5)
    anna.go("/").sees("Svara på frågan")
    anna.go(f"/applications/{number}").sees("Vilken session presenterar du i?")
    anna.page.get_by_role("button", name="Svara").first.click()
    anna.page.wait_for_load_state()
    anna.check()
    anna.page.locator("[name=participation]").fill(
        "Egen poster i sessionen om hjärtsvikt; seminarium efteråt."
    )
    anna.page.locator("[name=participation]").blur()
    assert submit(anna) == number

    for name in ("chair", "rep"):
        signer = chair if name == "chair" else journey.at("rep", **options)
        signer.go(f"/queue/{number}").sees("8 250 kr")
        signer.page.locator("#grant").click()
        signer.page.wait_for_load_state()
        signer.check()

    anna.go(f"/applications/{number}").sees("Beviljad")
    finn = journey.at("finn", **options)
    finn.go("/finance/applications").sees(number)
    finn.page.locator("#found .fetch summary").click()
    with finn.page.expect_download() as waiting:
        finn.page.get_by_role("link", name="CSV för Excel").click()
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    row = next(line for line in content.decode("utf-8-sig").split("\r\n") if number in line)
    assert "8250,00" in row
    assert "ESC Congress" in row
    assert journey.faults == []

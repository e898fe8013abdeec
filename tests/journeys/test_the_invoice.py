"""After the grant: the costs, what the economist needs in one file, and an invoice that was mistyped, by browser."""

from collections.abc import Callable

from tests.journeys.conftest import Journey, Walker

PHONE = {"viewport": {"width": 375, "height": 800}, "locale": "sv-SE"}


def press(walker: Walker, selector: str) -> Walker:
    """Press what the selector finds, and check the page it leads to."""
    walker.page.locator(selector).first.click()
    walker.page.wait_for_load_state()
    return walker.check()


def test_an_invoice_is_corrected_and_the_package_downloads(make_journey: Callable[[str], Journey]) -> None:
    journey = make_journey("sv")
    number = journey.world.apply().number
    journey.world.grant(number)
    anna = journey.at("anna", **PHONE)
    anna.go(f"/applications/{number}/claim").sees("Vem som får pengarna", "Vem som faktureras", "i84201")
    press(anna, 'button[name="action"][value="state"]')
    anna.go(f"/applications/{number}/payee")
    anna.page.locator("[name=cost_centre]").fill("4712")
    press(anna, "main form button.button--primary").sees("Vem som får pengarna är sparat.")
    anna.go(f"/applications/{number}/letters")
    anna.sees("Ersatt", "sänds fakturan med dem via mail till Koncernkontoret")
    anna.page.locator("[name=to]").fill("ekonom@region.test")
    for name, ending in (("Hämta paketet (PDF)", "-package.pdf"), ("Hämta meddelandet (.eml)", ".eml")):
        with anna.page.expect_download() as waiting:
            anna.page.get_by_text(name, exact=True).click()
        assert waiting.value.suggested_filename == f"{number}{ending}"
        assert waiting.value.path().stat().st_size > 10_000

    finn = journey.at("finn")
    finn.go(f"/finance/claims/{number}").sees("4712", "Vem som faktureras")
    finn.page.locator("[name=invoice_number]").fill("F-71")
    finn.page.locator("[name=amount]").fill("5 000")
    finn.page.locator("[name=whole][value=yes]").check()
    press(finn, "section[aria-labelledby=invoice] .actions button").sees("3 250 kr")
    press(finn, "a[href*='/invoices/']").sees("Rätta eller kreditera fakturan")
    finn.page.locator("[name=amount]").fill("6 000")
    press(finn, 'button.button[value="correct"]').sees("Skriv varför.")
    assert finn.page.locator("[name=amount]").input_value() == "6 000"
    finn.page.locator("[name=reason]").fill("Feltryck")
    press(finn, 'button.button[value="correct"]').sees(
        "Fakturan är rättad.", "Krediterad", "Feltryck", "2 250 kr"
    )
    finn.go("/finance/payments").sees("Sahlgrenska, 4712", "6 000 kr")
    press(finn, "form[action$='/payments/rfr/1'] button")
    finn.go(f"/finance/claims/{number}").sees("Underlag 1")
    anna.go(f"/applications/{number}").sees("5 000 kr blev 6 000 kr.")
    assert [each for each in journey.faults if "422" not in each] == []

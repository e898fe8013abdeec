"""A claim under Kvalitetsfondet in Norwegian all the way: question, new receipt, two signatures, the file."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page

from portal.actions import people
from tests.actions.world import MARCH
from tests.documents import made
from tests.journeys.conftest import Journey, Walker

DESKTOP = {"viewport": {"width": 1280, "height": 900}, "locale": "nb-NO"}
PHONE = {"viewport": {"width": 375, "height": 800}, "locale": "nb-NO"}


def settle(journey: Journey) -> None:
    """A GP and the two seats of the Norwegian fund, who read Norwegian."""
    for name in ("kari", "leder", "medlem"):
        journey.world.add(name, language="nb")
    for name, seat in (("leder", "chair"), ("medlem", "member")):
        journey.world.write(
            people.appoint,
            fund="kvalitetsfondet",
            seat=seat,
            person_id=journey.world.people[name].id,
            substitute=False,
            starts_on=date(2023, 7, 3),
            ends_on=None,
            schemes=journey.world.schemes,
            by=None,
            at=MARCH,
        )


def start(walker: Walker) -> Page:
    """Begin a claim for oneself."""
    walker.go("/apply/kvalitetsfondet-2023").sees("Søknad om refusjon")
    walker.press("Begynn søknaden")
    return walker.page


def choose_course(page: Page, *, script: bool) -> None:
    """By its former name where one can type, and with its days in sight."""
    if not script:
        page.locator("select[name=course]").select_option("seksuell-helse")
        return
    box = page.get_by_role("combobox", name="Hvilket kurs?")
    box.fill("sunn seksuell")
    page.get_by_role("option", name="Klinisk emnekurs i Seksuell helse (høyst 2 dager)").click()


def fill(page: Page, *, script: bool) -> None:
    """Answer the form as somebody would who types."""
    page.get_by_label("Næringsdrivende fastlege").check()
    page.locator("[name=account]").fill("1503 22 48192")
    choose_course(page, script=script)
    page.get_by_label("Første dag", exact=True).fill("05.02.2024")
    page.get_by_label("Siste dag", exact=True).fill("6. feb 2024")
    page.get_by_label("Ja", exact=True).check()
    page.locator("[name=whole_days]").fill("2")
    page.locator("[name=half_days]").fill("1")
    page.locator("[name=fee]").fill("8.400,-")
    page.locator("[name=fee]").blur()


def attach(walker: Walker, *files: tuple[str, str, bytes], script: bool) -> None:
    """Choose files; without JavaScript they are sent with the form."""
    for proves, name, content in files:
        chosen = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        walker.page.locator(f"input[name=documents-{proves}]").set_input_files([chosen])  # type: ignore[list-item]
        if script:
            walker.page.locator(".files", has_text=name).wait_for()
    if not script:
        walker.press("Lagre utkastet")
    walker.sees(*(name for _proves, name, _content in files))


def submit(walker: Walker) -> str:
    """Review and send; the number on the receipt."""
    walker.press("Se gjennom og send").sees("Klinisk emnekurs i Seksuell helse")
    walker.page.locator("#send").click()
    walker.page.wait_for_load_state()
    walker.check()
    number = walker.page.url.rpartition("/")[2].partition("?")[0]
    walker.sees(number)
    return number


@pytest.mark.parametrize(
    ("script", "screen"), [(True, DESKTOP), (False, PHONE)], ids=["desktop with JavaScript", "phone without"]
)
def test_from_the_course_to_the_file(
    make_journey: Callable[[str], Journey], script: bool, screen: dict[str, object]
) -> None:
    journey = make_journey("nb")
    settle(journey)
    options = {"java_script_enabled": script, **screen}
    kari = journey.at("kari", **options)
    page = start(kari)
    assert page.locator("[name=course_title]").is_visible() is not script
    fill(page, script=script)
    if not script:
        kari.press("Kontroller")
    kari.sees("24 500 kr", "Praksiskompensasjon (8 750 kr per dag × 2)", "er ikke bekreftet")
    kari.sees("Du søker for 2,5 dager, men kurset gir kompensasjon for høyst 2.")
    assert page.locator("[name=salary_cost]").is_hidden()
    first = made.jpeg()
    attach(
        kari,
        ("certificate", "Kursbevis, Åse Øie.pdf", made.pdf("Kursbevis")),
        ("receipt", "Kvittering.jpg", first),
        ("absence", "Fravær.png", made.png()),
        script=script,
    )
    number = submit(kari)

    leder = journey.at("leder", **options)
    leder.go("/queue").sees(number).follow(number).sees("24 500 kr", "er ikke bekreftet")
    leder.page.get_by_text("Send tilbake med et spørsmål").locator("visible=true").first.click()
    leder.page.locator("[name=ask-text]").fill(
        "Bildet av kvitteringen er ikke til å lese. Legg ved en ny kopi."
    )
    leder.page.locator("#ask").click()
    leder.page.wait_for_load_state()
    leder.check()

    journey.clock.forward(minutes=5)
    kari.go(f"/applications/{number}").sees("Bildet av kvitteringen er ikke til å lese.")
    kari.page.get_by_role("button", name="Svar på spørsmålet").first.click()
    kari.page.wait_for_load_state()
    kari.check()
    kari.page.get_by_role("button", name="Fjern Kvittering.jpg").click()
    kari.page.wait_for_load_state()
    kari.page.locator(".files", has_text="Kvittering.jpg").wait_for(state="detached")
    attach(kari, ("receipt", "Kvittering, ny.pdf", made.pdf("Kvittering")), script=script)
    assert submit(kari) == number

    for name in ("leder", "medlem"):
        signer = leder if name == "leder" else journey.at("medlem", **options)
        signer.go(f"/queue/{number}").sees("24 500 kr", "Kvittering, ny.pdf")
        signer.page.locator("#grant").click()
        signer.page.wait_for_load_state()
        signer.check()

    kari.go(f"/applications/{number}").sees("Innvilget")
    finn = journey.at("finn", **options)
    finn.go("/finance/applications").sees(number)
    finn.page.locator("#found .fetch summary").click()
    with finn.page.expect_download() as waiting:
        finn.page.get_by_role("link", name="CSV for Excel").click()
    content = waiting.value.path().read_bytes()
    row = next(line for line in content.decode("utf-8-sig").split("\r\n") if number in line)
    assert "24500,00" in row
    assert "NOK" in row
    assert journey.faults == []

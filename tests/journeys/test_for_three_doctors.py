"""A municipality applies for three doctors of one course: days ticked, own papers, one invoice for all."""

from collections.abc import Callable
from itertools import pairwise

from tests.documents import made
from tests.journeys.conftest import Journey, Walker
from tests.journeys.test_after_the_course import DESKTOP, attach, choose_course, settle

DOCTORS = ("kari", "ola", "siri")


def fill(clerk: Walker) -> None:
    """What all three share, and the first one's own."""
    page = clerk.page
    page.get_by_label("Kommune med ansatt fastlege eller vikar").check()
    page.locator("[name=org_number]").fill("972 418 013")
    page.locator("[name=contact]").fill("Marit Aune, 55 55 55 55")
    page.locator("[name=invoice_reference]").fill("4410 Fastleger")
    choose_course(page, script=True)
    page.get_by_role("textbox", name="Første dag").fill("2024-02-05")
    page.get_by_role("textbox", name="Siste dag").fill("2024-02-06")
    page.get_by_label("Ja", exact=True).check()
    monday, tuesday = (page.get_by_role("group", name=day) for day in ("man. 5", "tir. 6"))
    monday.get_by_label("Hel").check()
    tuesday.get_by_label("Ikke borte").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("[name=whole_days]").input_value() == "1", "the numbers follow, also by keyboard"
    assert page.locator("[name=half_days]").input_value() == "1"
    page.locator("[name=salary_cost]").fill("20 000")
    page.locator("[name=fee]").fill("4 250")


def test_each_has_papers_of_their_own_and_the_municipality_is_paid(
    make_journey: Callable[[str], Journey],
) -> None:
    journey = make_journey("nb")
    settle(journey)
    for name in ("ola", "siri", "clerk"):
        journey.world.add(name, language="nb")
    clerk = journey.at("clerk", **DESKTOP)
    clerk.go("/apply/kvalitetsfondet-2023")
    clerk.page.locator("details", has=clerk.page.locator("[name=for_whom]")).locator("summary").first.click()
    clerk.page.locator("[name=for_whom]").first.fill(journey.world["kari"].number)
    clerk.press("Begynn for noen andre")
    fill(clerk)
    attach(
        clerk,
        ("certificate", "Kursbevis kari.pdf", made.pdf("kari")),
        ("receipt", "Faktura for alle.pdf", made.pdf("Faktura")),
        ("absence", "Vaktliste kari.pdf", made.pdf("kari, vakt")),
        script=True,
    )
    clerk.press("Lagre utkastet").follow("Søk for flere på én gang")
    several = clerk.page.url.removeprefix(journey.base)
    for before, name in pairwise(DOCTORS):
        clerk.page.locator("[name='new:who']").fill(journey.world[name].number)
        for asked, typed in (("whole_days", "2"), ("fee", "4 250"), ("salary_cost", "15 000")):
            clerk.page.locator(f"[name='new:{asked}']").fill(typed)
        clerk.page.get_by_role("button", name="Legg til", exact=True).click()
        row = clerk.page.locator(
            "section", has=clerk.page.get_by_role("heading", name=name.title(), exact=True)
        )
        row.get_by_text("Kursbevis: ingenting lagt ved").wait_for()
        assert row.get_by_text("Kvittering eller faktura: Faktura for alle.pdf").is_visible(), before
        clerk.check()
        row.get_by_role("link", name="Hele skjemaet").click()
        clerk.page.wait_for_load_state()
        attach(
            clerk,
            ("certificate", f"Kursbevis {name}.pdf", made.pdf(name)),
            ("absence", f"Vaktliste {name}.pdf", made.pdf(f"{name}, vakt")),
            script=True,
        )
        clerk.go(several).sees(f"Kursbevis: Kursbevis {name}.pdf")
    clerk.press("Send 3 søknader").sees("3 søknader er mottatt:")

    leder = journey.at("leder", **DESKTOP).go("/queue").follow("KF-2024-0002")
    leder.sees("Kursbevis ola.pdf", "Faktura for alle.pdf", "19 250 kr")
    case = " ".join((leder.page.locator("main").text_content() or "").split())
    assert "4410 Fastleger" in case, "the municipality's reference"
    assert "Vaktliste ola.pdf" in case
    assert "Vaktliste kari.pdf" not in case
    assert journey.faults == []

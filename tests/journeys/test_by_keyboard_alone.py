"""The whole way of an application by keyboard alone: every stop is seen, in order, and nothing holds the focus."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Download, ElementHandle, Locator, Page

from tests.journeys.conftest import Journey

MOST = 120
"""No page has more stops than this."""

STOP = """target => {
  const at = document.activeElement, was = window.lastStop;
  const part = each => each.closest('form[id], section, aside, header, footer');
  window.lastStop = at === document.body ? null : at;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    what: at.tagName + ' ' + (at.name || at.id || at.textContent.trim()).slice(0, 40),
    here: at !== document.body,
    reached: at === target,
    ringed: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    shown: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    up: was && was !== at && part(was) === part(at) && box.bottom < was.getBoundingClientRect().top,
  };
}"""
"""Where the focus is: an element that is ringed and on the screen, and which part of the page it belongs to."""


class Hands:
    """Somebody who has a keyboard and no mouse."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    def open(self, path: str) -> "Hands":
        """Type an address."""
        self.page.goto(self.base + path)
        return self

    def tab(self, target: ElementHandle | None = None) -> dict[str, Any]:
        """Go to the next stop and look at it, and whether it is the target."""
        self.page.keyboard.press("Tab")
        stop: dict[str, Any] = self.page.evaluate(STOP, target)
        if stop["here"]:
            assert stop["ringed"], f"nobody sees that {stop['what']} has the focus"
            assert stop["shown"], f"{stop['what']} has the focus where nobody looks"
            assert not stop["up"], f"one stop leads up to {stop['what']}"
        return stop

    def reach(self, target: Locator) -> "Hands":
        """Go on from stop to stop until the target has the focus."""
        element = target.first.element_handle()
        if self.page.evaluate("target => target === document.activeElement", element):
            return self
        if any(self.tab(element)["reached"] for _step in range(MOST)):
            return self
        raise AssertionError(f"the keyboard does not reach {target}")

    def press(self, *keys: str) -> "Hands":
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def write(self, name: str, text: str) -> "Hands":
        """Write in a field of that name."""
        self.reach(self.page.locator(f"[name={name}]:not([type=hidden])"))
        self.page.keyboard.type(text)
        return self

    def choose(self, name: str, value: str) -> "Hands":
        """Choose among buttons of which only one can be in: the first is reached, the arrows go on from it."""
        buttons = self.page.locator(f"input[name={name}]")
        self.reach(buttons)
        self.press("Space")
        for _step in range(buttons.count()):
            if self.page.evaluate("document.activeElement.value") == value:
                assert self.page.evaluate("document.activeElement.checked")
                return self
            self.press("ArrowDown")
        raise AssertionError(f"{name} has no {value}")

    def enter(self, target: Locator) -> "Hands":
        """Reach a link or a button and press Enter, and stay until the page it leads to is there."""
        self.reach(target)
        with self.page.expect_navigation():
            self.press("Enter")
        return self

    def sees(self, *texts: str) -> "Hands":
        for text in texts:
            self.page.get_by_text(text).locator("visible=true").first.wait_for()
        return self

    def goes_all_the_way_round(self) -> "Hands":
        """Nothing on the page holds the focus: from the last stop it comes back to the first."""
        first = self.tab()["what"]
        for _step in range(MOST):
            stop = self.tab()
            if not stop["here"] or stop["what"] == first:
                return self
        raise AssertionError(f"the focus never comes out again, and is at {stop['what']}")


def sit_down(journey: Journey, name: str) -> Hands:
    """Sign in, and let go of the mouse."""
    page = journey.new_page(accept_downloads=True, viewport={"width": 1280, "height": 900})
    page.on("pageerror", lambda error: journey.faults.append(str(error)))
    hands = Hands(page, journey.base).open("/sign-in")
    button = page.locator(f'button[name="person"][value="{journey.world.people[name].id}"]')
    button.focus()  # to sign in has a test of its own
    return hands.enter(button)


def pick_day(hands: Hands, name: str, *keys: str) -> None:
    """Open the calendar beside the field, go by arrows, and come back to the field with the day in it."""
    hands.reach(hands.page.locator(f"[name={name}] + button")).press("Enter")
    hands.page.locator("dialog td:focus").wait_for()
    hands.press(*keys, "Enter")
    assert hands.page.evaluate("document.activeElement.name") == name
    hands.page.evaluate("delete window.lastStop")  # the dialog gave the focus back, not the Tab key


def answer(hands: Hands) -> None:
    """Answer the whole form from its first field to its last."""
    page = hands.page
    hands.choose("specialist", "yes")
    hands.write("event", "ESC Congress").write("organiser", "European Society of Cardiology")
    hands.choose("mode", "in_person")
    hands.reach(page.get_by_role("combobox", name="Land"))
    page.keyboard.type("Storbr")
    page.get_by_role("option", name="Storbritannien").wait_for()
    hands.press("ArrowDown", "Enter")
    assert page.locator("select[name=country]").input_value() == "GB"
    hands.write("starts_on", "30/8/2024").sees("fredag 30 augusti 2024")
    pick_day(hands, "ends_on", *["ArrowRight"] * 3)
    hands.sees("måndag 2 september 2024")
    assert page.locator("[name=ends_on]").input_value() == "2024-09-02"
    hands.write("participation", "Egen poster, och ett seminarium för kliniken efteråt.")
    hands.write("costs-0-amount", "7 400,00").write("costs-1-amount", "3200").write("costs-2-amount", "5 900")
    hands.write("counter_amount", "10 000").choose("counter_source", "unit").write("cost_centre", "4711")
    hands.choose("prior", "no")
    hands.write("follow_up_how", "Föredrag på läkarmötet").write("follow_up_forum", "APT")
    hands.write("follow_up_on", "20 sept 2024")


def add_and_remove_a_line(hands: Hands) -> None:
    """A further cost line takes the focus, and leaves it where one goes on when it is removed."""
    page = hands.page
    hands.reach(page.locator("[data-add-line]")).press("Enter")
    lines = page.locator("[data-line]:visible")
    count = lines.count()
    assert page.evaluate("document.activeElement.closest('[data-line]') !== null")
    page.evaluate("delete window.lastStop")  # the page moved the focus, not the Tab key
    hands.reach(lines.last.locator("[data-remove-line]")).press("Enter")
    assert lines.count() == count - 1
    assert page.evaluate("document.activeElement !== document.body"), "the focus is somewhere"
    page.evaluate("delete window.lastStop")


def test_apply_sign_and_download(make_journey: Callable[[str], Journey]) -> None:
    journey = make_journey("sv")
    anna = sit_down(journey, "anna")
    page = anna.page
    anna.enter(page.locator('form[action$="/rfr-2024"] button'))
    add_and_remove_a_line(anna)
    anna.enter(page.get_by_role("button", name="Granska och skicka"))
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')"), (
        "what is missing is read out"
    )
    anna.enter(page.locator("[data-error-summary] a").first)
    assert page.evaluate("document.activeElement.matches('input, select, textarea')"), (
        "and leads to its field"
    )

    answer(anna)
    anna.sees("8 250 kr")
    anna.enter(page.get_by_role("button", name="Granska och skicka"))
    anna.sees("ESC Congress").goes_all_the_way_round()
    anna.enter(page.locator("#send"))
    number = page.url.rpartition("/")[2].partition("?")[0]
    anna.sees(number)

    chair = sit_down(journey, "chair").open("/queue")
    chair.write("q", number).press("Enter")
    chair.page.wait_for_url(f"**q={number}*")
    chair.enter(chair.page.get_by_role("link", name=number)).sees("8 250 kr")
    rep = sit_down(journey, "rep").open(f"/queue/{number}").sees("8 250 kr")
    for signer in (chair, rep):
        signer.enter(signer.page.locator("#grant"))

    anna.open(f"/applications/{number}").sees("Beviljad")
    finn = sit_down(journey, "finn")
    finn.enter(finn.page.get_by_role("link", name="Ekonomi").first)
    finn.enter(finn.page.get_by_role("link", name="Ansökningar och beslut")).sees(number)
    assert "8250,00" in row_of(downloaded(finn), number)
    assert journey.faults == []


def downloaded(hands: Hands) -> Download:
    hands.reach(hands.page.locator("#found .fetch summary")).press("Enter")
    hands.reach(hands.page.get_by_role("link", name="CSV för Excel"))
    with hands.page.expect_download() as waiting:
        hands.press("Enter")
    return waiting.value


def row_of(file: Download, number: str) -> str:
    text = file.path().read_text("utf-8-sig")
    return next(line for line in text.splitlines() if number in line)

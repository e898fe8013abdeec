"""Several cases signed with one confirmation, each on what its page showed."""

import html
import re

from portal.domain.application import Outcome
from tests.actions.world import ASSESSED
from tests.signoff.conftest import Office, text_of

SEEN = re.compile(r'name="seen" value="([^"]+)"')


def test_clean_cases_are_signed_together_and_one_that_changed_meanwhile_is_named(office: Office) -> None:
    world = office.world
    for name in ("cilla", "dan"):
        world.add(name, head_id=world["boss"].id, specialist=True)
    decides, waits, changes = (world.apply(name).number for name in ("anna", "bo", "cilla"))
    warned = world.apply("dan", counter_amount="100").number
    world.sign(decides, "rep", Outcome.GRANT)
    chair = office.at("chair")
    ticks = re.findall(r'name="case" value="([^"]+)"', chair.get("/queue").get_data(as_text=True))
    assert set(ticks) == {decides, waits, changes}
    asked = chair.get("/queue/together", query_string={"case": [decides, waits, changes, warned, "none"]})
    seen = [html.unescape(each) for each in SEEN.findall(asked.get_data(as_text=True))]
    assert [each.split()[0] for each in seen] == [decides, waits, changes]
    page = text_of(asked).replace("\xa0", " ")
    assert f"SEK {3 * ASSESSED // 100:,}" in page
    assert f"{warned} : There is a warning" in page
    world.ask(changes, "rep")
    world.answer(changes, "cilla", event="Another congress")
    done = chair.post("/queue/together", {"seen": seen})
    said = text_of(chair.get(done.headers["Location"]))
    assert "2 are signed. 1 is decided by it. 1 waits for the other seat." in said
    assert f"{changes} was left out: The case has changed since the page was shown." in said
    assert [len(world.case(number).standing) for number in (decides, waits, changes)] == [2, 1, 0]

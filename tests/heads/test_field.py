"""The field that names the head offers names while one types, and without a script a button for each."""

import re

from portal.store import drafts
from tests.actions.world import answers
from tests.support.region import Region
from tests.support.typed import start, typed_as


def test_a_head_is_offered_while_typing_and_among_several_by_a_button(small_region: Region) -> None:
    visitor = small_region.at("anna")
    path = start(visitor)
    field = re.search(r'<input[^>]* name="head"[^>]*>', visitor.get(path).get_data(as_text=True))
    assert field is not None
    assert 'list="people"' in field[0]
    assert 'hx-get="/apply/people"' in field[0]
    assert 'value="Admin2 (Clinic)"' in visitor.get("/apply/people?head=adm").get_data(as_text=True)
    visitor.post(path, typed_as(answers(head="admin")) | {"revision": "0", "action": "save"})
    page = visitor.get(path).get_data(as_text=True)
    buttons = re.findall(r'name="action" value="(is-head-[^"]+)">([^<]+)', page)
    assert [name.strip() for _value, name in buttons] == ["Admin", "Admin2"]
    assert small_region.world["admin2"].number not in page
    visitor.post(path, typed_as(answers(head="admin")) | {"revision": "1", "action": buttons[1][0]})
    with small_region.world.reading() as session:
        assert drafts.get(session, path.rpartition("/")[2]).answers["head"] == "Admin2 (Clinic)"

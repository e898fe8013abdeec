"""Short words for what goes through the pages of the form."""

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.support.region import text_of
from tests.support.typed import revision_in, typed_as

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.portals import Visitor

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def save(visitor: "Visitor", path: str, answers: Mapping[str, Any], **more: str) -> "TestResponse":
    """Save the whole form as it does without JavaScript."""
    revision = revision_in(visitor.get(path))
    return visitor.post(path, typed_as(answers) | {"revision": revision, "action": "save"} | more)


def send(visitor: "Visitor", path: str) -> str:
    """Review and send; the number."""
    revision = revision_in(visitor.get(f"{path}/review"))
    answer = visitor.post(f"{path}/submit", {"revision": revision})
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"]).rpartition("/")[2]


def grant(visitor: "Visitor", number: str) -> "TestResponse":
    """Sign what the case page shows."""
    page = visitor.get(f"/queue/{number}").get_data(as_text=True)
    hidden = dict(HIDDEN.findall(page[page.index('id="acts"') :]))
    shown = {name: html.unescape(hidden[name]) for name in ("shown", "saw", "amount")}
    return visitor.post(f"/queue/{number}/sign", {"act": "grant"} | shown)

"""Fills in forms as a browser does: answers become the names and texts of inputs."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.portals import Visitor

HTMX = {"HX-Request": "true"}


def typed_as(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a form that holds these answers."""
    typed: dict[str, Any] = {}
    for name, answer in answers.items():
        if isinstance(answer, list) and answer and isinstance(answer[0], Mapping):
            for position, line in enumerate(answer):
                typed |= {f"{name}-{position}-{part}": text for part, text in line.items()}
        elif isinstance(answer, Mapping):
            typed |= {f"{name}-{part}": text for part, text in answer.items()}
        else:
            typed[name] = answer
    return typed


def start(visitor: "Visitor", scheme: str = "rfr-2024", **form: str) -> str:
    """Begin a draft; its path."""
    button = {"whom": "other"} if "for_whom" in form else {}
    answer = visitor.post(f"/apply/{scheme}", form | button)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def revision_in(answer: "TestResponse") -> str:
    """The revision that a page or fragment will send back."""
    found = re.search(r'name="revision" value="(\d+)"', answer.get_data(as_text=True))
    assert found, answer.get_data(as_text=True)
    return found[1]


def save(visitor: "Visitor", path: str, answers: Mapping[str, Any], revision: str = "0") -> "TestResponse":
    """Save in the background, as a page with a script does."""
    return visitor.post(f"{path}/save", typed_as(answers) | {"revision": revision}, headers=HTMX)


def send(visitor: "Visitor", path: str) -> "TestResponse":
    """Review the draft and send it."""
    page = visitor.get(f"{path}/review")
    assert page.status_code == 200
    return visitor.post(f"{path}/submit", {"revision": revision_in(page)})

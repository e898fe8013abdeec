"""Every act that the portal writes into its log has a name that people read, and the log shows it."""

import ast
from datetime import datetime

import pytest

from portal.domain.events import Event
from portal.language.vocabularies import ACTS
from portal.store import audit
from portal.store.session import Session
from tests.actions.world import MARCH
from tests.house.files import python
from tests.support.region import Region, text_of


def written() -> set[str]:
    """Every act that code can write: what is logged, and what is handed to a function that logs it."""
    trees = [ast.parse(path.read_text()) for path in python("portal")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    places = _handing_on(trees)
    found: set[str] = set()
    for call in calls:
        called = getattr(call.func, "id", getattr(call.func, "attr", ""))
        for act in _logged(call) or _handed(call, places.get(called)):
            found |= _texts(act)
    # Chosen between by what kind of payment it is, or by who ended a session; or gone through beside what was done.
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("act", "acts"):
                found |= _texts(node.value)
            if isinstance(node, ast.For) and "act" in _names(node.target):
                found |= _texts(node.iter)
    return found


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _logged(call: ast.Call) -> list[ast.expr]:
    """The act in `Event(act, …)` or `audit.log(session, act, …)`."""
    if getattr(call.func, "id", "") == "Event":
        return call.args[:1]
    log = isinstance(call.func, ast.Attribute) and call.func.attr == "log"
    return call.args[1:2] if log and getattr(call.func.value, "id", "") == "audit" else []


def _handing_on(trees: list[ast.Module]) -> dict[str, int]:
    """The functions that log an act they are given, and at which place they are given it."""
    return {
        function.name: [each.arg for each in function.args.args].index("act")
        if "act" in [each.arg for each in function.args.args]
        else -1
        for tree in trees
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        and "act" in [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
        and any(
            isinstance(node, ast.Call) and any(getattr(act, "id", "") == "act" for act in _logged(node))
            for node in ast.walk(function)
        )
    }


def _handed(call: ast.Call, place: int | None) -> list[ast.expr]:
    if place is None:
        return []
    named = [keyword.value for keyword in call.keywords if keyword.arg == "act"]
    return named or ([call.args[place]] if 0 <= place < len(call.args) else [])


def _texts(expression: ast.expr) -> set[str]:
    return {
        node.value
        for node in ast.walk(expression)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_act_has_a_name_and_every_name_an_act() -> None:
    acts = written()
    assert {"submit", "attach-document", "lapse", "reverse-payment"} <= acts, "one of each way to write one"
    assert acts == set(ACTS)


@pytest.mark.parametrize(
    ("language", "word"),
    [("sv", "Skickade in ansökan"), ("nb", "Sendte inn søknaden"), ("en", "Submitted the application")],
)
def test_the_log_names_acts_in_the_readers_words(region: Region, language: str, word: str) -> None:
    region.world.apply()
    admin = region.at("admin")
    admin.post("/language", {"lang": language, "next": "/"})
    page = text_of(admin.get("/log"))
    assert word in page
    assert "start-draft" not in page


def test_an_act_that_nobody_remembers_stands_as_its_code(region: Region) -> None:
    region.world.write(_add_old, at=MARCH)
    assert "bless-the-fund" in text_of(region.at("admin").get("/log"))


def _add_old(session: Session, *, at: datetime) -> None:
    audit.append(session, Event("bless-the-fund", None, at))

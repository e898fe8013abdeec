"""One evaluation, many doors: live check, submission, sign-off page and command line say the same of every case."""

import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from portal.actions import documents, people
from portal.actions.drafting import start_draft
from portal.cli.lines import answer_line
from portal.documents.inspecting import Inspected
from portal.domain.assessment import Assessment
from portal.domain.days import read_day
from portal.domain.document import Media, kinds_asked
from portal.domain.facts import Facts
from portal.domain.fields import COST_KINDS, DOCUMENT_KINDS
from portal.domain.money import Unreadable
from portal.domain.scheme import FieldType
from portal.language.wording import finding_text, money, record
from portal.store import applications
from portal.store.session import Database
from tests.actions.world import MARCH, World, schemes
from tests.support.cases import Situation, assess, situations
from tests.support.portals import Clock, Visitor
from tests.support.typed import HTMX, revision_in, typed_as

if TYPE_CHECKING:
    from flask import Flask

LANGUAGE = "sv"
MESSAGE = re.compile(r"<(?:span|p)\b[^>]*\bdata-message\b[^>]*>(.*?)</(?:span|p)>", re.DOTALL)
"""A finding's words, as the live check's fragment marks them."""


def can_be_typed(case: Situation) -> bool:
    """Whether a form can hold the answers: text, lines of text, documents of known kinds, no day that it rewrites."""
    days = schemes()[case.scheme].kinds[case.kind].of_type(FieldType.DATE)
    return all(_can_be_typed(name, answer) for name, answer in case.answers.items()) and not any(
        _is_rewritten(case.answers.get(each.name), case.at.date()) for each in days
    )


def _is_rewritten(answer: Any, today: date) -> bool:
    """Whether a form reads the day as people write it, and keeps another text than a program that sends this one."""
    try:
        return read_day(answer, today).isoformat() != answer.strip()
    except Unreadable:
        return False


def _can_be_typed(name: str, answer: Any) -> bool:
    if name == "documents":
        return isinstance(answer, list) and set(answer) <= set(DOCUMENT_KINDS) - {"other"}
    if name == "costs":
        return isinstance(answer, list) and all(_is_line(line) for line in answer)
    return isinstance(answer, str) and answer == answer.strip() and "\0" not in answer


def _is_line(line: Any) -> bool:
    return (
        isinstance(line, Mapping)
        and all(isinstance(part, str) for part in line.values())
        and line.get("kind") in COST_KINDS
        and bool(line.get("amount"))
    )


TYPED = [case for case in situations() if can_be_typed(case)]


@pytest.fixture(scope="module")
def cases() -> list[Situation]:
    """All but the few that only a program can send."""
    assert len(TYPED) > 0.8 * len(situations())
    return TYPED


class Doors:
    """A portal whose register and budget say what the case says."""

    def __init__(self, app: "Flask", world: World, clock: Clock, patch: pytest.MonkeyPatch) -> None:
        self.app, self.world, self.clock = app, world, clock
        self.case = TYPED[0]
        self._visitors: dict[str, Visitor] = {}
        patch.setattr("portal.actions.judging.gather", lambda *_a, **_k: self.facts)
        patch.setattr("portal.store.applications.used_by", self.points_at)

    def points_at(self, _session: object, _application: int) -> int | None:
        """The pre-approval, by some number: a case that is given something has one, which nobody has cancelled."""
        return 1 if self.facts.given else None

    @property
    def facts(self) -> Facts:
        """What the case says of register and budget, and what a granted pre-approval gives, where it has one."""
        given = schemes()[self.case.scheme].kinds[self.case.kind].given & self.case.answers.keys()
        return replace(self.case.facts, given={name: self.case.answers[name] for name in given})

    def enter(self, case: Situation) -> None:
        """Be in the situation."""
        if case.at != self.case.at:  # sessions run out
            self._visitors.clear()
        self.case = case
        self.clock.set(case.at)

    def draft(self) -> str:
        """A draft with the case's documents; its token."""
        scheme = schemes()[self.case.scheme]
        anna, kind = self.world["anna"], scheme.kinds[self.case.kind]
        with self.world.in_one_go():
            draft = self.world.write(start_draft, scheme=scheme, kind=kind.key, by=anna, at=self.case.at)
            for proves in set(self.case.answers.get("documents", [])) & set(kinds_asked(kind)):
                sha256 = hashlib.sha256(proves.encode()).hexdigest()
                file = Inspected(f"{proves}.pdf", Media.PDF, b"%PDF-1.4", sha256)
                self.world.write(
                    documents.attach,
                    token=draft.token,
                    kind=kind,
                    proves=proves,
                    file=file,
                    by=anna,
                    at=self.case.at,
                )
        return draft.token

    def at(self, name: str) -> Visitor:
        """Somebody's browser at the instant of the case."""
        if name not in self._visitors:
            self._visitors[name] = Visitor(self.app.test_client()).sign_in(self.world.people[name].id)
        return self._visitors[name]

    @property
    def typed(self) -> dict[str, Any]:
        """The case's answers as a browser sends them."""
        return typed_as({n: a for n, a in self.case.answers.items() if n != "documents"})


@pytest.fixture
def doors(
    make_app: Callable[..., "Flask"],
    sqlite_database: Database,
    sqlite_url: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> Doors:
    clock.set(MARCH)
    world = World(sqlite_database)
    with world.in_one_go():
        for name, seat in (("chair", "chair"), ("rep", "member")):
            world.write(
                people.appoint,
                fund="kvalitetsfondet",
                seat=seat,
                person_id=world.people[name].id,
                substitute=False,
                starts_on=date(2020, 1, 1),
                ends_on=None,
                schemes=world.schemes,
                by=world["admin"],
                at=MARCH,
            )
    return Doors(make_app(database_url=sqlite_url), world, clock, monkeypatch)


def said(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def words_of(expected: Assessment) -> list[str]:
    return [" ".join(finding_text(finding, LANGUAGE).split()) for finding in expected.findings]


@pytest.mark.parametrize("part", range(4))
def test_every_door_says_the_same(doors: Doors, cases: list[Situation], part: int) -> None:
    for case in sorted(cases[part::4], key=lambda case: case.at):
        doors.enter(case)
        expected = assess(case.answers, schemes()[case.scheme], case.facts, case.at, case.kind)
        kept = record(expected)
        _command_line(case, kept)
        token, anna = doors.draft(), doors.at("anna")
        _live_check(doors, anna, token, expected)
        number = _submission(doors, anna, token, expected, kept)
        if number is not None:
            page = doors.at("chair").get(f"/queue/{number}").get_data(as_text=True)
            shown = re.search(r'name="shown" value="([^"]+)"', page)
            assert shown is not None, case.name
            assert shown[1].endswith(f"-{expected.mark}"), case.name


def _command_line(case: Situation, kept: Mapping[str, Any]) -> None:
    line = json.dumps(case.line(), default=str).encode()
    answer = answer_line(line, schemes())
    for key in ("submittable", "amount", "currency", "decidable_from"):
        assert answer[key] == kept[key], case.name
    for finding, wanted in zip(answer["findings"], kept["findings"], strict=True):
        assert finding == {key: wanted[key] for key in finding}, case.name


def _live_check(doors: Doors, anna: Visitor, token: str, expected: Assessment) -> None:
    answer = anna.post(f"/drafts/{token}/check", doors.typed, headers=HTMX)
    assert answer.status_code == 200, doors.case.name
    fragment = answer.get_data(as_text=True)
    page = said(fragment)
    messages = [said(each) for each in MESSAGE.findall(fragment)]
    assert sorted(messages) == sorted(words_of(expected)), doors.case.name
    if schemes()[expected.scheme].kinds[expected.kind].reckoning != "nothing":
        figure = " ".join(money(expected.amount, expected.currency, LANGUAGE).split())
        assert figure in page, doors.case.name


def _submission(
    doors: Doors, anna: Visitor, token: str, expected: Assessment, kept: Mapping[str, Any]
) -> str | None:
    """Save and send; the number, or None when the case blocks and the page says why."""
    saved = anna.post(f"/drafts/{token}/save", doors.typed | {"revision": "0"}, headers=HTMX)
    answer = anna.post(f"/drafts/{token}/submit", {"revision": revision_in(saved)})
    if not expected.submittable:
        page = said(answer.get_data(as_text=True))
        assert answer.status_code == 422, doors.case.name
        assert all(words in page for words in words_of(expected)), doors.case.name
        return None
    assert answer.status_code == 303, doors.case.name
    number = answer.headers["Location"].rpartition("/")[2].partition("?")[0]
    with doors.world.reading() as session:
        application = applications.get(session, number=number)
        assert applications.version_of(session, application).assessment == kept, doors.case.name
    return number

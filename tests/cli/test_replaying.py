"""Replaying: nothing differs while the rules are the same, and exactly what a changed rule changes does."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from portal.actions import comparison
from portal.domain.checks import CHECKS
from portal.store import applications
from portal.store.session import Database
from tests.cli.conftest import Place

CEILING = ('zone = "europe"\nvalue = "10000.00"', 'zone = "europe"\nvalue = "9000.00"')
EDITION = "rfr-2026"


def changed(place: Place, folder: Path, *changes: tuple[str, str], edition: str = EDITION) -> Place:
    """The same portal with other words in a scheme file."""
    editions = shutil.copytree(place.editions, folder / "changed")
    path = editions / f"{edition}.toml"
    text = path.read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, "utf-8")
    return replace(place, editions=editions)


def told(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def rule(scheme: Path, code: str) -> str:
    """The part of a scheme file that is one rule."""
    parts = scheme.read_text("utf-8").split("[[rules]]")
    return next(f"[[rules]]{part}" for part in parts if f'code = "{code}"' in part)


def test_nothing_differs_while_the_rules_are_the_same(lived_in: Place, lived_in_database: Database) -> None:
    done = lived_in.run("replay")
    assert (done.exit_code, done.stdout) == (0, "")
    with lived_in_database.reading() as session:
        every = applications.submissions(session)
    assert f"{len(every)} applications: 0 are assessed otherwise" in done.stderr
    assert len(every) > 100


def test_a_lower_ceiling_shows_in_the_amounts(lived_in: Place, tmp_path: Path) -> None:
    done = changed(lived_in, tmp_path, CEILING).run("replay")
    found = told(done)
    assert done.exit_code == 1
    assert {line["scheme"] for line in found} == {EDITION}
    cut = [
        line
        for line in found
        if line["amount"] != {"then": line["amount"]["then"], "now": line["amount"]["then"]}
    ]
    assert cut
    for line in cut:
        assert line["amount"]["now"] == "9000.00", "it was over the new ceiling and is at it"
        assert 9000 < float(line["amount"]["then"]) <= 10000
        assert line["reckoned_otherwise"]
    assert f"{len(found)} are assessed otherwise, {len(cut)} of them to another amount" in done.stderr


def test_a_removed_and_a_graver_rule_show_in_the_findings(sqlite_lived_in: Place, tmp_path: Path) -> None:
    with_database = _codes_then(sqlite_lived_in, EDITION)
    gone, graver = (
        "rfr.ceiling",
        next(
            code
            for code, severity in with_database
            if severity == "warns" and not _is_outside(sqlite_lived_in, code)
        ),
    )
    path = sqlite_lived_in.editions / f"{EDITION}.toml"
    said = rule(path, graver)
    done = changed(
        sqlite_lived_in,
        tmp_path,
        (rule(path, gone), ""),
        (said, said.replace('severity = "warns"', 'severity = "blocks"')),
    ).run("replay", "--scheme", EDITION)
    found = told(done)
    codes = Counter(each["code"] for line in found for each in line["findings"]["gone"])
    assert codes == {gone: with_database[gone, "notes"]}
    grades = Counter(
        (each["then"]["code"], each["then"]["severity"], each["now"]["severity"])
        for line in found
        for each in line["findings"]["changed"]
    )
    assert grades == {(graver, "warns", "blocks"): with_database[graver, "warns"]}
    blocked = [line for line in found if line["submittable"] == {"then": True, "now": False}]
    assert len(blocked) > 0
    assert not any(line["findings"]["new"] for line in found)


def test_other_words_of_a_rule_show_too(sqlite_lived_in: Place, tmp_path: Path) -> None:
    words = ("Halvparten av kostnadene er {part}, men taket er", "Halve kostnaden er {part}, men taket er")
    done = changed(sqlite_lived_in, tmp_path, words).run("replay")
    found = [each for line in told(done) for each in line["findings"]["changed"]]
    assert done.exit_code == 1
    assert {each["now"]["code"] for each in found} == {"rfr.ceiling"}


def test_what_the_register_said_then_stays_until_its_rule_goes(
    sqlite_lived_in: Place, tmp_path: Path
) -> None:
    """Others' grants since are no change of the rules; the rule's end is."""
    outside = {
        code: times
        for (code, _severity), times in _codes_then(sqlite_lived_in, EDITION).items()
        if _is_outside(sqlite_lived_in, code)
    }
    assert outside, "the demo has applications that the register spoke of"
    code, times = next(iter(outside.items()))
    path = sqlite_lived_in.editions / f"{EDITION}.toml"
    done = changed(sqlite_lived_in, tmp_path, (rule(path, code), "")).run("replay")
    assert [each["code"] for line in told(done) for each in line["findings"]["gone"]] == [code] * times


def test_one_scheme_only(sqlite_lived_in: Place, tmp_path: Path) -> None:
    place = changed(sqlite_lived_in, tmp_path, CEILING)
    assert place.run("replay", "--scheme", "rfr-2025").exit_code == 0
    assert place.run("replay", "--scheme", EDITION).exit_code == 1
    refused = place.run("replay", "--scheme", "rfr-1999")
    assert (
        refused.exit_code,
        "there is no scheme rfr-1999; there are kvalitetsfondet-2023" in refused.output,
    ) == (2, True)


def test_an_edition_that_is_missing_is_no_agreement(sqlite_lived_in: Place, tmp_path: Path) -> None:
    editions = shutil.copytree(sqlite_lived_in.editions, tmp_path / "fewer")
    (editions / f"{EDITION}.toml").unlink()
    done = replace(sqlite_lived_in, editions=editions).run("replay")
    found = told(done)
    assert done.exit_code == 1
    assert {(line["scheme"], line["error"]) for line in found} == {(EDITION, "there is no such scheme")}
    assert f"{len(found)} cannot be assessed" in done.stderr


def test_it_goes_page_by_page(
    sqlite_lived_in: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every application once, and never more of them in memory than a page."""
    place = changed(sqlite_lived_in, tmp_path, CEILING)
    whole = told(place.run("replay"))
    read, pages = applications.submissions, []

    def seven(*words: Any, **more: Any) -> Any:
        pages.append(len(found := read(*words, **more)))
        return found

    monkeypatch.setattr(applications, "submissions", seven)
    monkeypatch.setattr(applications, "_SUBMITTED", applications._SUBMITTED.limit(7))
    assert told(place.run("replay")) == whole
    assert max(pages) == 7
    assert len(pages) > 10


def test_the_page_and_the_command_compare_alike() -> None:
    """A finding said twice of one field is told apart by its turn, and other words are a difference."""

    def finding(words: str, field: str = "costs", severity: str = "notes") -> dict[str, Any]:
        return {
            "code": "a",
            "field": field,
            "severity": severity,
            "message": {"sv": words, "nb": "n", "en": "e"},
        }

    then = {"findings": [finding("one"), finding("two")]}
    now = {"findings": [finding("one"), finding("three"), finding("new", "other")]}
    found = comparison.pairs(then, now)
    assert [pair.differs() for pair in found] == [False, True, True]
    assert [pair.differs(("nb",)) for pair in found] == [False, False, True]
    assert [pair.regraded for pair in found] == [False, False, False]
    assert comparison.Pair(finding("one"), finding("one", severity="blocks")).regraded


def _codes_then(place: Place, scheme: str) -> Counter[tuple[str, str]]:
    from tests.support.databases import opened

    with opened(place.url) as database, database.reading() as session:
        return Counter(
            (each["code"], each["severity"])
            for found in applications.submissions(session, scheme=scheme)
            for each in found.assessment["findings"]
        )


def _is_outside(place: Place, code: str) -> bool:
    said = rule(place.editions / f"{EDITION}.toml", code)
    return CHECKS[said.partition('check = "')[2].partition('"')[0]].outside

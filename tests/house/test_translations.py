"""Every sentence of the interface exists in Swedish, Norwegian and English, once, with the same places to fill."""

import re
from collections import Counter
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from tests.house.files import ROOT, name, python, tracked

KEYWORDS = {
    "_": None, "gettext": None, "N_": None, "P_": ((1, "c"), 2), "ngettext": (1, 2), "count": (1, 2),
}  # fmt: skip
CATALOGUES = {code: ROOT / "portal" / "language" / f"{code}.po" for code in ("sv", "nb")}
PLACES = re.compile(r"%\(\w+\)[sd]")

Msgid = tuple[str | None, str | tuple[str, ...]]
"""A context, for most none, and the text or its singular and plural."""


@cache
def asked_for() -> dict[Msgid, str]:
    """Each text that code or a template asks for, and a file that does."""
    templates = [path for path in tracked() if path.suffix in (".html", ".txt") and "templates" in path.parts]
    sources = [("python", path) for path in python("portal")] + [("jinja2", path) for path in templates]
    assert templates
    found: dict[Msgid, str] = {}
    for method, path in sources:
        for _line, msgid, _comments, context in extract_from_file(
            method, path, keywords=KEYWORDS, options={"silent": "false"}
        ):
            found.setdefault((context, msgid), name(path))
    found.pop((None, ""), None)
    return found


def catalogue(code: str) -> Catalog:
    """One language's texts."""
    with CATALOGUES[code].open("rb") as source:
        return read_po(source, locale=code)


def msgid_of(message: Message) -> Msgid:
    """Under what a text is looked up."""
    return message.context, message.id if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_text_is_translated(code: str) -> None:
    translated = {msgid_of(message): message.string for message in catalogue(code)}
    missing = {}
    for msgid, path in asked_for().items():
        text = translated.get(msgid)
        if not text or not all(text if isinstance(text, tuple | list) else (text,)):
            missing[msgid] = path
    assert missing == {}


@pytest.mark.parametrize("code", CATALOGUES)
def test_no_translation_is_of_a_text_that_is_gone(code: str) -> None:
    known = set(asked_for())
    ids = (msgid_of(message) for message in catalogue(code))
    assert [msgid for msgid in ids if msgid[1] and msgid not in known] == []


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_translation_fills_the_same_places(code: str) -> None:
    different = []
    for message in catalogue(code):
        if not message.id:
            continue
        wanted = set(PLACES.findall(message.id if isinstance(message.id, str) else message.id[1]))
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if any(set(PLACES.findall(text)) != wanted for text in texts[-1:]):
            different.append(message.id)
    assert different == []


@pytest.mark.parametrize("code", CATALOGUES)
def test_each_text_stands_once_and_none_is_doubtful(code: str) -> None:
    source = CATALOGUES[code].read_text(encoding="utf-8")
    entries = re.findall(r'^((?:msgctxt ".*"\n)?msgid (?:".*"\n)+)', source, re.MULTILINE)
    assert [entry for entry, times in Counter(entries).items() if times > 1] == []
    assert "#, fuzzy" not in source

"""Templates keep the promises that pages are built on: fragments with one root, no inline script or style."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.house.files import ROOT, name, tracked

TEMPLATES = [path for path in tracked() if path.suffix == ".html" and name(path).startswith("templates/")]
FRAGMENTS = [path for path in TEMPLATES if path.name.startswith("_")]
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
# What a strict content security policy would refuse, and what HTMX 4 drops.
REFUSED = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|\shx-on|\shx-boost|<script(?![^>]*\ssrc=)|javascript:|\|\s*safe\b",
    re.IGNORECASE,
)


class Roots(HTMLParser):
    """Collects the elements that lie in no other, and text beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.roots: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a root, go in."""
        if not self.open:
            self.roots.append((tag, dict(attrs).get("id")))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Go out, past elements that need no end."""
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Text outside every element counts as a root."""
        if data.strip() and not self.open:
            self.roots.append(("text", data.strip()[:40]))


@pytest.mark.parametrize("path", FRAGMENTS, ids=name)
def test_a_fragment_has_one_root_with_its_name(path: Path) -> None:
    parser = Roots()
    parser.feed(JINJA.sub("", path.read_text(encoding="utf-8")))
    assert [root for _tag, root in parser.roots] == [path.stem.removeprefix("_")]


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_holds_nothing_the_browser_will_refuse(path: Path) -> None:
    lines = JINJA.sub(
        lambda found: "\n" * found[0].count("\n") if found[0].startswith("{#") else found[0],
        path.read_text(encoding="utf-8"),
    ).splitlines()
    assert [f"{number}: {line.strip()}" for number, line in enumerate(lines, 1) if REFUSED.search(line)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_form_that_posts_carries_the_token(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", source, re.DOTALL | re.IGNORECASE)
    bare = [form[:80] for form in forms if "csrf_token" not in form and "csrf(" not in form]
    assert bare == []


def test_whatever_can_scroll_is_a_stop_of_the_keyboard_with_a_name() -> None:
    css = "".join(path.read_text("utf-8") for path in tracked() if name(path).startswith("static/css/"))
    scrolling = set(re.findall(r"([.#\w ,>-]+)\{[^{}]*\boverflow(?:-[xy])?: (?:auto|scroll)", css))
    # The arrow keys go through a list of choices; its box keeps the focus.
    assert {each.strip() for each in scrolling} == {".table", ".beside--follows", ".combo ul"}
    for path in TEMPLATES:
        for tag in re.findall(
            r'<\w+ class="(?:[^"]* )?(?:table|beside--follows)"[^>]*>', path.read_text("utf-8")
        ):
            assert "{{ scrolls(" in tag, f"{name(path)}: {tag}"


def test_every_macro_is_used() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    macros = re.findall(r"\bmacro (\w+)\(", sources)
    assert [each for each in macros if len(re.findall(rf"\b{each}\(", sources)) < 2] == []


def test_every_template_is_shown_somewhere() -> None:
    python = [path for path in tracked() if path.suffix == ".py" and name(path).startswith("portal/")]
    texts = {path: path.read_text(encoding="utf-8") for path in (*TEMPLATES, *python)}
    for template in TEMPLATES:
        called = f'"{name(template).removeprefix("templates/")}"'
        assert any(called in text for path, text in texts.items() if path != template), called


def test_pages_templates_and_tests_share_their_subjects() -> None:
    def rooms(folder: str) -> set[str]:
        inside = (
            path.relative_to(ROOT / folder).parts for path in tracked() if path.is_relative_to(ROOT / folder)
        )
        return {parts[0] for parts in inside if len(parts) > 1}

    frame = {"components", "layout", "errors", "mail"}
    assert rooms("templates") - frame == rooms("portal/web") - {"pages", "words"}
    assert rooms("portal/web") - {"pages", "words"} <= rooms("tests")


def test_the_templates_are_found() -> None:
    assert (ROOT / "templates" / "layout" / "page.html") in TEMPLATES

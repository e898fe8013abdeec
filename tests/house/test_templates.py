"""Templates keep the promises that pages are built on: fragments with one root, no inline script or style, and nothing
read that is not given, nothing given that is not read."""

import ast
import inspect
import re
import textwrap
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from portal.web import language
from tests.house.files import ROOT, name, tracked
from tests.house.files import tree as syntax

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
    # The arrow keys go through a list of choices; its box keeps the focus. In menus and tabs the links are stops.
    assert {each.strip() for each in scrolling} == {
        ".table",
        ".beside--follows",
        ".combo ul",
        ".nav ul",
        ".tabs ul",
    }
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
    assert rooms("templates") - frame == rooms("portal/web") - {"pages"}
    assert rooms("portal/web") - {"pages"} <= rooms("tests")


def test_the_templates_are_found() -> None:
    assert (ROOT / "templates" / "layout" / "page.html") in TEMPLATES


# --- What a view gives and what its template reads.

_HEADER = re.compile(r"\{#-? page: ([\w.]+)\.(\w+) -?#\}")


@cache
def environment() -> Any:
    """Jinja as the portal sets it up: what it knows by itself is not given by a view."""
    app = Flask("portal", template_folder=str(ROOT / "templates"))
    language.install(app)
    return app.jinja_env


@cache
def tree(template: str) -> nodes.Template:
    return environment().parse((ROOT / "templates" / template).read_text(encoding="utf-8"))


def parts(template: str) -> list[str]:
    """The templates that this one extends and includes."""
    found = tree(template).find_all((nodes.Extends, nodes.Include))
    return [each.template.value for each in found if isinstance(each.template, nodes.Const)]


def page_class(template: str) -> str:
    """The class that the template's first line names, or nothing."""
    found = _HEADER.match((ROOT / "templates" / template).read_text(encoding="utf-8"))
    return f"{found[1]}.{found[2]}" if found else ""


def free_names(template: str) -> set[str]:
    """What the template and those it is made of read and nobody but the view gives."""
    known = set(environment().globals) - {"request", "session", "g", "config"} | {"asset", "csrf_token"}
    own = {each.name for each in tree(template).find_all(nodes.Name) if each.ctx != "load"}
    assigned = {
        each.name
        for found in tree(template).find_all((nodes.Assign, nodes.AssignBlock))
        for each in found.find_all(nodes.Name)
        if each.ctx == "store"
    }
    # What stands at the top of a template is known to its blocks, which Jinja looks at by themselves.
    read = set(find_undeclared_variables(tree(template))) - set(macros_of(template)) - assigned
    for each in parts(template):
        read |= free_names(each) - own
    return read - known


def read_of(node: nodes.Node, variable: str, macros: dict[str, str], seen: frozenset[Any]) -> set[str]:
    """The attributes of a variable that are read below a node, also by the macros that it is handed to."""
    read = {
        each.attr
        for each in node.find_all(nodes.Getattr)
        if isinstance(each.node, nodes.Name) and each.node.name == variable
    }
    for call in node.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in macros:
            continue
        home = macros[call.node.name]
        macro = next(each for each in tree(home).find_all(nodes.Macro) if each.name == call.node.name)
        given = dict(zip((arg.name for arg in macro.args), call.args, strict=False))
        given |= {keyword.key: keyword.value for keyword in call.kwargs}
        for parameter, value in given.items():
            step = (home, macro.name, parameter)
            if isinstance(value, nodes.Name) and value.name == variable and step not in seen:
                read |= read_of(macro, parameter, macros_of(home), seen | {step})
    return read


def macros_of(template: str) -> dict[str, str]:
    """The macros a template can call, each with the template that defines it."""
    found = {each.name: template for each in tree(template).find_all(nodes.Macro)}
    for each in tree(template).find_all(nodes.FromImport):
        assert all(isinstance(macro, str) for macro in each.names), f"{template}: a macro by another name"
        found |= {str(macro): each.template.value for macro in each.names}
    return found


def read_of_page(template: str, variable: str = "page") -> set[str]:
    """The attributes of the page that a template reads, with what it is made of; but not of another class's page."""
    read = read_of(tree(template), variable, macros_of(template), frozenset())
    for each in parts(template):
        if page_class(each) in ("", page_class(template)):
            read |= read_of_page(each, variable)
    return read


def members(path: str) -> dict[str, set[str]]:
    """The public fields, properties and methods of a class, each with those of them it is made from itself."""
    module, _dot, called = path.rpartition(".")
    kind = getattr(import_module(module), called)
    found: dict[str, set[str]] = {}
    for base in reversed(kind.__mro__[:-1]):
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        assert isinstance(body, ast.ClassDef)
        for each in body.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                found[each.target.id] = set()
            elif isinstance(each, ast.FunctionDef):
                attributes = [one for one in ast.walk(each) if isinstance(one, ast.Attribute)]
                found[each.name] = {
                    one.attr
                    for one in attributes
                    if isinstance(one.value, ast.Name) and one.value.id == "self"
                }
    return {each: made_from for each, made_from in found.items() if not each.startswith("__")}


def in_vain(path: str, read: set[str]) -> set[str]:
    """The members of a page class that no template reads, itself or by another member."""
    known = members(path)
    waiting, reached = list(read), set()
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting += known.get(each, ())
    return {each for each in known if each not in reached}


@dataclass(frozen=True)
class Shown:
    """A call of `render.page`, `fragment` or `text` somewhere in the portal."""

    where: str
    template: str
    """The whole page, of a fragment that is part of one; empty when the call does not say it outright."""
    page: bool
    values: frozenset[str | None]


def shown() -> list[Shown]:
    found = []
    for path in tracked():
        if path.suffix != ".py" or not name(path).startswith("portal/web/"):
            continue
        for call in ast.walk(syntax(path)):
            if not (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and isinstance(call.func.value, ast.Name)
                and call.func.value.id == "render"
                and call.func.attr in ("page", "fragment", "text")
            ):
                continue
            values = {each.arg: each.value for each in call.keywords}
            template = values.get("of", call.args[0])
            found.append(
                Shown(
                    f"{name(path)}:{call.lineno}",
                    str(template.value) if isinstance(template, ast.Constant) else "",
                    len(call.args) > 1,
                    frozenset(values) - {"of", "status"},
                )
            )
    return found


def test_a_view_gives_exactly_what_its_template_reads() -> None:
    wrong = []
    for each in shown():
        if not each.template:
            wrong.append(f"{each.where}: names no template outright")
        if not each.template:
            continue
        read = free_names(each.template) - {"portal"}
        given = set(each.values) | ({"page"} if each.page else set())
        if read != given:
            wrong.append(
                f"{each.where}: {each.template} is not given {sorted(read - given)}, "
                f"and in vain {sorted(map(str, given - read))}"
            )
        if each.page != bool(page_class(each.template)):
            wrong.append(
                f"{each.where}: the first line of {each.template} names its page's class, or has none"
            )
    assert wrong == []


def test_nothing_of_a_page_is_read_that_it_does_not_have_or_made_in_vain() -> None:
    by_class = {"portal.web.render.Frame": read_of_page("layout/page.html", "portal")}
    for path in TEMPLATES:
        template = name(path).removeprefix("templates/")
        if path_of_class := page_class(template):
            read = read_of_page(template)
            assert read <= set(members(path_of_class)), f"{template}: {read - set(members(path_of_class))}"
            by_class.setdefault(path_of_class, set()).update(read)
    assert {path: found for path, read in by_class.items() if (found := in_vain(path, read))} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_macro_is_imported_unused(path: Path) -> None:
    template = tree(name(path).removeprefix("templates/"))
    imported = {
        each if isinstance(each, str) else each[1]
        for found in template.find_all(nodes.FromImport)
        for each in found.names
    }
    assert imported - {each.name for each in template.find_all(nodes.Name) if each.ctx == "load"} == set()

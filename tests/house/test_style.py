"""The house's style: names, sizes, docstrings, one clock, one reader of HX headers, no trace of a machine."""

import ast
import re

import pytest

from tests.house.files import ROOT, name, python, tracked, tree

MODULE_LINES = {"portal": 450, "migrations": 400, "tests": 700}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "services", "service", "base", "core", "misc"}
# Put together here, so that this file does not hold what it forbids.
MACHINE_WORDS = tuple(before + after for before, after in (("/", "work/"), ("/", "root/"), (".", "library")))
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
CLOCK_OWNERS = ("portal/web/current.py", "portal/cli")


@pytest.mark.parametrize("folder", MODULE_LINES)
def test_no_module_hides_a_missing_room(folder: str) -> None:
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python(folder)}
    assert {path: lines for path, lines in sizes.items() if lines > MODULE_LINES[folder]} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [
        name(path)
        for path in python("portal", "tests", "migrations")
        if VAGUE_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    ]
    assert vague == []


def test_every_module_says_what_it_knows() -> None:
    assert [name(path) for path in python("portal", "tests") if not ast.get_docstring(tree(path))] == []


def test_only_the_clocks_owners_read_the_clock() -> None:
    readers = {
        f"{name(path)}:{node.lineno}"
        for path in python("portal")
        if not name(path).startswith(CLOCK_OWNERS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and f"{ast.unparse(node.func.value).split('.')[-1]}.{node.func.attr}" in CLOCKS
    }
    assert readers == set()


def test_only_render_reads_what_htmx_says() -> None:
    header = re.compile(r"""["']HX-""")
    readers = [
        name(path)
        for path in python("portal")
        if name(path) != "portal/web/render.py" and header.search(path.read_text(encoding="utf-8"))
    ]
    assert readers == []


def test_no_file_speaks_of_a_machine() -> None:
    traces = [
        f"{name(path)}: {word}"
        for path in tracked()
        if path.suffix != ".lock"
        for word in MACHINE_WORDS
        if word.encode() in path.read_bytes()
    ]
    assert traces == []


def test_the_lock_names_only_the_public_index() -> None:
    sources = set(re.findall(r"source = \{ (\w+ = \"[^\"]*\") \}", (ROOT / "uv.lock").read_text()))
    assert sources == {'registry = "https://pypi.org/simple"', 'editable = "."'}


def test_no_two_types_have_one_name() -> None:
    owners: dict[str, list[str]] = {}
    for path in python("portal"):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef):
                owners.setdefault(node.name, []).append(name(path))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                alias = node.targets[0].id
                if re.match("_?[A-Z][a-z]", alias):
                    owners.setdefault(alias, []).append(name(path))
    assert {each: found for each, found in owners.items() if len(found) > 1} == {}

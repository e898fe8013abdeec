"""Imports go one way, and the domain knows nothing but Python."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from portal.domain.reckoning import METHODS
from tests.house.files import ROOT, name, python, tree
from tests.support.portals import own_schemes


def imported(path: Path) -> Iterator[str]:
    """The modules a file imports, wherever in the file it does."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def test_the_contracts_in_pyproject_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_domain_imports_only_the_standard_library_and_itself() -> None:
    files = [path for path in python("portal") if "domain" in path.parts]
    assert files
    foreign = {
        f"{name(path)}: {module}"
        for path in files
        for module in imported(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith("portal.domain")
    }
    assert foreign == set()


def test_the_evaluation_has_one_way_in() -> None:
    """Facts gathered by the portal come through judging; the two commands are given theirs."""
    asking = {name(path) for path in python("portal") if "portal.domain.assess" in imported(path)}
    assert asking == {
        "portal/actions/judging.py",
        "portal/actions/comparison.py",
        "portal/cli/lines.py",
    }


ALSO_WORDS = {
    "administration": "what the register of people knows of somebody",
    "contact": "whom a scheme names for questions about invoices",
    "cost_centre": "what the register of people knows of somebody",
    "account": "the pages of one's own account; a column of the payment file",
    "specialist": "what a person is",
    "head": "whom a person answers to; the newest revision of the tables",
    "topic": "what a term of a fund is about",
}
"""Names of answers that say something else too."""


def test_no_answer_of_a_fund_is_named_in_python_or_a_template() -> None:
    """But those that every kind has, and those that a reckoning is defined by: the scheme file says the rest."""
    kinds = [kind for scheme in own_schemes().values() for kind in scheme.kinds.values()]
    names = {each for kind in kinds for each in kind.fields}
    known = {"starts_on", "ends_on", "costs", "documents"} | ALSO_WORDS.keys()
    known |= {each for recipe in METHODS.values() for each in recipe.fields}
    found = {
        f"{name(path)}: {node.value}"
        for path in python("portal")
        if not {"demo", "schemes"} & set(path.parts)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and node.value in names - known
    } | {
        f"{name(path)}: {each}"
        for path in (ROOT / "templates").rglob("*.html")
        for each in names - known
        if re.search(rf"""["']{each}["']|answers\.{each}\b""", path.read_text("utf-8"))
    }
    assert found == set()


def _is_called(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower().replace("_", "-")


def test_what_is_imported_is_installed_without_the_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    ahead = [*project["dependencies"], *project["optional-dependencies"]["s3"]]
    installed: set[str] = set()
    while ahead:
        distribution = _is_called(ahead.pop())
        if distribution not in installed:
            installed.add(distribution)
            with suppress(metadata.PackageNotFoundError):  # of another platform
                ahead += [each for each in metadata.requires(distribution) or [] if ";" not in each]
    brings = metadata.packages_distributions()
    # Types alone, and the Node that a browser's package brings, where the demo finds it.
    known = {"portal", "_typeshed", "playwright", *sys.stdlib_module_names}
    foreign = {
        f"{name(path)}: {module}"
        for path in python("portal")
        for module in imported(path)
        if (top := module.split(".")[0]) not in known
        and not installed & {_is_called(each) for each in brings.get(top, ())}
    }
    assert foreign == set()

"""Imports go one way, and the domain knows nothing but Python."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.house.files import ROOT, name, python, tree


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

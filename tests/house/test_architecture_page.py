"""The page that shows how the portal is built names only what is there."""

import ast
import re

import pytest

from tests.house.files import ROOT

WALKS = re.findall(
    r"^\| `(\S+\.py)` \| `(\w+)` \|", (ROOT / "docs/architecture.md").read_text("utf-8"), re.MULTILINE
)
PATHS = [
    (page, path)
    for page in ("docs/architecture.md", "CONTRIBUTING.md")
    for path in re.findall(r"`([\w/.-]+/[\w.-]*)`", (ROOT / page).read_text("utf-8"))
]


def test_the_three_walks_are_there() -> None:
    assert len(WALKS) > 25


@pytest.mark.parametrize(("path", "name"), WALKS)
def test_each_hop_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / "portal" / path).read_text("utf-8"))
    assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef)}


@pytest.mark.parametrize(("page", "path"), PATHS)
def test_each_path_exists(page: str, path: str) -> None:
    assert (ROOT / path).exists() or (ROOT / "portal" / path).exists()

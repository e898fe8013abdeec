"""The walk through OWASP's ASVS names what exists, and counts what it says."""

import ast
import re

from tests.house.files import ROOT, python, tree

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(
    r"^\| (V[\d.]+) \| [12] \| (met|not applicable|left|open) \| (\S.*) \|$", PAGE, re.MULTILINE
)


def test_every_path_and_test_on_the_page_exists() -> None:
    tests = {
        each.name
        for path in python("tests")
        for each in ast.walk(tree(path))
        if isinstance(each, ast.FunctionDef)
    }
    named = set(re.findall(r"`([\w./-]+)`", PAGE))
    paths = {each for each in named if re.search(r"/.*\.\w+$|^[\w.]+\.(py|toml|lock)$", each)}
    assert {each for each in named if each.startswith("test_")} - tests == set()
    assert {
        each for each in paths if not any((ROOT / room / each).is_file() for room in ("", "portal"))
    } == set()
    unproved = [number for number, verdict, said in ROWS if verdict == "met" and not re.search(r"`|\*", said)]
    assert unproved == [], "what is met says where"


def test_the_counts_on_top_are_those_of_the_rows() -> None:
    verdicts = [verdict for _number, verdict, _said in ROWS]
    counts = [verdicts.count(each) for each in ("met", "not applicable", "left", "open")]
    assert "| " + " | ".join(map(str, (*counts, len(ROWS)))) + " |" in PAGE
    assert len(ROWS) == len({number for number, *_ in ROWS}) == 253, "levels 1 and 2 of ASVS 5.0.0"

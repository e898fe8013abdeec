"""docs/add-a-fund.md tells what the loader and the checks really take."""

import re
from pathlib import Path

from portal.domain.check import AnswerValues, CostKinds, FieldNames
from portal.domain.checks import CHECKS
from portal.domain.fields import COST_KINDS, DOCUMENT_KINDS
from portal.domain.reckoning import METHODS
from portal.domain.scheme import FieldType, Severity
from portal.domain.zones import ZONES
from portal.schemes.kinds import WIDTHS
from portal.schemes.loader import FOLDER

GUIDE = (Path(__file__).parents[2] / "docs" / "add-a-fund.md").read_text("utf-8")


LISTS = (FieldNames, CostKinds, AnswerValues)


def words_of(name: str) -> str:
    """AmountField -> amount field."""
    return re.sub(r"(?<=.)(?=[A-Z])", " ", name).lower()


def lines_of_checks() -> list[str]:
    """The table of checks as it must stand in the guide."""
    lines = []
    for check in CHECKS.values():
        takes = ", ".join(
            f"`{name}`: {'a list of ' if sort in LISTS else ''}{words_of(sort.__name__)}"
            for name, sort in check.params.items()
        )
        gives = " ".join(f"`{{{place}}}`" for place in sorted(check.gives))
        lines.append(f"| `{check.name}` | {check.says} | {takes} | {gives} |")
    return lines


def test_every_check_stands_in_the_guide_with_what_it_takes_and_gives() -> None:
    found = [line for line in GUIDE.splitlines() if re.match(r"\| `\w+` \| .* \| .* \| .*\|$", line)]
    assert found == lines_of_checks()


def test_the_guide_names_all_that_can_be_chosen() -> None:
    for choices in (
        FieldType,
        Severity,
        COST_KINDS,
        DOCUMENT_KINDS,
        ZONES,
        METHODS,
        [w for w in WIDTHS if w],
    ):
        for each in choices:
            assert f"`{each}`" in GUIDE


def test_every_key_of_the_portals_own_files_is_explained() -> None:
    keys = set()
    for path in FOLDER.glob("*-*.toml"):
        text = path.read_text("utf-8")
        keys |= set(re.findall(r"^(\w+) = ", text, re.MULTILINE)) | set(
            re.findall(r"^\[+(?:\w+\.)*(\w+)\]", text, re.MULTILINE)
        )
    own = {"sv", "nb", "en", "CY", "XK"}
    payment = set(
        re.findall(
            r"\[payment\]\n(.*?)\n\n", "".join(p.read_text() for p in FOLDER.glob("*-*.toml")), re.DOTALL
        )
    )
    of_payment = set(re.findall(r"^(\w+) = ", "\n".join(payment), re.MULTILINE))
    told = {key for key in keys if re.search(rf"`{key}`|\[+(\w+\.)*{key}\]|^ +{key} = ", GUIDE, re.MULTILINE)}
    assert keys - told - own - of_payment == set()

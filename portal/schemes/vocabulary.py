"""The words all funds share: kinds of cost and document, zones, and the steps of a calculation."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from portal.domain.scheme import Words
from portal.schemes.table import Table, check_words

FORM_FILE = Path(__file__).parent / "form.toml"


@cache
def vocabulary(name: str) -> Mapping[str, Words]:
    """One vocabulary by name, such as cost_kinds or zones. Raises SchemeError."""
    file = Table(tomllib.loads(FORM_FILE.read_text("utf-8")), FORM_FILE.name)
    content = file.table(name).content
    return {key: check_words(words, f"{FORM_FILE.name}, {name} {key}") for key, words in content.items()}

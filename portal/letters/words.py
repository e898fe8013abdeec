"""The letters' own words, in three languages, read from words.toml when first needed."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from portal.domain.scheme import Words
from portal.schemes.table import check_words

WORDS = Path(__file__).parent / "words.toml"


@cache
def words() -> Mapping[str, Words]:
    """Every text by "section.key". Raises SchemeError when a language is missing."""
    return {
        f"{section}.{key}": check_words(texts, f"{WORDS.name}, {section}.{key}")
        for section, content in tomllib.loads(WORDS.read_text("utf-8")).items()
        for key, texts in content.items()
    }


class Said:
    """The letters' words in one language: `said("costs.amount", currency="SEK")`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: str) -> str:
        text = words()[key][self.language]
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text

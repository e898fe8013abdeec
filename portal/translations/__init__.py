"""The interface's texts in each language: msgids are English, `<language>.po` is read when first needed."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).parent


@lru_cache(maxsize=3)
def catalogue(code: str) -> NullTranslations:
    """The translations into a language; English is what the texts are written in."""
    path = CATALOGUES / f"{code}.po"
    if code == "en" or not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        parsed = read_po(source, locale=code, domain="messages")
    compiled = BytesIO()
    write_mo(compiled, parsed)
    compiled.seek(0)
    return Translations(compiled)

"""The interface's texts in each language: msgids are English, `<language>.po` is read when first needed."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.domain.scheme import LANGUAGES, Words

CATALOGUES = Path(__file__).parent
_CONTEXT = "\x04"
"""Between msgctxt and msgid in a compiled catalogue (EOT)."""


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


def P_(context: str, text: str) -> str:
    """Mark a text, as `N_` does, that is translated otherwise in a context (msgctxt) than elsewhere."""
    return f"{context}{_CONTEXT}{text}"


def said(text: str, code: str) -> str:
    """A text marked with `N_` or `P_` in a language, placeholders not filled."""
    return catalogue(code).gettext(text).rpartition(_CONTEXT)[2]


def in_each(text: str) -> Words:
    """The same in every language."""
    return {code: said(text, code) for code in LANGUAGES}

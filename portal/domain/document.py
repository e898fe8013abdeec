"""A document that somebody attached. Knows which kinds of file are allowed and how a name may look.

What makes a file sound stands in `documents`; keeping it is `store.documents`'.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

from portal.domain.alphabet import composed
from portal.domain.application import Answers
from portal.domain.scheme import FieldType, Kind

MOST_DOCUMENTS = 40
"""Documents on one application."""

CLAIMED = ("receipt", "certificate")
"""What can be attached to the actual costs."""

LONGEST_NAME = 150
"""Characters of a file's name, its ending included."""

_MOST_TYPED = 4_000


class Media(StrEnum):
    """The kinds of file that are taken, by the media type they are served as."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


ENDINGS: Mapping[str, Media] = {
    ".pdf": Media.PDF,
    ".jpg": Media.JPEG,
    ".jpeg": Media.JPEG,
    ".jfif": Media.JPEG,
    ".png": Media.PNG,
    ".docx": Media.DOCX,
}
"""What a name may end in, in small letters."""

_USUAL: Mapping[Media, str] = {Media.PDF: ".pdf", Media.JPEG: ".jpg", Media.PNG: ".png", Media.DOCX: ".docx"}
_OTHER_ENDINGS = frozenset(
    ".heic .heif .hif .webp .avif .gif .bmp .tif .tiff .jpe .jp2 .doc .docm .dot .dotx .odt .rtf .txt .zip .xls"
    " .xlsx .bin .dat .tmp .part .download .crdownload .file".split()
)
"""Endings that telephones, browsers and mail programs give to what is something else."""
_PROGRAMS = frozenset(
    ".exe .scr .com .pif .bat .cmd .ps1 .msi .js .jse .vbs .vbe .wsf .hta .lnk .jar .app .dll .html .htm .xhtml"
    " .svg".split()
)


@dataclass(frozen=True, slots=True)
class Document:
    """One attached file; its bytes are found by `sha256`, and none of this changes after it was attached."""

    id: int
    kind: str
    """What it proves: one of `fields.DOCUMENT_KINDS`."""
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: int
    uploaded_at: datetime
    claimed: bool = False
    """Whether it is attached to the actual costs, which finance reads whatever it proves."""

    @property
    def has_picture(self) -> bool:
        """Whether it can be seen without a program of its own."""
        return self.media_type != Media.DOCX

    @property
    def part(self) -> str:
        """The part of a case that it is, as `access.READERS` names them."""
        return "receipts" if self.claimed or self.kind == "receipt" else "documents"


class Broken(Exception):
    """A file's content is not what it should be; `flaw` says how."""

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


# Controls, bidi controls and other invisible characters, surrogates.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])", re.IGNORECASE)


def clean_name(typed: str) -> str:
    """The last piece of a path as a name that can be shown and saved; "document" where nothing is left of it."""
    name = re.split(r"[/\\]", typed[-_MOST_TYPED:])[-1]
    name = composed(name.encode("utf-8", "ignore").decode())
    name = "".join(each for each in name if each in _JOINERS or unicodedata.category(each) not in _UNSEEN)
    name = " ".join(name.split()).strip(". ")
    ending = PurePosixPath(name).suffix
    if ending.lower() not in ENDINGS:
        ending = ""
    stem = name.removesuffix(ending).rstrip(". ")
    if _RESERVED.fullmatch(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    return ((stem or "document")[: LONGEST_NAME - len(ending)].rstrip(". ")) + ending


def expected(name: str) -> Media | None:
    """The kind of file that a clean name promises, or None when it is not one that is taken."""
    return ENDINGS.get(PurePosixPath(name).suffix.lower())


def is_program(name: str) -> bool:
    """Whether a clean name says that opening the file would run something."""
    return PurePosixPath(name).suffix.lower() in _PROGRAMS


def named(name: str, media: Media) -> str:
    """A clean name that ends as that kind of file does."""
    if expected(name) is media:
        return name
    ending = PurePosixPath(name).suffix
    if ending.lower() in ENDINGS or ending.lower() in _OTHER_ENDINGS:
        name = name.removesuffix(ending)
    usual = _USUAL[media]
    return name[: LONGEST_NAME - len(usual)].rstrip(". ") + usual


def with_documents(kind: Kind, answers: Answers, documents: Iterable[Document]) -> Answers:
    """The answers with what is attached as the answer to the questions that ask for documents.

    What a browser sends under their names never counts.
    """
    asked = kind.of_type(FieldType.DOCUMENTS)
    if not asked:
        return answers
    attached = {document.kind for document in documents}
    given = {
        field.name: [choice.value for choice in field.choices if choice.value in attached] for field in asked
    }
    rest = {name: answer for name, answer in answers.items() if name not in given}
    return rest | {name: kinds for name, kinds in given.items() if kinds}


def takes_documents(kind: Kind) -> bool:
    """Whether this kind of application asks for documents."""
    return bool(kind.of_type(FieldType.DOCUMENTS))


def kinds_asked(kind: Kind) -> tuple[str, ...]:
    """The kinds of document that are asked for, in the scheme's order."""
    asked = kind.of_type(FieldType.DOCUMENTS)
    return tuple(dict.fromkeys(choice.value for field in asked for choice in field.choices))


def mark_of(documents: Iterable[Document]) -> str:
    """What a page carries of the documents it showed, to tell whether they are the same still."""
    return hashlib.sha256(repr(fingerprint(documents)).encode()).hexdigest()[:32]


def fingerprint(documents: Iterable[Document]) -> list[list[str]]:
    """What a signature signs of the documents: what each proves and its bytes, in one order."""
    return sorted([document.kind, document.sha256] for document in documents)

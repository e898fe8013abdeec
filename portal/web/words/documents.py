"""Documents as pages show them: names, sizes, where each is fetched, and the places where more are attached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as filled

from flask import url_for

from portal.domain.application import Application
from portal.domain.document import ENDINGS, Document, Media, takes_documents
from portal.domain.scheme import Field, FieldType, Kind
from portal.store import documents as store
from portal.web import current
from portal.web.language import _, in_language, language, number
from portal.web.pages.evidence import Area, Evidence, FileLine

ACCEPT = ",".join((*ENDINGS, *(media.value for media in Media)))
"""What a browser offers to choose; a telephone offers its camera for it too."""

_KILO = 1024


@dataclass(frozen=True, slots=True)
class Attached:
    """The documents an application or a draft has, where each is fetched, and those of the version before."""

    documents: Sequence[Document] = ()
    href: Callable[[Document], str] = filled(default=lambda _document: "")
    before: Sequence[Document] | None = None

    def lines(self, field: Field) -> tuple[FileLine, ...]:
        """Those that answer a question."""
        labels = {choice.value: in_language(choice.label, language()) for choice in field.choices}
        order = {proves: place for place, proves in enumerate(labels)}
        old = {_what(document) for document in self.before or ()}
        return tuple(
            FileLine(
                name=document.name,
                size=size(document.size),
                href=self.href(document),
                what=labels[document.kind],
                new=self.before is not None and _what(document) not in old,
            )
            for document in sorted(self.documents, key=lambda each: order.get(each.kind, 0))
            if document.kind in labels
        )

    @property
    def changed(self) -> bool:
        """Whether the version before had others."""
        return self.before is not None and {_what(d) for d in self.before} != {
            _what(d) for d in self.documents
        }


NOTHING = Attached()


def _what(document: Document) -> tuple[str, str]:
    return document.kind, document.sha256


def of_draft(token: str, kind: Kind) -> Attached:
    """What is attached to a draft; nothing is asked of the store where nothing can be."""
    if not takes_documents(kind):
        return NOTHING
    return Attached(
        store.of_draft(current.reading(), token),
        lambda document: url_for("documents.fetch_of_draft", token=token, document_id=document.id),
    )


def of_version(application: Application, kind: Kind, version: int) -> Attached:
    """What the reader may read of a version's documents, beside those of the one before."""
    if not takes_documents(kind):
        return NOTHING
    return Attached(
        readable(application, version),
        lambda document: url_for("documents.fetch", number=application.number, document_id=document.id),
        readable(application, version - 1) if version > 1 else None,
    )


def readable(application: Application, version: int) -> list[Document]:
    """The documents of a version that the reader may read."""
    found = store.of_version(current.reading(), application.id, version)
    return [document for document in found if current.reads(application, document.part)]


def evidence(
    token: str,
    kind: Kind,
    attached: Attached,
    *,
    refused: Mapping[str, Sequence[str]] | None = None,
    announce: Mapping[str, str] | None = None,
    messages: Mapping[str, Sequence[str]] | None = None,
) -> Evidence | None:
    """The places where files are attached to a draft, or None for a form that asks for none."""
    field = next((each for each in kind.fields.values() if each.type is FieldType.DOCUMENTS), None)
    if field is None:
        return None
    code = language()
    return Evidence(
        token=token,
        name=field.name,
        label=in_language(field.label, code),
        hint=in_language(field.hint, code),
        limit=size(current.settings().max_upload),
        most=current.settings().max_upload,
        accept=ACCEPT,
        areas=tuple(
            Area(
                name=input_of(field, choice.value),
                label=in_language(choice.label, code),
                files=tuple(_removable(d, attached) for d in attached.documents if d.kind == choice.value),
                refused=tuple((refused or {}).get(choice.value, ())),
                announce=(announce or {}).get(choice.value, ""),
            )
            for choice in field.choices
        ),
        errors=tuple((messages or {}).get(field.name, ())),
    )


def input_of(field: Field, proves: str) -> str:
    """The name of the input for one kind of document."""
    return f"{field.name}-{proves}"


def _removable(document: Document, attached: Attached) -> FileLine:
    return FileLine(
        document.name, size(document.size), attached.href(document), remove=f"remove-document-{document.id}"
    )


def size(count: int) -> str:
    """Bytes as people say them: 340 kB, 2,4 MB."""
    if count < _KILO * _KILO:
        shown = number(max(1, round(count / _KILO)))
        return _("%(number)s kB", number=shown)
    shown = number(round(count / _KILO / _KILO, 1))
    return _("%(number)s MB", number=shown)

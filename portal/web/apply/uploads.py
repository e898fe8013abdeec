"""Takes the files of a posted form: each is judged, kept and attached by itself, and what is not taken is said why.

Several files can come at once, and one that is refused keeps no other from being attached.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import request, url_for
from werkzeug.datastructures import FileStorage

from portal.actions import documents
from portal.documents.inspecting import inspect, judge_apart, scan, too_large
from portal.domain.access import NOT_FOUND
from portal.domain.application import Draft
from portal.domain.document import ENDINGS, Document, Media, clean_name
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import Field, FieldType, Kind
from portal.forms.typed import whole
from portal.store.documents import Files, NoRoom
from portal.web import current, limits, logs, render
from portal.web.language import _, count, size, spoken, words
from portal.web.limits import Arriving
from portal.web.pages.evidence import Area, Evidence, FileLine

ACCEPT = ",".join((*ENDINGS, *(media.value for media in Media)))
"""What a browser offers to choose; a telephone offers its camera for it too."""

_REMOVE = "remove-document-"
_ATTACH = "attach"

NO_ROOM = N_(
    "“%(name)s” could not be kept, because the portal is out of room. Try again later; the rest is saved."
)

TOO_OFTEN = N_(
    "“%(name)s” was not attached, because too many files were sent in a short time. Try again in an hour."
)


@dataclass(slots=True)
class Taken:
    """What came of the files and the button of a form, by what they prove."""

    attached: dict[str, list[Document]] = field(default_factory=dict)
    removed: Document | None = None
    refused: dict[str, list[Refusal]] = field(default_factory=dict)

    @property
    def sentences(self) -> Mapping[str, list[str]]:
        """Why files were not taken, in the reader's language."""
        return {proves: [spoken(each) for each in some] for proves, some in self.refused.items()}

    @property
    def announced(self) -> Mapping[str, str]:
        """What a screen reader is told."""
        said = {proves: _attached(len(some)) for proves, some in self.attached.items()}
        if self.removed is not None:
            said[self.removed.kind] = _removed(self.removed)
        return said

    def say(self) -> None:
        """The same on the next whole page."""
        for sentences in self.sentences.values():
            for sentence in sentences:
                render.say(sentence, "bad")
        attached = sum(len(some) for some in self.attached.values())
        if attached:
            render.say(f"{_attached(attached)}.")
        if self.removed is not None:
            render.say(f"{_removed(self.removed)}.")


def _attached(number: int) -> str:
    return count("%(num)s file is attached", "%(num)s files are attached", number)


def _removed(document: Document) -> str:
    return _("“%(name)s” is removed", name=document.name)


def files() -> Files:
    """The folder of documents."""
    return Files(current.settings().uploads_dir)


def is_about_files() -> bool:
    """Whether the button that was pressed only attaches or removes."""
    action = request.form.get("action", "")
    return action == _ATTACH or action.startswith(_REMOVE)


def take(draft: Draft, kind: Kind) -> Taken:
    """Attach every file in the form, and remove the one that its button says. Raises Refused for another's draft."""
    taken, sent_files = Taken(), list(_sent(kind))
    keep = _refuse if sent_files and _is_too_often() else _attach
    for proves, sent in sent_files:
        try:
            taken.attached.setdefault(proves, []).append(keep(draft, kind, proves, sent))
        except Refused as refused:
            if refused.refusal == NOT_FOUND:
                raise
            taken.refused.setdefault(proves, []).append(refused.refusal)
    taken.attached = {proves: some for proves, some in taken.attached.items() if some}
    action = request.form.get("action", "")
    if action.startswith(_REMOVE):
        taken.removed = _remove(draft, action.removeprefix(_REMOVE))
    return taken


def _is_too_often() -> bool:
    """Whether somebody sends files more often than anybody needs to; what they typed is kept all the same."""
    megabytes = (request.content_length or 0) // 1_000_000 + 1
    return limits.is_over(limits.UPLOADS, "files") or limits.is_over(limits.MEGABYTES, "megabytes", megabytes)


def _sent(kind: Kind) -> Iterator[tuple[str, FileStorage]]:
    for question in kind.fields.values():
        if question.type is FieldType.DOCUMENTS:
            for choice in question.choices:
                for sent in request.files.getlist(input_of(question, choice.value)):
                    if sent.filename:  # an input in which nothing was chosen sends an empty one
                        yield choice.value, sent


def _refuse(_draft: Draft, _kind: Kind, _proves: str, sent: FileStorage) -> Document:
    raise Refused(Refusal("document.too-often", TOO_OFTEN, {"name": clean_name(sent.filename or "")}))


def _attach(draft: Draft, kind: Kind, proves: str, sent: FileStorage) -> Document:
    name, arriving = sent.filename or "", cast(Arriving, sent.stream)
    if arriving.arrived > arriving.limit:
        raise Refused(too_large(name, size(arriving.limit)))
    file = inspect(name, arriving.read(), judge_apart)
    _scan(name, file.content)
    folder = files()
    try:
        with folder.keeping():
            folder.put(file.content)
            return _write(documents.attach, token=draft.token, kind=kind, proves=proves, file=file)
    except NoRoom as error:
        logs.fault(error)
        raise Refused(Refusal("document.no-room", NO_ROOM, {"name": clean_name(name)})) from None
    except Refused:
        current.let_go(file.sha256)
        raise


def _scan(name: str, content: bytes) -> None:
    """Ask the virus scanner, where there is one; that it found something or was away is logged without the name."""
    if scanner := current.settings().scanner:
        try:
            scan(name, content, scanner)
        except Refused as refused:
            logs.document_kept_out(refused.refusal.code, refused.__cause__)
            raise


def _remove(draft: Draft, typed: str) -> Document | None:
    """Take one off; once more is no fault, for it is off already."""
    if (document_id := whole(typed)) is None:
        return None
    try:
        return _write(documents.remove, token=draft.token, document_id=document_id)
    except Refused as refused:
        if refused.refusal != NOT_FOUND:
            raise
        return None


def _write(action: Any, **values: Any) -> Document:
    return cast(Document, current.act(action, **values))


def evidence_of(
    token: str,
    kind: Kind,
    documents: Sequence[Document],
    *,
    refused: Mapping[str, Sequence[str]] | None = None,
    announce: Mapping[str, str] | None = None,
    messages: Mapping[str, Sequence[str]] | None = None,
) -> Evidence | None:
    """The places where files are attached to a draft, or None for a form that asks for none."""
    field = next((each for each in kind.fields.values() if each.type is FieldType.DOCUMENTS), None)
    if field is None:
        return None
    return Evidence(
        token=token,
        name=field.name,
        label=words(field.label),
        hint=words(field.hint),
        limit=size(current.settings().max_upload),
        most=current.settings().max_upload,
        accept=ACCEPT,
        areas=tuple(
            Area(
                name=input_of(field, choice.value),
                label=words(choice.label),
                files=tuple(_removable(token, d) for d in documents if d.kind == choice.value),
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


def _removable(token: str, document: Document) -> FileLine:
    href = url_for("documents.fetch_of_draft", token=token, document_id=document.id)
    return FileLine(document.name, size(document.size), href, remove=f"{_REMOVE}{document.id}")

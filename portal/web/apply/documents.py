"""Documents: attaching files to a draft and taking them off, and fetching them by whoever may see the case.

Several files can come at once, and one that is refused keeps no other from being attached. A document is always looked
up through its draft or its application. Fetching one is a GET and writes nothing, so who fetched somebody else's
document stands in the log of requests and not among the audit events.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any, cast

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from portal.actions.documents import attach, remove
from portal.documents.drawing import draw_pages
from portal.documents.inspecting import inspect, judge_apart, scan, too_large
from portal.domain.access import NOT_FOUND
from portal.domain.application import Application, Draft
from portal.domain.document import ENDINGS, Broken, Document, Media, clean_name, takes_documents
from portal.domain.refusal import N_, Refusal, Refused
from portal.domain.scheme import Field, FieldType, Kind
from portal.forms.typed import whole
from portal.store import documents
from portal.store.files import Away, NoRoom
from portal.web import current, limits, logs, render
from portal.web.answers import DocumentLink, of_draft
from portal.web.apply import sheets
from portal.web.apply.sheets import Sheet
from portal.web.guard import guard
from portal.web.language import _, count, size, spoken
from portal.web.limits import Arriving

blueprint = Blueprint("documents", __name__)

_REMOVE = "remove-document-"
_ATTACH = "attach"

NO_ROOM = N_(
    "“%(name)s” could not be kept, because the portal is out of room. Try again later; the rest is saved."
)

AWAY = N_(
    "“%(name)s” could not be kept, because the store of documents is away. Try again in a while; the rest is saved."
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
    def announced(self) -> Mapping[str, str]:
        """What a screen reader is told."""
        said = {proves: _attached(len(some)) for proves, some in self.attached.items()}
        if self.removed is not None:
            said[self.removed.kind] = _removed(self.removed)
        return said

    def say(self) -> None:
        """The same on the next whole page."""
        for some in self.refused.values():
            for refusal in some:
                render.say(spoken(refusal), "bad")
        attached = sum(len(some) for some in self.attached.values())
        if attached:
            render.say(f"{_attached(attached)}.")
        if self.removed is not None:
            render.say(f"{_removed(self.removed)}.")


def _attached(number: int) -> str:
    return count("%(num)s file is attached", "%(num)s files are attached", number)


def _removed(document: Document) -> str:
    return _("“%(name)s” is removed", name=document.name)


@dataclass(frozen=True, slots=True)
class DocumentsQuestion:
    """The question that is answered by attaching files, with those there are."""

    href: str
    """Where files are sent to, and taken off."""
    field: Field
    files: Sequence[DocumentLink]
    most: int
    """How many bytes a file may have."""
    taken: Taken
    errors: Sequence[str]
    accept: str = ",".join((*ENDINGS, *(media.value for media in Media)))
    """What a browser offers to choose; a telephone offers its camera for it too."""


def question_of(
    sheet: Sheet, *, taken: Taken | None = None, messages: Mapping[str, Sequence[str]] | None = None
) -> DocumentsQuestion:
    """Where files are attached, for a form that asks for them; `messages` are what is said of its questions."""
    asked = sheet.kind.of_type(FieldType.DOCUMENTS)[0]
    errors = (messages or {}).get(asked.name, ())
    files = of_draft(sheet.token, sheet.kind, sheet.documents).files
    href = url_for("documents.change", token=sheet.token)
    return DocumentsQuestion(href, asked, files, current.settings().max_upload, taken or Taken(), errors)


@blueprint.get("/drafts/<token>/documents")
@guard("apply")
def show(token: str) -> ResponseReturnValue:
    """The files of a draft on a page of their own."""
    sheet = _sheet(token)
    return render.page("apply/documents.html", sheet=sheet, question=question_of(sheet))


@blueprint.post("/drafts/<token>/documents")
@guard("apply")
def change(token: str) -> ResponseReturnValue:
    """Attach the files sent, or take one off."""
    sheet = _sheet(token)
    taken = take_into(sheet.draft, sheet.kind)
    shown, status = question_of(_sheet(token), taken=taken), render.REFUSED if taken.refused else 200
    if render.is_fragment_request():
        return render.fragment("apply/_documents.html", shown, status=status)
    if taken.refused:
        return render.page("apply/documents.html", sheet=sheet, question=shown, status=status)
    taken.say()
    return render.redirect(url_for("documents.show", token=token))


@blueprint.get("/drafts/<token>/documents/<int:document_id>")
@guard("apply")
def fetch_of_draft(token: str, document_id: int) -> ResponseReturnValue:
    """A document of one's own draft."""
    sheet = _sheet(token)
    return _sent(documents.get_of_draft(current.reading(), token, document_id), sheet.draft.application_id)


@blueprint.get("/applications/<number>/documents/<int:document_id>")
@guard("see", application=True)
def fetch(application: Application, document_id: int) -> ResponseReturnValue:
    """A document of any version of an application."""
    document = documents.get_of_application(current.reading(), application.id, document_id)
    if not current.reads(application, document.part):
        abort(404)
    return _sent(document, application.id)


@blueprint.get("/applications/<number>/documents/<int:document_id>/picture")
@guard("see", application=True)
def picture(application: Application, document_id: int) -> ResponseReturnValue:
    """The same as a picture to be seen on the page of the case: itself, or the pages of a PDF."""
    document = documents.get_of_application(current.reading(), application.id, document_id)
    if not document.has_picture or not current.reads(application, document.part):
        abort(404)
    logs.document_fetched(document, application.id)
    content = current.files().get(document.sha256)
    if document.media_type != Media.PDF:
        return render.shown(content, document.media_type)
    current.release()
    try:
        return render.shown(draw_pages(content), Media.PNG)
    except Broken:
        abort(404)


def _sheet(token: str) -> Sheet:
    sheet = sheets.lay_out(token)
    if not takes_documents(sheet.kind):
        abort(404)
    return sheet


def _sent(document: Document, application_id: int | None) -> Response:
    """The bytes as they were kept, to be saved and not shown, under their own name."""
    logs.document_fetched(document, application_id)
    return render.attached(BytesIO(current.files().get(document.sha256)), document.name, document.media_type)


def is_about_files() -> bool:
    """Whether the button that was pressed only attaches or removes."""
    action = request.form.get("action", "")
    return action == _ATTACH or action.startswith(_REMOVE)


def take_into(draft: Draft, kind: Kind) -> Taken:
    """Let a draft have the files in its form. Raises Refused for another's draft."""
    into = {"token": draft.token}
    return take(kind.of_type(FieldType.DOCUMENTS), partial(attach, kind=kind), remove, into)


def take(
    asked: Sequence[Field],
    add: Callable[..., Document],
    drop: Callable[..., Document],
    into: Mapping[str, Any],
) -> Taken:
    """Attach every file in the form by one action, and take off the one its button says by another. Raises Refused."""
    taken, sent_files = Taken(), list(_sent_files(asked))
    keep = partial(_refuse, "document.too-often", TOO_OFTEN) if sent_files and _is_too_often() else _attach
    for proves, sent in sent_files:
        try:
            document = keep(add, into, proves, sent)
        except Refused as refused:
            if refused.refusal == NOT_FOUND:
                raise
            taken.refused.setdefault(proves, []).append(refused.refusal)
            if refused.refusal.code == "document.away":  # the others need not wait for it too
                keep = partial(_refuse, "document.away", AWAY)
        else:
            taken.attached.setdefault(proves, []).append(document)
    action = request.form.get("action", "")
    if action.startswith(_REMOVE):
        taken.removed = _remove(drop, into, action.removeprefix(_REMOVE))
    return taken


def _is_too_often() -> bool:
    """Whether somebody sends files more often than anybody needs to; what they typed is kept all the same."""
    megabytes = (request.content_length or 0) // 1_000_000 + 1
    return limits.is_over(limits.UPLOADS, "files") or limits.is_over(limits.MEGABYTES, "megabytes", megabytes)


def _sent_files(asked: Sequence[Field]) -> Iterator[tuple[str, FileStorage]]:
    for question in asked:
        for choice in question.choices:
            for sent in request.files.getlist(f"{question.name}-{choice.value}"):
                if sent.filename:  # an input in which nothing was chosen sends an empty one
                    yield choice.value, sent


def _refuse(
    code: str,
    words: str,
    _add: Callable[..., Document],
    _into: Mapping[str, Any],
    _proves: str,
    sent: FileStorage,
) -> Document:
    raise Refused(Refusal(code, words, {"name": clean_name(sent.filename or "")}))


def _attach(
    add: Callable[..., Document], into: Mapping[str, Any], proves: str, sent: FileStorage
) -> Document:
    name, arriving = sent.filename or "", cast(Arriving, sent.stream)
    if arriving.arrived > arriving.limit:
        raise Refused(too_large(name, size(arriving.limit)))
    file = inspect(name, arriving.read(), judge_apart)
    _scan(name, file.content)
    files = current.files()
    current.release()  # an object store may take its time
    try:
        with files.keeping():
            files.put(file.content)
            return current.act(add, **into, proves=proves, file=file)
    except (NoRoom, Away) as error:
        logs.fault(error)
        away = isinstance(error, Away)
        why = ("document.away", AWAY) if away else ("document.no-room", NO_ROOM)
        raise Refused(Refusal(*why, {"name": clean_name(name)})) from None
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


def _remove(drop: Callable[..., Document], into: Mapping[str, Any], typed: str) -> Document | None:
    """Take one off; once more is no fault, for it is off already."""
    if (document_id := whole(typed)) is None:
        return None
    try:
        return current.act(drop, **into, document_id=document_id)
    except Refused as refused:
        if refused.refusal != NOT_FOUND:
            raise
        return None

"""Evidence: attaching files to a draft and taking them off, and fetching them by whoever may see the case.

A document is always looked up through its draft or its application. Fetching one is a GET and writes nothing, so who
fetched somebody else's document stands in the log of requests and not among the audit events.
"""

from io import BytesIO

from flask import Blueprint, Response, abort, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.domain.application import Application
from portal.domain.document import Document, takes_documents
from portal.store import documents as store
from portal.web import current, logs, render
from portal.web.apply import sheets, uploads
from portal.web.apply.sheets import Sheet
from portal.web.guard import guard
from portal.web.language import words
from portal.web.pages.evidence import EvidencePage

blueprint = Blueprint("documents", __name__)

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "no-store",
}


@blueprint.get("/drafts/<token>/documents")
@guard("apply")
def show(token: str) -> ResponseReturnValue:
    """The files of a draft on a page of their own."""
    return render.page("apply/documents.html", _page(_sheet(token)))


@blueprint.post("/drafts/<token>/documents")
@guard("apply")
def change(token: str) -> ResponseReturnValue:
    """Attach the files sent, or take one off."""
    sheet = _sheet(token)
    taken = uploads.take(sheet.draft, sheet.kind)
    page, status = _page(_sheet(token), taken), render.REFUSED if taken.refused else 200
    if render.is_fragment_request():
        return render.fragment("apply/_documents.html", page.evidence, status=status)
    if taken.refused:
        return render.page("apply/documents.html", page, status=status)
    taken.say()
    return render.redirect(url_for("documents.show", token=token))


@blueprint.get("/drafts/<token>/documents/<int:document_id>")
@guard("apply")
def fetch_of_draft(token: str, document_id: int) -> ResponseReturnValue:
    """A document of one's own draft."""
    sheet = _sheet(token)
    return _sent(store.get_of_draft(current.reading(), token, document_id), sheet.draft.application_id)


@blueprint.get("/applications/<number>/documents/<int:document_id>")
@guard("see", application=True)
def fetch(application: Application, document_id: int) -> ResponseReturnValue:
    """A document of any version of an application."""
    document = store.get_of_application(current.reading(), application.id, document_id)
    if not current.reads(application, document.part):
        abort(404)
    return _sent(document, application.id)


def _sheet(token: str) -> Sheet:
    sheet = sheets.lay_out(token)
    if not takes_documents(sheet.kind):
        abort(404)
    return sheet


def _page(sheet: Sheet, taken: uploads.Taken | None = None) -> EvidencePage:
    evidence = uploads.evidence_of(
        sheet.draft.token,
        sheet.kind,
        sheet.documents,
        refused=taken.sentences if taken else None,
        announce=taken.announced if taken else None,
    )
    if evidence is None:
        abort(404)
    return EvidencePage(sheet.draft.token, sheet.title, words(sheet.scheme.title), evidence)


def _sent(document: Document, application_id: int | None) -> Response:
    """The bytes as they were kept, to be saved and not shown, under their own name."""
    logs.document_fetched(document, application_id)
    response = send_file(
        BytesIO(uploads.files().get(document.sha256)),
        mimetype=document.media_type,
        as_attachment=True,
        download_name=document.name,
        conditional=False,
        etag=False,
    )
    response.headers.update(_HEADERS)
    return response

"""All that the reader may read of a case in one zip: answers, documents, letters and history, with checksums."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from portal.actions.judging import case_of
from portal.domain.application import Application, Version
from portal.domain.document import Document, takes_documents
from portal.domain.money import plain
from portal.domain.scheme import Scheme
from portal.language.wording import veiled_records
from portal.letters.composing import CONFIRMATION, DECISION
from portal.letters.orders import pdf_of
from portal.store import applications, heads, people, signing
from portal.store import letters as kept
from portal.web import current, logs
from portal.web.answers import of_claim, readable, readable_documents
from portal.web.applications.page import happened
from portal.web.language import instant

_IN_MEMORY = 4 * 1024 * 1024
_DAY = (1980, 1, 1, 0, 0, 0)
"""The first day a zip knows: the same case gives the same file."""


def bundle(application: Application) -> IO[bytes]:
    """The zip, open at its beginning. Raises Unprinted rather than leave a letter out."""
    target: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    sums = []
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in _files(application):
                sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
                archive.writestr(_entry(application, name), content)
            archive.writestr(_entry(application, "SHA256SUMS"), "".join(sums).encode())
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _entry(application: Application, name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{application.number}/{name}", _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _files(application: Application) -> Iterator[tuple[str, bytes]]:
    session = current.reading()
    versions = applications.versions_of(session, application.id)
    yield "application.json", _json(application, versions)
    kind = current.scheme(application.scheme).kinds[application.kind]
    if takes_documents(kind):
        for version in versions:
            for document in readable_documents(application, version.number):
                logs.document_fetched(document, application.id)
                path = f"evidence/version-{version.number}/{document.id}-{_plain(document)}"
                yield path, current.files().get(document.sha256)
    for link in of_claim(application):
        logs.document_fetched(link.document, application.id)
        yield f"costs/{link.document.id}-{_plain(link.document)}", current.files().get(link.document.sha256)
    for letter in kept.of_application(session, application.id):
        if reads_letter(application, letter.kind):
            again = f"-{letter.edition}" if letter.edition > 1 else ""
            name = f"letters/{letter.kind}-version-{letter.version}-{letter.language}{again}.pdf"
            yield name, pdf_of(session, letter)
    yield "history.txt", _history(application)


def _plain(document: Document) -> str:
    return PurePosixPath(document.name.replace("\\", "/")).name or "document"


def reads_letter(application: Application, kind: str) -> bool:
    """Whether the reader may read a letter: a confirmation is in people's own words, a decision with a reason too."""
    decision = signing.find_decision(current.reading(), application.id) if kind == DECISION else None
    worded = kind == CONFIRMATION or (decision is not None and bool(decision.reason))
    return current.reads(application, "words" if worded else "case")


def _readable_assessment(
    application: Application, scheme: Scheme, record: Mapping[str, Any]
) -> Mapping[str, Any]:
    if current.reads(application, "register"):
        return record
    return {**record, "findings": veiled_records(record["findings"], scheme, application.kind)}


def _json(application: Application, versions: list[Version]) -> bytes:
    """The application as data: its decision, every version with its answers and what the portal said of it."""
    scheme = current.scheme(application.scheme)
    decision = signing.find_decision(current.reading(), application.id)
    said = heads.words_on(current.reading(), application.id)
    names = people.names_of(current.reading(), [each.head_id for each in said])
    content = {
        "number": application.number,
        "scheme": application.scheme,
        "kind": application.kind,
        "status": application.status.value,
        "declined": application.declined if current.reads(application, "words") else None,
        "received_at": application.received_at.isoformat(),
        "decision": decision
        and {
            "outcome": decision.outcome.value,
            "amount": plain(decision.amount),
            "decided_at": decision.decided_at.isoformat(),
        },
        "head_words": [
            {
                "version": word.version,
                "head": names[word.head_id],
                "given": word.given,
                "said_at": word.said_at.isoformat(),
                "void_at": word.void_at and word.void_at.isoformat(),
                "reason": word.reason if current.reads(application, "words") else "",
            }
            for word in said
        ],
        "versions": [
            {
                "version": version.number,
                "submitted_at": version.submitted_at.isoformat(),
                "digest": version.digest,
                "answers": readable(application, scheme, version.answers),
                "assessment": _readable_assessment(application, scheme, version.assessment),
            }
            for version in versions
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode()


def _history(application: Application) -> bytes:
    """What has happened, in the words of the page and no more than it tells this reader."""
    session, scheme, lines = current.reading(), current.scheme(application.scheme), []
    case = case_of(session, application, scheme, at=current.now())
    for item in happened(case, told=signing.find_decision(session, application.id) is not None):
        at = instant(item.at, scheme.zone) if isinstance(item.at, datetime) else ""
        lines.append(" · ".join(part for part in (at, item.title, item.by) if part))
        lines.extend(f"    {line}" for line in item.text.splitlines())
    return ("\n".join(lines) + "\n").encode()

"""Everything that the portal keeps about a person, for them: as data, as a page to read, and with their documents.

Of other people there is nothing in it but the names of those who decided, and what a text of the person's own case says
of them: a case that is about somebody else stands in it by its number alone, as what the person did there.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.domain.application import Answers, Application
from portal.domain.fields import read
from portal.domain.money import plain
from portal.domain.scheme import FieldType, Kind, Scheme
from portal.language.vocabularies import ACTS, STATUSES
from portal.store import (
    applications,
    audit,
    claims,
    documents,
    drafts,
    followups,
    outbox,
    people,
    seats,
    signing,
)
from portal.store import sign_in as sign_ins
from portal.web import current, limits, render
from portal.web.answers import AnswerSection, in_words
from portal.web.guard import guard
from portal.web.language import word

blueprint = Blueprint("data", __name__, url_prefix="/account")

_EVERYTHING = 100_000
_IN_MEMORY = 4 * 1024 * 1024


@blueprint.get("/data.zip")
@guard("come-in")
@limits.exports
def download() -> ResponseReturnValue:
    """Everything about the person signed in, in one file."""
    target: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in _files():
                archive.writestr(name, content)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return render.attached(target, f"data-{current.today().isoformat()}.zip", "application/zip")


def _files() -> Iterator[tuple[str, bytes]]:
    me, session = current.person(), current.reading()
    mine = applications.written_by_or_for(session, me.id, limit=_EVERYTHING)
    own = [each for each in mine if each.participant_id == me.id]
    cases = [_case(each) for each in own]
    did = audit.of_actor(session, me.id)
    numbers = applications.numbers_of(session, {each.application_id for each in did if each.application_id})
    content: dict[str, Any] = {
        "person": {
            "name": me.name, "number": me.number, "email": me.email, "unit": me.unit, "language": me.language,
            "specialist": me.specialist, "specialty": me.specialty, "administration": me.administration,
            "cost_centre": me.cost_centre, "roles": sorted(me.roles), "login": people.login_of(session, me.id),
        },
        "seats": [
            {"fund": held.fund, "seat": held.seat, "from": held.starts_on, "until": held.ends_on}
            for held in seats.of_person(session, me.id, for_update=False)
        ],
        "applications": cases,
        "drafts": [
            {"scheme": each.scheme, "saved_at": each.saved_at, "answers": _own(*_kind(each), each.answers)}
            for each in drafts.written_by(session, me.id)
            if each.participant_id == me.id
        ],
        "sign_ins": [
            {key: value for key, value in asdict(each).items() if key != "digest"}
            for each in sign_ins.sessions_of(session, me.id, limit=_EVERYTHING)
        ],
        "e_mails": [{"kind": each.kind, "at": each.created_at} for each in outbox.sent_to(session, me.id)],
        "acts": [
            {"act": each.act, "at": each.at, "application": numbers.get(each.application_id or 0)} for each in did
        ],
        "cases_read": [
            {"application": each.number, "at": each.first_at, "what": each.door}
            for each in audit.readings(session, person_id=me.id, limit=_EVERYTHING)
        ],
        "own_cases_read_by_others": [
            {"application": application.number, "at": each.first_at, "what": each.door}
            for application in own
            for each in audit.readings(session, application_id=application.id, limit=_EVERYTHING)
        ],
    }  # fmt: skip
    yield "data.json", json.dumps(content, ensure_ascii=False, indent=1, default=str).encode()
    told = [(each, case, _in_words(each)) for each, case in zip(own, cases, strict=True)]
    page = render.text("account/data.html", me=me, content=content, cases=told, acts=ACTS)
    yield "data.html", page.encode()
    for application in own:
        versions = range(1, application.version + 1)
        kept = [(str(n), each) for n in versions for each in documents.of_version(session, application.id, n)]
        kept += [("costs", each) for each in documents.of_claim(session, application.id)]
        for of, document in kept:
            name = document.name.replace("/", "-").replace("\\", "-")
            path = f"documents/{application.number}/{of}-{document.id}-{name}"
            yield path, current.files().get(document.sha256)


def _case(application: Application) -> Mapping[str, Any]:
    """One's own application; who else has a part in it is left out, but for those who decided."""
    session, scheme = current.reading(), current.scheme(application.scheme)
    kind = scheme.kinds[application.kind]
    decision = signing.find_decision(session, application.id)
    claim, followup = claims.find(session, application.id), followups.find(session, application.id)
    signed = [each for each in signing.signatures_on(session, application.id) if each.withdrawn_at is None]
    names = people.names_of(session, {each.signer_id for each in signed})
    versions = applications.versions_of(session, application.id)
    return {
        "number": application.number,
        "scheme": application.scheme,
        "status": word(STATUSES, application.status),
        "received_at": application.received_at,
        "versions": [
            {
                "submitted_at": each.submitted_at,
                "answers": _own(scheme, kind, each.answers),
                "amount": plain(each.amount),
                "findings": [found["message"] for found in each.assessment["findings"]],
            }
            for each in versions
        ],
        "question": application.question,
        "decision": decision
        and {
            "outcome": decision.outcome,
            "amount": plain(decision.amount),
            "reason": decision.reason,
            "decided_at": decision.decided_at,
            "decided_by": sorted(names.values()),
            "cancelled_at": decision.cancelled_at,
        },
        "claim": claim
        and {"stage": claim.stage, "payable": plain(claim.payable_amount), "costs": claim.costs},
        "follow_up": followup
        and {
            name: getattr(followup, name) for name in ("planned_on", "held_on", "forum", "audience", "lesson")
        },
    }


def _in_words(application: Application) -> Sequence[AnswerSection]:
    """The answers that count, as the person reads them."""
    scheme = current.scheme(application.scheme)
    kind, answers = (
        scheme.kinds[application.kind],
        applications.version_of(current.reading(), application).answers,
    )
    return in_words(scheme, read(kind, _own(scheme, kind, answers)))


def _kind(draft: Any) -> tuple[Scheme, Kind]:
    scheme = current.scheme(draft.scheme)
    return scheme, scheme.kinds[draft.kind]


def _own(scheme: Scheme, kind: Kind, answers: Answers) -> Answers:
    """The answers without those that name somebody else: the head, and the contact of who is paid."""
    others = {field.name for field in kind.of_type(FieldType.PERSON)} | {
        *scheme.payment.get("payee_also", ())
    }
    return {name: answer for name, answer in answers.items() if name not in others}

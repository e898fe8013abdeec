"""Pages for heads: what they are asked to confirm of an application, and what they stand for in a year."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions import attesting
from portal.domain.access import NOT_FOUND
from portal.domain.application import Application
from portal.domain.attest import may_attest, standing_word
from portal.domain.person import Person
from portal.domain.refusal import Refusal, Refused
from portal.finance.downloads import written
from portal.finance.heads import StoodFor, stood_for, totals
from portal.finance.sheets import HEADS
from portal.forms.typed import clean, whole
from portal.language.vocabularies import FOLLOWUPS
from portal.store import heads, people
from portal.web import current, limits, render
from portal.web.finance.views import asked_profile, manner, sent_file
from portal.web.guard import guard
from portal.web.heads.page import HeadPage, line_of, promises_of
from portal.web.language import _, spoken

blueprint = Blueprint("heads", __name__)

_OF_REASON = frozenset({attesting.NO_REASON.code, "text.too-long"})


def _has_a_word(me: Person, application: Application) -> bool:
    """Whether it is the person's word, also where the head named has left and they are no party."""
    return attesting.has_a_word(current.reading(), application, me)


@blueprint.get("/head")
@guard("come-in")
def year() -> ResponseReturnValue:
    """What the reader stands for as head in a year of events, with what it comes to."""
    chosen, session = _year_asked(), current.reading()
    years = sorted(
        {chosen, current.today().year, *heads.years_of(session, current.person().id)}, reverse=True
    )
    cases = _stood_for(chosen)
    return render.page(
        "heads/year.html",
        year=chosen,
        years=[render.Door(str(each), url_for("heads.year", year=each), each == chosen) for each in years],
        cases=cases,
        totals=totals(cases),
        followups={key: _(said) for key, said in FOLLOWUPS.items()},
        sheet=HEADS,
    )


@blueprint.get("/head.csv")
@guard("come-in")
@limits.exports
def file() -> ResponseReturnValue:
    """The same as a file."""
    chosen = _year_asked()
    rows = (each.cells for each in _stood_for(chosen))
    pieces = written(rows, HEADS, manner(asked_profile()), current.settings().zone)
    return sent_file(pieces, HEADS, "", date(chosen, 1, 1), date(chosen, 12, 31))


def _stood_for(year: int) -> list[StoodFor]:
    return stood_for(current.reading(), current.person().id, year, current.schemes(), current.now())


def _year_asked() -> int:
    asked = whole(request.args.get("year", ""))
    return asked if asked is not None and 2000 <= asked <= 2100 else current.today().year


@blueprint.get("/applications/<number>/head")
@guard("see", application=True, also=_has_a_word)
def word(application: Application) -> ResponseReturnValue:
    """What the head confirms, and the two ways to answer for whose word it is."""
    return _show(application)


@blueprint.post("/applications/<number>/head")
@guard("see", application=True, also=_has_a_word)
def give(application: Application) -> ResponseReturnValue:
    """Confirm all of it."""
    ticked = frozenset(name.removeprefix("confirm-") for name in request.form if name.startswith("confirm-"))
    try:
        current.act(
            attesting.give_word,
            number=application.number,
            version=_version_shown(),
            confirmed=ticked,
            schemes=current.schemes(),
        )
    except attesting.Unconfirmed as unconfirmed:
        wrong = {f"confirm-{key}": refusal for key, refusal in unconfirmed.wrong.items()}
        return _show(application, ticked=ticked, wrong=wrong)
    render.say(_("You have confirmed it. Those who decide can see that."))
    return render.redirect(url_for("heads.word", number=application.number))


@blueprint.post("/applications/<number>/head/no")
@guard("see", application=True, also=_has_a_word)
def say_no(application: Application) -> ResponseReturnValue:
    """Say no with a reason, which returns the application."""
    reason = clean(request.form.get("reason", ""))
    try:
        current.act(
            attesting.say_no,
            number=application.number,
            version=_version_shown(),
            reason=reason,
            schemes=current.schemes(),
        )
    except Refused as refused:
        if refused.refusal.code not in _OF_REASON:
            raise
        return _show(application, typed=reason, wrong={"reason": refused.refusal})
    render.say(_("You have said no. The applicant gets it back with your reason."))
    return render.redirect(url_for("heads.word", number=application.number))


def _version_shown() -> int:
    return whole(request.form.get("version", "")) or 0


def _show(
    application: Application,
    *,
    ticked: frozenset[str] = frozenset(),
    typed: str = "",
    wrong: Mapping[str, Refusal] | None = None,
) -> ResponseReturnValue:
    session, me, scheme = current.reading(), current.person(), current.scheme(application.scheme)
    said = heads.words_on(session, application.id)
    line, counts = line_of(scheme, application, said), standing_word(said)
    if line is None:
        raise Refused(NOT_FOUND)
    stands = heads.stands_for(session, application.id)
    whole = _has_a_word(me, application) or current.reads(application, "words")
    participant = people.get(session, application.participant_id, day=current.today())
    page = HeadPage(
        application=application,
        scheme=scheme,
        participant=participant.name,
        unit=participant.unit,
        promises=promises_of(scheme, application, whole=whole),
        line=line,
        reason=counts.reason if counts is not None and whole else "",
        sees_case=current.reads(application),
        mine=stands == me.id,
        refusal=may_attest(application, me, stands=stands),
        ticked=ticked,
        typed=typed,
        wrong={name: [spoken(refusal)] for name, refusal in (wrong or {}).items()},
    )
    return render.page("heads/word.html", page, status=render.REFUSED if wrong else 200)

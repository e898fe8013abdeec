"""The start page: what I owe, my drafts and applications, and the open funds; and the accessibility statement."""

from datetime import timedelta

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from portal.domain.access import GOES_ON, is_spoken_for, may
from portal.domain.application import Draft
from portal.domain.days import read_date, read_day
from portal.domain.money import Unreadable
from portal.domain.periods import local_day
from portal.domain.person import Person
from portal.finance.heads import Totals, stood_for, totals
from portal.forms.typed import clean, earliest
from portal.language.wording import title_of
from portal.store import applications, drafts, handing_over, people, signing
from portal.web import current, render
from portal.web.funds.views import open_editions
from portal.web.guard import guard, public
from portal.web.language import _, day_said, language, words
from portal.web.start import tasks

_NEWS = timedelta(days=30)
"""How long the start page says that something has passed to a colleague."""
blueprint = Blueprint("start", __name__)
about = Blueprint("about", __name__)


@blueprint.get("/")
@guard("come-in")
def start() -> ResponseReturnValue:
    """Everything that is this person's, what waits for them first."""
    me, session, now = current.person(), current.reading(), current.now()
    mine, begun = applications.written_by_or_for(session, me.id), drafts.written_by(session, me.id)
    others = {each.participant_id for each in begun} - {me.id}
    spoken_for = [each for each in mine if is_spoken_for(me, each) and each.status.open]
    taken = handing_over.taken_over(session, me.id, GOES_ON, since=now - _NEWS)
    names = people.names_of(
        session, {by for e in (*spoken_for, *taken) for by in (e.author_id, e.applicant_id)}
    )
    offers = open_editions(me)
    fitting = [each for each in offers if each.language == me.language] or offers
    whom = {me.id: me} | (people.get_all(session, others, day=current.today()) if others else {})
    return render.page(
        "start/start.html",
        tasks=tasks.of(me, mine),
        drafts=[(each, *_titles(each), whom[each.participant_id]) for each in begun],
        applications=mine,
        standing=signing.standing_amounts(session, [each.id for each in mine]),
        spoken_for=[(each, names[each.author_id]) for each in spoken_for],
        taken=[(each, names[each.applicant_id]) for each in taken],
        next_year={
            key for key, each in current.schemes().items() if local_day(now, each) < each.decides_from
        },
        today=current.today(),
        unit=_unit(me),
        offers=fitting,
        others=[each for each in offers if each not in fitting],
    )


def _unit(me: Person) -> list[tuple[int, Totals]]:
    """What a head stands for this year, by currency, and in how many applications."""
    if may(me, "lead") is not None:
        return []
    session, year = current.reading(), current.today().year
    cases = stood_for(session, me.id, year, current.schemes(), current.now())
    return [(sum(c.application.currency == t.currency for c in cases), t) for t in totals(cases)]


def _titles(draft: Draft) -> tuple[str, str]:
    """What the draft and its fund are called; the edition may be gone."""
    scheme = current.schemes().get(draft.scheme)
    kind = scheme.kinds.get(draft.kind) if scheme else None
    title = title_of(kind, draft.answers, language()) if kind else ""
    return title or _("New application"), words(scheme.title) if scheme else draft.scheme


@blueprint.get("/day")
@guard("come-in")
def day() -> ResponseReturnValue:
    """What a day that is being typed is read as, or why it is not: for the field to say back."""
    typed, leans = clean(request.args.get("typed", ""), 100), request.args.get("leans", "")
    try:
        after = request.args.get("after")
        since = read_date(after) if after else earliest(leans, current.today())
        kept = read_day(typed, since).isoformat()
        return jsonify(iso=kept, says=day_said(kept))
    except Unreadable as unreadable:
        rules = next(iter(current.schemes().values())).form_rules
        return jsonify(iso="", says=words(rules[unreadable.code].message))


@about.get("/accessibility")
@public("accessibility")
def accessibility() -> ResponseReturnValue:
    """How accessible the portal is, and how to say that it is not."""
    return render.page("start/accessibility.html", contact=current.settings().mail_from)

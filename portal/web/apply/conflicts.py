"""Two texts of one draft, from two windows: laid side by side, so that the person chooses and nothing is lost."""

from flask import request

from portal.web.answers import differing
from portal.web.apply.sheets import Sheet
from portal.web.pages.apply import ConflictPage

_OF_THE_PAGE = frozenset({"csrf_token", "revision", "action"})


def conflict_page(theirs: Sheet, mine: Sheet) -> ConflictPage:
    """What this window holds beside what another one saved; keeping this one's sends all of it again."""
    rows = differing(mine.scheme, mine.kind, theirs.answers, mine.answers)
    return ConflictPage(
        token=theirs.draft.token,
        title=theirs.title,
        revision=theirs.draft.revision,
        saved_at=theirs.draft.saved_at,
        zone=theirs.scheme.zone,
        rows=rows,
        fields=tuple(
            (name, value) for name, value in request.form.items(multi=True) if name not in _OF_THE_PAGE
        ),
    )

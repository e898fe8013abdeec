"""Exchange rates: the table that is suggested from, and loading a newer one."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.actions.rates import load_rates
from portal.domain.rates import KEPT, NoRates, read_tables
from portal.forms.typed import clean
from portal.store.rates import find_nearest
from portal.web import current, render
from portal.web.guard import guard
from portal.web.language import _, count

blueprint = Blueprint("rates", __name__, url_prefix="/finance/rates")

MOST_BYTES = 2_500_000


@blueprint.get("")
@guard("register-payment")
def show() -> ResponseReturnValue:
    return _page()


@blueprint.post("")
@guard("register-payment")
def load() -> ResponseReturnValue:
    """Keep the tables of a file in place of those of the same days."""
    source, file = clean(request.form.get("source", ""), 100), request.files.get("file")
    content = file.stream.read(MOST_BYTES + 1) if file is not None and file.filename else b""
    errors = {}
    if not source:
        errors["source"] = [_("Write whose rates they are.")]
    if not content:
        errors["file"] = [_("Choose the bank’s file.")]
    elif len(content) > MOST_BYTES:
        errors["file"] = [_("The file is too large. Choose the rates of fewer days.")]
    if errors:
        return _page(source, errors)
    try:
        tables = read_tables(content, source, current.today() - KEPT)
    except NoRates as none:
        says = (
            _("Line %(line)s cannot be read as rates. Nothing was saved.", line=none.line)
            if none.line
            else _("Every day of the file is too old to be used. Nothing was saved.")
        )
        return _page(source, {"file": [says]})
    current.act(load_rates, tables=tables)
    render.say(
        count("The rates of %(num)s day are loaded.", "The rates of %(num)s days are loaded.", len(tables))
    )
    return render.redirect(url_for("rates.show"))


def _page(source: str = "", errors: dict[str, list[str]] | None = None) -> ResponseReturnValue:
    schemes, today = current.schemes().values(), current.today()
    shipped = next(iter(schemes)).reference_rates
    loaded = find_nearest(current.reading(), today)
    newest = loaded or max(
        (each for each in shipped if each.on <= today), key=lambda each: each.on, default=shipped[0]
    )
    return render.page(
        "finance/rates.html",
        newest=newest,
        funds=[each for each in sorted({scheme.currency for scheme in schemes}) if each in newest.units],
        source=source,
        errors=errors or {},
        status=render.REFUSED if errors else 200,
    )

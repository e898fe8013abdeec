"""The factory: puts the rooms together; the only module that knows everything."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter

from portal.openid.ways import read_ways
from portal.schemes.loader import Schemes, load
from portal.settings import Settings
from portal.store.budgets import check_periods
from portal.store.session import Database, is_away
from portal.store.trouble import is_missing
from portal.web import (
    assets,
    current,
    errors,
    guard,
    health,
    language,
    limits,
    logs,
    refill,
    security,
    sessions,
)
from portal.web.account import data, provider
from portal.web.account import views as account
from portal.web.applications import followups
from portal.web.applications import views as applications
from portal.web.apply import documents, several
from portal.web.apply import views as apply
from portal.web.claims import costs, payee
from portal.web.claims import views as claims
from portal.web.finance import rates
from portal.web.finance import views as finance
from portal.web.funds import views as funds
from portal.web.heads import views as heads
from portal.web.letters import outbox
from portal.web.letters import views as letters
from portal.web.payments import prepared
from portal.web.payments import views as payments
from portal.web.people import joining, log, overview, seats
from portal.web.people import views as people
from portal.web.signoff import substitute
from portal.web.signoff import views as signoff
from portal.web.start import views as start
from portal.web.year import views as year

ROOT = Path(__file__).resolve().parents[1]


class _Whole(IntegerConverter):
    """A number in an address that a database can hold; any other names nothing."""

    regex = "[0-9]{1,18}"


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = current.utc_now,
    schemes: Schemes | None = None,
) -> Flask:
    """A portal ready to answer; nothing is read from the database before the first request."""
    app = Flask("portal", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=[settings.secret_key_old] if settings.secret_key_old else None,
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        PROPAGATE_EXCEPTIONS=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.url_map.converters["int"] = _Whole
    app.jinja_environment = assets.Templates
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = False
    app.jinja_env.globals["second_finance"] = settings.second_finance
    assets.keep_compiled(app)
    ways = read_ways(settings.sign_in)
    app.extensions["portal"] = current.Portal(
        settings=settings,
        database=Database(settings.database_url, hurried=True),
        schemes=load(*settings.scheme_folders, funds=settings.funds) if schemes is None else schemes,
        clock=clock,
        ways=ways,
        client=current.client_of(ways),
    )
    logs.install(app)
    assets.install(app)
    security.install(app, settings)
    limits.limit_bodies(app, settings)
    security.refuse_nonsense(app)
    csrf = CSRFProtect(app)
    sessions.install(app, settings)
    language.install(app)
    limits.limit_acts(app)
    errors.install(app)
    refill.install(app)
    security.add_headers(app, settings)
    for room in (
        account,
        data,
        provider,
        start,
        apply,
        documents,
        several,
        applications,
        followups,
        heads,
        costs,
        payee,
        claims,
        payments,
        prepared,
        finance,
        rates,
        signoff,
        substitute,
        year,
        people,
        joining,
        seats,
        log,
        overview,
        letters,
        outbox,
        funds,
        health,
    ):
        app.register_blueprint(room.blueprint)
    app.register_blueprint(start.about)
    csrf.exempt(provider.ended)  # no browser sends it, and its token is signed by the provider
    guard.check_every_view(app)
    app.teardown_appcontext(lambda _error: current.release())
    return app


def budgets_fit(app: Flask) -> None:
    """Raises Unfit where a fund's file allocates less than is granted; a database that is away is asked by nobody."""
    portal: current.Portal = app.extensions["portal"]
    if is_missing(portal.database.url):
        return
    try:
        with portal.database.reading() as session:
            for scheme in portal.schemes.values():
                check_periods(session, scheme)
    except Exception as error:
        if not is_away(error):
            raise

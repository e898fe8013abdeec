"""Figures for whoever watches over the portal: with the token only, and true."""

from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from portal.store.session import Database
from tests.actions.world import ASSESSED, rfr
from tests.support.region import Region

TOKEN = "eight-hungry-herons-0123456789abcdef"


@pytest.fixture
def watched(make_region: Callable[..., Region], database: Database, database_url: str) -> Region:
    return make_region(database, database_url, metrics_token=TOKEN)


def asked(region: Region, token: str | None) -> tuple[int, dict[tuple[str, ...], float]]:
    """The status, and each figure by its name and labels, these in the order of their names."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = region.visitor().get("/health/metrics", headers=headers)
    found = {}
    if answer.status_code == 200:
        for family in text_string_to_metric_families(answer.get_data(as_text=True)):
            for sample in family.samples:
                found[sample.name, *(sample.labels[name] for name in sorted(sample.labels))] = sample.value
    return answer.status_code, found


@pytest.mark.parametrize(("revision", "status"), [("29991231_newer", 200), ("20261129_claim_documents", 503)])
def test_it_is_ready_on_the_tables_of_a_newer_portal_and_not_on_those_of_an_older(
    small_region: Region, revision: str, status: int
) -> None:
    visitor = small_region.visitor()
    assert visitor.get("/health/ready").status_code == 200
    with small_region.world.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    assert visitor.get("/health/ready").status_code == status


@pytest.mark.each_engine
def test_the_figures_are_those_of_the_database(watched: Region) -> None:
    granted = watched.world.apply()
    watched.world.grant(granted.number)
    watched.world.apply("bo", participant="bo")
    status, figures = asked(watched, TOKEN)
    assert status == 200
    assert figures["portal_applications", "rfr", "granted"] == 1
    assert figures["portal_applications", "rfr", "waiting"] == 1
    first = rfr().budget[0]
    assert figures["portal_budget_left", "SEK", first.key, "rfr-2024"] == (first.amount - ASSESSED) / 100
    assert figures["portal_mails_waiting",] > 0
    assert figures["portal_mails_parked",] == 0
    assert figures["portal_mail_age_seconds",] == 60 * 24 * 3600, "the oldest says that somebody got a seat"
    watched.clock.forward(hours=1)
    _status, figures = asked(watched, TOKEN)
    assert figures["portal_mail_age_seconds",] == 60 * 24 * 3600 + 3600
    assert figures["portal_letters_waiting",] > 0
    assert figures["portal_audit_events",] > 10


@pytest.mark.parametrize("token", [None, "", "another", TOKEN[:-1]])
def test_without_the_token_there_is_no_such_page(watched: Region, token: str | None) -> None:
    assert asked(watched, token)[0] == 404


def test_without_a_token_in_the_settings_there_is_none_for_anybody(small_region: Region) -> None:
    assert asked(small_region, "")[0] == 404
    assert asked(small_region, TOKEN)[0] == 404

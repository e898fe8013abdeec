"""The floor that pages are measured against: what Flask, SQLAlchemy, WTForms and Jinja cost without any portal.

A bare app loads the signed-in person from SQLite through SQLAlchemy's ORM, reads and validates a form of 25 fields
with Flask-WTF, its CSRF token among them, and renders a fragment of 4 kB with plain Jinja. It is measured in the same
run as the page, in the same process or behind the same server, by turns; what lasts is the ratio.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, request, session
from flask_wtf import FlaskForm
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from wtforms import StringField
from wtforms.validators import DataRequired, Length

FIELDS = 25
FRAGMENT = """<section id="fragment"><h2>{{ person.name }}</h2><dl>
{%- for field in form if field.name != "csrf_token" %}
<div class="line line--{{ loop.index }}"><dt class="line__label">{{ field.label.text }} of the form, as it was read</dt><dd class="line__value">{{ field.data }}</dd></div>
{%- endfor %}</dl></section>
"""  # noqa: E501


class Base(DeclarativeBase):
    """The floor's own table."""


class Person(Base):
    """Who is signed in."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    unit: Mapped[str]


def floor_app(folder: Path) -> Flask:
    """The bare app, over a SQLite file in the folder."""
    engine = create_engine(f"sqlite:///{folder / 'floor.sqlite3'}")
    Base.metadata.create_all(engine)
    with Session(engine) as writing:
        writing.merge(Person(id=1, name="Karin Åkesson", email="karin@region.test", unit="Kvinnokliniken"))
        writing.commit()
    fields = {
        f"field_{number}": StringField(f"Field {number}", [DataRequired(), Length(max=200)])
        for number in range(FIELDS)
    }
    form_class = type("BareForm", (FlaskForm,), fields)
    app = Flask("floor")
    app.secret_key = "only-for-the-floor"
    template = app.jinja_env.from_string(FRAGMENT)

    @app.get("/")
    def sign_in() -> str:
        session["person"] = 1
        return str(form_class().csrf_token.current_token)

    @app.post("/")
    def answer() -> str:
        with Session(engine) as reading:
            person = reading.scalars(select(Person).where(Person.id == session["person"])).one()
            form = form_class(request.form)
            assert form.validate(), form.errors
            return template.render(person=person, form=form)

    return app


def typed() -> dict[str, str]:
    """What is sent to the floor, but for the token."""
    return {f"field_{number}": f"An answer of some length, number {number}" for number in range(FIELDS)}


def floor_request(folder: Path) -> Callable[[], None]:
    """One request to the bare app, by somebody signed in."""
    client = floor_app(folder).test_client()
    sent = typed() | {"csrf_token": client.get("/").get_data(as_text=True)}
    assert 3_500 < len(client.post("/", data=sent).data) < 4_500

    def send() -> None:
        client.post("/", data=sent)

    return send


@dataclass(frozen=True)
class Took:
    """What a request takes, in milliseconds: on the clock, and of this process's own work."""

    wall: float
    work: float


def milliseconds(*sends: Callable[[], object], times: int = 60) -> list[Took]:
    """What a request of each kind takes, taken by turns so that all meet the same weather.

    The limit of the fastest tenth: whatever else the machine does makes the others slower, never these.
    """
    taken = by_turns(*sends, times=times)
    return [
        Took(_fastest([each.wall for each in turns]), _fastest([each.work for each in turns]))
        for turns in zip(*taken, strict=True)
    ]


def by_turns(*sends: Callable[[], Any], times: int) -> list[tuple[Took, ...]]:
    """What each took in each turn."""
    for send in sends * 5:
        send()
    return [tuple(map(_taken, sends)) for _ in range(times)]


def _taken(send: Callable[[], Any]) -> Took:
    began, worked = time.perf_counter(), time.process_time()
    send()
    return Took((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000)


def _fastest(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=10)[0]

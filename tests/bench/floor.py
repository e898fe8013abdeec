"""The floor that pages are measured against: what Flask, SQLAlchemy, WTForms and Jinja cost without any portal.

A bare app loads the signed-in person from SQLite through SQLAlchemy, reads and validates a form of 25 fields and
renders a fragment of 4 kB with plain Jinja. It is measured in the same run as the page, in the same process,
through the same client; what lasts is the ratio, not the milliseconds.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, request
from flask_wtf import FlaskForm
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from wtforms import StringField
from wtforms.validators import DataRequired, Length

FIELDS = 25
FRAGMENT = """<section id="fragment"><h2>{{ person.name }}</h2><dl>
{%- for field in form %}
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
    with Session(engine) as session:
        session.merge(Person(id=1, name="Karin Åkesson", email="karin@region.test", unit="Kvinnokliniken"))
        session.commit()
    fields = {
        f"field_{number}": StringField(f"Field {number}", [DataRequired(), Length(max=200)])
        for number in range(FIELDS)
    }
    form_class = type("BareForm", (FlaskForm,), {"Meta": type("Meta", (), {"csrf": False}), **fields})
    app = Flask("floor")
    app.secret_key = "only-for-the-floor"
    template = app.jinja_env.from_string(FRAGMENT)

    @app.post("/")
    def answer() -> str:
        with Session(engine) as session:
            person = session.scalars(select(Person).where(Person.id == 1)).one()
            form = form_class(request.form)
            assert form.validate(), form.errors
            return template.render(person=person, form=form)

    return app


def floor_request(folder: Path) -> Callable[[], None]:
    """One request to the bare app."""
    client = floor_app(folder).test_client()
    typed = {f"field_{number}": f"An answer of some length, number {number}" for number in range(FIELDS)}
    assert 3_500 < len(client.post("/", data=typed).data) < 4_500

    def send() -> None:
        client.post("/", data=typed)

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
    for send in sends * 5:
        send()
    walls: list[list[float]] = [[] for _ in sends]
    works: list[list[float]] = [[] for _ in sends]
    for _ in range(times):
        for send, wall, work in zip(sends, walls, works, strict=True):
            began, worked = time.perf_counter(), time.process_time()
            send()
            wall.append((time.perf_counter() - began) * 1000)
            work.append((time.process_time() - worked) * 1000)
    return [Took(_fastest(wall), _fastest(work)) for wall, work in zip(walls, works, strict=True)]


def _fastest(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=10)[0]

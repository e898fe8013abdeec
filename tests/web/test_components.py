"""The macros: each prints under strict rules, escapes what it is given, and keeps a line for its message."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.web import language
from portal.web.panel import FindingLine
from portal.web.questions import Options

TEMPLATES = Path(__file__).parents[2] / "templates"
NASTY = '<b title="x">&'

Draw = Callable[..., str]


@pytest.fixture
def draw() -> Draw:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters.update(language.FILTERS)
    environment.filters |= {
        "day_typed": str,
        "day_said": lambda _day: "",
    }  # they ask for the reader's language
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.globals["csrf_token"] = lambda: "token"

    def drawn(source: str, **values: object) -> str:
        imports = "".join(
            f'{{% import "components/{name}.html" as {name} %}}'
            for name in ("form", "actions", "status", "rows", "sums")
        )
        return environment.from_string(imports + source).render(values)

    return drawn


LISTS: dict[str, object] = {
    "choices": [("a", "A"), ("b", "B", "more of it")],
    "options": Options([("a", "A"), ("b", "B", "Bee")]),
}
FIELDS = [
    "form.text('f', label, value, hint, errors)",
    "form.textarea('f', label, value, hint, errors)",
    "form.date('f', label, value, hint, errors)",
    "form.money('f', label, value, 'SEK', hint, errors)",
    "form.select('f', label, choices, value, hint, errors)",
    "form.combobox('f', label, options, value, hint, errors)",
    "form.choice('f', label, choices, value, hint, errors)",
    "form.yes_no('f', label, value, hint, errors)",
    "form.checkbox('f', label, false, value, hint, errors)",
    "form.file_upload('f', label, hint, '.pdf', errors)",
    "form.cost_lines('f', label, [{}], choices, 'SEK', choices, hint, errors)",
]


@pytest.mark.parametrize("call", FIELDS)
def test_a_field_is_tied_to_its_hint_and_its_message_line(draw: Draw, call: str) -> None:
    quiet = draw(f"{{{{ {call} }}}}", label="L", value="", hint="", errors=[], **LISTS)
    assert '<p class="message" id="f-error"></p>' in quiet
    assert re.search(r'aria-describedby="(?:f-said )?f-error"', quiet)
    assert "aria-invalid" not in quiet
    loud = draw(f"{{{{ {call} }}}}", label=NASTY, value=NASTY, hint=NASTY, errors=[NASTY], **LISTS)
    assert NASTY not in loud
    assert 'id="f-error">&lt;b' in loud
    if "cost_lines" not in call:
        assert 'aria-invalid="true"' in loud
    assert re.search(r'id="f"', loud), "an error summary links to #f"


@pytest.mark.parametrize("call", FIELDS)
def test_no_id_is_given_twice(draw: Draw, call: str) -> None:
    shown = draw(f"{{{{ {call} }}}}", label="L", value="a", hint="h", errors=["e"], **LISTS)
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))


def test_money_can_be_typed_the_local_way(draw: Draw) -> None:
    shown = draw("{{ form.money('f', 'L', '5 000,50', 'SEK') }}")
    assert 'type="text" inputmode="decimal"' in shown
    assert 'value="5 000,50"' in shown


def test_cost_lines_are_numbered_from_nothing_and_carry_a_blank_one(draw: Draw) -> None:
    shown = draw(
        "{{ form.cost_lines('costs', 'Costs', lines, kinds, 'SEK', currencies, messages=messages) }}",
        lines=[{"kind": "fee", "amount": "10"}, {"kind": "travel"}],
        messages={"costs-1-amount": ["Cannot be read"]},
        kinds=[("fee", "Fee"), ("travel", "Travel")],
        currencies=[("SEK", "SEK"), ("EUR", "EUR")],
    )
    before, blank = shown.split("<template")
    assert re.findall(r'name="(costs-\d+-kind)"', before) == ["costs-0-kind", "costs-1-kind"]
    assert 'value="remove-line-1"' in before
    assert 'id="costs-1-amount-error">Cannot be read' in before
    assert 'name="costs-__i__-amount"' in blank
    assert 'value="add-line"' in blank


def test_a_refused_act_is_a_button_that_says_why_beside_it(draw: Draw) -> None:
    shown = draw("{{ actions.button('Sign', id='sign', reason=why) }}", why=NASTY)
    assert 'type="button"' in shown
    assert 'aria-disabled="true" aria-describedby="sign-reason"' in shown
    assert '<p id="sign-reason">&lt;b' in shown


def test_a_finding_carries_its_field_its_sentence_and_its_source(draw: Draw) -> None:
    item = FindingLine(
        "warns",
        "starts_on",
        NASTY,
        remedy="Do so",
        source_text="Ansökan ska alltid ske innan",
        source_heading="Vad kan",
    )
    plain = FindingLine("blocks", "", "No")
    shown = draw("{{ status.findings([item, plain]) }}", item=item, plain=plain)
    assert 'data-severity="warns" data-field="starts_on"' in shown
    assert "<p data-message>&lt;b" in shown
    assert '<q lang="sv">Ansökan' in shown
    assert shown.count("data-field") == 1


def test_every_status_has_a_shape_beside_its_word(draw: Draw) -> None:
    kinds = [
        "draft",
        "waiting",
        "signed",
        "disagreed",
        "returned",
        "next-year",
        "granted",
        "refused",
        "withdrawn",
        "cancelled",
        "stated",
        "invoiced",
        "paid",
        "late",
        "released",
    ]
    shapes = {kind: draw("{{ status.tag(kind, kind) }}", kind=kind) for kind in kinds}
    assert all(f"</svg>{kind}</span>" in shown for kind, shown in shapes.items())
    decided = {re.findall(r' d="([^"]+)"', shapes[kind])[0] for kind in kinds[1:10]}
    assert len(decided) == 9, "no two states look the same without colour"


def test_a_meter_never_draws_past_its_end(draw: Draw) -> None:
    words = dict.fromkeys(("granted", "waiting", "left", "allocated"), "1 kr")
    for granted, waiting in [(0, 0), (100, 0), (90, 40), (130, 10)]:
        shown = draw("{{ sums.budget_meter('b', 'T', 100, g, w, t) }}", g=granted, w=waiting, t=words)
        widths = [float(width) for width in re.findall(r' width="([\d.]+)%"', shown)]
        assert sum(widths) <= 100.01


def test_a_table_row_repeats_its_labels_for_the_phone(draw: Draw) -> None:
    shown = draw(
        "{% call rows.table('T', ['A', ('B', 'number')], foot=[('A', 'Sum'), ('B', '2', 'number')]) %}"
        "{% call rows.row() %}{{ rows.row_head('x') }}{{ rows.cell('B', '2', 'number') }}{% endcall %}{% endcall %}"
    )
    assert shown.count('data-label="B"') == 2
    assert '<th role="rowheader" scope="row">x</th>' in shown

"""Every form of the portal in a real Chromium: what stands in it survives another language, signing in anew, a refusal.

The forms are found: the templates say which there are, and a small region's people are followed from link to link until
each has been seen. A form that is new is tried by itself, and one that nobody can reach fails.
"""

import html
import re
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.language.catalogue import said
from portal.web.refill import AGAIN
from tests.house.files import ROOT
from tests.support.crawled import FORM, SEPTEMBER, Site
from tests.support.portals import Visitor

pytestmark = pytest.mark.browser

TYPED = re.compile(
    r"\btext\((?![^}]*\btype=\"password\")"
    r"|\b(?:textarea|date|money|select|combobox|choice|yes_no|checkbox|cost_lines|person_field|question)\("
    r"|caller\(\)|<textarea|<select|<input type=\"(?!hidden|file)"
)
SECRET = {"/account/password"}
"""What stands in it is never kept."""
PUBLIC = {"account/sign-in.html", "account/first-sign-in.html", "account/prove.html"}
"""Nobody has shown yet who they are, so nobody's text it is."""


def named_in(template: str, action: str) -> set[str]:
    """The endpoints that the address of a form in a template can be."""
    if "door" in action:
        return {"signoff.sign", *(f"signoff.{door}" for door in re.findall(r"door='(\w+)'", template))}
    return set(re.findall(r"(?:url_for|address_of)\(['\"]([\w.]+)['\"]", action)) or {action}


def forms() -> list[str]:
    """Every form with something to write in, by where it goes."""
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        template = path.read_text(encoding="utf-8")
        if path.relative_to(ROOT / "templates").as_posix() not in PUBLIC:
            for action, inside in FORM.findall(template):
                found |= named_in(template, action) if TYPED.search(inside) else set()
    return sorted(found - SECRET)


HELPERS = """
window.formTo = (to) => [...document.querySelectorAll('main form[method=post]')].find((form) =>
  form.getAttribute('action') === to && window.fieldsOf(form).length);
window.fieldsOf = (form) => [...form.querySelectorAll('input, select, textarea')].filter((field) =>
  field.name && !/^(hidden|file|password)$/.test(field.type));
window.stateOf = (form) => window.fieldsOf(form).map((field) => [field.name, field.value, !!field.checked,
  field.closest('.combo')?.querySelector('[role=combobox]')?.value ?? null]);
window.fill = (form) => {
  form.querySelector('[data-add-line]')?.click();
  for (const field of window.fieldsOf(form)) {
    if (field.type === 'radio' || field.type === 'checkbox') field.checked = field.type === 'radio' || !field.checked;
    else if (field.options) {
      field.selectedIndex = field.selectedIndex === field.options.length - 1 ? 0 : field.options.length - 1;
      field.dispatchEvent(new Event('put'));
    } else field.value = field.type === 'date' ? '2026-11-20' : `Skrevet ${field.name.slice(-9)} <b> & "å"`;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
};
"""


def state(page: Page, to: str) -> Any:
    return page.evaluate(f"(to) => {{ {HELPERS} return stateOf(formTo(to)); }}", to)


def asked_in(state: Any, typed: Any) -> Any:
    """What a form holds in the fields that were typed in: saved answers can lead to more questions, such as days."""
    names = {name for name, *_holds in typed}
    return [each[:3] for each in state if each[0] in names]


def sign_in(page: Page, person: int) -> None:
    page.locator(f'button[name="person"][value="{person}"]').click()


@pytest.mark.parametrize("endpoint", forms())
def test_what_is_typed_survives(site: Site, page: Page, endpoint: str) -> None:
    assert endpoint in site.where, "nobody can reach this form"
    person, path, to = site.where[endpoint]
    site.clock.set(SEPTEMBER)
    page.goto(f"{site.address}/sign-in?next={path}")
    sign_in(page, person)
    page.wait_for_url(site.address + path)
    page.evaluate(f"(to) => {{ {HELPERS} fill(formTo(to)); }}", to)
    typed = state(page, to)
    assert typed

    with page.expect_event("load"):
        page.locator('button[name="lang"]:not([aria-current])').last.click()
    expect(page.locator("[data-forget]").or_(page.locator("form[data-autosave]")).first).to_be_visible()
    assert asked_in(state(page, to), typed) == asked_in(typed, typed), "another language"

    site.clock.forward(minutes=31)
    page.evaluate(
        f"(to) => {{ {HELPERS} const form = formTo(to); form.noValidate = true; form.requestSubmit(); }}", to
    )
    page.locator('button[name="person"]').first.wait_for()
    sign_in(page, person)
    page.locator("[data-sign-out]").wait_for()
    page.goto(site.address + path)
    assert asked_in(state(page, to), typed) == asked_in(typed, typed), "signing in anew"
    options = page.evaluate(
        "() => [...document.querySelectorAll('.combo')].map((box) =>"
        " [box.querySelector('input').value, box.querySelector('select').selectedOptions[0]?.text])"
    )
    assert [shown for shown, sent in options if shown and shown != sent] == [], "shows what it sends"


def form_in(page: str, to: str) -> str:
    return next(
        inside
        for action, inside in FORM.findall(page)
        if html.unescape(action) == to and TYPED.search(re.sub(r"<noscript>.*", "", inside))
    )


def fields_of(page: str, to: str) -> list[tuple[str, str, str]]:
    """The fields of the form that goes there, each with its kind, or value where it is ticked, and what it holds."""
    form = re.sub(r"<template.*?</template>", "", form_in(page, to), flags=re.DOTALL)
    found = [
        (name, "", text) for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?([^<]*)<', form)
    ]
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\bselected', options)
        found.append((name, options, chosen[1] if chosen else ""))
    for given in re.findall(r"<input ([^>]*)>", form):
        of = dict(re.findall(r'([\w-]+)="([^"]*)"', given))
        ticked = of.get("type") in ("radio", "checkbox")
        if of.get("type") not in ("hidden", "file", "password") and "name" in of:
            holds = re.search(r"\bchecked\b", given) is not None if ticked else of.get("value", "")
            found.append((of["name"], of["value"] if ticked else of.get("type", "text"), str(holds)))
    return [(html.unescape(name), kind, html.unescape(holds)) for name, kind, holds in found]


def test_another_language_without_a_script(site: Site) -> None:
    """What the buttons at the end of each form do, by requests alone: the page comes back filled, in that language."""
    site.clock.set(SEPTEMBER)
    for endpoint in filter(site.where.__contains__, forms()):
        person, path, to = site.where[endpoint]
        visitor = Visitor(site.app.test_client()).sign_in(person)
        visitor.post("/language", {"lang": "sv"})
        page = visitor.get(path).get_data(as_text=True)
        wanted: dict[str, list[str]] = {}
        for name, kind, holds in fields_of(page, to):
            options = [each for each in re.findall(r'<option value="([^"]*)"', kind) if each]
            if options:
                wanted[name] = options[-1:]
            elif holds in ("True", "False"):
                wanted.setdefault(name, []).append(html.unescape(kind))
            else:
                wanted[name] = ["2026-11-20" if kind == "date" else f'Skrevet <b>{name[-9:]}</b> & "å"']
        inside = form_in(page, to)
        hidden = dict(
            re.findall(r'<input type="hidden" name="(act|holding|revision)" value="([^"]*)"', inside)
        )
        files = re.findall(r'<input type="file"[^>]* name="([^"]+)"', inside)
        chosen = {name: (BytesIO(b"%PDF-1.7"), "kvitto.pdf") for name in files}
        answer = visitor.post(
            to, hidden | wanted | {"lang": "nb"} | chosen, headers={"Referer": f"http://localhost{path}"}
        )
        again = answer.get_data(as_text=True)
        beside = [f'id="{name}-error">{said(AGAIN, "nb")}<' in again for name in files]
        assert beside == [True] * len(files) == [True] * again.count(f">{said(AGAIN, 'nb')}<"), endpoint
        assert answer.status_code == 200, (endpoint, again[-900:])
        assert '<html lang="nb">' in again
        filled = [each for each in fields_of(again, to) if each[0] in wanted]
        assert {name for name, _kind, _holds in filled} == set(wanted), endpoint
        for name, kind, holds in filled:
            ticked = holds in ("True", "False")
            if not ticked:
                assert holds == wanted[name][0], (endpoint, name)
            elif ticked and wanted[name].count(kind) and len(wanted[name]) == 1:
                assert holds == "True", (endpoint, name)
        assert "<noscript>" in again

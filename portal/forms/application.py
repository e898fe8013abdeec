"""The application form, composed from the scheme: reads what was typed into answers and judges none of it.

Only the fields of the scheme are read, so nothing else that a browser sends reaches the answers. Pages print the fields
with macros from the same scheme; the fields here are never printed.
"""

import threading
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.fields.core import UnboundField

from portal.domain.scheme import Field as Question
from portal.domain.scheme import FieldType, Scheme
from portal.forms.costs import CostsField, changed_by, without_last_blanks
from portal.forms.names import choice_value, country_code
from portal.forms.typed import clean

Answers = dict[str, Any]

RESERVED = frozenset({"csrf_token", "action", "revision", "for_whom"})
"""Names that the pages around the questions use themselves."""


class TextsField(Field):
    """Several answers under one name, such as ticked boxes, each once."""

    data: list[str]

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was ticked."""
        self.data = list(dict.fromkeys(text for each in valuelist if (text := clean(each))))


class ApplicationForm(FlaskForm):
    """What all application forms share; `form_of` adds the questions."""

    class Meta(FlaskForm.Meta):
        """No token of its own: every POST is checked for the page's before any view runs."""

        csrf = False

    questions: Mapping[str, str] = {}
    """The name of each question, by its name on the form class."""

    def answers(self) -> Answers:
        """What was answered, as the `assess` command takes it; a question left blank is not in it."""
        found = {name: self._fields[attribute].data for attribute, name in self.questions.items()}
        return {name: answer for name, answer in found.items() if answer}


_FORMS: dict[tuple[str, str, str], type[ApplicationForm]] = {}


class _Bound(threading.local):
    """A form of each class for each thread: binding its fields takes longer than reading with them."""

    def __init__(self) -> None:
        self._forms: dict[type[ApplicationForm], ApplicationForm] = {}

    def filled(self, form_class: type[ApplicationForm], typed: Any) -> ApplicationForm:
        """The thread's form of that class, read anew."""
        if form_class not in self._forms:
            self._forms[form_class] = form_class(None)
        form = self._forms[form_class]
        form.process(typed)
        return form


_bound = _Bound()


def form_of(scheme: Scheme, kind: str) -> type[ApplicationForm]:
    """The form class of a kind of application, made once. Raises KeyError for an unknown kind."""
    key = (scheme.key, scheme.digest, kind)
    if key not in _FORMS:
        _FORMS[key] = _composed(scheme, kind)
    return _FORMS[key]


def read_answers(scheme: Scheme, kind: str, typed: Any) -> Answers:
    """The answers in a posted form, changed by the button for cost lines when it was one that was pressed."""
    answers = _bound.filled(form_of(scheme, kind), typed).answers()
    action = str(typed.get("action", ""))
    if action.endswith("-line") or "-line-" in action:
        for name in _of_type(scheme, kind, FieldType.COSTS):
            changed = changed_by(action, answers.get(name, []))
            if changed is not None:
                answers[name] = changed
    return answers


def to_keep(scheme: Scheme, kind: str, answers: Mapping[str, Any]) -> Answers:
    """The answers as a draft keeps them: without the blank lines that are only room to write in."""
    kept = dict(answers)
    for name in _of_type(scheme, kind, FieldType.COSTS):
        lines = without_last_blanks(kept.get(name) or [])
        kept[name] = lines
        if not lines:
            del kept[name]
    return kept


def _of_type(scheme: Scheme, kind: str, type_: FieldType) -> list[str]:
    return [name for name, field in scheme.kinds[kind].fields.items() if field.type is type_]


def _composed(scheme: Scheme, kind: str) -> type[ApplicationForm]:
    # What the portal itself fills in (`given`) is no question, so nobody can send it.
    fields = {name: field for name, field in scheme.kinds[kind].fields.items() if not field.given}
    if taken := RESERVED & set(fields):
        raise ValueError(f"{scheme.key}: a question cannot be called {', '.join(sorted(taken))}")
    # Under names of their own, so that a question called "data" or "errors" does not hide what the form class has.
    body: dict[str, Any] = {f"answer_to_{name}": _field(question) for name, question in fields.items()}
    body["questions"] = {f"answer_to_{name}": name for name in fields}
    return type(f"ApplicationForm_{scheme.key}_{kind}", (ApplicationForm,), body)


def _field(question: Question) -> UnboundField:
    match question.type:
        case FieldType.COSTS:
            return CostsField(name=question.name)
        case FieldType.DOCUMENTS:
            return TextsField(name=question.name)
        case FieldType.COUNTRY:
            filters = [_cleaned, country_code]
        case FieldType.COURSE | FieldType.CHOICE:
            filters = [_cleaned, lambda typed: choice_value(typed, question.choices) if typed else typed]
        case _:
            filters = [_cleaned]
    return StringField(name=question.name, filters=filters)


def _cleaned(typed: object) -> str:
    return clean(typed) if isinstance(typed, str) else ""

"""The application form: reads what was typed into answers by the scheme's questions, and judges none of it.

Only the fields of the scheme are read, so nothing else that a browser sends reaches the answers.
"""

from collections.abc import Mapping
from typing import Any

from portal.domain.scheme import Field, FieldType, Kind
from portal.forms.costs import changed_by, read_lines, without_last_blanks
from portal.forms.names import choice_value, country_code
from portal.forms.typed import clean

Answers = dict[str, Any]


def read_answers(kind: Kind, typed: Any) -> Answers:
    """The answers in a posted form as the `assess` command takes them, without the questions left blank.

    Cost lines are changed by the button for them, when it was one that was pressed.
    """
    # What the portal itself fills in (`given`) is no question, so nobody can send it.
    asked = (field for field in kind.fields.values() if not field.given)
    answers = {field.name: answer for field in asked if (answer := _answer(field, typed))}
    action = str(typed.get("action", ""))
    if action.endswith("-line") or "-line-" in action:
        for field in kind.of_type(FieldType.COSTS):
            changed = changed_by(action, answers.get(field.name, []))
            if changed is not None:
                answers[field.name] = changed
    return answers


def _answer(field: Field, typed: Any) -> Any:
    match field.type:
        case FieldType.COSTS:
            return read_lines(field.name, typed)
        case FieldType.DOCUMENTS:
            return list(dict.fromkeys(text for each in typed.getlist(field.name) if (text := clean(each))))
    text = clean(typed.get(field.name, ""))
    if text and field.type is FieldType.COUNTRY:
        return country_code(text)
    if text and field.type in (FieldType.COURSE, FieldType.CHOICE):
        return choice_value(text, field.choices)
    return text


def to_keep(kind: Kind, answers: Mapping[str, Any]) -> Answers:
    """The answers as a draft keeps them: without the blank lines that are only room to write in."""
    kept = dict(answers)
    for field in kind.of_type(FieldType.COSTS):
        lines = without_last_blanks(kept.get(field.name) or [])
        kept[field.name] = lines
        if not lines:
            del kept[field.name]
    return kept

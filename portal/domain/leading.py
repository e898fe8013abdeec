"""A granted application that leads into another: what the second starts with, and what only the portal may fill in.

"Kurs av større omfang kan søke om å forhåndsgodkjennes": the claim for such a course starts from its approval.
"""

from portal.domain.application import Answers
from portal.domain.scheme import Kind


def carried(source: Kind, target: Kind, answers: Answers) -> dict[str, object]:
    """What an application of `target` starts with after one of `source`: the same names, and what `fills` says."""
    same = {
        name: answers[name] for name, field in target.fields.items() if name in answers and not field.given
    }
    filled = {given: answers[name] for given, name in source.fills.items() if name in answers}
    return same | filled


def with_given(kind: Kind, typed: Answers, known: Answers) -> dict[str, object]:
    """The answers typed, with what the portal itself knows, and nothing a person put in its place."""
    return {name: answer for name, answer in typed.items() if name not in kind.given} | {
        name: known[name] for name in kind.given if name in known
    }

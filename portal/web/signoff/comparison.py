"""What was said at submission beside what is said now, and what changed while a page was open.

Both sides are records with their words in all languages: the one kept with the version, the other made now. What
differs between them, `actions.comparison` knows; here are the words of it.
"""

from collections.abc import Iterable, Sequence

from portal.actions.comparison import Pair, Said, pairs, reckoned
from portal.domain.application import Version
from portal.domain.assessment import Assessment
from portal.domain.scheme import Scheme
from portal.domain.signoff import Case
from portal.forms.typed import whole
from portal.language.wording import money, record, spell
from portal.web.answers import Change, differing
from portal.web.language import _, in_language, language
from portal.web.pages.signoff import Assessed, Comparison, Stale, Sums
from portal.web.panel import cited, kept_figure, kept_lines

_ORDER = ("blocks", "warns", "notes")


def compare(then: Said, case: Case) -> Assessed:
    """The assessment kept with the version beside the one of now, finding by finding."""
    now = record(case.assessment)
    code, kind = language(), case.scheme.kinds[case.application.kind]
    rows = [_comparison(pair, case.scheme.language) for pair in pairs(then, now)]
    return Assessed(
        then=Sums(kept_figure(then, kind), kept_lines(then)),
        now=Sums(kept_figure(now, kind), kept_lines(now)),
        findings=tuple(sorted(rows, key=lambda row: _ORDER.index(row.severity))),
        differs=reckoned(then, (code,)) != reckoned(now, (code,)) or any(row.differs for row in rows),
    )


def saw(assessment: Assessment) -> str:
    """What a page shows of the evaluation, for the form to send back: amount, and the findings by their codes."""
    return " ".join([str(assessment.amount), *(f"{f.code}@{f.field}" for f in assessment.findings)])


def since(case: Case, versions: Sequence[Version], *, shown: str, seen: str) -> Stale:
    """What is otherwise now than on the page that sent back these two values."""
    number, _dash, _rest = shown.partition("-")
    scheme, kind = case.scheme, case.scheme.kinds[case.application.kind]
    by_number = {str(version.number): version for version in versions}
    answers: tuple[Change, ...] = ()
    if number in by_number and by_number[number] is not versions[-1]:
        answers = differing(scheme, kind, by_number[number].answers, versions[-1].answers)
    amount, *codes = seen.split() or [""]
    return Stale(answers, tuple(_news(case, codes)), _amount(case, amount))


def _amount(case: Case, seen: str) -> Change | None:
    amount = whole(seen)
    if amount in (None, case.assessment.amount):
        return None
    code, currency = language(), case.scheme.currency
    return Change(
        _("Assessed amount"), money(amount, currency, code), money(case.assessment.amount, currency, code)
    )


def _news(case: Case, codes: Iterable[str]) -> Iterable[str]:
    """A sentence for each finding that is new or gone."""
    seen, now = set(codes), {f"{f.code}@{f.field}": f for f in case.assessment.findings}
    for place, finding in now.items():
        if place not in seen:
            yield _(
                "New: %(finding)s", finding=spell(finding.message[language()], finding.values, language())
            )
    for place in sorted(seen - now.keys()):
        if says := _rule_words(case.scheme, place.partition("@")[0]):
            yield _("No longer: %(finding)s", finding=says)


def _rule_words(scheme: Scheme, code: str) -> str:
    """What the rule says where its values are no longer known."""
    rule = next((each for each in scheme.rules if each.code == code), None)
    return "" if rule is None else spell(rule.message[language()], _Unknown(), language())


class _Unknown(dict[str, str]):
    """Stands for the values of a message that is no longer said."""

    def get(self, _key: str, _default: object = None) -> str:
        return "…"


def _comparison(pair: Pair, letter: str) -> Comparison:
    code, told = language(), pair.now or pair.then or {}
    sentence, heading = cited(told["source"])
    return Comparison(
        severity=told["severity"],
        then=in_language(pair.then["message"], code) if pair.then else "",
        now=in_language(pair.now["message"], code) if pair.now else "",
        source_text=sentence,
        source_heading=heading,
        source_lang=letter,
        differs=pair.differs((code,)),
    )

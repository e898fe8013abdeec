"""Whether a check speaks only of what it gives, and every check is one that a fund uses or the guide explains."""

import inspect

import pytest

from portal.domain.checks import CHECKS
from tests.support.cases import assess, situations
from tests.support.portals import own_schemes

SCHEMES = own_schemes()


def test_a_finding_carries_the_values_its_check_promises() -> None:
    seen = set()
    for case in situations():
        scheme = SCHEMES[case.scheme]
        rules = {rule.code: rule for rule in scheme.rules}
        for finding in assess(case.answers, scheme, case.facts, case.at, case.kind).findings:
            if finding.code in rules:
                check = CHECKS[rules[finding.code].check]
                assert set(finding.values) - {"field"} == check.gives, finding.code
                seen.add(check.name)
    used = {rule.check for scheme in SCHEMES.values() for rule in scheme.rules}
    assert seen == used


def test_a_finding_points_at_an_input_of_the_form() -> None:
    for case in situations():
        kind = SCHEMES[case.scheme].kinds[case.kind]
        for finding in assess(case.answers, SCHEMES[case.scheme], case.facts, case.at, case.kind).findings:
            assert finding.field == "" or finding.field.partition("-")[0] in kind.fields, finding.code


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_that_looks_outside_says_so(name: str) -> None:
    """Replaying holds what these found to be as it was."""
    assert ("context.facts" in inspect.getsource(CHECKS[name].test)) == CHECKS[name].outside

"""Every case of tests/cases through the evaluation: exactly these codes, this amount and this first decision day."""

import pytest

from portal.domain.money import plain
from portal.domain.scheme import Severity
from tests.domain.codes import SEVERITIES
from tests.support.cases import Situation, assess, situations
from tests.support.portals import own_schemes

SCHEMES = own_schemes()


@pytest.mark.parametrize("case", situations(), ids=lambda case: case.name)
def test_a_case_comes_out_as_it_says(case: Situation) -> None:
    found = assess(case.answers, SCHEMES[case.scheme], case.facts, case.at, case.kind)
    assert sorted(found.codes) == sorted(case.codes)
    assert plain(found.amount) == case.amount
    assert (found.decidable_from and found.decidable_from.isoformat()) == case.decidable_from
    assert found.submittable == all(SEVERITIES[code] != "blocks" for code in case.codes)
    if case.zone is not None:
        assert found.zone == case.zone
    for finding in found.findings:
        assert finding.field == case.fields.get(finding.code, finding.field)


def test_every_code_is_tripped_by_a_case_and_left_alone_by_another() -> None:
    for key, scheme in SCHEMES.items():
        cases = [case for case in situations() if case.scheme == key]
        for kind, rules in scheme.rules_of.items():
            of_kind = [set(case.codes) for case in cases if case.kind == kind]
            for code in [rule.code for rule in rules] + (
                list(scheme.form_rules) if kind == scheme.main_kind.key else []
            ):
                assert any(code in codes for codes in of_kind), f"no case of {key} trips {code} ({kind})"
                assert any(code not in codes for codes in of_kind), (
                    f"every case of {key} trips {code} ({kind})"
                )


def test_no_case_expects_a_code_that_no_fund_has() -> None:
    assert {code for case in situations() for code in case.codes} <= set(SEVERITIES)


@pytest.mark.parametrize("key", SCHEMES)
def test_each_rule_is_as_severe_as_the_rules_of_the_fund_say(key: str) -> None:
    scheme = SCHEMES[key]
    of_fund = {
        code: severity
        for code, severity in SEVERITIES.items()
        if code.split(".")[0] in (_prefix(key), "form")
    }
    rules = [*scheme.rules, *scheme.form_rules.values()]
    assert {rule.code: rule.severity for rule in rules} == {c: Severity(s) for c, s in of_fund.items()}


def _prefix(key: str) -> str:
    return {"rfr-2024": "rfr", "kvalitetsfondet-2023": "kf"}[key]

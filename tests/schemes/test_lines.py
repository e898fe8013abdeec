"""The `assess` command: a line in, a line out, whatever the line holds."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from portal import cli
from portal.cli.lines import LONGEST, answer_line, answer_lines
from portal.domain.money import plain
from portal.language.wording import finding_text
from tests.support.cases import Situation, assess, situations
from tests.support.portals import own_schemes

SCHEMES = own_schemes()
EXAMPLE = situations()[
    [case.name for case in situations()].index("The example of the rules is granted half of its costs")
]


def asked(**changes: Any) -> dict[str, Any]:
    """The example as a line, with other keys."""
    return EXAMPLE.line() | changes


def answered(line: object) -> dict[str, Any]:
    """The answer to one line, JSON-able things being written first."""
    return answer_line(line if isinstance(line, bytes) else json.dumps(line).encode(), SCHEMES)


@pytest.mark.parametrize("case", situations(), ids=lambda case: case.name)
def test_a_line_is_answered_by_the_one_evaluation(case: Situation) -> None:
    found = assess(case.answers, SCHEMES[case.scheme], case.facts, case.at, case.kind)
    assert answered(case.line()) == {
        "case": case.name,
        "scheme": case.scheme,
        "submittable": found.submittable,
        "amount": plain(found.amount),
        "currency": found.currency,
        "decidable_from": case.decidable_from,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "field": finding.field,
                "source": str(finding.source) if finding.source else None,
                "message": {language: finding_text(finding, language) for language in ("sv", "nb", "en")},
            }
            for finding in found.findings
        ],
    }


def test_the_keys_stand_in_their_order() -> None:
    answer = answered(asked(budget_left="0.00"))
    assert list(answer) == [
        "case",
        "scheme",
        "submittable",
        "amount",
        "currency",
        "decidable_from",
        "findings",
    ]
    assert [list(finding) for finding in answer["findings"]] == [
        ["code", "severity", "field", "source", "message"]
    ]
    assert answer["findings"][0]["source"] == (
        "Ansökan om medel för deltagande i externa kurser/konferenser/digitala kurser under 2024, "
        "Ansökningsförfarande: "
        "“Detta innebär att 1,75 mnkr beviljas under första halvåret 2024 och 1,75 mnkr under det andra.”"
    )


def test_kind_chooses_the_kind_of_application() -> None:
    line = {"scheme": "kvalitetsfondet-2023", "at": "2024-03-01T10:00:00+01:00", "answers": {}}
    claim, preapproval = answered(line), answered(line | {"kind": "preapproval"})
    assert "kf.payee-unstated" in {finding["code"] for finding in claim["findings"]}
    assert {finding["field"] for finding in preapproval["findings"]} == {
        "course",
        "starts_on",
        "ends_on",
        "days_wanted",
    }


WRONG = {
    "the line is not JSON": [
        b"", b"\n", b"{", b"nonsense", b'{"a": NaN}', b'{"a": Infinity}', b"{'a': 1}", b"[" * 100_000,
        b'{"a": 1E+99999999999999999999}', b'{"a": "\x01"}',
    ],
    "the line is not a JSON object": [b"[]", b"1", b'"text"', b"null", b"true", b"1.5"],
    "the line is not UTF-8": [
        b'{"case": "\xff"}', '{"case": "å"}'.encode("latin-1"), '{"case": "a"}'.encode("utf-16"),
    ],
    "unknown scheme": [
        b"{}", b'{"scheme": "rfr-1999"}', b'{"scheme": null}', b'{"scheme": ["rfr-2024"]}', b'{"scheme": 1}',
    ],
}  # fmt: skip


@pytest.mark.parametrize(("error", "line"), [(error, line) for error, lines in WRONG.items() for line in lines],
                         ids=lambda value: repr(value)[:40])  # fmt: skip
def test_a_line_that_is_no_application_is_told_so(error: str, line: bytes) -> None:
    assert answered(line) == {"case": None, "error": error}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"at": None}, "“at”"),
        ({"at": "2024-03-01T10:00:00"}, "time zone"),
        ({"at": "2024-03-01"}, "time zone"),
        ({"at": "yesterday"}, "“at”"),
        ({"at": 1709283600}, "“at”"),
        ({"at": "2024-02-30T10:00:00+01:00"}, "“at”"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "calendar"),
        ({"at": "9999-12-31T23:59:59-14:00"}, "calendar"),
        ({"answers": None}, "“answers”"),
        ({"answers": []}, "“answers”"),
        ({"answers": "yes"}, "“answers”"),
        ({"register": []}, "“register”"),
        ({"register": {"granted": -1}}, "“granted”"),
        ({"register": {"granted": "1"}}, "“granted”"),
        ({"register": {"pending": 1.5}}, "“pending”"),
        ({"register": {"requested": True}}, "“requested”"),
        ({"budget_left": "much"}, "“budget_left”"),
        ({"budget_left": "1 000"}, "“budget_left”"),
        ({"budget_left": "1.001"}, "“budget_left”"),
        ({"budget_left": True}, "“budget_left”"),
        ({"budget_left": []}, "“budget_left”"),
        ({"kind": "claim"}, "application"),
        ({"kind": 1}, "application"),
        ({"scheme": "rfr-2023"}, "unknown scheme"),
    ],
)
def test_what_is_wrong_is_named_and_the_case_kept(changes: dict[str, Any], word: str) -> None:
    answer = answered(asked(case="x7", **changes))
    assert list(answer) == ["case", "error"]
    assert answer["case"] == "x7"
    assert word in answer["error"]


@pytest.mark.parametrize("case", ["ö", 7, 1.5, None, ["a"], {"b": 1}, "\ud800"])
def test_the_case_comes_back_as_it_was(case: object) -> None:
    line, fine = next(answer_lines(io.BytesIO(json.dumps(asked(case=case)).encode()), SCHEMES))
    assert fine
    assert json.loads(line)["case"] == case


def test_a_missing_register_and_budget_mean_none_and_unlimited() -> None:
    line = {key: value for key, value in asked().items() if key not in ("register", "budget_left")}
    assert answered(line)["findings"] == []
    assert answered(line | {"register": None, "budget_left": None})["findings"] == []


@pytest.mark.parametrize("left", ["8249.99", "8249.9", 8249, 8249.99, "0", "-5.00"])
def test_what_is_left_may_be_text_or_a_number(left: object) -> None:
    assert [finding["code"] for finding in answered(asked(budget_left=left))["findings"]] == [
        "rfr.budget-low"
    ]
    assert answered(asked(budget_left="24000000.00"))["findings"] == []


def test_numbers_in_answers_are_exact() -> None:
    text = json.dumps(asked()).replace('"10 000"', "8249.9900000000000000000000000000000001")
    assert [finding["code"] for finding in answered(text.encode())["findings"]] == ["form.too-precise"]
    many = json.dumps(asked()).replace('"10 000"', "9" * 5000)
    assert [finding["code"] for finding in answered(many.encode())["findings"]] == ["form.too-large"]


def test_a_mark_of_byte_order_and_any_line_end_are_read_over() -> None:
    line = json.dumps(asked()).encode()
    for written in (b"\xef\xbb\xbf" + line, line + b"\r\n", b"  " + line + b"  \n"):
        assert "error" not in answered(written)


def test_a_line_too_long_is_refused_and_the_next_is_answered() -> None:
    good = json.dumps(asked()).encode()
    lines = [b'{"case": "' + b"x" * (3 * LONGEST) + b'"}', good, b" " * LONGEST, good]
    found = list(answer_lines(io.BytesIO(b"\n".join(lines)), SCHEMES))
    assert [fine for _line, fine in found] == [False, True, False, True]
    assert b"longer than" in found[0][0]


def test_a_line_of_exactly_the_length_is_read() -> None:
    line = json.dumps(asked(case="")).encode()
    line = line.replace(b'"case": ""', b'"case": "' + b"x" * (LONGEST - len(line) - 1) + b'"') + b"\n"
    assert len(line) == LONGEST
    found = list(answer_lines(io.BytesIO(line * 2), SCHEMES))
    assert [fine for _line, fine in found] == [True, True]


def test_lines_are_answered_one_at_a_time() -> None:
    class Slow(io.RawIOBase):
        """A file that counts how many lines were read from it."""

        read_lines = 0

        def readline(self, _size: int | None = -1) -> bytes:
            Slow.read_lines += 1
            return json.dumps(asked()).encode() + b"\n"

    answers: Iterator[tuple[bytes, bool]] = answer_lines(Slow(), SCHEMES)  # type: ignore[arg-type]
    for count in range(1, 4):
        next(answers)
        assert Slow.read_lines == count


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10)
    | st.sampled_from(["rfr-2024", "2024-03-01T10:00:00+01:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["case", "scheme", "at", "answers", "register", "budget_left", "kind", "costs", "granted"]),
        inner, max_size=6),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_a_line_holds_it_is_answered(line: bytes) -> None:
    answer = answer_line(line, SCHEMES)
    assert "case" in answer
    assert ("error" in answer) != ("findings" in answer)


def test_the_command_answers_every_line_and_ends_with_1_when_one_was_wrong() -> None:
    lines = [json.dumps(asked(case="a")).encode(), b"nonsense", json.dumps(asked(case="b", at="")).encode(),
             json.dumps(asked(case="c")).encode()]  # fmt: skip
    ran = CliRunner().invoke(cli.assess, ["-"], input=b"\n".join(lines))
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.exit_code == 1
    assert [answer["case"] for answer in found] == ["a", None, "b", "c"]
    assert [list(answer)[1] for answer in found] == ["scheme", "error", "error", "scheme"]


def test_the_command_ends_with_0_when_every_line_was_an_application(tmp_path: Any) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps(asked()) + "\n" + json.dumps(asked(answers={})) + "\n")
    ran = CliRunner().invoke(cli.assess, [str(file)])
    assert ran.exit_code == 0
    assert [Decimal(json.loads(line)["amount"]) for line in ran.stdout.splitlines()] == [
        Decimal("8250.00"),
        0,
    ]
    assert "\\u" not in ran.stdout


def test_the_command_without_lines_says_nothing() -> None:
    ran = CliRunner().invoke(cli.assess, ["-"], input=b"")
    assert (ran.exit_code, ran.stdout) == (0, "")


def test_many_lines_take_no_more_memory_than_few(tmp_path: Path) -> None:
    def memory(count: int) -> int:
        file = tmp_path / f"{count}.jsonl"
        with file.open("w") as lines:  # this process must not grow: its size counts as the child's first
            for _each in range(count):
                lines.write(json.dumps(asked(case="x" * 10_000)) + "\n")
            lines.write(json.dumps(asked(budget_left="0.00")) + "\n")
        with (tmp_path / "answers.jsonl").open("wb") as answers:
            child = subprocess.Popen(
                [sys.executable, "-c", "from portal.cli import assess; assess()", str(file)], stdout=answers
            )
            _pid, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        with (tmp_path / "answers.jsonl").open("rb") as told:
            assert sum(1 for _line in told) == count + 1
        return usage.ru_maxrss

    few, many = memory(10), memory(1_000)
    assert many < few * 1.1

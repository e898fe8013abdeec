"""Prints letters in a process of its own: what typst remembers and holds goes with it, and a fall of it harms nobody.

The process reads records as JSON and answers with PDFs; it knows no settings, no secret and no database.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_SECONDS_EACH = 30.0


class Unprinted(Exception):
    """A letter that could not be printed; the message is the kind of fault, never a word of the letter."""


def print_apart(records: Sequence[Mapping[str, Any]]) -> list[bytes | Unprinted]:
    """The PDF of each letter, or why there is none. When the process falls, each is tried in one of its own."""
    answers = _answers(records)
    if answers is None and len(records) > 1:
        return [each for record in records for each in print_apart([record])]
    if answers is None:
        return [Unprinted("the press fell")]
    return answers


def _answers(records: Sequence[Mapping[str, Any]]) -> list[bytes | Unprinted] | None:
    """What a new process answers, or None when it falls or takes too long."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "portal.letters.press"],
            input=json.dumps(list(records)).encode(),
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")},
            timeout=_SECONDS_EACH * len(records),
        )
        given = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return None
    return [base64.b64decode(each["pdf"]) if "pdf" in each else Unprinted(each["fault"]) for each in given]


def main() -> None:
    """The process itself: records in on standard input, PDFs out on standard output."""
    from portal.letters.printing import print_record

    answers = []
    for record in json.load(sys.stdin.buffer):
        try:
            answers.append({"pdf": base64.b64encode(print_record(record)).decode()})
        except Exception as error:
            answers.append({"fault": type(error).__name__})
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()

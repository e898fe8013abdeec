"""What a signature signs: one value for an application's exact content."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from portal.domain.application import Answers


def digest_of(kind: str, answers: Answers, documents: Sequence[Any] = ()) -> str:
    """SHA-256 of the kind, the answers as typed and the documents (their hashes and what they are), spelled one way."""
    said = {"kind": kind, "answers": answers, "documents": list(documents)}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()

"""Canonical JSON, for hashing; and what a signature signs: an application's exact content."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain.application import Answers


def canonical(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Canonical JSON: sorted keys, no spaces, ASCII only, so that NUL and lone surrogates pass."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest_of(kind: str, answers: Answers, documents: Sequence[Any] = ()) -> str:
    """SHA-256 of the kind, the answers as typed and the documents (hashes and kinds), as canonical JSON."""
    said = {"kind": kind, "answers": answers, "documents": list(documents)}
    return hashlib.sha256(canonical(said).encode()).hexdigest()

"""Work on a file that somebody sent, in a subprocess with a deadline and limits: nobody waits for a file that was
crafted to take long, and what goes wrong in it harms nobody.
"""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

from portal.domain.document import Broken

_SECONDS, _TURN_SECONDS = 10, 4
"""How long a file may be looked at, many times what the worst takes, and how long it waits for its turn before."""
_MEMORY = 2 << 30
_ROOT = Path(__file__).resolve().parents[2]
_turns = threading.BoundedSemaphore(2)


def run(module: str, *told: str, content: bytes) -> subprocess.CompletedProcess[bytes]:
    """What a module of `documents` makes of the content on its standard input, two at a time. Raises Broken, "slow"."""
    if not _turns.acquire(timeout=_TURN_SECONDS):
        raise Broken("slow")
    try:
        done = subprocess.run(  # noqa: S603 - nothing of it is typed by anybody
            [sys.executable, "-m", module, *told],
            input=content,
            capture_output=True,
            timeout=_SECONDS,
            cwd=_ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Broken("slow") from None
    finally:
        _turns.release()
    if done.returncode < 0:  # killed by the system
        raise Broken("slow")
    return done


def what_comes_in() -> bytes:
    """In the subprocess: the content, once it is held to the limits."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    return sys.stdin.buffer.read()

"""How much of what a browser sends is read: a little from anybody, several files from somebody signed in.

A file over the limit is read to its end and not kept, so that what was typed in the same form is not lost with it; a
request beyond everything is answered with 413 before it is read.
"""

from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask import Flask, Request, request

from portal.settings import Settings
from portal.web import current

FORM_MEMORY = 2 * 1024 * 1024
FORM_PARTS = 1_000
FILES_AT_ONCE = 10
"""Files of the largest size that fit into one request."""

_ROOM_FOR_TEXT = 1024 * 1024
_IN_MEMORY = 512 * 1024
_WITH_FILES = frozenset({"evidence.change", "apply.work_on"})
"""Where files are sent."""


class Arriving(SpooledTemporaryFile[bytes]):
    """A file that is being sent: `arrived` counts all of it, what is over the limit is not kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(max_size=_IN_MEMORY, mode="rb+")
        self.limit = limit
        self.arrived = 0

    def write(self, chunk: Any) -> int:
        """Keep a chunk while there is room."""
        self.arrived += len(chunk)
        if self.arrived <= self.limit:
            super().write(chunk)
        return len(chunk)

    def __del__(self) -> None:
        """Let it go too when the request was broken off and never heard of it."""
        self.close()


class PortalRequest(Request):
    """A request whose files stop being kept at the limit."""

    def _get_file_stream(self, *_args: Any, **_values: Any) -> IO[bytes]:
        return cast(IO[bytes], Arriving(current.settings().max_upload))


def install(app: Flask, settings: Settings) -> None:
    """Set every limit there is, and before anything reads a form the wider one for somebody signed in."""
    app.request_class = PortalRequest
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_upload + _ROOM_FOR_TEXT + FORM_MEMORY,
        MAX_FORM_MEMORY_SIZE=FORM_MEMORY,
        MAX_FORM_PARTS=FORM_PARTS,
    )

    @app.before_request
    def make_room() -> None:
        if request.endpoint in _WITH_FILES and current.person_or_none() is not None:
            request.max_content_length = settings.max_upload * FILES_AT_ONCE + _ROOM_FOR_TEXT + FORM_MEMORY

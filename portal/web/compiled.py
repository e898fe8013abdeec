"""Templates as they were compiled, kept for the next start and the other workers in a folder of this user's alone.

Nothing depends on the folder: where it cannot be used, or is full, each worker compiles its own.
"""

from contextlib import suppress

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class _Kept(FileSystemBytecodeCache):
    """Jinja's own cache, which a full disk does not turn into a fault of the page."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled before, if it can be read."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, if there is room."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def install(app: Flask) -> None:
    """Keep the app's templates. Jinja refuses a folder that somebody else could write to; then none is used."""
    with suppress(OSError, RuntimeError):
        app.jinja_env.bytecode_cache = _Kept()

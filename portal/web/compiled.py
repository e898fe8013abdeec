"""Templates as they were compiled, kept beside them for the next start and the other workers, as Python keeps modules.

Whoever can write there can write the templates too: no folder is trusted in which others may have been first. Nothing
depends on it: where it cannot be written, or is full, each worker compiles its own.
"""

from contextlib import suppress
from pathlib import Path

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
    """Keep the app's templates, where there is room for them."""
    folder = Path(app.root_path, str(app.template_folder), "__pycache__")
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    if folder.is_dir():
        app.jinja_env.bytecode_cache = _Kept(str(folder))

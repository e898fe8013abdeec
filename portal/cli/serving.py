"""Serves the portal to browsers: gunicorn with threads, so that one long download stalls nobody else.

It loads `wsgi:app`, as any other WSGI server would, so the environment says which portal it is.
"""

import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.util import import_app

ROOT = Path(__file__).resolve().parents[2]
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where workers say that they are alive, without touching a disk


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, told here instead of by a file; each worker makes its own app and its own connections."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take what `serve` said."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The portal of this worker."""
        sys.path.insert(0, str(ROOT))
        return import_app("wsgi:app")


def serve(*, bind: str, workers: int, threads: int = 8) -> None:
    """Answer browsers until told to stop; SIGTERM lets what is being answered finish."""
    settings: dict[str, Any] = {
        "bind": bind,
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "preload_app": False,
        "control_socket_disable": True,
        "graceful_timeout": 25,
        "timeout": 60,
        "errorlog": "-",
        "loglevel": "warning",
    }
    if _SHARED_MEMORY.is_dir():
        settings["worker_tmp_dir"] = str(_SHARED_MEMORY)
    _Server(settings).run()

"""The door for a WSGI server: `gunicorn wsgi:app`."""

import gc
import os

# Loading makes a hundred thousand objects that stay: looking for garbage among them costs a tenth of the start.
gc.disable()
os.umask(0o077)  # what the portal makes is for its owner alone

from portal.app import create_app  # noqa: E402
from portal.settings import Settings  # noqa: E402

app = create_app(Settings.from_env())

gc.enable()
gc.freeze()

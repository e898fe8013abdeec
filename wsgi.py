"""The door for a WSGI server: `gunicorn wsgi:app`."""

import gc
import os
import sys

# Loading makes a hundred thousand objects that stay: looking for garbage among them costs a tenth of the start.
gc.disable()
os.umask(0o077)  # what the portal makes is for its owner alone

from portal.app import budgets_fit, create_app  # noqa: E402
from portal.settings import Settings  # noqa: E402
from portal.store.budgets import Unfit  # noqa: E402

app = create_app(Settings.from_env())
try:
    budgets_fit(app)
except Unfit as unfit:
    sys.exit(f"the portal cannot start: {unfit}")

gc.enable()
gc.freeze()

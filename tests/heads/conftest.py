"""Pages for heads are the same on every engine."""

from tests.support.databases import pages_on_sqlite as pytest_generate_tests  # noqa: F401

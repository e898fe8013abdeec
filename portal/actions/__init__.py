"""The use-cases: verbs, keyword-only, always `by=` and `at=`. They flush; only `Database.write` commits."""

# Names for the commands of the README; each line does all its own set-up.
UV = python3 -m venv .uv && .uv/bin/pip install -q uv && .uv/bin/uv run -q --locked
TEST = $(UV) --extra test

.PHONY: demo test check fix

demo: ## the portal with made-up people, at http://127.0.0.1:8000
	$(UV) portal demo

test: ## every test; one of them: make test ONLY=tests/domain/test_money.py
	$(TEST) pytest -q $(ONLY)

check: ## what .ci/run asks before the tests
	$(TEST) ruff check
	$(TEST) ruff format --check
	$(TEST) mypy
	$(TEST) lint-imports

fix: ## what the linter and the formatter can mend by themselves
	$(TEST) ruff check --fix
	$(TEST) ruff format

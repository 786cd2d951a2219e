# Two commands to know: make run, make test. Everything else is for those who work on sartor.
.POSIX:
.PHONY: help run test slow lint docs constraints clean

help:
	@echo 'make run          set up .venv and score 1,000 real loan applications'
	@echo 'make test         set up everything, lint and test     (make test ARGS="tests/core -k split": some tests only)'
	@echo 'make slow         the tests that take minutes'
	@echo 'make lint         format, lint, types, import contracts, docs'
	@echo 'make docs         build the documentation into site/'
	@echo 'make constraints  pin the newest versions that go together'
	@echo 'make clean        remove what the above made, .venv included; runs/ stays'

run:
	@sh scripts/run.sh $(ARGS)

test:
	@sh scripts/test.sh $(ARGS)

slow:
	@sh scripts/test.sh -m slow -n 0 $(ARGS)

lint:
	@sh scripts/lint.sh

docs:
	@sh scripts/docs.sh

constraints:
	@sh scripts/constraints.sh

clean:
	rm -rf .venv site build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

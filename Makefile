# For contributors; the site itself needs none of it. First: pip install -r requirements/development.txt
PYTHON = .venv/bin/python
LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
POSTGRESQL = postgres://postgres@127.0.0.1:5432/filmsite

.PHONY: lint format types test test-postgresql bench lock

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types:
	$(PYTHON) -m mypy .

test:
	$(PYTHON) -m pytest -n auto

# The user in POSTGRESQL must be allowed to create databases.
test-postgresql:
	DATABASE_URL=$(POSTGRESQL) $(PYTHON) -m pytest -n auto

# SIZE=32000000 make bench measures a bigger site.
bench:
	$(PYTHON) -m tests.bench

# UPGRADE=--upgrade make lock takes the newest releases that pyproject.toml allows.
lock:
	$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements/base.txt
	$(LOCK) $(UPGRADE) pyproject.toml --extra test --output-file requirements/test.txt
	$(LOCK) $(UPGRADE) pyproject.toml --extra production --extra postgres --extra redis --output-file requirements/production.txt
	$(LOCK) $(UPGRADE) pyproject.toml --all-extras --output-file requirements/development.txt

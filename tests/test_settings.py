"""Settings: every variable is described, and half-configured sites do not start."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHOLE = {"SECRET_KEY": "abcdefghij" * 6, "SITE_URL": "https://films.example"}
READERS = {"text", "flag", "number", "settings.number", "os.environ.get"}


def variables_of(path: str) -> set[str]:
    """Every name that a settings file asks the environment for."""
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in READERS
    ]
    names = {str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)}
    return names - {"ENV_FILE"}  # which cannot stand in the file it names


def described() -> set[str]:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    return {match[1] for line in lines if (match := re.match(r"#?([A-Z_]+)=", line))}


def start(tmp_path, script="import filmsite.settings", env_file="", **variables):
    """Python with only these variables, as a process of its own."""
    (tmp_path / "env").write_text(env_file, "utf-8")
    paths = {"PATH": os.environ["PATH"], "ENV_FILE": str(tmp_path / "env")}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**paths, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def value_of(tmp_path, name, env_file="", **variables):
    script = f"import filmsite.settings as s; print(repr(s.{name}))"
    run = start(tmp_path, script, env_file, **{**WHOLE, **variables})
    assert run.returncode == 0, run.stderr
    return ast.literal_eval(run.stdout)


def test_every_variable_is_described_and_no_other():
    asked = variables_of("filmsite/settings.py") | variables_of("filmsite/gunicorn.conf.py")
    assert len(asked) > 20
    assert asked == described()


def test_example_sets_nothing():
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_whole_configuration_starts(tmp_path):
    assert start(tmp_path, **WHOLE).returncode == 0


def test_debug_alone_starts(tmp_path):
    assert start(tmp_path, DEBUG="1").returncode == 0


@pytest.mark.parametrize("name", ["SECRET_KEY", "SITE_URL"])
@pytest.mark.parametrize("left", ["absent", "empty", "spaces"])
def test_site_without_a_needed_variable_does_not_start_and_names_it(tmp_path, name, left):
    rest = {key: value for key, value in WHOLE.items() if key != name}
    rest |= {"absent": {}, "empty": {name: ""}, "spaces": {name: "  "}}[left]
    run = start(tmp_path, **rest)
    assert run.returncode != 0
    assert f"ImproperlyConfigured: {name} " in run.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("SITE_URL", "films.example"),
        ("SITE_URL", "https://films.example/site"),
        ("SITE_URL", "https://"),
        ("SITE_URL", "ftp://films.example"),
        ("HOME_COUNTRY", "Germany"),
        ("TIME_ZONE", "Middle-earth/Shire"),
        ("SIGNUP_OPEN", "perhaps"),
        ("AUDIENCE_SCORE_MIN_VOTES", "0"),
        ("AUDIENCE_SCORE_MIN_VOTES", "5 # votes"),
        ("PAGE_CACHE_SECONDS", "-1"),
        ("PAGE_CACHE_SECONDS", "1.5"),
        ("TRUSTED_PROXY_COUNT", "one"),
        ("DATABASE_URL", "mysql://root@127.0.0.1/films"),
        ("DATABASE_URL", "films"),
        ("CACHE_URL", "memcached://127.0.0.1"),
        ("EMAIL_URL", "mail.example"),
        ("EMAIL_URL", "smtp+tls://"),
        ("MEDIA_ACCEL", "protected-media"),
        ("LOG_FORMAT", "xml"),
        ("LIMITS", "off " * 2),
        ("HSTS_SECONDS", "a year"),
    ],
)
def test_value_that_cannot_be_used_stops_the_start_and_names_its_variable(tmp_path, name, value):
    run = start(tmp_path, **{**WHOLE, name: value})
    assert run.returncode != 0
    last = run.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last
    assert name in last


@pytest.mark.parametrize("line", ["SITE_NAME = Films", "SITE_NAME", "SITE-NAME=Films"])
def test_line_that_would_be_passed_over_stops_the_start_and_is_named(tmp_path, line):
    run = start(tmp_path, env_file=f"# comment\n\n{line}\n", **WHOLE)
    assert run.returncode != 0
    assert "line 3: write NAME=value" in run.stderr


def test_empty_variables_count_as_unset(tmp_path):
    names = described() - {"SECRET_KEY", "SITE_URL"}
    assert start(tmp_path, **dict.fromkeys(names, ""), **WHOLE).returncode == 0


def test_secret_key_may_start_with_a_dollar(tmp_path):
    assert value_of(tmp_path, "SECRET_KEY", env_file="", SECRET_KEY="$abc") == "$abc"


def test_environment_comes_before_the_file(tmp_path):
    file = "SITE_NAME=From the file\nTIME_ZONE=Europe/Berlin\n"
    assert value_of(tmp_path, "SITE_NAME", file, SITE_NAME="Mine") == "Mine"
    assert value_of(tmp_path, "TIME_ZONE", file, SITE_NAME="Mine") == "Europe/Berlin"


def test_relative_database_lies_beside_manage_py(tmp_path):
    found = value_of(tmp_path, "DATABASES['default']['NAME']", DATABASE_URL="sqlite:///x.sqlite3")
    assert found == str(ROOT / "x.sqlite3")


def test_acknowledged_votes_are_on_disk(tmp_path):
    options = value_of(tmp_path, "DATABASES['default']['OPTIONS']")
    assert "synchronous=FULL" in options["init_command"]
    assert "journal_mode=WAL" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"


def test_locks_record_no_address():
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert [lock.name for lock in locks] == [
        "base.txt",
        "development.txt",
        "production.txt",
        "test.txt",
    ]
    for lock in locks:
        text = lock.read_text("utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert "--hash=sha256:" in text

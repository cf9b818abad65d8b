"""The site as it runs on a server: DEBUG off, static files hashed, headers, cookies, gunicorn.

Each test asks a process of its own that has the variables of an environment file.
"""

import json
import re
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.site import ROOT, Site

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
ASK = """
import json, sys, django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
answers = []
for address, secure, host in json.loads(sys.argv[1]):
    answer = client.get(address, secure=secure, headers={"host": host})
    body = b"".join(answer) if answer.streaming else answer.content
    answers.append({
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "cookies": {name: str(cookie) for name, cookie in answer.cookies.items()},
        "body": body[:100_000].decode(errors="replace"),
    })
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site at https://films.example: migrated, its static files collected."""
    folder = tmp_path_factory.mktemp("production")
    site = Site(folder, SITE_URL="https://films.example")
    site.manage("migrate", "--verbosity=0")
    site.manage("collectstatic", "--noinput", "--verbosity=0")
    return site


def ask(site, *addresses, secure=True, host="films.example"):
    """The site's answers to these addresses."""
    asked = json.dumps([(address, secure, host) for address in addresses])
    run = subprocess.run(
        [sys.executable, "-c", ASK, asked],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def home(site):
    return ask(site, "/")[0]


def style_sheet(home) -> str:
    found = re.search(r'href="(/static/[^"]+\.css)"', home["body"])
    assert found
    return found[1]


def test_static_files_have_hashed_names_and_are_kept_for_ever(site, home):
    address = style_sheet(home)
    assert re.search(r"\.[0-9a-f]{12}\.css$", address)
    answer = ask(site, address)[0]
    assert answer["status"] == 200
    assert "immutable" in answer["headers"]["Cache-Control"]


def test_static_files_are_compressed(site):
    static = site.folder / "static"
    assert list(static.glob("**/*.css.gz"))
    assert not list(static.glob("**/components.css"))


def test_pages_static_files_and_errors_carry_every_header(site, home):
    answers = ask(site, "/", style_sheet(home), "/no/such/page/", "/account/login/", "/healthz")
    assert [answer["status"] for answer in answers] == [200, 200, 404, 200, 200]
    for answer in answers:
        assert {name: answer["headers"].get(name) for name in HEADERS} == HEADERS
        assert "camera=()" in answer["headers"]["Permissions-Policy"]


def test_admin_may_show_small_pictures_from_its_style_sheets(site):
    policy = ask(site, "/admin/")[0]["headers"]["Content-Security-Policy"]
    assert "img-src 'self' data:;" in policy
    assert policy.replace(" data:", "") == HEADERS["Content-Security-Policy"]


def test_https_brings_hsts_and_cookies_bound_to_the_host(site):
    answer = ask(site, "/account/login/")[0]
    assert answer["headers"]["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer["cookies"]["__Host-csrf"]
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_http_is_sent_to_https_but_health_is_answered(site):
    page, health, ready = ask(site, "/films/", "/healthz", "/readyz", secure=False)
    assert page["status"] == 301
    assert page["headers"]["Location"] == "https://films.example/films/"
    assert (health["status"], health["body"]) == (200, "ok\n")
    assert (ready["status"], ready["body"]) == (200, "ok\n")


def test_other_hosts_are_refused_with_the_site_s_own_page(site):
    answer = ask(site, "/", host="evil.example")[0]
    assert answer["status"] == 400
    assert "This request makes no sense" in answer["body"]
    assert "DisallowedHost" not in answer["body"]
    assert answer["headers"]["Content-Security-Policy"].startswith("default-src 'none'")


def test_error_page_is_the_site_s_own(site):
    answer = ask(site, "/films/no-such-film/")[0]
    assert answer["status"] == 404
    assert "There is no such page" in answer["body"]
    assert "urlpatterns" not in answer["body"]


def test_plain_http_site_has_no_hsts_and_plain_cookies(site, tmp_path):
    plain = Site(tmp_path, SITE_URL="http://films.example")
    plain.environment["DATABASE_URL"] = site.environment["DATABASE_URL"]
    plain.environment["STATIC_ROOT"] = site.environment["STATIC_ROOT"]
    answer = ask(plain, "/account/login/", secure=False)[0]
    assert answer["status"] == 200
    assert "Strict-Transport-Security" not in answer["headers"]
    assert list(answer["cookies"]) == ["csrftoken"]


def test_deployment_check_is_clean(site):
    site.manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        "--database=default",
        EMAIL_URL="smtp+tls://user:password@mail.example:587",
        SECRET_KEY="aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789-_aBcDeFgHiJkLmNoPq",
    )


def test_no_migration_is_missing(site):
    assert "No changes detected" in site.manage("makemigrations", "--check", "--dry-run")


# --- gunicorn -------------------------------------------------------------------------------------


def gunicorn(site, *arguments, **variables):
    """gunicorn with our configuration, until it has read it and would start serving."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "filmsite/gunicorn.conf.py",
            *arguments,
            "--bind",
            f"127.0.0.1:{site.port}",
            "filmsite.wsgi",
        ],
        cwd=ROOT,
        env={**site.environment, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def configured(site, **variables) -> dict[str, str]:
    run = gunicorn(site, "--print-config", **variables)
    lines = [line.split("=", 1) for line in run.stdout.splitlines() if "=" in line]
    return {name.strip(): value.strip() for name, value in lines}


def test_sqlite_is_served_by_one_process_with_8_threads(site):
    found = configured(site)
    assert (found["workers"], found["threads"]) == ("1", "8")
    assert found["control_socket_disable"] == "True"


def test_postgresql_is_served_by_one_process_until_there_is_a_shared_cache(site):
    postgresql = "postgres://user@127.0.0.1/films"
    alone = configured(site, DATABASE_URL=postgresql)
    assert (alone["workers"], alone["threads"]) == ("1", "8")
    shared = configured(site, DATABASE_URL=postgresql, CACHE_URL="redis://127.0.0.1")
    assert int(shared["workers"]) >= 1
    assert shared["threads"] == "4"
    more = {"DATABASE_URL": postgresql, "CACHE_URL": "redis://127.0.0.1", "WEB_CONCURRENCY": "7"}
    assert configured(site, **more)["workers"] == "7"


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "DATABASE_URL"),
        ({"CACHE_URL": "redis://127.0.0.1"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://user@127.0.0.1/films"}, "CACHE_URL"),
    ],
)
def test_more_processes_than_the_site_can_bear_are_refused(site, variables, named):
    run = gunicorn(site, WEB_CONCURRENCY="2", **variables)
    assert run.returncode != 0
    assert "WEB_CONCURRENCY must be 1" in run.stderr
    assert named in run.stderr
    run = gunicorn(site, "--workers=2", **variables)
    assert run.returncode != 0
    assert named in run.stderr


def test_real_server_answers_head_without_a_body(site):
    with (
        site.server(),
        closing(HTTPConnection("127.0.0.1", site.port, timeout=20)) as connection,
    ):
        seen = {}
        for method in ("GET", "HEAD"):
            connection.request(
                method, "/", headers={"Host": "films.example", "X-Forwarded-Proto": "https"}
            )
            answer = connection.getresponse()
            seen[method] = (answer.status, answer.headers["ETag"], len(answer.read()))
    assert seen["GET"][0] == seen["HEAD"][0] == 200
    assert seen["GET"][1] == seen["HEAD"][1]
    assert seen["GET"][2] > 0
    assert seen["HEAD"][2] == 0

"""A site of its own, as production runs it: a scratch folder, its database, gunicorn on loopback.

For what needs real processes: browser tests, races, benchmarks.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Site:
    """A folder with a database and media, and the commands and servers that run on them."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "filmsite.settings",  # not the tests'
            "ENV_FILE": "",
            "DEBUG": "0",
            "SECRET_KEY": "only-for-tests-" + "x" * 40,
            "SITE_URL": self.url,
            "BIND": f"127.0.0.1:{self.port}",
            "DATABASE_URL": os.environ.get(
                "SITE_DATABASE_URL", f"sqlite:///{folder / 'db.sqlite3'}"
            ),
            "MEDIA_ROOT": str(folder / "media"),
            "STATIC_ROOT": str(folder / "static"),
            "LIMITS": "0",
            **environment,
        }

    def manage(self, *arguments: str, **environment: str) -> str:
        """Run a management command; its output. A failing command ends the program."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{arguments}: {done.stderr[-2000:]}")
        return done.stdout

    def python(self, module: str, *arguments: str) -> str:
        """Run a module in a process of its own with this site's settings; its output."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "filmsite.settings"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def shell(self, code: str) -> str:
        """Run Python code inside the site; what it printed."""
        return self.manage("shell", "--no-imports", "-c", code)

    def cookies(self, query: str) -> list[str]:
        """Sign the members of a queryset in; their session cookies as `name=value`, by id."""
        return self.shell(
            "from reviews.models import Member; from tests.site import make_session\n"
            f"for member in {query}.order_by('pk'): print(make_session(member))"
        ).split()

    @contextlib.contextmanager
    def server(self, application: str = "filmsite.wsgi") -> Iterator[subprocess.Popen[bytes]]:
        """The site behind gunicorn, as its own configuration says, until the block ends."""
        with (self.folder / "server.log").open("ab") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "-c", "filmsite/gunicorn.conf.py"),
                    *("--keep-alive", "60", "--log-level", "warning", application),
                ],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        try:
            self.wait(process)
            yield process
        finally:
            process.terminate()
            process.wait(30)

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            if process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit((self.folder / "server.log").read_text()[-2000:])


def make_session(member: Any) -> str:
    """Sign a member in by hand; the cookie as `name=value`."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def scratch_site(**environment: str) -> Iterator[Site]:
    """A migrated, empty site in a temporary folder, deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="filmsite-site-") as folder:
        site = Site(Path(folder), **environment)
        site.manage("migrate", "--verbosity=0")
        yield site

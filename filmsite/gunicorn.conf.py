"""How gunicorn serves the site: `gunicorn -c filmsite/gunicorn.conf.py filmsite.wsgi`.

SQLite: one process with 8 threads; more processes would make writers wait longer, and versions
before 3.51.3 can damage the file when two of them tidy it at once. PostgreSQL: as many processes
as cores with 4 threads each, once CACHE_URL lets them share limits and pages.
"""

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from filmsite import settings

ON_SQLITE = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
MANY = bool(settings.CACHE_URL) and not ON_SQLITE

chdir = str(settings.BASE_DIR)
bind = os.environ.get("BIND") or "127.0.0.1:8000"
worker_class = "gthread"
workers = settings.number("WEB_CONCURRENCY", len(os.sched_getaffinity(0)) if MANY else 1, least=1)
threads = 4 if MANY else 8
preload_app = False  # each process opens its own connections
control_socket_disable = True  # nobody steers the server but systemd
# Whose X-Forwarded-Proto is believed: the proxy on this machine, unless FORWARDED_ALLOW_IPS
# names another.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1,::1"


def on_starting(server: Any) -> None:
    """Refuse more processes than the site can bear; warn about a faulty SQLite."""
    if server.cfg.workers > 1 and ON_SQLITE:
        sys.exit("WEB_CONCURRENCY must be 1 on SQLite: set DATABASE_URL to PostgreSQL first.")
    if server.cfg.workers > 1 and not settings.CACHE_URL:
        sys.exit("WEB_CONCURRENCY must be 1 without CACHE_URL: processes must share the limits.")
    if ON_SQLITE and sqlite3.sqlite_version_info < (3, 51, 3):
        server.log.warning(
            "SQLite %s can damage its file when two processes tidy it at the same moment (mended"
            " in 3.51.3): keep to this one process, and let no other program write to it.",
            sqlite3.sqlite_version,
        )

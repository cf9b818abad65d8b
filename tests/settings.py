"""The site's own settings, with the few values that tests need otherwise.

DATABASE_URL chooses the database, as everywhere: SQLite in memory unless it says PostgreSQL.
"""

import os
import tempfile

os.environ.update(
    ENV_FILE="",
    DEBUG="0",
    SECRET_KEY="only-for-tests-" + "x" * 40,
    SITE_URL="http://testserver",
    EMAIL_URL="consolemail://",
    MEDIA_ROOT=tempfile.mkdtemp(prefix="filmsite-test-media-"),  # conftest takes it away
    PAGE_CACHE_SECONDS="0",
)
for variable in (
    "CACHE_URL",
    "SITE_NAME",
    "HOME_COUNTRY",
    "TIME_ZONE",
    "SIGNUP_OPEN",
    "STAFF_SECOND_FACTOR",
):
    os.environ.pop(variable, None)

from filmsite.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = (  # noqa: F405
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)

"""Settings: one file, values from the environment or from `.env` beside manage.py.

Every variable is described in `.env.example`. A value that cannot be used stops the start with
a sentence that names its variable; nothing is guessed in production.
"""

import os
import re
from email.utils import formataddr
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import available_timezones

import django
import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

# ENV_FILE names another file, or none when it is empty. What the environment says comes first.
env_file = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env") or os.devnull)
if env_file.is_file():
    for count, line in enumerate(env_file.read_text("utf-8").splitlines(), 1):
        if not re.match(r"\s*(#|$|(export\s+)?\w+=)", line):
            raise ImproperlyConfigured(f"{env_file}, line {count}: write NAME=value, no spaces.")
    environ.Env.read_env(env_file)


def text(name: str, default: str = "") -> str:
    """The variable's text without spaces around it; an empty variable counts as unset."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int, least: int = 0) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least}, not {value!r}.")
    return int(value)


# --- Where the site stands --------------------------------------------------------------------

DEBUG = flag("DEBUG")
SECRET_KEY = text("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Make one with:"
            ' python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
            " and put it into .env; to try the site on this machine, set DEBUG=1."
        )
    SECRET_KEY = "only-for-trying-the-site-on-this-machine-" + "x" * 20
SECRET_KEY_FALLBACKS = text("SECRET_KEY_FALLBACKS").split()

SITE_URL = text("SITE_URL", "http://127.0.0.1:8000" if DEBUG else "").rstrip("/").lower()
site_address = urlsplit(SITE_URL)
if (
    site_address.scheme not in {"http", "https"}
    or not site_address.hostname
    or f"{site_address.scheme}://{site_address.netloc}" != SITE_URL
):
    raise ImproperlyConfigured(
        f"SITE_URL must be the site's address, as https://films.example, not {SITE_URL!r}."
    )
ALLOWED_HOSTS = [site_address.hostname]
if DEBUG:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ENCRYPTED = site_address.scheme == "https"

SITE_NAME = text("SITE_NAME", "Filmsite")
HOME_COUNTRY = text("HOME_COUNTRY", "US").upper()
if len(HOME_COUNTRY) != 2 or not HOME_COUNTRY.isascii() or not HOME_COUNTRY.isalpha():
    raise ImproperlyConfigured(
        f"HOME_COUNTRY must be a country's two letters, as US or DE, not {HOME_COUNTRY!r}."
    )
AUDIENCE_SCORE_MIN_VOTES = number("AUDIENCE_SCORE_MIN_VOTES", 5, least=1)
PAGE_CACHE_SECONDS = number("PAGE_CACHE_SECONDS", 0 if DEBUG else 10)
TRUSTED_PROXY_COUNT = number("TRUSTED_PROXY_COUNT", 0)
SIGNUP_OPEN = flag("SIGNUP_OPEN", True)
HOLD_FIRST_REVIEWS = flag("HOLD_FIRST_REVIEWS")
SECURITY_CONTACT = text("SECURITY_CONTACT")
if SECURITY_CONTACT and not SECURITY_CONTACT.startswith(("mailto:", "https://")):
    raise ImproperlyConfigured(
        f"SECURITY_CONTACT must be mailto:… or https://…, not {SECURITY_CONTACT!r}."
    )

# --- Parts ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "films",
    "reviews",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "filmsite.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "filmsite.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "filmsite.middleware.PageCache",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "filmsite.middleware.Unavailable",
]

ROOT_URLCONF = "filmsite.urls"
WSGI_APPLICATION = "filmsite.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "filmsite.context.site",
            ],
        },
    },
]

# --- Database: SQLite in one folder, or PostgreSQL --------------------------------------------

try:
    DATABASES: dict[str, dict[str, Any]] = {
        "default": environ.Env.db_url_config(
            text("DATABASE_URL", "sqlite:///" + quote(str(BASE_DIR / "db.sqlite3")))
        )
    }
except Exception as error:
    raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
database = DATABASES["default"]
if database.get("ENGINE") == "django.db.backends.sqlite3":
    if database["NAME"] != ":memory:":
        database["NAME"] = str(BASE_DIR / database["NAME"])
    # A vote that was acknowledged is on disk (FULL); writers wait for each other (IMMEDIATE)
    # instead of failing with "database is locked"; REPLACE fires the tally's triggers.
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
            "PRAGMA recursive_triggers=ON;PRAGMA cache_size=-8000"
        ),
    }
elif database.get("ENGINE") == "django.db.backends.postgresql":
    database["CONN_HEALTH_CHECKS"] = True
    # Pages ask questions of milliseconds; compiling one takes a hundred.
    database.setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
else:
    raise ImproperlyConfigured("DATABASE_URL must be sqlite:///… or postgres://…")
# A new connection for each page costs a fifth of the page, also on SQLite: it reads the whole
# schema again, and closing the last one empties the write-ahead log into the file.
database["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache and sessions -----------------------------------------------------------------------

CACHE_URL = text("CACHE_URL")
if CACHE_URL and not CACHE_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured(f"CACHE_URL must be redis://…, not {CACHE_URL!r}.")
# Pages are kept apart from the limits: nobody can push out the count of their tries by asking
# for many pages.
if CACHE_URL:
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    CACHES: dict[str, dict[str, Any]] = {
        "default": redis,
        "pages": {**redis, "KEY_PREFIX": "pages"},
    }
else:
    memory = "django.core.cache.backends.locmem.LocMemCache"
    CACHES = {
        "default": {"BACKEND": memory, "OPTIONS": {"MAX_ENTRIES": 10_000}},
        # 1,000 pages of 40 kB are 40 MB, as much as a small machine can spare.
        "pages": {"BACKEND": memory, "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 1_000}},
    }
# In the database alone: a session that is ended there lives on in no cache.
SESSION_ENGINE = "reviews.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Mail -------------------------------------------------------------------------------------

EMAIL_URL = text("EMAIL_URL", "consolemail://" if DEBUG else "")
DEFAULT_FROM_EMAIL = text(
    "DEFAULT_FROM_EMAIL", formataddr((SITE_NAME, f"noreply@{site_address.hostname}"))
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
try:
    mail = environ.Env.email_url_config(EMAIL_URL or "dummymail://")
except Exception as error:
    raise ImproperlyConfigured(f"EMAIL_URL cannot be read: {error}") from error
MAIL_TIMEOUT = 10  # seconds: a mail server that does not answer must not hold a page
BY_SMTP = mail["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
if BY_SMTP and not mail["EMAIL_HOST"]:
    raise ImproperlyConfigured("EMAIL_URL names no host: smtp+tls://user:password@host:587.")
if django.VERSION >= (6, 1):
    MAILERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": mail["EMAIL_BACKEND"]}}
    if EMAIL_URL.startswith("filemail:"):
        MAILERS["default"]["OPTIONS"] = {"file_path": mail["EMAIL_FILE_PATH"]}
    elif BY_SMTP:
        MAILERS["default"]["OPTIONS"] = {
            "host": mail["EMAIL_HOST"],
            "port": mail["EMAIL_PORT"],
            "username": mail["EMAIL_HOST_USER"],
            "password": mail["EMAIL_HOST_PASSWORD"],
            "use_tls": mail.get("EMAIL_USE_TLS", False),
            "use_ssl": mail.get("EMAIL_USE_SSL", False),
            "timeout": MAIL_TIMEOUT,
        }
else:
    globals().update(mail, EMAIL_TIMEOUT=MAIL_TIMEOUT)

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "reviews.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# --- Language and time ------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = text("TIME_ZONE", "UTC")
if TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(
        f"TIME_ZONE must be a name such as Europe/Berlin, not {TIME_ZONE!r}."
    )

# --- Files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / text("STATIC_ROOT", "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "filmsite" / "static"]  # filmsite itself is not an app
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / text("MEDIA_ROOT", "media")
# Where a web server in front sends pictures itself: its internal prefix for MEDIA_ROOT.
MEDIA_ACCEL = text("MEDIA_ACCEL")
if MEDIA_ACCEL and not (MEDIA_ACCEL.startswith("/") and MEDIA_ACCEL.endswith("/")):
    raise ImproperlyConfigured(
        f"MEDIA_ACCEL must be a prefix such as /protected-media/, not {MEDIA_ACCEL!r}."
    )
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Accounts: django-allauth, with our templates ---------------------------------------------

ACCOUNT_ADAPTER = "reviews.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
# Without a way to send mail there is nothing to verify, and nobody must be locked out by it.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "none"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = bool(EMAIL_URL)
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = bool(EMAIL_URL)
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_USERNAME_VALIDATORS = "reviews.models.member.username_validators"
ACCOUNT_USERNAME_BLACKLIST = ["admin", "administrator", "editor", "editors", "filmsite", "help"]
ACCOUNT_USERNAME_BLACKLIST += ["moderator", "moderators", "root", "security", "staff", "support"]
ACCOUNT_FORMS = {"signup": "reviews.accounts.SignupForm"}
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"  # people see no such field, robots fill it in
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of what changed in one's account
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = site_address.scheme
# The second step: an authenticator app, and recovery codes for the day it is lost.
MFA_ADAPTER = "reviews.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {
    "activate_totp": "reviews.second_factor.SetUpForm",
    "authenticate": "reviews.second_factor.SignInForm",
    "reauthenticate": "reviews.second_factor.AgainForm",
}
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # a code more before and after: phones and people are seconds late
STAFF_SECOND_FACTOR = flag("STAFF_SECOND_FACTOR")
# Limits, counted in the cache: how many of each in how long, and for whom. Benchmarks raise
# them through LIMITS=0, which switches them off.
LIMITS_ON = flag("LIMITS", True)
ACCOUNT_RATE_LIMITS: dict[str, Any] | bool = LIMITS_ON and {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "30/h/ip",
    "reset_password": "20/h/ip,3/h/key",
}
VOTES_A_MINUTE = 60
REVIEWS_AN_HOUR = 5
HELPFUL_A_MINUTE = 60
REPORTS_AN_HOUR = 10
IMPORTS_AN_HOUR = 5
SEARCHES_A_MINUTE = 60
SUGGESTIONS_A_MINUTE = 240  # one each time somebody who types stops for a moment
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# --- What a browser may do, and how cookies travel --------------------------------------------

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
# What no page of the site asks a browser for, and no page may.
PERMISSIONS_CLOSED = ["accelerometer", "autoplay", "camera", "display-capture", "geolocation"]
PERMISSIONS_CLOSED += ["gyroscope", "magnetometer", "microphone", "midi", "payment", "usb"]
PERMISSIONS_CLOSED += ["publickey-credentials-get", "screen-wake-lock"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "filmsite.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
if ENCRYPTED:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
    SECURE_HSTS_SECONDS = number("HSTS_SECONDS", 31_536_000)
    # Subdomains and the browsers' preload list are the owner's choice, not ours.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000  # a film with a long cast in the admin

# --- Log --------------------------------------------------------------------------------------

LOG_FORMAT = text("LOG_FORMAT", "text")
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT must be text or json, not {LOG_FORMAT!r}.")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "filmsite.log.JSONFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": []},
        "django.server": {"propagate": False},
        # Every scanner of the internet asks for a host that is not ours: answered, not logged.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

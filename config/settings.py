"""Settings, read from the environment and `.env`; docs/operating.md explains each one."""

import base64
import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def kept_secret(name: str) -> str:
    """A development secret made once and kept in `var/`; a live install sets it itself."""
    path = VAR / name
    VAR.mkdir(exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    except FileExistsError:
        pass
    return path.read_text()


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or kept_secret("secret_key")
# Newest first: `key-id:url-safe-base64-of-32-bytes`, comma-separated (contacts/crypto.py).
FIELD_KEYS = env("FIELD_KEYS", default="") or f"dev:{kept_secret('field_key')}"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# The quickstart sets this: one-click sign-ins for each role, and made-up families.
DEMO = env.bool("DEMO", default=False)

INSTALLED_APPS = [
    "config",
    "completion",
    "campaigns",
    "contacts",
    "schools",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_q",
]

MIDDLEWARE = [
    "schools.family_hosts.FamilyHosts",
    "django.middleware.security.SecurityMiddleware",
    "campaigns.providers.callers.ShortWay",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "config.navigation.navigation",
                "config.preferences.chosen_theme",
                "schools.demo.demo_users",
            ],
        },
    },
]

# Data ------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'aidbeacon.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN, so read-then-write transactions never deadlock.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # 64 MB of pages at most, each connection: with the usual 2 MB, every row that a large class
        # adds to an index reads and writes the file.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Compiling a query takes PostgreSQL longer than running any of ours. A pooler has to let this
    # pass (its ignore_startup_parameters); DATABASE_URL may name other `options`.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # Shared by all processes: sign-in limits are kept here (allauth).
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
    }
}

# People ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "schools.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an administrator, not by sign-up
ACCOUNT_ADAPTER = "schools.accounts.InvitedOnly"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

# Languages and time -----------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = env("TIME_ZONE", default="America/Los_Angeles")
PHONE_REGION = env("PHONE_REGION", default="US")  # of numbers without a country code
USE_TZ = True

# Pages ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = VAR / "media"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if PUBLIC_URL.startswith("https://"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Sending ----------------------------------------------------------------------------------

TRANSPORT = env("TRANSPORT", default="sandbox")  # or `live`
TWILIO_ACCOUNT_SID = env("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env("TWILIO_AUTH_TOKEN", default="")
TWILIO_MESSAGING_SERVICE_SID = env("TWILIO_MESSAGING_SERVICE_SID", default="")
TWILIO_FROM = env("TWILIO_FROM", default="")
TWILIO_API_URL = env("TWILIO_API_URL", default="https://api.twilio.com").rstrip("/")
TWILIO_MPS = env.float("TWILIO_MPS", default=75)  # segments a second; see docs/going-live.md
TWILIO_DAILY_CAP = env.int("TWILIO_DAILY_CAP", default=0)  # segments a day; 0: none
TWILIO_CONCURRENCY = env.int("TWILIO_CONCURRENCY", default=50)
SENDGRID_API_KEY = env("SENDGRID_API_KEY", default="")
SENDGRID_API_URL = env("SENDGRID_API_URL", default="https://api.sendgrid.com").rstrip("/")
SENDGRID_WEBHOOK_PUBLIC_KEY = env("SENDGRID_WEBHOOK_PUBLIC_KEY", default="")
SENDGRID_INBOUND_SECRET = env("SENDGRID_INBOUND_SECRET", default="")
FROM_EMAIL = env("FROM_EMAIL", default="aid@localhost")
POSTAL_ADDRESS = env("POSTAL_ADDRESS", default="")
EMAIL_URL = env("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = FROM_EMAIL

# A claim that was not settled by then is looked into; a doubtful one is asked about after the
# second, and a failed try made again after the third, then twice as long each time. Shorter only
# where a test kills workers all the time.
LEASE_SECONDS = env.float("LEASE_SECONDS", default=300)
ASK_AGAIN_SECONDS = env.float("ASK_AGAIN_SECONDS", default=60)
RETRY_SECONDS = env.float("RETRY_SECONDS", default=60)

# Completion files that are fetched every night ----------------------------------------------

COMPLETION_URLS = env.list("COMPLETION_URLS", default=[])
COMPLETION_FOLDER = env("COMPLETION_FOLDER", default="")

# Queue: it only wakes and schedules; the outbox decides (docs/decisions/0003) --------------

BROKER_URL = env("BROKER_URL", default="")
WORKERS = env.int("WORKERS", default=2)
TASK_SECONDS = 600  # a whole state's step is made in one task
TICK_SECONDS = env.float("TICK_SECONDS", default=60)  # between a supervisor's knocks
SILENT_SECONDS = env.float("SILENT_SECONDS", default=300)  # without an answer: started again
Q_CLUSTER = {
    "name": "aidbeacon",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "timeout": TASK_SECONDS,
    # The retry clock starts when a task is pulled into memory, so leave room for those before it.
    "retry": 3 * TASK_SECONDS,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": -1,
    "recycle": 100,
    "max_rss": 500_000,
    "catch_up": False,
    "label": "Background work",
    **(
        {"redis": BROKER_URL, "broker_class": "campaigns.sending.brokers.RedisBroker"}
        if BROKER_URL.startswith("redis")
        else {"orm": "default", "broker_class": "campaigns.sending.brokers.DatabaseBroker"}
    ),
}

# Completion -------------------------------------------------------------------------------

SMALL_COUNT = env.int("SMALL_COUNT", default=10)

# Logs: never a phone number, an address or a name ------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {"twilio": {"level": "WARNING"}, "aiohttp.access": {"level": "WARNING"}},
}

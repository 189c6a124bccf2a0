"""All settings, in one file. What differs between installations comes from the environment.

`.env.example` lists every variable with its meaning; `manage.py check --deploy` refuses what is
unsafe in production. DEBUG is off unless the environment says otherwise.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from trusted_releases import env

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"
env.load(BASE_DIR / ".env")

# Where everything that must survive lies: database, blobs, downloads, keys.
DATA_DIR = env.path("DATA_DIR", BASE_DIR / "var")

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY", "insecure-development-key" if DEBUG else "")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else "")
SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")
SITE_NAME = env.text("SITE_NAME", "Trusted Releases")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "trusted_releases.admin_site.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "django_q",
    "storages",
    "trusted_releases.ledger",
    "projects",
    "keys",
    "releases",
    "checks",
    "distribution",
    "trusted_releases",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "trusted_releases.middleware.NoStore",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "trusted_releases.urls"
WSGI_APPLICATION = "trusted_releases.wsgi.application"
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
                "trusted_releases.context.site",
            ]
        },
    }
]

# --- Data -----------------------------------------------------------------------------------------

DATABASES = {
    "default": env.database("DATABASE_URL", f"sqlite:///{quote(str(DATA_DIR))}/db.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
DATETIME_FORMAT = "j M Y, H:i e"  # every time on a page names its zone

BLOB_STORE = env.choice("BLOB_STORE", "files", "files", "s3")
_BLOBS_ON_DISK = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": env.path("BLOB_DIR", DATA_DIR / "blobs"),
        "file_permissions_mode": 0o444,
    },
}
_BLOBS_ON_S3 = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": env.text("S3_BUCKET"),
        "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
        "region_name": env.text("S3_REGION") or None,
        "access_key": env.text("S3_ACCESS_KEY") or None,
        "secret_key": env.text("S3_SECRET_KEY") or None,
        "location": env.text("S3_PREFIX", "blobs"),
        # A name is a digest: the same name is the same bytes.
        "file_overwrite": True,
        "querystring_auth": True,
        # What is read goes through a file beyond this; the default, 0, holds it all in memory.
        "max_memory_size": 1 << 20,
    },
}
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "blobs": _BLOBS_ON_S3 if BLOB_STORE == "s3" else _BLOBS_ON_DISK,
    "downloads": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.path("DOWNLOADS_DIR", DATA_DIR / "downloads")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
# In a checkout they are served from where they lie; a real installation collects them.
STATIC_ROOT = None if DEBUG else env.path("STATIC_ROOT", BASE_DIR / "staticfiles")
SCRATCH_DIR = env.path("SCRATCH_DIR", DATA_DIR / "scratch")
FILE_UPLOAD_TEMP_DIR = str(SCRATCH_DIR)
LOG_SIGNING_KEY_FILE = env.path("LOG_SIGNING_KEY_FILE", DATA_DIR / "log-signing.key")

# --- Limits, in bytes -----------------------------------------------------------------------------

MAX_FILE_SIZE = env.number("MAX_FILE_SIZE", 2 << 30, least=1)
MAX_UPLOAD_SIZE = env.number("MAX_UPLOAD_SIZE", 4 << 30, least=1)
MAX_FILES = env.number("MAX_FILES", 5000, least=1)
MAX_REVISION_SIZE = env.number("MAX_REVISION_SIZE", 16 << 30, least=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
MAX_FORM_SIZE = 32 << 20  # a form with files, where they are not artifacts: KEYS have 10 MiB
FILE_UPLOAD_HANDLERS = [
    "trusted_releases.lib.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "projects.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "projects.backends.RoleBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none" if DEBUG else "mandatory"
ACCOUNT_ADAPTER = "projects.accounts.AccountAdapter"
SIGNUP_OPEN = env.flag("SIGNUP_OPEN")
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
OIDC_ISSUER = env.text("OIDC_ISSUER")
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": env.text("OIDC_NAME", "Single sign-on"),
                    "client_id": env.text("OIDC_CLIENT_ID"),
                    "secret": env.text("OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": OIDC_ISSUER},
                }
            ],
        }
    }
    if OIDC_ISSUER
    else {}
)
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_ADAPTER = "projects.accounts.ProviderAdapter"
# The provider has checked the address; what it says is shown, and grants nothing.
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# --- Jobs -----------------------------------------------------------------------------------------
# The queue is only a wake-up call; the truth is trusted_releases.ledger's Job. Why each number is
# as it is stands in docs/operating.md ("Workers").

# One cluster does all on SQLite (one host, one writer); named queues where PostgreSQL is.
SINGLE_QUEUE = env.flag("SINGLE_QUEUE", "sqlite" in str(DATABASES["default"]["ENGINE"]))
WORKERS = env.number("WORKERS", 2, least=1)
Q_CLUSTER = {
    "name": "default",
    "orm": "default",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 82_800,  # the lease and a job's own limit stop it, never this signal in its midst
    "retry": 86_400,  # a second delivery is the sweep's business, which knows about leases
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "scheduler": False,
    "recycle": 200,
    "max_rss": 400_000,
    "label": "Queue (django-q2)",
    "ALT_CLUSTERS": {
        "heavy": {"workers": WORKERS, "queue_limit": WORKERS},
        "mail": {"workers": 1, "queue_limit": 1},
    },
}
JOB_LEASE = env.number("JOB_LEASE", 30, least=1)  # seconds
CHECK_MEMORY = env.number("CHECK_MEMORY", 1 << 30, least=128 << 20)  # bytes, for one check process
CHECK_SECONDS = env.number("CHECK_SECONDS", 1800, least=1)  # processor time of one check process

# --- Mail -----------------------------------------------------------------------------------------

EMAIL_BACKEND = env.choice(
    "EMAIL_BACKEND",
    "releases.mail.Mailbox" if DEBUG else "django.core.mail.backends.smtp.EmailBackend",
    "releases.mail.Mailbox",
    "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "noreply@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_DOMAIN = env.text("MAIL_DOMAIN", "localhost")  # the right side of Message-IDs

# --- Security -------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 72 * 3600
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = env.flag("HTTPS", not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and env.flag("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # asked from inside, past the proxy
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # One line for each task says nothing that the job's own row does not.
    # Django's own handler goes: with DEBUG it would print each line a second time.
    "loggers": {"django-q": {"level": "WARNING"}, "django": {"handlers": []}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
}

DEMO = env.flag("DEMO")  # demo accounts and the mailbox page; refused unless DEBUG

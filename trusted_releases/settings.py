"""All settings, in one file. What differs between installations comes from the environment.

`.env.example` lists every variable with its meaning; `manage.py check --deploy` refuses what is
unsafe in production. DEBUG is off unless the environment says otherwise.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from trusted_releases import VERSION as VERSION
from trusted_releases import env

BASE_DIR = Path(__file__).resolve().parent.parent
env.load(BASE_DIR / ".env")

# Where everything that must survive lies: database, blobs, downloads, keys.
DATA_DIR = env.path("DATA_DIR", BASE_DIR / "var")

DEBUG = env.flag("DEBUG")
# What clients of the API expect of a server to test them against. Refused without DEBUG.
TEST_MODE = env.flag("TEST_MODE")
SECRET_KEY = env.text("SECRET_KEY", "insecure-development-key" if DEBUG else "")
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],localhost.apache.org" if DEBUG else ""
)
SITE_URL = env.address("SITE_URL", DATA_DIR / "site-url", "http://localhost:8000")
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
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "storages",
    "trusted_releases.ledger",
    "projects",
    "keys",
    "releases",
    "checks",
    "distribution",
    "notices",
    "trusted_releases",
]

MIDDLEWARE = [
    "trusted_releases.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "trusted_releases.middleware.NoStore",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "keys.logins.Seen",
    "trusted_releases.middleware.ActingOnBehalf",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "trusted_releases.middleware.Limits",
    "allauth.account.middleware.AccountMiddleware",
    "trusted_releases.middleware.DemoNotFound",
]

# What only clients under test may call is in addresses of its own, which nothing else loads.
ROOT_URLCONF = (
    "trusted_releases.urls_for_testing" if TEST_MODE and DEBUG else "trusted_releases.urls"
)
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

# --- The API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["keys.bearer.Bearer"],
    "DEFAULT_RENDERER_CLASSES": ["trusted_releases.api.answers.Json"],
    "DEFAULT_PARSER_CLASSES": ["trusted_releases.api.asking.JsonObject"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "trusted_releases.api.answers.OnlyJson",
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "trusted_releases.api.schema.EndpointSchema",
    "EXCEPTION_HANDLER": "trusted_releases.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": "What scripts and other programs can ask of this site, and do here.",
    "VERSION": VERSION,
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_PUBLIC": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.1.0",
    "SORT_OPERATIONS": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ReleasePhase": "releases.phases.Phase",
        "CheckStatus": "checks.api.results.STATUSES",
        "IgnorableStatus": "checks.api.ignores.STATUSES",
        "LicenseCheckMode": "projects.api.words.MODE_NAMES",
        "ProjectStatus": "projects.api.places.STATUSES",
        "ProjectStatusToSet": "projects.models.Project.Status",
        "VoteMode": "projects.api.words.VOTE_MODES",
        "TaskStatus": "releases.api.task_item.STATUS_NAMES",
        "UploadState": "releases.models.open_upload.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "trusted_releases.api.schema.exactly_these_keys",
    ],
}
# Existing clients of the API ask for drafts without a token; pages show them to visitors only if
# PUBLIC_DRAFTS says so. Decision 10 says why.
API_SHOWS_DRAFTS = env.flag("API_SHOWS_DRAFTS", True)
PUBLIC_DRAFTS = env.flag("PUBLIC_DRAFTS")
RATE_LIMITS = env.flag("RATE_LIMITS", not TEST_MODE)  # refused to be off without DEBUG
LIMITS = env.pairs("LIMITS")  # times in an hour, by action, where ledger.limits has others
# The audience in the short tokens of the API: what existing clients read there.
API_AUDIENCE = env.text("API_AUDIENCE", "atr-api-pat-test-v1")
# Workflows that come in with a token of GitHub's: who signs it, for whom it must be made (empty:
# SITE_URL's host), and what else it must say.
GITHUB_OIDC_ISSUER = env.text(
    "GITHUB_OIDC_ISSUER", "https://token.actions.githubusercontent.com"
).rstrip("/")
GITHUB_OIDC_PRIVATE = env.flag("GITHUB_OIDC_PRIVATE")  # also an issuer in our own network
GITHUB_OIDC_AUDIENCE = env.text("GITHUB_OIDC_AUDIENCE")
GITHUB_OIDC_CLAIMS = env.pairs(
    "GITHUB_OIDC_CLAIMS",
    "enterprise=the-asf,enterprise_id=212555,repository_owner=apache,"
    "runner_environment=github-hosted",
)

# --- Data -----------------------------------------------------------------------------------------

DATABASES = {
    "default": env.database("DATABASE_URL", f"sqlite:///{quote(str(DATA_DIR))}/db.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
FORMAT_MODULE_PATH = ["trusted_releases.formats"]  # every time on a page names its zone

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
# What people have checked for themselves is no part of the store: it is gone once it is checked.
_REVIEWS_ON_DISK = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": env.path("REVIEW_DIR", DATA_DIR / "reviews")},
}
_REVIEWS_ON_S3 = {
    **_BLOBS_ON_S3,
    "OPTIONS": {
        **_BLOBS_ON_S3["OPTIONS"],  # type: ignore[dict-item]
        "location": env.text("S3_REVIEW_PREFIX", "reviews"),
    },
}
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "blobs": _BLOBS_ON_S3 if BLOB_STORE == "s3" else _BLOBS_ON_DISK,
    "reviews": _REVIEWS_ON_S3 if BLOB_STORE == "s3" else _REVIEWS_ON_DISK,
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
STATICFILES_DIRS = [("docs", BASE_DIR / "docs" / "images")]  # the guides' pictures
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
# Bytes that the drafts and candidates of one project hold together, in all revisions, unless the
# console says otherwise of the project.
PROJECT_QUOTA = env.number("PROJECT_QUOTA", 64 << 30, least=1)
# Uploads in parts: bytes of one part; how many of a person may be open, with how many bytes
# together; hours without a new part after which one is gone.
UPLOAD_PART_SIZE = env.number("UPLOAD_PART_SIZE", 8 << 20, least=1 << 16)
MAX_OPEN_UPLOADS = env.number("MAX_OPEN_UPLOADS", 10, least=1)
MAX_OPEN_SIZE = env.number("MAX_OPEN_SIZE", 32 << 30, least=1)
UPLOAD_HOURS = env.number("UPLOAD_HOURS", 48, least=1)
# Candidates that people have checked for themselves: bytes and files of one; reports of a person
# at a time; candidates of all people that wait to be checked; days after which a report is gone.
MAX_REVIEW_SIZE = env.number("MAX_REVIEW_SIZE", 2 << 30, least=1)
MAX_REVIEW_FILES = env.number("MAX_REVIEW_FILES", 200, least=1)
MAX_REVIEWS = env.number("MAX_REVIEWS", 20, least=1)
MAX_REVIEWS_WAITING = env.number("MAX_REVIEWS_WAITING", 20, least=1)
REVIEW_DAYS = env.number("REVIEW_DAYS", 7, least=1)
# Uploads in parts up to so many bytes are put together while the sender waits, others by a job.
ASSEMBLE_AT_ONCE = env.number("ASSEMBLE_AT_ONCE", 32 << 20, least=0)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
MAX_FORM_SIZE = 32 << 20  # a form with files, where they are not artifacts: KEYS have 10 MiB
MAX_PROVENANCE_SIZE = env.number("MAX_PROVENANCE_SIZE", 256 << 20, least=1 << 20)
FILE_UPLOAD_HANDLERS = [
    "trusted_releases.lib.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Files by rsync over SSH ----------------------------------------------------------------------

SSH_PORT = env.number("SSH_PORT", 2222, least=0)  # 0: pages do not speak of it
SSH_BIND = env.text("SSH_BIND", "0.0.0.0")  # noqa: S104 - what it is for
SSH_HOST = env.text("SSH_HOST") or urlsplit(SITE_URL).hostname
SSH_SECONDS = env.number("SSH_SECONDS", 5400, least=1)  # of one transfer
SSH_HOST_KEY_FILE = env.path("SSH_HOST_KEY_FILE", DATA_DIR / "ssh-host.key")
RSYNC = env.text("RSYNC", "rsync")

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "projects.User"
AUTHENTICATION_BACKENDS = ["projects.backends.LogIn", "projects.backends.RoleBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none" if DEBUG else "mandatory"
ACCOUNT_ADAPTER = "projects.accounts.AccountAdapter"
SIGNUP_OPEN = env.flag("SIGNUP_OPEN")
ACCOUNT_USERNAME_BLACKLIST = ["system"]  # the account of system tokens
# The console takes a second factor, asked for again after some hours. Only a demo is without, and
# test mode, where an operator comes by a token.
ADMIN_MFA = env.flag("ADMIN_MFA", not (env.flag("DEMO") or (TEST_MODE and DEBUG)))
ADMIN_HOURS = env.number("ADMIN_HOURS", 8, least=1)
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

# On SQLite (one host, one writer) one cluster does all that is short; heavy jobs have their own.
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
        # What waits for other people's servers must not keep what reads our own files waiting.
        "source": {"workers": 1, "queue_limit": 1},
    },
}
JOB_LEASE = env.number("JOB_LEASE", 30, least=1)  # seconds
VERIFY_BYTES = env.number("VERIFY_BYTES", 50 << 30, least=1)  # of stored files, read back a day
CHECK_MEMORY = env.number("CHECK_MEMORY", 1 << 30, least=128 << 20)  # bytes, for one check process
CHECK_SECONDS = env.number("CHECK_SECONDS", 1800, least=1)  # processor time of one check process
# Only `manage.py compare_rat` runs Java: it holds our matcher of licences against Apache RAT's.
JAVA = env.text("JAVA", "java")
RAT_JAR = env.text("RAT_JAR")

# --- Source of releases: commits are fetched from elsewhere ---------------------------------------

SOURCE_HOSTS = env.words("SOURCE_HOSTS", "github.com,gitlab.com,codeberg.org,bitbucket.org")
SOURCE_BYTES = env.number("SOURCE_BYTES", 1 << 30, least=1 << 20)  # of one commit, packed
SOURCE_SECONDS = env.number("SOURCE_SECONDS", 360, least=1)
SOURCE_PRIVATE = env.flag("SOURCE_PRIVATE")  # also hosts in our own network, if they are named
SOURCE_SCHEMES = env.words("SOURCE_SCHEMES", "https")  # others are refused without DEBUG

# --- Imports: files are fetched from elsewhere ----------------------------------------------------

IMPORT_HOSTS = env.words("IMPORT_HOSTS", "dist.apache.org,downloads.apache.org,archive.apache.org")
IMPORT_BYTES = env.number("IMPORT_BYTES", 4 << 30, least=1)  # of all files of one import
IMPORT_SECONDS = env.number("IMPORT_SECONDS", 1800, least=1)
IMPORT_PRIVATE = env.flag("IMPORT_PRIVATE")  # also hosts in our own network, if they are named
IMPORT_SCHEMES = env.words("IMPORT_SCHEMES", "https")  # others are refused without DEBUG

# --- Known vulnerabilities: a service is asked about packages -------------------------------------

OSV_URL = env.text("OSV_URL").rstrip("/")  # empty: nobody is asked
OSV_SECONDS = env.number("OSV_SECONDS", 120, least=5)  # of one scan
KEYS_EVERY = env.number("KEYS_EVERY", 3600, least=60)  # seconds between imports of external KEYS
KEYS_PRIVATE = env.flag("KEYS_PRIVATE")  # also files in our own network, and by http
OSV_PRIVATE = env.flag("OSV_PRIVATE")  # also a service in our own network

# --- List archive: the threads of votes are read there --------------------------------------------

ARCHIVE_URL = env.text("ARCHIVE_URL").rstrip("/")  # a Pony Mail; empty: no vote is counted by mail
ARCHIVE_SECONDS = env.number("ARCHIVE_SECONDS", 300, least=5)  # of reading one thread
ARCHIVE_PRIVATE = env.flag("ARCHIVE_PRIVATE")  # also an archive in our own network
# The cookie of a log-in there, `name=value`, for votes on private lists. Never shown or logged.
ARCHIVE_SECRET_COOKIE = env.text("ARCHIVE_SECRET_COOKIE").strip()

# --- Mail -----------------------------------------------------------------------------------------

EMAIL_BACKEND = env.choice(
    "EMAIL_BACKEND",
    "releases.mail.Mailbox" if DEBUG else "django.core.mail.backends.smtp.EmailBackend",
    "releases.mail.Mailbox",
    "django.core.mail.backends.smtp.EmailBackend",
)
if EMAIL_BACKEND.startswith("django."):  # the same, which tells what became of each recipient
    EMAIL_BACKEND = "trusted_releases.lib.smtp.Backend"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "noreply@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_DOMAIN = env.text("MAIL_DOMAIN", "localhost")  # the right side of Message-IDs
MAIL_TO_DOMAINS = env.words("MAIL_TO_DOMAINS", "")  # with their subdomains; empty: any

MAIL_PER_LIST = env.number("MAIL_PER_LIST", 600, least=1)  # mails to one address in an hour
# A signature by a domain (DKIM) on all mail, where the server of the mails makes none itself.
DKIM_SELECTOR = env.text("DKIM_SELECTOR")  # empty: none
DKIM_DOMAIN = env.text("DKIM_DOMAIN", DEFAULT_FROM_EMAIL.rpartition("@")[2])
DKIM_KEY_FILE = env.path("DKIM_KEY_FILE", DATA_DIR / "dkim.key")
# Where mail that comes back goes, to be read by `manage.py take_bounce`; empty: to the sender.
BOUNCE_ADDRESS = env.text("BOUNCE_ADDRESS")

# Who holds the copyright of what is released here: NOTICE files must name it.
FOUNDATION = env.text("FOUNDATION", "The Apache Software Foundation")

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
BEHIND_PROXY = env.flag("BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "trusted_releases.lib.request_ids.OfRequest"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request"],
        }
    },
    # One line for each task says nothing that the job's own row does not.
    # Django's own handler goes: with DEBUG it would print each line a second time.
    "loggers": {"django-q": {"level": "WARNING"}, "django": {"handlers": []}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
}

DEMO = env.flag("DEMO")  # demo accounts and the mailbox page; refused unless DEBUG
if DEMO:
    DEFAULT_EXCEPTION_REPORTER = "trusted_releases.views.errors.DemoReporter"

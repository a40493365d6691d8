"""Settings of Keywork, all from the environment; with none set, embedded Postgres and Redis are used."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from kombu import Queue

from keywork import languages, local, production
from keywork.local.secret import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
local.read_environment_file()

DEMO = env.bool("KEYWORK_DEMO", False)
DEBUG = env.bool("KEYWORK_DEBUG", False)
# Production is anything that has said where it is served: only there are secrets and HTTPS demanded.
BASE_URL = env.str("KEYWORK_BASE_URL", "")
IN_PRODUCTION = BASE_URL.startswith("https://")

SECRET_KEY = env.str("KEYWORK_SECRET_KEY", "")
if IN_PRODUCTION:
    production.refuse_weak(
        secret_key=SECRET_KEY,
        demo=DEMO,
        debug=DEBUG,
        redis_url=os.environ.get("REDIS_URL", ""),
        oidc_url=os.environ.get("KEYWORK_OIDC_URL", ""),
    )
SECRET_KEY = SECRET_KEY or secret_key()

ALLOWED_HOSTS = env.list(
    "KEYWORK_ALLOWED_HOSTS",
    default=[urlsplit(BASE_URL).hostname] if IN_PRODUCTION else ["localhost", "127.0.0.1", "[::1]"],
)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []
BASE_URL = BASE_URL or local.running_url() or "http://127.0.0.1:8000"
PROXIES = env.int("KEYWORK_PROXIES", 1 if IN_PRODUCTION else 0)  # ours, in front of the web server
REQUIRE_MFA = env.bool("KEYWORK_REQUIRE_MFA", not DEMO)

INSTALLED_APPS = [
    "keywork",
    "students",
    "questionnaires",
    "enquiries",
    "contacts",
    "safety",
    "tsp",
    "goals",
    "home",
    "ilsa",
    "care",
    "reports",
    "portal",
    "outbox",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "guardian",
    "heroicons",
    "js_lib_bootstrap5",
    "pgtrigger",
    "pghistory",
]
if not IN_PRODUCTION:
    INSTALLED_APPS.append("demo")  # the invented school, which no school needs

MIDDLEWARE = [
    "keywork.logs.AccessLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "keywork.middleware.AddressMiddleware",
    "keywork.middleware.NoNulMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "keywork.middleware.CompressMiddleware",
    "keywork.middleware.PrivateMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "keywork.middleware.FormMiddleware",
    "keywork.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "keywork.open_forms.CsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "keywork.middleware.SlidingSessionMiddleware",
    "keywork.middleware.LanguageMiddleware",
    "keywork.body_size.BodySizeMiddleware",
    "keywork.middleware.SignedInMiddleware",
    "keywork.signin.SecondStepMiddleware",
    "keywork.middleware.HistoryMiddleware",
    "keywork.middleware.SchoolMiddleware",
    "keywork.open_forms.SentOnceMiddleware",
    "keywork.audit.OpeningsMiddleware",
]

ROOT_URLCONF = "keywork.urls"
WSGI_APPLICATION = "keywork.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["keywork.templatetags.open_forms", "keywork.templatetags.words"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["keywork.words.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "keywork.nav.nav",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "django_tables2/keywork.html"

# Databases and queues: a server by URL, or the embedded one.
DATABASES = {"default": env.db_url_config(os.environ.get("DATABASE_URL") or local.database_url())}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": env.int("KEYWORK_DB_POOL", 8),
    "timeout": 5,  # seconds until a page says that there is no database (keywork.views.broken)
}
# For keywork.prepared: Django's own cursors prepare nothing. -1 where a pooler between cannot have it.
threshold = env.int("KEYWORK_DB_PREPARE", 2)
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = None if threshold < 0 else threshold
if threshold >= 0:  # planned once a connection, and not again for each student
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c plan_cache_mode=force_generic_plan")
DATABASES["default"]["CONN_MAX_AGE"] = 0
# After a restart of Postgres the pool holds dead connections.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if threshold < 0:  # such a pooler keeps no cursor from one transaction to the next
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DATABASE_DIRECT_URL = env.str("DATABASE_DIRECT_URL", "")  # Postgres itself, behind a pooler (keywork.sql)
if replica_url := env.str("DATABASE_REPLICA_URL", ""):
    DATABASES["replica"] = env.db_url_config(replica_url) | {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {"connect_timeout": 2, "prepare_threshold": None},
        "TEST": {"MIRROR": "default"},
    }
    DATABASE_ROUTERS = ["keywork.replica.Router"]
if database_template := env.str("KEYWORK_TEST_DB", ""):
    DATABASES["default"]["TEST"] = {"NAME": database_template}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

REDIS_URL = os.environ.get("REDIS_URL") or local.redis_url()
CACHES = {
    "default": {
        "BACKEND": "keywork.cache.Cache",
        "LOCATION": REDIS_URL,
        "VERSION": 2,  # what an older Keywork left was pickled: it is never read
    }
}
CELERY_BROKER_URL = local.broker_url(REDIS_URL)
# A worker takes from both queues unless told (`-Q`) which: outbox.kinds.queue_of.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("printing")]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # what comes later may come first (outbox.kinds.priority_of)
CELERY_TIMEZONE = "Europe/London"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for as long as Redis is away
CELERY_BEAT_SCHEDULER = "keywork.beat:Scheduler"
# A page that asks for something never waits for a queue that is away: the sweep of the outbox finds what it asked for.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "socket_timeout": 0.5,  # a worker takes longer (keywork.celery)
    "socket_connect_timeout": 0.5,
}
# Rows of history are only ever added, and the database says so (keywork/final.py).
PGHISTORY_APPEND_ONLY = True

# Times are London's. A night that was missed is caught up by the next: the job looks back by itself.
CELERY_BEAT_SCHEDULE = {
    "nightly": {"task": "contacts.tasks.nightly", "schedule": crontab(hour=0, minute=15)},
    "check-ups": {"task": "contacts.tasks.check_ups", "schedule": crontab(hour=7, minute=0)},
    "late-advice": {"task": "care.tasks.remind_late_advice", "schedule": crontab(hour=7, minute=10)},
    "care": {"task": "care.tasks.morning", "schedule": crontab(hour=7, minute=5)},
    "home-reminders": {"task": "home.tasks.reminders", "schedule": crontab(hour=7, minute=5)},
    "mailbox": {"task": "contacts.tasks.read_mailbox", "schedule": crontab(minute="*/10")},
    "outbox": {"task": "outbox.tasks.sweep", "schedule": crontab()},
    "outbox-clear": {"task": "outbox.tasks.clear", "schedule": crontab(hour=3, minute=50)},
    "sessions": {"task": "keywork.tasks.clear_sessions", "schedule": crontab(hour=3, minute=40)},
    "reports-begin": {"task": "reports.tasks.begin_reports", "schedule": crontab(hour=5, minute=0)},
    "reports-clear": {"task": "reports.tasks.clear_files", "schedule": crontab(hour=4, minute=0)},
    "backup": {
        "task": "keywork.tasks.back_up",
        "schedule": crontab(hour=2, minute=30),
        "options": {"queue": "printing"},
    },
}

# Nightly backups, where both are set: a directory, and public keys of age (docs/operations.md, Backups).
BACKUP_DIR = env.str("KEYWORK_BACKUP_DIR", "")
BACKUP_RECIPIENT = env.str("KEYWORK_BACKUP_RECIPIENT", "")

# Signing in.
AUTH_USER_MODEL = "keywork.User"
AUTHENTICATION_BACKENDS = [
    "keywork.backends.SignInBackend",
    "keywork.backends.AccessBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "keywork.signin.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "keywork.signin_forms.SignInForm",
    "reset_password": "keywork.signin_forms.AskForPasswordForm",
    "reset_password_from_key": "keywork.signin_forms.ChoosePasswordForm",
    "change_password": "keywork.signin_forms.ChangePasswordForm",
    "set_password": "keywork.signin_forms.SetPasswordForm",
    "reauthenticate": "keywork.signin_forms.StillYouForm",
    "request_login_code": "keywork.signin_forms.AskForCodeForm",
    "confirm_login_code": "keywork.signin_forms.EmailedCodeForm",
}
# A whole school arrives at 8:30 from one address; what guards an account is the limit on its own key.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "outside": "30/m/ip",  # links and codes of people without an account
    "outside_known": "30/m/key",  # an address that is signed, which nobody guesses
    "emailed_code": "30/m/ip",
    "school_account": "120/m/ip",
    "card": "120/m/ip",
    "card_failed": "60/m/ip,5/5m/key",
    "request_login_code": "60/m/ip,5/5m/key",
    "reset_link": "60/m/ip",  # opening one-time links, not only sending a new password; each takes two
}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": True, "length": 8}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = int(timedelta(minutes=15).total_seconds())
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can have Keywork write to strangers
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "keywork.signin.LinkTokens"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # the link has just proved the address; a second step is still asked
PASSWORD_RESET_TIMEOUT = int(timedelta(days=7).total_seconds())  # an invitation
NEW_PASSWORD_LINK_SECONDS = int(timedelta(days=1).total_seconds())
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "keywork.passwords.GuessablePasswordValidator"},
]
# School accounts of students and staff, by OpenID Connect, where the school has a provider (docs/operations.md).
OIDC_URL = env.str("KEYWORK_OIDC_URL", "")
OIDC_NAME = env.str("KEYWORK_OIDC_NAME", "school account")
SOCIALACCOUNT_ADAPTER = "keywork.school_account.SchoolAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # it only leads to the provider; what comes back is checked
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": ["openid", "email"],
        "APPS": [
            {
                "provider_id": "school",
                "name": OIDC_NAME,
                "client_id": env.str("KEYWORK_OIDC_CLIENT_ID", ""),
                "secret": env.str("KEYWORK_OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_URL, "fetch_userinfo": False},
            }
        ]
        if OIDC_URL
        else [],
    }
}
MFA_ADAPTER = "keywork.signin.MFAAdapter"
MFA_FORMS = {
    "authenticate": "keywork.signin_forms.SecondStepForm",
    "reauthenticate": "keywork.signin_forms.StillYouCodeForm",
    "activate_totp": "keywork.signin_forms.ActivateAppForm",
    "add_webauthn": "keywork.signin_forms.AddPasskeyForm",
    "edit_webauthn": "keywork.signin_forms.RenamePasskeyForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # every address was proved by its invitation
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Keywork"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IN_PRODUCTION
GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None

# Shared PCs and phones: an idle session ends after half an hour; drafts keep what was typed.
SESSION_ENGINE = "keywork.sessions"
SESSION_COOKIE_AGE = int(timedelta(minutes=env.int("KEYWORK_SESSION_MINUTES", 30)).total_seconds())
SESSION_SAVE_EVERY_REQUEST = False  # keywork.middleware renews it every five minutes
SESSION_LONGEST_SECONDS = int(timedelta(hours=12).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
ACCOUNT_SESSION_REMEMBER = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IN_PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IN_PRODUCTION else None
SECURE_HSTS_SECONDS = 31536000 if IN_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IN_PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# What Keywork never asks a browser for is refused to anything that might run in a page of it.
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid",
        "idle-detection", "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb",
        "xr-spatial-tracking",
    )
} | {"publickey-credentials-create": ["self"], "publickey-credentials-get": ["self"]}  # fmt: skip
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

# Files. Uploads and PDFs are private: they are only ever served through a view that asks `access`.
STATIC_URL = "/static/"
STATIC_ROOT = local.data_dir() / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
MEDIA_ROOT = Path(env.str("KEYWORK_MEDIA_DIR", "") or local.data_dir() / "media")
MEDIA_BUCKET = env.str("KEYWORK_MEDIA_URL", "")
STORAGES = {
    "default": {"BACKEND": "keywork.bucket.BucketStorage", "OPTIONS": {"url": MEDIA_BUCKET}}
    if MEDIA_BUCKET
    else {"BACKEND": "keywork.storage.MediaStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.bool("KEYWORK_COLLECTED", False)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Source maps are large, and only ever read by someone with the developer tools open.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("png", "webp", "gz", "br", "woff2", "map")
WHITENOISE_USE_FINDERS = not env.bool("KEYWORK_COLLECTED", False)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_MAX_BYTES = 50 * 1024 * 1024
# The whole of what is sent at once (keywork.body_size, docs/deploy/Caddyfile).
BODY_MAX_BYTES, BODY_MAX_BYTES_SIGNED_OUT = 60 * 1000 * 1000, 1000 * 1000

EMAIL_CONFIG = env.email_url(
    "EMAIL_URL", default="consolemail://" if not DEMO else f"filemail:///{local.data_dir()}/mail"
)
vars().update(EMAIL_CONFIG)
if EMAIL_CONFIG["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "outbox.smtp.EmailBackend"
EMAIL_TIMEOUT = env.int("KEYWORK_EMAIL_TIMEOUT", 15)  # seconds for each answer of the mail server
# How long a worker that says nothing is believed to be at a job: longer than one report or one letter takes.
OUTBOX_LEASE_SECONDS = env.int("KEYWORK_JOB_LEASE_SECONDS", 180)
# The mailbox whose messages become drafts of the log (docs/operations.md, E-mail into the log): where it is, the domain of
# the students' addresses, and the name by which the school's mail server vouches for senders.
LOG_MAIL_URL = env.str("KEYWORK_LOG_MAIL_URL", "")
LOG_MAIL_DOMAIN = env.str("KEYWORK_LOG_MAIL_DOMAIN", "")
LOG_MAIL_AUTHSERV = env.str("KEYWORK_LOG_MAIL_AUTHSERV", "")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("KEYWORK_FROM_EMAIL", "Keywork <keywork@localhost>")

LANGUAGE_CODE = "en-gb"
LANGUAGES = [(one.code, one.name) for one in languages.LANGUAGES.values()]
LANGUAGES_BIDI = [one.code for one in languages.LANGUAGES.values() if one.right_to_left]
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_AGE = "keywork_language", int(timedelta(days=365).total_seconds())
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["keywork.formats"]
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # keywork.open_forms.CsrfMiddleware is Django's, and more
    "auth.W004",  # an address is unique wherever there is one
    "guardian.W001",  # guardian's own backend is not used: keywork.backends answers for it
    "security.W019",  # our own pages frame the PDFs that are to be proofed; CSP says 'self' as well
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "keywork.logs.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {
        "no_addresses": {"()": "keywork.logs.NoAddresses"},
        "redis_away": {"()": "keywork.logs.RedisAway"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["no_addresses", "redis_away"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("KEYWORK_LOG_LEVEL", "INFO")},
    # fontTools and WeasyPrint tell of every glyph they touch, pikepdf that it is there.
    "loggers": {name: {"level": "ERROR"} for name in ("fontTools", "weasyprint", "pikepdf")}
    # Django's own handler of these writes to the terminal in debugging and to administrators, who have no mail here.
    | {"django": {"handlers": [], "level": "INFO"}}
    # The line of runserver is the address itself; keywork.access says what it would.
    | {"django.server": {"handlers": [], "level": "CRITICAL", "propagate": False}},
}

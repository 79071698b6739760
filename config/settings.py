"""Settings, one file, all from the environment (docs/operating.md lists the names)."""

import sys
from pathlib import Path
from typing import Any

from environ import FileAwareEnv

from config import headers, logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = FileAwareEnv()

# --- where we are -----------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
# The demo practice on one machine: secrets are made under var/, mail stays in the local mailbox.
DEMO = env.bool("DEMO", default=False)
VAR_DIR = Path(env.str("BESIDE_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
PORT = env.int("PORT", default=8000)
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
IS_HTTPS = SITE_URL.startswith("https://")
for _name, _is_on in (("DEMO", DEMO), ("DEBUG", DEBUG)):
    if _is_on and IS_HTTPS:
        sys.exit(f"Beside does not start: {_name} is on, and SITE_URL is a site with TLS: leave {_name} out there.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]


def _demo_secret(name: str) -> str:
    """Return the text of `var/<name>` in the demo, else an empty string."""
    path = VAR_DIR / name
    return path.read_text().strip() if DEMO and path.exists() else ""


# Everybody can read this one, so no server and no worker starts with it (config/startup.py).
PLACEHOLDER_KEY = "demo-before-first-start"
SECRET_KEY = env.str("SECRET_KEY", default=_demo_secret("secret.key"))
if not SECRET_KEY:
    if not DEMO:
        sys.exit("Beside does not start: SECRET_KEY is not set: give one in the environment, or start with `make run`.")
    # `prepare` writes var/secret.key before anything is signed; until then a process needs some key.
    SECRET_KEY = PLACEHOLDER_KEY
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Master keys of the vault, newest first: "id:base64,id:base64", or the path of a file with them.
VAULT_KEYS = env.str("VAULT_KEYS", default=str(VAR_DIR / "vault.keys") if DEMO else "")
# Who was erased, outside the database: replayed after a restore (`manage.py vault_shred --replay`).
ERASURE_JOURNAL = Path(env.str("ERASURE_JOURNAL", default=str(VAR_DIR / "erasures.journal")))

# --- rooms ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "vault.apps.VaultConfig",
    "outbox.apps.OutboxConfig",
    "practice.apps.PracticeConfig",
    "clients.apps.ClientsConfig",
    "sessions.apps.SessionsConfig",
    "exercises.apps.ExercisesConfig",
    "notes.apps.NotesConfig",
    "supervision.apps.SupervisionConfig",
    "config.apps.ProjectConfig",
]
MIDDLEWARE = [
    "practice.middleware.ConfidentialMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "practice.middleware.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "practice.idle.IdleMiddleware",
    "practice.kept_text.KindLoginMiddleware",
    "practice.refusals.RefusalMiddleware",
    "practice.kept_text.SavedWordsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "practice.sign_ins.LastSeenMiddleware",
    "practice.second_factor.SecondFactorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "practice.context.house",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- data -------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'beside.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # A writer takes the lock at BEGIN, so that what a transaction read is still true when it writes.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
            " PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
        ),
    }
    # A file, since tests with threads cannot share a database in memory.
    DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_SQLITE", default=None)}
REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "practice.cache.SteadyRedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "beside"}
        if REDIS_URL
        else {"BACKEND": "practice.cache.RoomyMemoryCache", "LOCATION": "beside"}
    )
}

# --- time and tongue --------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("TIME_ZONE", default="Europe/London")  # the practice's wall clock
USE_I18N = True
USE_TZ = True

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "practice.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "practice.passwords.HouseWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "practice:today"
ACCOUNT_ADAPTER = "practice.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "practice.account_forms.LoginForm",
    "reset_password": "practice.account_forms.ResetPasswordForm",
    "reset_password_from_key": "practice.account_forms.ResetPasswordKeyForm",
    "change_password": "practice.account_forms.ChangePasswordForm",
}
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60  # seconds; its mail itself waits at most one hour
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_MAX_EMAIL_ADDRESSES = 1
# Per address (ip), per account that was named (key), per member (user). Whoever is shut out by somebody else's tries
# comes in after five minutes, by a passkey or by a new password at once.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "10/h/ip,3/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# The second factor: an app or a passkey, with recovery codes; no browser is trusted without it.
REQUIRE_MFA = env.bool("REQUIRE_MFA", default=not DEMO)
MFA_ADAPTER = "practice.mfa.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Beside"
MFA_TOTP_TOLERANCE = 1  # half minutes: phones' clocks differ
MFA_FORMS = {
    "authenticate": "practice.mfa_forms.AuthenticateForm",
    "reauthenticate": "practice.mfa_forms.ReauthenticateForm",
    "activate_totp": "practice.mfa_forms.ActivateTOTPForm",
    "deactivate_totp": "practice.mfa_forms.DeactivateTOTPForm",
    "add_webauthn": "practice.mfa_forms.AddPasskeyForm",
    "edit_webauthn": "practice.mfa_forms.EditPasskeyForm",
    "authenticate_webauthn": "practice.mfa_forms.AuthenticatePasskeyForm",
    "login_webauthn": "practice.mfa_forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "practice.mfa_forms.ReauthenticatePasskeyForm",
}

# --- web --------------------------------------------------------------------------------------
# A name by which browsers take the cookie only from this very host, over TLS, for every path.
COOKIE_PREFIX = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "practice.notices.NoticeCookie"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS and env.bool("HSTS_SUBDOMAINS", default=True)
SECURE_REFERRER_POLICY = "same-origin"  # and more of its kind: practice.middleware.CONFIDENTIAL
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "practice.kept_text.csrf_failure"
CONTENT_SECURITY_POLICY = headers.CONTENT_SECURITY_POLICY
# Typed text is long (notes): what a form may carry beside a file, in bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
# The largest file on a client's record. Files are sealed while they stream in: no handler that writes them as they are.
ATTACHMENT_MAX_MB = env.int("ATTACHMENT_MAX_MB", default=10)
FILE_UPLOAD_HANDLERS = ["notes.uploads.SealedUploadHandler"]

# --- static files -----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))  # an image has its own
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# --- mail (the outbox sends; Django's own mail functions are not used) ---------------------------
MAILBOX_PORT = env.int("MAILBOX_PORT", default=PORT + 1)  # the local mailbox's page
MAILBOX_SMTP_PORT = env.int("MAILBOX_SMTP_PORT", default=PORT + 2)  # and its SMTP server
LOCAL_MAILBOX_URL = f"smtp://127.0.0.1:{MAILBOX_SMTP_PORT}"
# Only the demo runs a local mailbox; elsewhere `prepare` and `start` ask for a mail server (config/startup.py).
EMAIL_URL = env.str("EMAIL_URL", default="") or LOCAL_MAILBOX_URL
MAIL_FROM = env.str("MAIL_FROM", default="Beside <hello@beside.test>")
OUTBOX_TICK_SECONDS = env.int("OUTBOX_TICK_SECONDS", default=30)

# --- Celery -----------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "memory://localhost//"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = (
    # Without time-outs a frozen Redis would hold a request for ever.
    {"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 3600}
    if REDIS_URL
    else {"polling_interval": 0.05}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
_EACH_MINUTE = ("sessions.tasks.sweep", "exercises.tasks.sweep")
_EACH_HOUR = ["clients.tasks.catch_up_journal", "vault.tasks.sweep_files"]
_EACH_HOUR += [f"practice.tasks.{task}" for task in ("anchor_trail", "sweep_sign_ins", "sweep_words")]
CELERY_BEAT_SCHEDULE = {
    "outbox.tasks.tick": {
        "task": "outbox.tasks.tick",
        "schedule": float(OUTBOX_TICK_SECONDS),
        "options": {"expires": max(OUTBOX_TICK_SECONDS - 1, 1)},
    },
    **{task: {"task": task, "schedule": 60.0, "options": {"expires": 55}} for task in _EACH_MINUTE},
    **{task: {"task": task, "schedule": 3600.0, "options": {"expires": 1800}} for task in _EACH_HOUR},
}

# --- idle sign-out ----------------------------------------------------------------------------
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds that a sign-in lasts at most
# Minutes without input; the demo, and with it the tests in a browser, may count in seconds.
IDLE_MINUTES_LEAST, IDLE_MINUTES_MOST = 0.05 if DEMO else 1, SESSION_COOKIE_AGE / 60
try:
    IDLE_MINUTES = env.float("IDLE_MINUTES", default=15.0)
except ValueError:
    IDLE_MINUTES = 0.0
if not IDLE_MINUTES_LEAST <= IDLE_MINUTES <= IDLE_MINUTES_MOST:
    sys.exit("Beside does not start: IDLE_MINUTES is not a number of minutes from 1 to 720: give one, or leave it out.")

LOGGING = logs.LOGGING

import os
from datetime import timedelta
from pathlib import Path

from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("PAPERLESS_DATA_DIR") or BASE_DIR / "data")

SECRET_KEY = os.environ.get("PAPERLESS_SECRET_KEY") or get_random_secret_key()
ALLOWED_HOSTS = ["*"]

# paperless-ngx lets an admin add apps like this.
_extra_apps = os.environ.get("PAPERLESS_APPS", "paperless_report").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "paperless",
    "documents",
    "paperless_mail",
    "django.contrib.admin",
    *filter(None, _extra_apps),
]

# The admin in the browser, as in paperless-ngx.
ROOT_URLCONF = "paperless.urls"
FORCE_SCRIPT_NAME = os.environ.get("PAPERLESS_FORCE_SCRIPT_NAME")
STATIC_URL = f"{FORCE_SCRIPT_NAME or ''}/static/"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
X_FRAME_OPTIONS = "SAMEORIGIN"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "db.sqlite3",
    },
}
# As in paperless-ngx: a database host means PostgreSQL, unless the engine says MariaDB.
if _host := os.environ.get("PAPERLESS_DBHOST"):
    _mariadb = os.environ.get("PAPERLESS_DBENGINE") == "mariadb"
    DATABASES["default"] = {
        "ENGINE": f"django.db.backends.{'mysql' if _mariadb else 'postgresql'}",
        "HOST": _host,
        "NAME": os.environ.get("PAPERLESS_DBNAME", "paperless"),
        "USER": os.environ.get("PAPERLESS_DBUSER", "paperless"),
        "PASSWORD": os.environ.get("PAPERLESS_DBPASS", "paperless"),
    }

AI_ENABLED = os.environ.get("PAPERLESS_AI_ENABLED", "").lower() in {"1", "true", "yes"}

DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True

# The task queue, as in paperless-ngx: PAPERLESS_REDIS is the address of the broker. Beside
# redis://, `filesystem://` does: then messages are files in the data directory.
CELERY_BROKER_URL = os.environ.get("PAPERLESS_REDIS", "redis://localhost:6379")
if CELERY_BROKER_URL == "filesystem://":
    _queue = DATA_DIR / "queue"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": _queue,
        "data_folder_out": _queue,
        "control_folder": _queue / "control",
    }
else:
    CELERY_RESULT_BACKEND = CELERY_BROKER_URL
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = int(os.environ.get("PAPERLESS_TASK_WORKERS", "1"))
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TRACK_STARTED = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_BEAT_SCHEDULE = {
    "Empty trash": {
        "task": "documents.tasks.empty_trash",
        "schedule": timedelta(days=1),
        "options": {"expires": 23 * 60 * 60},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule.db")

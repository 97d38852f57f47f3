import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("PAPERLESS_DATA_DIR") or BASE_DIR / "data")

SECRET_KEY = os.environ.get("PAPERLESS_SECRET_KEY") or get_random_secret_key()

# paperless-ngx lets an admin add apps like this.
_extra_apps = os.environ.get("PAPERLESS_APPS", "paperless_report").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "paperless",
    "documents",
    "paperless_mail",
    *filter(None, _extra_apps),
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

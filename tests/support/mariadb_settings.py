"""The demo host's settings, with a driver of MariaDB that needs no compiler."""

import pymysql

from paperless.settings import *  # noqa: F403  # Django's way to derive settings

pymysql.install_as_MySQLdb()

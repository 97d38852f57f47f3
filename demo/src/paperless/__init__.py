import os

# paperless-ngx always does this. Most commands of this project need no task queue.
if os.environ.get("PAPERLESS_REDIS"):
    from paperless.celery import app as celery_app

    __all__ = ["celery_app"]

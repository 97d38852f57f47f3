from celery import shared_task


@shared_task
def empty_trash() -> None:
    """Stands in for a task of the host."""

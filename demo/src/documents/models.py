from django.db import models


class LiveDocuments(models.Manager["Document"]):
    """Documents that are not in the trash."""

    def get_queryset(self) -> models.QuerySet["Document"]:
        return super().get_queryset().filter(deleted_at=None)


class Document(models.Model):
    title = models.CharField(max_length=128, blank=True)
    created = models.DateField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Each version of a file has a row of its own that points to its document.
    root_document = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        related_name="versions",
        on_delete=models.CASCADE,
    )

    objects = LiveDocuments()
    global_objects = models.Manager["Document"]()

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.title

from django.db import models


class MailAccount(models.Model):
    name = models.CharField(max_length=256, unique=True)
    username = models.CharField(max_length=256)

    def __str__(self) -> str:
        return self.name

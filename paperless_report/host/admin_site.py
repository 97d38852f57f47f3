"""Finds the page on usage reporting in an admin site, and the admins who may see it."""

from typing import Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

NAME: Final = "usage_reporting"


def find_url(site: AdminSite, name: str) -> str | None:
    """Return the address of a page of *site*; None if its URLs do not have that page."""
    try:
        return reverse(f"admin:{name}", current_app=site.name)
    except NoReverseMatch:
        return None


def is_superuser(request: HttpRequest) -> bool:
    """Return whether the user who makes *request* is a superuser."""
    user = getattr(request, "user", None)
    # A host's own user model may lack the flag.
    return bool(user and user.is_active and getattr(user, "is_superuser", False))

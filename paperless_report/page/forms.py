"""Writes the forms of the page: a button each, with what proves who sends it."""

from collections.abc import Mapping
from typing import NamedTuple

from paperless_report.page.elements import Attributes, Html, element

_NO_FIELDS: Mapping[str, str] = {}


class Forms(NamedTuple):
    """What all forms of one page have in common.

    Attributes:
        address: Where they go.
        token_name: The name of the field against forms of other sites.
        token: Its value.
        seen: The digest of the state that the page shows.
    """

    address: str
    token_name: str
    token: str
    seen: str

    def write(
        self,
        action: str,
        label: str,
        *,
        fields: Mapping[str, str] = _NO_FIELDS,
        confirm: str | None = None,
        style: str | None = None,
    ) -> Html:
        """Write a form with one button.

        Args:
            action: What it does.
            label: The text of the button.
            fields: More hidden fields, by name.
            confirm: The text of a box that must be checked, if there is one.
            style: The class of the button.
        """
        hidden = {
            "action": action,
            "seen": self.seen,
            self.token_name: self.token,
            **fields,
        }
        return element(
            "form",
            {"method": "post", "action": self.address},
            *(
                element("input", {"type": "hidden", "name": name, "value": value})
                for name, value in hidden.items()
            ),
            confirm and _write_box(confirm),
            element("button", {"type": "submit", "class": style}, label),
        )


def _write_box(label: str) -> Html:
    box: Attributes = {
        "type": "checkbox",
        "name": "confirm",
        "value": "yes",
        "required": True,
    }
    return element("label", {"class": "confirm"}, element("input", box), " ", label)

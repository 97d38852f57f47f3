"""Reads the reporter's page as a browser without scripts does: its text and its forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "link", "meta"}


@dataclass
class Form:
    """A form with its hidden fields, the name of its box, and the text of its button."""

    attributes: dict[str, str | None]
    fields: dict[str, str] = field(default_factory=dict)
    box: str | None = None
    label: str = ""


class PageReader(HTMLParser):
    """The text, the forms and the elements of a page.

    Attributes:
        text: The text, with single spaces.
        forms: The forms by their action.
        elements: Each element's name and attributes, in the order of the page.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self._form = Form({})
        self._stack: list[str] = []
        self.feed(html)
        self.close()
        assert self._stack == []

    @property
    def text(self) -> str:
        """The text, with single spaces."""
        return " ".join(" ".join(self._words).split())

    def find(self, name: str) -> list[dict[str, str | None]]:
        """List the attributes of all elements with *name*."""
        return [attributes for tag, attributes in self.elements if tag == name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element, and the fields of a form."""
        attributes = dict(attrs)
        assert len(attributes) == len(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._stack.append(tag)
        if tag == "form":
            self._form = Form(attributes)
        elif attributes.get("type") == "hidden":
            self._form.fields[str(attributes["name"])] = str(attributes["value"])
            if attributes["name"] == "action":
                self.forms[str(attributes["value"])] = self._form
        elif tag == "input":
            self._form.box = attributes["name"]

    def handle_endtag(self, tag: str) -> None:
        """Check that the elements are nested."""
        assert self._stack.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self._words.append(data)
        if self._stack[-1:] == ["button"]:
            self._form.label += data

"""Reads the receiver's pages as XML."""

import re
from xml.etree import ElementTree as ET

from tests.worker.client import Server, get


def parse(page: str) -> ET.Element:
    """The page as XML, after closing the void elements; the rest is well formed."""
    closed = re.sub(r"<(meta|link|br)([^>]*)>", r"<\1\2/>", page.partition("\n")[2])
    return ET.fromstring(closed)  # noqa: S314  # our own page


def get_page(worker: Server, path: str = "/") -> ET.Element:
    return parse(get(worker, path).text)


def texts(element: ET.Element, path: str) -> list[str]:
    return ["".join(child.itertext()) for child in element.iterfind(path)]

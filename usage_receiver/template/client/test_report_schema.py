"""Compares the schema beside this file with the one that the endpoint serves.

If your software is in another repository, copy this file and report.schema.json there,
and run it with your other tests: `python -m unittest test_report_schema`.
"""

import json
import os
import unittest
import urllib.request
from pathlib import Path

ENDPOINT = os.environ.get("REPORT_URL", "https://reports.example.org")
SCHEMA = Path(__file__).with_name("report.schema.json")


class ReportSchemaTest(unittest.TestCase):
    """The software and the endpoint have the same contract."""

    def test_the_endpoint_serves_this_schema(self) -> None:
        """If this fails, deploy the receiver, or copy its schema."""
        url = f"{ENDPOINT.rstrip('/')}/report.schema.json"
        with urllib.request.urlopen(url, timeout=10) as response:
            served = json.load(response)

        self.assertEqual(json.loads(SCHEMA.read_text(encoding="utf-8")), served)

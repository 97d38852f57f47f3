"""One table of URLs for the two packages that decide where a report may go.

`build_hooks` and `paperless_report` may not import each other, so each has the rule.
"""

from typing import Literal

Verdict = Literal["allowed", "not a URL", "credentials", "no TLS"]

URL_CASES: dict[str, Verdict] = {
    "https://reports.example.org": "allowed",
    "https://reports.example.org/": "allowed",
    "https://reports.example.org:8443/a/report": "allowed",
    "http://127.0.0.1:8787": "allowed",
    "http://127.1.2.3": "allowed",
    "http://[::1]:8787": "allowed",
    "http://localhost:8787": "allowed",
    "http://reports.example.org": "no TLS",
    "http://127.0.0.1.example.org": "no TLS",
    "http://localhost.example.org": "no TLS",
    "ftp://reports.example.org": "no TLS",
    "ftp://localhost": "no TLS",
    "file:///etc/passwd": "not a URL",
    "reports.example.org": "not a URL",
    "off": "not a URL",
    "https://": "not a URL",
    "https://[::1": "not a URL",
    "https://example.org:port": "not a URL",
    "https://exam ple.org": "not a URL",
    "https://example.org/\x00": "not a URL",
    "http://attacker.test:80\\@127.0.0.1/": "not a URL",
    "https://example.org\\@127.0.0.1/": "not a URL",
    "https://user:secret@example.org": "credentials",
}

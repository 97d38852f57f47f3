"""Values that attack JSON parsers, SQL, or the pages and spreadsheets that show them."""

STRINGS: tuple[str, ...] = (
    *("", " ", "\t", "\n", "\r\n", "\x00", "a\x00b", "\x7f", "\x1b[31m"),
    *("\N{RIGHT-TO-LEFT OVERRIDE}", "\N{ZERO WIDTH SPACE}", "\N{BYTE ORDER MARK}"),
    *("\ud800", "\udfff", "\ud800\ud800", "\N{PILE OF POO}"),
    *("e\N{COMBINING ACUTE ACCENT}", "\N{FULLWIDTH DIGIT TWO}.1.0"),
    *("\N{CYRILLIC SMALL LETTER ES}table", "\N{LATIN SMALL LETTER LONG S}table"),
    *("__proto__", "constructor", "toString", "hasOwnProperty", "null", "NaN", "-0"),
    *("' OR '1'='1", "'; DROP TABLE reports; --", '" OR 1=1 --'),
    *("?1", "$1", "%s", "%", "_", ",", ";", '"', "&lt;", "javascript:1"),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'),
    *("=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("https://example.org")'),
    *("../../etc/passwd", "file:///", "${jndi:ldap://x}", "{{7*7}}"),
    *("`id`", "$(id)", "|id", "2.15.0\n", "\n2.15.0", "stable\x00"),
    *("9" * 400, "x" * 3000, "2.15." + "0" * 300),
)
OTHER_TYPES: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, 1e308, -(2**63), 2**53 + 1, 2**64),
    *([], [[]], ["stable"], {}, {"toString": "x"}, {"__proto__": {"length": 1}}),
)

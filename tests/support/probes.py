"""Values to try on every field of a contract: some fit a field, most fit none."""

PROBES: tuple[object, ...] = (
    *(None, True, False, 0, 1, 1.5, [], {}, ["stable"]),
    *("", " ", "true", "x" * 33, "<script>", "\x00"),
    *("stable", "Stable", "debian", "nixos", "bd86dca57", "BD86DCA57"),
    *("2.15.0", "2.15.0\n", "2.15.0-beta.rc1", "\N{ARABIC-INDIC DIGIT TWO}.1.0"),
    *("2026-05-18T12:00:00Z", "2026-13-18T12:00:00Z"),
)

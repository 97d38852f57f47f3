"""The command; its parts are modules of `paperless_report`."""

"""The requests that Printernizer's client sent when it was recorded, with their times shifted.

All have the same headers and differ in the installation and its times only.
"""

import datetime as dt
from dataclasses import dataclass

KEY = "k-test"
_HEAD = (
    "POST /submit HTTP/1.1",
    "Host: 127.0.0.1:18084",
    "Content-Type: application/json",
    f"X-API-Key: {KEY}",
    "Accept: */*",
    "Accept-Encoding: gzip, deflate, br",
    "User-Agent: Python/3.11 aiohttp/3.14.5",
    "Content-Length: 885",
)
# As the client wrote it, with the names of a recording's values in angle brackets.
_BODY = (
    '{"schema_version": "1.0", "submission_timestamp": "<sent>", "installation":'
    ' {"installation_id": "<installation>", "first_seen": "<first_seen>",'
    ' "app_version": "2.41.7-6-gbe0da09", "python_version": "3.11.7",'
    ' "platform": "linux", "deployment_mode": "docker", "country_code": "DE"},'
    ' "period": {"start": "<start>", "end": "<end>", "duration_days": 7},'
    ' "printer_fleet": {"printer_count": 3, "printer_types": ["bambu_lab",'
    ' "prusa_core"], "printer_type_counts": {"bambu_lab": 2, "prusa_core": 1}},'
    ' "usage_stats": {"job_count": 3, "file_count": 1, "upload_count": 1,'
    ' "uptime_hours": 0, "feature_usage": {"library_enabled": true,'
    ' "timelapse_enabled": true, "auto_job_creation_enabled": true,'
    ' "german_compliance_enabled": true, "watch_folders_enabled": true}},'
    ' "error_summary": {"total_errors": 1}}'
)


@dataclass(frozen=True)
class Recording:
    """One recorded request. The three times are on 2026-11-26, after midnight."""

    number: str
    installation: str
    first_seen: str
    end: str
    sent: str

    def build(self, now: dt.datetime | None = None) -> bytes:
        """The request as it was recorded, or as if it were sent at *now*, in UTC."""
        first_seen, end, sent = (
            dt.datetime.fromisoformat(f"2026-11-26 00:{time}")
            for time in (self.first_seen, self.end, self.sent)
        )
        shift = dt.timedelta() if now is None else now.replace(tzinfo=None) - sent
        body = _BODY.replace("<installation>", self.installation)
        for name, time in {
            "first_seen": first_seen,
            "start": end - dt.timedelta(days=7),
            "end": end,
            "sent": sent,
        }.items():
            text = (time + shift).isoformat(" ", "microseconds")
            body = body.replace(f"<{name}>", text)
        return "\r\n".join((*_HEAD, "", body)).encode()


# A number that is missing was a request to another path. Some requests were sent twice.
RECORDINGS = tuple(
    Recording(*row.split())
    for row in """
    001 a2ad6bb7-ee67-4807-889a-0369528adc81 32:49.869139 32:49.881347 32:49.888775
    002 97989ba9-615f-4b28-8de2-bd055f6a29c3 32:50.511167 32:50.519600 32:50.526178
    003 c0f7a13a-7f78-413e-9c04-95993ab1f3a2 32:51.108865 32:51.117282 32:51.123500
    005 03ca0d84-c1b2-45a1-9295-3805fcbb031b 32:53.755281 32:53.765289 32:53.771464
    006 03ca0d84-c1b2-45a1-9295-3805fcbb031b 32:53.755281 32:53.765289 32:53.771464
    007 78bf6536-1a4e-4d11-912d-ee6b5f739bdc 32:56.357995 32:56.366728 32:56.373902
    009 d4e4b9bc-e699-4220-985f-dca2beb728bb 32:58.983964 32:58.992518 32:58.998336
    010 d4e4b9bc-e699-4220-985f-dca2beb728bb 32:58.983964 32:58.992518 32:58.998336
    011 a029e023-319b-4c39-81fb-6fe9ffc7bf01 33:01.575755 33:01.583557 33:01.589387
    013 8d16dd70-d411-4afb-b6b7-90c6476e0f28 33:04.213906 33:04.223741 33:04.230125
    014 8d16dd70-d411-4afb-b6b7-90c6476e0f28 33:04.213906 33:04.223741 33:04.230125
    015 ef2d343f-3dbf-4a11-8b62-5e04d0f8e875 33:06.898953 33:06.908137 33:06.915598
    017 db357d77-6ab9-45b0-8b71-6756cba57285 33:30.650584 33:30.661406 33:30.668514
    018 db357d77-6ab9-45b0-8b71-6756cba57285 33:30.650584 33:30.661406 33:30.668514
    """.strip().splitlines()
)

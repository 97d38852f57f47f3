"""Receives reports with FastAPI and SQLite: validates, runs SELECT, then INSERT."""

import datetime as dt
import os
import sqlite3

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from report_model import MAX_BYTES, Report

WEEK = dt.timedelta(days=7)
SELECT = "SELECT received FROM reports WHERE uuid = ? ORDER BY received DESC LIMIT 1"
FIELDS = list(Report.model_fields)
INSERT = 'INSERT INTO reports (received, "{}") VALUES (?{})'.format(  # noqa: S608  # our own names
    '", "'.join(FIELDS), ", ?" * len(FIELDS)
)

app = FastAPI()
# Without a transaction of its own, the INSERT is one. A query takes a fraction of what a thread
# pool costs, so the fastest way is to run it here.
database = sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")


@app.post("/report")
async def receive(request: Request) -> Response:
    body = await request.body()
    try:
        if len(body) > MAX_BYTES:
            return Response(status_code=400)
        report = Report.model_validate_json(body)
    except ValidationError:
        return Response(status_code=400)
    now = dt.datetime.now(dt.UTC)
    row = database.execute(SELECT, (report.uuid,)).fetchone()
    if row is not None:
        left = dt.datetime.fromisoformat(row[0]) + WEEK - now
        if left > dt.timedelta():
            days = -(-left // dt.timedelta(days=1))
            content = {"last_sent": row[0], "retry_after_days": days}
            return JSONResponse({"error": "already_submitted", **content}, 429)
    received = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    database.execute(INSERT, (received, *vars(report).values()))
    return Response(status_code=204)

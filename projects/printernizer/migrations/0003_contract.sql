-- Written by `nox -s migrate` from the report kinds.

ALTER TABLE "installations" ADD COLUMN "counted_until" TEXT;

CREATE TABLE "counters" (
  "day" TEXT NOT NULL,
  "event" TEXT NOT NULL,
  "pair" TEXT NOT NULL,
  "first" TEXT NOT NULL,
  "second" TEXT NOT NULL,
  "open" INTEGER NOT NULL DEFAULT 0,
  "reports" INTEGER NOT NULL DEFAULT 0,
  "jobs" INTEGER NOT NULL DEFAULT 0,
  "downloads" INTEGER NOT NULL DEFAULT 0,
  "uploads" INTEGER NOT NULL DEFAULT 0,
  "uptime_hours" INTEGER NOT NULL DEFAULT 0,
  "errors" INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY ("day", "event", "pair", "first", "second")
) WITHOUT ROWID;

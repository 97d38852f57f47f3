-- Written by `nox -s migrate` from the report kinds.

CREATE TABLE "instances" (
  "id" TEXT NOT NULL,
  "first_day" TEXT NOT NULL,
  "last_day" TEXT NOT NULL,
  "excluded" INTEGER NOT NULL DEFAULT 0,
  "version" TEXT,
  "os" TEXT,
  "bits" INTEGER,
  "python" TEXT,
  "pip" TEXT,
  "cores" INTEGER,
  "ram" TEXT,
  "pi_model" TEXT,
  "octopi_version" TEXT,
  "octopiuptodate_build" TEXT,
  "plugins" TEXT,
  "achievements" TEXT,
  "country" TEXT,
  PRIMARY KEY ("id")
) WITHOUT ROWID;

CREATE TABLE "counters" (
  "day" TEXT NOT NULL,
  "event" TEXT NOT NULL,
  "pair" TEXT NOT NULL,
  "first" TEXT NOT NULL,
  "second" TEXT NOT NULL,
  "open" INTEGER NOT NULL DEFAULT 0,
  "count" INTEGER NOT NULL DEFAULT 0,
  "seconds" INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY ("day", "event", "pair", "first", "second")
) WITHOUT ROWID;

CREATE TABLE "publications" (
  "kind" TEXT NOT NULL,
  "period" TEXT NOT NULL,
  "as_of" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  "counted_until" TEXT,
  "removed" INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY ("kind", "period")
) WITHOUT ROWID;

CREATE TABLE "withheld_values" (
  "field" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  PRIMARY KEY ("field", "value")
) WITHOUT ROWID;

CREATE TABLE "weekly_editions" (
  "kind" TEXT NOT NULL,
  "until" TEXT NOT NULL,
  "as_of" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  PRIMARY KEY ("kind", "until")
) WITHOUT ROWID;

CREATE TABLE "activity" (
  "kind" TEXT NOT NULL,
  "day" TEXT NOT NULL,
  "active_1" INTEGER,
  "active_7" INTEGER,
  "active_30" INTEGER,
  PRIMARY KEY ("kind", "day")
) WITHOUT ROWID;

CREATE TABLE "rounding_secret" (
  "id" INTEGER PRIMARY KEY,
  "secret" BLOB NOT NULL
);

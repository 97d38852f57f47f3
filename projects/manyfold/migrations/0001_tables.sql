-- Written by `nox -s migrate` from the report kinds.

CREATE TABLE "installations" (
  "id" TEXT NOT NULL,
  "first_day" TEXT NOT NULL,
  "last_day" TEXT NOT NULL,
  "excluded" INTEGER NOT NULL DEFAULT 0,
  "version.app" TEXT,
  "version.sha" TEXT,
  "version.image" TEXT,
  "version.arch" TEXT,
  PRIMARY KEY ("id")
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

CREATE TABLE "rounding_secret" (
  "id" INTEGER PRIMARY KEY,
  "secret" BLOB NOT NULL
);

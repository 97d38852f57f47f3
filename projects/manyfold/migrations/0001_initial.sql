CREATE TABLE "installations" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "first_day" TEXT NOT NULL,
  "last_day" TEXT NOT NULL,
  "excluded" INTEGER NOT NULL DEFAULT 0,
  "version.app" TEXT,
  "version.sha" TEXT,
  "version.image" TEXT,
  "version.arch" TEXT
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

CREATE TABLE "rounding_secret" (
  "id" INTEGER PRIMARY KEY CHECK ("id" = 1),
  "secret" BLOB NOT NULL
);
INSERT INTO "rounding_secret" VALUES (1, randomblob(32));

CREATE TABLE "withheld_values" (
  "field" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  PRIMARY KEY ("field", "value")
) WITHOUT ROWID;

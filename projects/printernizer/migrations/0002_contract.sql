-- Written by `nox -s migrate` from the report kinds.

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

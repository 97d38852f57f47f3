-- The latest report of each installation: what the statistics are counted from. The
-- columns are the fields that the contract lets be published.
CREATE TABLE installations (
  uuid         TEXT PRIMARY KEY NOT NULL,
  received     TEXT NOT NULL,
  version      TEXT,
  channel      TEXT,
  "commit"     TEXT,
  install_type TEXT,
  arch         TEXT,
  python       TEXT,
  database     TEXT,
  doc_bucket   TEXT,
  multi_user   INTEGER,
  feature_mail INTEGER,
  feature_ai   INTEGER
) WITHOUT ROWID;

-- With MAX, SQLite takes the other columns from the row that has the maximum.
INSERT INTO installations
SELECT uuid, MAX(received), version, channel, "commit", install_type, arch, python,
       database, doc_bucket, multi_user, feature_mail, feature_ai
FROM reports GROUP BY uuid;

-- Exact counts. They are published only after small cells are withheld.
CREATE TABLE cells (
  period   TEXT NOT NULL,     -- 7d, 30d, 365d, or a month: 2026-11
  field    TEXT NOT NULL,
  value    TEXT NOT NULL,     -- as JSON; null where a report left the field out
  installs INTEGER NOT NULL,  -- distinct installations
  PRIMARY KEY (period, field, value)
) WITHOUT ROWID;

-- What may be read of a period: all that the public answers are made of.
CREATE TABLE publications (
  period TEXT PRIMARY KEY NOT NULL,
  as_of  TEXT NOT NULL,  -- when it was counted: ISO 8601 in UTC, milliseconds
  body   TEXT NOT NULL   -- JSON, small cells withheld
) WITHOUT ROWID;

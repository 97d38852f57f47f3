-- Keeps the counts and publications of each report kind apart. All existing rows belong to the
-- kind `report`. It is also the default, so that a Worker from before this migration works until
-- the new one is deployed, and after a rollback.
ALTER TABLE cells RENAME TO cells_before;
CREATE TABLE cells (
  kind     TEXT NOT NULL DEFAULT 'report',
  period   TEXT NOT NULL,     -- 7d, 30d, 365d, or a month: 2026-11
  field    TEXT NOT NULL,
  value    TEXT NOT NULL,     -- as JSON; null if reports leave the field out
  installs INTEGER NOT NULL,  -- distinct installations
  PRIMARY KEY (kind, period, field, value)
) WITHOUT ROWID;
INSERT INTO cells (period, field, value, installs)
SELECT period, field, value, installs FROM cells_before;
DROP TABLE cells_before;

ALTER TABLE publications RENAME TO publications_before;
CREATE TABLE publications (
  kind   TEXT NOT NULL DEFAULT 'report',
  period TEXT NOT NULL,
  as_of  TEXT NOT NULL,  -- when it was counted: ISO 8601 in UTC, milliseconds
  body   TEXT NOT NULL,  -- JSON, small cells withheld
  PRIMARY KEY (kind, period)
) WITHOUT ROWID;
INSERT INTO publications (period, as_of, body)
SELECT period, as_of, body FROM publications_before;
DROP TABLE publications_before;

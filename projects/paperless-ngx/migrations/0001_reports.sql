-- One row per accepted report. Each column but id and received is a field of
-- paperless_report/contract/report.schema.json, under its name there.
CREATE TABLE reports (
  id           INTEGER PRIMARY KEY,
  received     TEXT NOT NULL,  -- when? ISO 8601 in UTC, milliseconds, server-side
  uuid         TEXT NOT NULL,  -- the same installation as last time?
  version      TEXT,           -- which release?
  channel      TEXT,           -- a beta?
  "commit"     TEXT,           -- which beta of that version? (an SQL keyword)
  build_date   TEXT,           -- how old is it?
  install_type TEXT,           -- how was it installed?
  arch         TEXT,           -- which builds are needed?
  python       TEXT,           -- which Pythons are needed?
  database     TEXT,           -- which databases are in use?
  doc_bucket   TEXT,           -- how large are installations?
  multi_user   INTEGER,        -- 0 / 1: are they shared?
  feature_mail INTEGER,        -- 0 / 1: is mail used?
  feature_ai   INTEGER         -- 0 / 1: is AI used?
);

-- Serves the dedupe, and is the one index that a report pays for.
CREATE INDEX idx_reports_uuid_received ON reports (uuid, received);

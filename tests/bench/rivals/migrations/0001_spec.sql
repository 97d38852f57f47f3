-- The spec's schema. `commit` is quoted, because it is an SQL keyword.
CREATE TABLE reports (
  id INTEGER PRIMARY KEY,
  received TEXT NOT NULL,
  uuid TEXT NOT NULL,
  version TEXT,
  channel TEXT,
  "commit" TEXT,
  build_date TEXT,
  install_type TEXT,
  arch TEXT,
  python TEXT,
  database TEXT,
  doc_bucket TEXT,
  multi_user INTEGER,
  feature_mail INTEGER,
  feature_ai INTEGER
);
CREATE INDEX idx_reports_uuid ON reports(uuid);
CREATE INDEX idx_reports_channel ON reports(channel);
CREATE INDEX idx_reports_version ON reports(version);

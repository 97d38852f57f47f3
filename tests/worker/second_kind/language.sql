CREATE TABLE languages (
  id        INTEGER PRIMARY KEY,
  received  TEXT NOT NULL,
  uuid      TEXT NOT NULL,
  language  TEXT,
  time_zone TEXT
);
CREATE INDEX idx_languages_uuid_received ON languages (uuid, received);
CREATE TABLE language_latest (
  uuid           TEXT PRIMARY KEY NOT NULL,
  received       TEXT NOT NULL,
  first_received TEXT,
  excluded       INTEGER NOT NULL DEFAULT 0,
  language       TEXT
) WITHOUT ROWID;

CREATE TABLE labs (
  id         TEXT PRIMARY KEY NOT NULL,
  first_day  TEXT NOT NULL,
  last_day   TEXT NOT NULL,
  excluded   INTEGER NOT NULL DEFAULT 0,
  version    TEXT,
  channel    TEXT,
  plugins    TEXT,
  country    TEXT,
  until      TEXT,
  jobs       INTEGER
) WITHOUT ROWID;
CREATE TABLE counters (
  day        TEXT NOT NULL,
  event      TEXT NOT NULL,
  pair       TEXT NOT NULL,
  first      TEXT NOT NULL,
  second     TEXT NOT NULL,
  open       INTEGER NOT NULL DEFAULT 0,
  count      INTEGER NOT NULL DEFAULT 0,
  seconds    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, event, pair, first, second)
) WITHOUT ROWID;
CREATE TABLE hourly_labs (
  id            TEXT PRIMARY KEY NOT NULL,
  first_day     TEXT NOT NULL,
  last_day      TEXT NOT NULL,
  counted_until TEXT,
  excluded      INTEGER NOT NULL DEFAULT 0,
  hour_start    TEXT,
  sent_in_hour  INTEGER,
  version       TEXT,
  channel       TEXT,
  plugins       TEXT,
  country       TEXT,
  until         TEXT,
  jobs          INTEGER
) WITHOUT ROWID;
CREATE TABLE hourly_counters (
  day        TEXT NOT NULL,
  event      TEXT NOT NULL,
  pair       TEXT NOT NULL,
  first      TEXT NOT NULL,
  second     TEXT NOT NULL,
  open       INTEGER NOT NULL DEFAULT 0,
  reports    INTEGER NOT NULL DEFAULT 0,
  jobs       INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, event, pair, first, second)
) WITHOUT ROWID;
CREATE TABLE tracked_labs (
  id         TEXT PRIMARY KEY NOT NULL,
  first_day  TEXT NOT NULL,
  last_day   TEXT NOT NULL,
  excluded   INTEGER NOT NULL DEFAULT 0,
  version    TEXT,
  channel    TEXT,
  plugins    TEXT,
  country    TEXT,
  until      TEXT,
  jobs       INTEGER
) WITHOUT ROWID;
CREATE TABLE tracked (
  day        TEXT NOT NULL,
  event      TEXT NOT NULL,
  pair       TEXT NOT NULL,
  first      TEXT NOT NULL,
  second     TEXT NOT NULL,
  open       INTEGER NOT NULL DEFAULT 0,
  count      INTEGER NOT NULL DEFAULT 0,
  seconds    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, event, pair, first, second)
) WITHOUT ROWID;
CREATE TABLE seldom_counters (
  day        TEXT NOT NULL,
  event      TEXT NOT NULL,
  pair       TEXT NOT NULL,
  first      TEXT NOT NULL,
  second     TEXT NOT NULL,
  open       INTEGER NOT NULL DEFAULT 0,
  reports    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, event, pair, first, second)
) WITHOUT ROWID;
CREATE TABLE daily_labs (
  id         TEXT PRIMARY KEY NOT NULL,
  first_day  TEXT NOT NULL,
  last_day   TEXT NOT NULL,
  excluded   INTEGER NOT NULL DEFAULT 0,
  version    TEXT,
  channel    TEXT,
  plugins    TEXT,
  country    TEXT,
  until      TEXT,
  jobs       INTEGER
) WITHOUT ROWID;
CREATE TABLE daily_counters (
  day        TEXT NOT NULL,
  event      TEXT NOT NULL,
  pair       TEXT NOT NULL,
  first      TEXT NOT NULL,
  second     TEXT NOT NULL,
  open       INTEGER NOT NULL DEFAULT 0,
  count      INTEGER NOT NULL DEFAULT 0,
  errors     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, event, pair, first, second)
) WITHOUT ROWID;

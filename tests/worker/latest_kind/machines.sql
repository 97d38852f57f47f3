CREATE TABLE machines (
  "machine.id"      TEXT PRIMARY KEY NOT NULL,
  first_day         TEXT NOT NULL,
  last_day          TEXT NOT NULL,
  excluded          INTEGER NOT NULL DEFAULT 0,
  "machine.version" TEXT,
  tools             TEXT,
  jobs              INTEGER
) WITHOUT ROWID;
CREATE TABLE limited_machines (
  "machine.id"      TEXT PRIMARY KEY NOT NULL,
  first_day         TEXT NOT NULL,
  last_day          TEXT NOT NULL,
  excluded          INTEGER NOT NULL DEFAULT 0,
  hour_start        TEXT,
  sent_in_hour      INTEGER,
  "machine.version" TEXT,
  tools             TEXT,
  jobs              INTEGER
) WITHOUT ROWID;

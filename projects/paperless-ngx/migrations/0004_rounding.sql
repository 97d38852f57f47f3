-- Prepares rounded statistics. The first daily run after the new Worker is deployed publishes the
-- closed months of `cells` by the new rule and empties that table, which a later release drops. A
-- Worker from before this migration works with these tables until then, and after a rollback.

-- Rounds the published counts: with it, anyone can narrow the true counts down.
CREATE TABLE rounding_secret (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  secret BLOB NOT NULL  -- 32 random bytes
);
INSERT INTO rounding_secret VALUES (1, randomblob(32));

ALTER TABLE installations ADD COLUMN first_received TEXT;  -- null: before this migration
ALTER TABLE installations ADD COLUMN excluded INTEGER NOT NULL DEFAULT 0;  -- 1: not counted

-- The end of the period that the numbers were counted for, ISO 8601. An edition that repeats them
-- is about a later period. Null: published by the rule from before this migration.
ALTER TABLE publications ADD COLUMN counted_until TEXT;
-- How many of its installations may be gone without a trace since then, at most 5.
ALTER TABLE publications ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

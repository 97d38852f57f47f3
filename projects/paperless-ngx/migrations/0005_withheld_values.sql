-- Values that the operator has taken out of all statistics.
CREATE TABLE withheld_values (
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (field, value)
) WITHOUT ROWID;

-- Written by `nox -s migrate` from the report kinds.

CREATE TABLE "installations" (
  "installation.installation_id" TEXT NOT NULL,
  "first_day" TEXT NOT NULL,
  "last_day" TEXT NOT NULL,
  "excluded" INTEGER NOT NULL DEFAULT 0,
  "hour_start" TEXT,
  "sent_in_hour" INTEGER,
  "schema_version" TEXT,
  "submission_timestamp" TEXT,
  "period.start" TEXT,
  "period.end" TEXT,
  "period.duration_days" INTEGER,
  "installation.first_seen" TEXT,
  "installation.app_version" TEXT,
  "installation.python_version" TEXT,
  "installation.platform" TEXT,
  "installation.deployment_mode" TEXT,
  "installation.country_code" TEXT,
  "printer_fleet.printer_count" INTEGER,
  "printer_fleet.printer_types" TEXT,
  "printer_fleet.printer_type_counts.bambu_lab" INTEGER,
  "printer_fleet.printer_type_counts.prusa_core" INTEGER,
  "usage_stats.job_count" INTEGER,
  "usage_stats.file_count" INTEGER,
  "usage_stats.upload_count" INTEGER,
  "usage_stats.uptime_hours" INTEGER,
  "usage_stats.feature_usage.library_enabled" INTEGER,
  "usage_stats.feature_usage.timelapse_enabled" INTEGER,
  "usage_stats.feature_usage.auto_job_creation_enabled" INTEGER,
  "usage_stats.feature_usage.german_compliance_enabled" INTEGER,
  "usage_stats.feature_usage.watch_folders_enabled" INTEGER,
  "error_summary.total_errors" INTEGER,
  PRIMARY KEY ("installation.installation_id")
) WITHOUT ROWID;

CREATE TABLE "publications" (
  "kind" TEXT NOT NULL,
  "period" TEXT NOT NULL,
  "as_of" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  "counted_until" TEXT,
  "removed" INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY ("kind", "period")
) WITHOUT ROWID;

CREATE TABLE "withheld_values" (
  "field" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  PRIMARY KEY ("field", "value")
) WITHOUT ROWID;

CREATE TABLE "rounding_secret" (
  "id" INTEGER PRIMARY KEY,
  "secret" BLOB NOT NULL
);

-- Fills an empty database with made-up installations that have reported weekly for some months.
-- `nox -s serve -- --sample N` runs it with N in place of :installations.
INSERT INTO reports (
  received, uuid, version, channel, "commit", build_date, install_type, arch, python, database,
  doc_bucket, multi_user, feature_mail, feature_ai
)
WITH RECURSIVE
  release (number, version, "commit", build_date) AS (VALUES
    (0, '2.13.5', '3c1f0b7aa', '2026-03-02T09:00:00Z'),
    (1, '2.14.7', '9be10c55d', '2026-04-20T09:00:00Z'),
    (2, '2.15.0', 'bd86dca57', '2026-05-18T12:00:00Z'),
    (3, '2.15.3', '07d2e4f81', '2026-06-29T09:00:00Z'),
    (4, '3.0.0', 'e5a9310bc', '2026-08-10T09:00:00Z')),
  number (i) AS (
    SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i < :installations - 1),
  week (ago) AS (SELECT 0 UNION ALL SELECT ago + 1 FROM week WHERE ago < 25),
  -- Percentages that spread each field's values over the installations in another order.
  installation AS MATERIALIZED (
    SELECT i,
      lower(printf('%s-%s-4%s-8%s-%s', hex(randomblob(4)), hex(randomblob(2)),
        substr(hex(randomblob(2)), 2), substr(hex(randomblob(2)), 2), hex(randomblob(6)))) AS uuid,
      i * 7919 % :installations * 100 / :installations AS a,
      i * 104729 % :installations * 100 / :installations AS b,
      i * 1299709 % :installations * 100 / :installations AS c,
      i * 15485863 % :installations * 100 / :installations AS d
    FROM number),
  report AS (
    SELECT *,
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now', -(ago * 10080 + i * 7919 % 10080) || ' minutes')
        AS received,
      -- A quarter of the installations updates late.
      max(0, 4 - (ago + CASE WHEN a < 76 THEN 0 ELSE 6 END) / 5) AS installed
    FROM installation CROSS JOIN week WHERE ago < 13 + i * 5 % 13)
SELECT received, uuid, version,
  CASE WHEN b < 76 THEN 'stable' WHEN b < 92 THEN 'beta' ELSE 'dev' END, "commit", build_date,
  CASE WHEN c < 72 THEN 'docker' WHEN c < 84 THEN 'kubernetes' WHEN c < 92 THEN 'debian'
    ELSE 'source' END,
  CASE WHEN d < 72 THEN 'x86_64' WHEN d < 92 THEN 'aarch64' ELSE 'armv7l' END,
  CASE WHEN b < 72 THEN '3.12.3' WHEN b < 90 THEN '3.13.1' ELSE '3.11.9' END,
  CASE WHEN a < 68 THEN 'postgresql' WHEN a < 92 THEN 'sqlite3' ELSE 'mysql' END,
  CASE WHEN c < 68 THEN '1000-9999' WHEN c < 80 THEN '100-999' WHEN c < 92 THEN '10000-49999'
    ELSE '0-99' END,
  d >= 76, b < 68, a >= 80
FROM report JOIN release ON number = installed
WHERE NOT EXISTS (SELECT 1 FROM reports)
ORDER BY received
RETURNING id;

INSERT OR IGNORE INTO installations (
  uuid, first_received, received, version, channel, "commit", install_type, arch, python, database,
  doc_bucket, multi_user, feature_mail, feature_ai
)
SELECT uuid, MIN(received), MAX(received), version, channel, "commit", install_type, arch, python, database,
  doc_bucket, multi_user, feature_mail, feature_ai
FROM reports GROUP BY uuid;

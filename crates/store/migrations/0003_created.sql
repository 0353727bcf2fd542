-- When each document was made, in milliseconds; none where that was before the log begins.
ALTER TABLE document ADD COLUMN created INTEGER;

-- An entry is long where it has many writes: its time is read once, not once a write.
WITH entry AS MATERIALIZED (
    SELECT tenant, revision, entry ->> '$.time' AS time FROM log
),
made AS MATERIALIZED (
    -- What was removed and added again was made by the newest.
    SELECT log.tenant AS tenant, one.value ->> '$.kind' AS kind, one.value ->> '$.id' AS id,
           max(log.revision) AS revision
    FROM log, json_each(log.entry, '$.writes') AS one
    WHERE one.value ->> '$.before' IS NULL
    GROUP BY 1, 2, 3
)
UPDATE document SET created = entry.time
FROM made, entry
WHERE entry.tenant = made.tenant AND entry.revision = made.revision
  AND document.tenant = made.tenant AND document.kind = made.kind AND document.id = made.id;

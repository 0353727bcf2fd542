-- From where on a tenant's log is kept: the newest entry that was removed, and what is known of what it left.
CREATE TABLE anchor (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenant (id),
    epoch INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    log_hash TEXT NOT NULL CHECK (length(log_hash) = 64),
    documents TEXT NOT NULL CHECK (length(documents) = 64),
    -- The same, signed by the tenant's key.
    signed TEXT NOT NULL
) STRICT, WITHOUT ROWID;

DROP TRIGGER log_is_never_cut;

CREATE TRIGGER log_is_never_cut BEFORE DELETE ON log
WHEN NOT EXISTS (SELECT 1 FROM anchor WHERE tenant = OLD.tenant AND revision >= OLD.revision)
BEGIN
    SELECT RAISE(ABORT, 'the change log is append-only');
END;

CREATE TABLE tenant (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    -- The head.
    epoch INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    log_hash TEXT NOT NULL CHECK (length(log_hash) = 64),
    changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- With a rowid: documents are large, and a table without one keeps rows in its index.
CREATE TABLE document (
    tenant TEXT NOT NULL REFERENCES tenant (id),
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    -- The change that last wrote it.
    epoch INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) STRICT;

CREATE TABLE log (
    tenant TEXT NOT NULL REFERENCES tenant (id),
    revision INTEGER NOT NULL,
    previous TEXT NOT NULL CHECK (length(previous) = 64),
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    -- The exact text that was hashed; everything else about the entry is read from it.
    entry TEXT NOT NULL,
    PRIMARY KEY (tenant, revision)
) STRICT;

CREATE TRIGGER log_is_never_rewritten BEFORE UPDATE ON log
BEGIN
    SELECT RAISE(ABORT, 'the change log is append-only');
END;

CREATE TRIGGER log_is_never_cut BEFORE DELETE ON log
BEGIN
    SELECT RAISE(ABORT, 'the change log is append-only');
END;

-- `INSERT OR REPLACE` deletes without a delete trigger.
CREATE TRIGGER log_is_never_replaced BEFORE INSERT ON log
WHEN EXISTS (SELECT 1 FROM log WHERE tenant = NEW.tenant AND revision = NEW.revision)
BEGIN
    SELECT RAISE(ABORT, 'the change log is append-only');
END;

CREATE TABLE revoked (
    tenant TEXT NOT NULL REFERENCES tenant (id),
    id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (tenant, time, revision, id)
) STRICT, WITHOUT ROWID;

-- The server's own records.
CREATE TABLE record (
    tenant TEXT NOT NULL REFERENCES tenant (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    owner TEXT,
    -- The first moment at which it is no longer there.
    expires INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, key)
) STRICT;

CREATE INDEX record_by_owner ON record (tenant, kind, owner) WHERE owner IS NOT NULL;
CREATE INDEX record_by_expiry ON record (expires) WHERE expires IS NOT NULL;

-- People have a role and territories. Those who are there already come from the
-- sandbox, whose demo sign-in reaches everything.
ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'rep' CHECK (role IN ('rep', 'kiosk', 'office', 'admin'));
ALTER TABLE users ADD COLUMN territories TEXT NOT NULL DEFAULT '["*"]';  -- JSON: a list of names

CREATE INDEX sessions_user ON sessions (user_id);

-- Devices that may send: the key that signs their requests. A device that was
-- revoked before it had a key has none.
CREATE TABLE enrolments (
    device_id   TEXT    PRIMARY KEY,
    name        TEXT    NOT NULL,
    user_id     TEXT    NOT NULL,                  -- who it was enrolled for or by; empty: anybody
    key         BLOB    NOT NULL,
    enrolled_at INTEGER NOT NULL,
    revoked_at  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Codes that enrol one device each. Of the secret half only a hash is here.
CREATE TABLE enrol_codes (
    id         TEXT    PRIMARY KEY,
    hash       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    failures   INTEGER NOT NULL DEFAULT 0,
    used_at    INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Signed requests that were taken, until their time is over.
CREATE TABLE nonces (
    device_id TEXT    NOT NULL,
    nonce     TEXT    NOT NULL,
    until     INTEGER NOT NULL,
    PRIMARY KEY (device_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonces_until ON nonces (until);

-- Who did what with money, people and devices. Rows are added and never
-- changed.
CREATE TABLE audit (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    actor      TEXT    NOT NULL,
    device_id  TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    detail     TEXT    NOT NULL                    -- JSON: names and values
) STRICT;

CREATE INDEX audit_subject ON audit (subject, position);

CREATE TRIGGER audit_kept BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;

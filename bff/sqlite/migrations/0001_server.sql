-- What the server keeps. Times are nanoseconds since 1970 in UTC, 0 for none.

-- The ledger: every action that was taken, in order of arrival.
CREATE TABLE entries (
    position    INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,           -- of the action, in lower case
    actor       TEXT    NOT NULL,
    lane        TEXT    NOT NULL,
    replaces    TEXT    NOT NULL DEFAULT '',
    try         INTEGER NOT NULL DEFAULT 0,
    hash        TEXT    NOT NULL,
    envelope    BLOB    NOT NULL,                  -- the action as JSON
    received_at INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL DEFAULT 0,
    waiting     TEXT    NOT NULL DEFAULT '',
    lease_owner TEXT    NOT NULL DEFAULT '',
    lease_token INTEGER NOT NULL DEFAULT 0,        -- rises with every lease: the fence
    lease_until INTEGER NOT NULL DEFAULT 0,
    status      TEXT    NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'applied', 'review', 'failed')),
    outcome     BLOB,                              -- JSON, set when settled
    effect      INTEGER NOT NULL DEFAULT 0 CHECK (effect IN (0, 1)),
    CHECK ((status = 'open') = (outcome IS NULL))
) STRICT;

CREATE INDEX entries_open ON entries (lane, position) WHERE status = 'open';
CREATE INDEX entries_replaces ON entries (replaces, position) WHERE replaces <> '';

-- What was about to be done, before each call to a provider.
CREATE TABLE intents (
    entry    TEXT    NOT NULL,
    token    INTEGER NOT NULL,                     -- the lease it belongs to
    owner    TEXT    NOT NULL,
    provider TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (entry, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id            TEXT    PRIMARY KEY,
    login         TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    name          TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1))
) STRICT;

-- One row per sign-in on a device. Only hashes of tokens are here.
CREATE TABLE sessions (
    id         TEXT    PRIMARY KEY,
    user_id    TEXT    NOT NULL,
    device_id  TEXT    NOT NULL,
    current    TEXT    NOT NULL,
    previous   TEXT    NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE keys (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- What is known of the journal of a device.
CREATE TABLE devices (
    id         TEXT    PRIMARY KEY,
    fence      INTEGER NOT NULL,
    points     BLOB    NOT NULL,                   -- JSON: the latest acknowledged heads
    revision   INTEGER NOT NULL,
    flagged_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT;

-- Events of the card processor, so that each is handled once and none is lost.
CREATE TABLE events (
    position    INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    type        TEXT    NOT NULL,
    intent_id   TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX events_open ON events (position) WHERE finished_at = 0;

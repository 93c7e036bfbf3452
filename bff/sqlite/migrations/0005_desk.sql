-- What devices say of themselves, and what the office looks for.
CREATE TABLE heartbeats (
    device_id   TEXT    PRIMARY KEY,
    received_at INTEGER NOT NULL,
    body        TEXT    NOT NULL                     -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE device_events (
    position  INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id TEXT    NOT NULL,
    body      TEXT    NOT NULL                       -- JSON
) STRICT;

CREATE INDEX device_events_device ON device_events (device_id, position);

-- The few that a person must look at are found without reading the others.
CREATE INDEX entries_attention ON entries (position) WHERE status IN ('review', 'failed');

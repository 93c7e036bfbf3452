-- What devices say of themselves, and what the office looks for.
CREATE TABLE heartbeats (
    device_id   text   COLLATE "C" PRIMARY KEY,
    received_at bigint NOT NULL,
    body        bytea  NOT NULL                      -- JSON
);

CREATE TABLE device_events (
    position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id text   COLLATE "C" NOT NULL,
    body      bytea  NOT NULL                        -- JSON
);

CREATE INDEX device_events_device ON device_events (device_id, position);

-- The few that a person must look at are found without reading the others.
CREATE INDEX entries_attention ON entries (position) WHERE status IN ('review', 'failed');

-- The chain from its first entry on, whole and sealed as it was, never changed.
CREATE TABLE entry (
  position   INTEGER PRIMARY KEY,
  prior      INTEGER NOT NULL,
  sequence   INTEGER NOT NULL,
  cause      TEXT    NOT NULL,
  from_state TEXT    NOT NULL,
  to_state   TEXT    NOT NULL,
  attempt    INTEGER NOT NULL,
  next_at    INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  code       TEXT    NOT NULL,
  sealed     BLOB    NOT NULL,
  mac        BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT;

-- The actions that left the journal, as they stood there.
CREATE TABLE action (
  sequence    INTEGER PRIMARY KEY,
  id          TEXT    NOT NULL UNIQUE,
  type        TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  lane        TEXT    NOT NULL,
  place       INTEGER NOT NULL,
  needs       TEXT    NOT NULL,
  try         INTEGER NOT NULL,
  state       TEXT    NOT NULL CHECK (instr(' applied superseded handed-over discarded ', ' ' || state || ' ')),
  attempt     INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  size        INTEGER NOT NULL,
  entry       INTEGER NOT NULL,
  last        INTEGER NOT NULL,
  outcome     INTEGER NOT NULL,
  replaced_by INTEGER NOT NULL
) STRICT;

-- The history of one record.
CREATE INDEX action_lane ON action (lane, sequence);

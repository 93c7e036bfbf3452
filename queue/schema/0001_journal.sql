-- The device itself, one row.
CREATE TABLE device (
  only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
  id           TEXT    NOT NULL,
  key_check    BLOB    NOT NULL,           -- a known text, sealed: tells a wrong key before anything is read
  fence        INTEGER NOT NULL DEFAULT 0, -- raised by every process that starts to send
  acknowledged INTEGER NOT NULL DEFAULT 0, -- the position up to which the server has seen the chain
  synced_at    INTEGER NOT NULL DEFAULT 0  -- the last answer of the server, in Unix milliseconds
) STRICT;

-- The chain: every action and every transition is one row, never changed.
-- mac = HMAC(key, mac of the row before || the columns of this row).
CREATE TABLE entry (
  position   INTEGER PRIMARY KEY,
  prior      INTEGER NOT NULL, -- position of the entry before of the same action, 0 for its first
  sequence   INTEGER NOT NULL, -- the action
  cause      TEXT    NOT NULL,
  from_state TEXT    NOT NULL,
  to_state   TEXT    NOT NULL,
  attempt    INTEGER NOT NULL,
  next_at    INTEGER NOT NULL,
  at         INTEGER NOT NULL, -- Unix milliseconds
  code       TEXT    NOT NULL,
  sealed     BLOB    NOT NULL, -- first entry: the envelope and the payload; later ones: answer, person, reason
  mac        BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT;

-- Where each action stands: a projection of the chain, in plain columns that
-- replay needs. Nothing that a person typed is in it. The conditions are spelled
-- out because SQLite builds a table in memory for a longer IN list, at each write.
CREATE TABLE action (
  sequence    INTEGER PRIMARY KEY,
  id          TEXT    NOT NULL UNIQUE,
  type        TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  lane        TEXT    NOT NULL,
  place       INTEGER NOT NULL, -- order in the lane: the sequence, or the place of the action that was edited into this one
  needs       TEXT    NOT NULL, -- ids of other lanes, separated by spaces
  try         INTEGER NOT NULL,
  state       TEXT    NOT NULL CHECK (instr(
                ' pending sending applied accepted held waiting unconfirmed review failed superseded handed-over discarded ',
                ' ' || state || ' ')),
  attempt     INTEGER NOT NULL,
  next_at     INTEGER NOT NULL, -- Unix milliseconds, 0 for none
  created_at  INTEGER NOT NULL,
  size        INTEGER NOT NULL, -- bytes of the payload
  entry       INTEGER NOT NULL, -- position of its first entry
  last        INTEGER NOT NULL, -- position of its newest entry
  outcome     INTEGER NOT NULL, -- the entry with the server's last answer, 0 for none
  replaced_by INTEGER NOT NULL, -- sequence, 0 for none
  open        INTEGER NOT NULL AS (
                state <> 'applied' AND state <> 'superseded' AND state <> 'handed-over' AND state <> 'discarded'),
  stops       INTEGER NOT NULL AS (
                state = 'held' OR state = 'waiting' OR state = 'unconfirmed' OR state = 'review' OR state = 'failed'
                OR state = 'pending' AND needs <> '')
) STRICT;

-- What comes before in a lane (append, send).
CREATE INDEX action_lane ON action (lane, place);
-- What is not finished (replay, outbox, counts): never grows with history.
CREATE INDEX action_open ON action (place) WHERE open;
-- What holds a lane back (outbox, release): touched only when something is wrong.
CREATE INDEX action_stops ON action (lane, place) WHERE stops;

-- How many actions ended in each state, so that counting reads no history.
CREATE TABLE tally (
  state TEXT PRIMARY KEY,
  n     INTEGER NOT NULL,
  at    INTEGER NOT NULL -- the newest, in Unix milliseconds
) STRICT, WITHOUT ROWID;

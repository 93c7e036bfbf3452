-- Up to this position the chain is in the archive, a file of its own. What is
-- still here of it belongs to actions that did not go there.
ALTER TABLE device ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;

-- The links of entries that went to the archive and that something here builds
-- on: the entry behind them is here, or the server acknowledged them last.
CREATE TABLE link (
  position INTEGER PRIMARY KEY,
  mac      BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT;

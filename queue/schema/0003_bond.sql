-- What is beside the chain is bound to its head: open_digest sums up the rows of
-- the actions that are not finished, bond = HMAC(key, head || open_digest ||
-- this row || tally). Written with every commit, so that rows that were put back
-- are seen at the next open.
ALTER TABLE device ADD COLUMN open_digest BLOB NOT NULL DEFAULT x'';
ALTER TABLE device ADD COLUMN bond        BLOB NOT NULL DEFAULT x'';

-- What is about to be done moves into the entry itself: one row, which has to be
-- written then anyway, instead of one more in a tree of its own.
ALTER TABLE entries ADD COLUMN begun_at INTEGER NOT NULL DEFAULT 0;  -- for the first time
ALTER TABLE entries ADD COLUMN provider TEXT    NOT NULL DEFAULT ''; -- that the latest attempt calls
ALTER TABLE entries ADD COLUMN key      TEXT    NOT NULL DEFAULT ''; -- that it calls it under

UPDATE entries SET
    begun_at = coalesce((SELECT at FROM intents WHERE entry = entries.id ORDER BY token LIMIT 1), 0),
    provider = coalesce((SELECT provider FROM intents WHERE entry = entries.id ORDER BY token DESC LIMIT 1), ''),
    key      = coalesce((SELECT key FROM intents WHERE entry = entries.id ORDER BY token DESC LIMIT 1), '')
WHERE attempts > 0;

DROP TABLE intents;

-- What is about to be done moves into the entry itself: one row, which has to be
-- written then anyway, instead of one more in a tree of its own.
ALTER TABLE entries
    ADD COLUMN begun_at bigint NOT NULL DEFAULT 0,  -- for the first time
    ADD COLUMN provider text   NOT NULL DEFAULT '', -- that the latest attempt calls
    ADD COLUMN key      text   COLLATE "C" NOT NULL DEFAULT ''; -- that it calls it under

UPDATE entries AS e SET begun_at = i.begun_at, provider = i.provider, key = i.key
FROM (
    SELECT entry, min(at) AS begun_at, (array_agg(provider ORDER BY token DESC))[1] AS provider,
        (array_agg(key ORDER BY token DESC))[1] AS key
    FROM intents GROUP BY entry
) AS i
WHERE i.entry = e.id;

DROP TABLE intents;

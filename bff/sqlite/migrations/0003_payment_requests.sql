-- What was asked of the card processor for an action: stored before the call.
CREATE TABLE payment_requests (
    action_id  TEXT    PRIMARY KEY,
    invoice_id TEXT    NOT NULL,
    amount     INTEGER NOT NULL,
    currency   TEXT    NOT NULL,
    object_id  TEXT    NOT NULL DEFAULT '',        -- the processor's; empty until it answered
    url        TEXT    NOT NULL DEFAULT '',
    asked_at   INTEGER NOT NULL,
    try        INTEGER NOT NULL,
    tried_at   INTEGER NOT NULL,
    paid_at    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

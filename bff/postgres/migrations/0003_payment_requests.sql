-- What was asked of the card processor for an action: stored before the call.
CREATE TABLE payment_requests (
    action_id  text   COLLATE "C" PRIMARY KEY,
    invoice_id text   NOT NULL,
    amount     bigint NOT NULL,
    currency   text   NOT NULL,
    object_id  text   NOT NULL DEFAULT '',                -- the processor's; empty until it answered
    url        text   NOT NULL DEFAULT '',
    asked_at   bigint NOT NULL,
    try        bigint NOT NULL,
    tried_at   bigint NOT NULL,
    paid_at    bigint NOT NULL DEFAULT 0
);

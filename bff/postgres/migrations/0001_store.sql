-- What the server keeps. Times are nanoseconds since 1970 in UTC, 0 for none.
-- Text that comes from outside is compared byte by byte, whatever the locale of
-- the database; how bytes that PostgreSQL refuses are kept is in text.go.

-- Which migrations were applied. The name leaves room for other programs' own.
CREATE TABLE fieldpay_migrations (
    number     integer     PRIMARY KEY,
    name       text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- The order of arrival. It is a sequence of its own because a claim numbers its
-- actions before it inserts them in another order.
CREATE SEQUENCE entries_position;

-- The ledger: every action that was taken. A row is inserted once and updated
-- twice, when it is begun and when it is recorded: the room left in each page
-- keeps the first of these out of the indexes.
CREATE TABLE entries (
    position    bigint  PRIMARY KEY,
    id          text    COLLATE "C" NOT NULL UNIQUE,      -- of the action, in lower case
    actor       text    COLLATE "C" NOT NULL,
    lane        text    COLLATE "C" NOT NULL,
    replaces    text    COLLATE "C" NOT NULL,
    try         bigint  NOT NULL,
    hash        text    COLLATE "C" NOT NULL,
    envelope    bytea   NOT NULL,                         -- the action as JSON
    received_at bigint  NOT NULL,
    attempts    bigint  NOT NULL DEFAULT 0,
    next_at     bigint  NOT NULL DEFAULT 0,
    waiting     text    NOT NULL DEFAULT '',
    lease_owner text    COLLATE "C" NOT NULL DEFAULT '',
    lease_token bigint  NOT NULL DEFAULT 0,               -- rises with every lease: the fence
    lease_until bigint  NOT NULL DEFAULT 0,
    status      text    NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'applied', 'review', 'failed')),
    outcome     bytea,                                    -- JSON, set when settled
    effect      boolean NOT NULL DEFAULT false,
    CHECK ((status = 'open') = (outcome IS NULL))
) WITH (fillfactor = 70);

CREATE INDEX entries_open ON entries (lane, position) WHERE status = 'open';
CREATE INDEX entries_replaces ON entries (replaces, position) WHERE replaces <> '';

-- What was about to be done, before each call to a provider.
CREATE TABLE intents (
    entry    text   COLLATE "C" NOT NULL,
    token    bigint NOT NULL,                             -- the lease it belongs to
    owner    text   NOT NULL,
    provider text   NOT NULL,
    key      text   NOT NULL,
    at       bigint NOT NULL,
    PRIMARY KEY (entry, token)
);

CREATE TABLE users (
    id            text    COLLATE "C" PRIMARY KEY,
    login         text    NOT NULL,
    login_key     text    COLLATE "C" NOT NULL UNIQUE,    -- the login without case
    name          text    NOT NULL,
    email         text    NOT NULL,
    password_hash text    NOT NULL,
    disabled      boolean NOT NULL DEFAULT false
);

-- One row per sign-in on a device. Only hashes of tokens are here.
CREATE TABLE sessions (
    id         text   COLLATE "C" PRIMARY KEY,
    user_id    text   NOT NULL,
    device_id  text   NOT NULL,
    current    text   NOT NULL,
    previous   text   NOT NULL DEFAULT '',
    created_at bigint NOT NULL,
    rotated_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint NOT NULL DEFAULT 0
);

CREATE TABLE keys (
    name  text  COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

-- What is known of the journal of a device.
CREATE TABLE devices (
    id         text   COLLATE "C" PRIMARY KEY,
    fence      bigint NOT NULL,
    points     bytea  NOT NULL,                           -- JSON: the latest acknowledged heads
    revision   bigint NOT NULL,
    flagged_at bigint NOT NULL,
    seen_at    bigint NOT NULL
);

-- Events of the card processor, so that each is handled once and none is lost.
CREATE TABLE events (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          text   COLLATE "C" NOT NULL UNIQUE,
    type        text   NOT NULL,
    intent_id   text   NOT NULL,
    received_at bigint NOT NULL,
    finished_at bigint NOT NULL DEFAULT 0
);

CREATE INDEX events_open ON events (position) WHERE finished_at = 0;

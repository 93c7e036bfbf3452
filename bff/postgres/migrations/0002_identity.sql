-- People have a role and territories. Those who are there already come from the
-- sandbox, whose demo sign-in reaches everything.
ALTER TABLE users ADD COLUMN role text COLLATE "C" NOT NULL DEFAULT 'rep' CHECK (role IN ('rep', 'kiosk', 'office', 'admin'));
ALTER TABLE users ADD COLUMN territories text COLLATE "C" NOT NULL DEFAULT '["*"]';  -- JSON: a list of names

CREATE INDEX sessions_user ON sessions (user_id);

-- Devices that may send: the key that signs their requests. A device that was
-- revoked before it had a key has none.
CREATE TABLE enrolments (
    device_id   text   COLLATE "C" PRIMARY KEY,
    name        text   COLLATE "C" NOT NULL,
    user_id     text   COLLATE "C" NOT NULL,               -- who it was enrolled for or by; empty: anybody
    key         bytea  NOT NULL,
    enrolled_at bigint NOT NULL,
    revoked_at  bigint NOT NULL DEFAULT 0
);

-- Codes that enrol one device each. Of the secret half only a hash is here.
CREATE TABLE enrol_codes (
    id         text   COLLATE "C" PRIMARY KEY,
    hash       text   COLLATE "C" NOT NULL,
    name       text   COLLATE "C" NOT NULL,
    user_id    text   COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    failures   bigint NOT NULL DEFAULT 0,
    used_at    bigint NOT NULL DEFAULT 0
);

-- Signed requests that were taken, until their time is over.
CREATE TABLE nonces (
    device_id text   COLLATE "C" NOT NULL,
    nonce     text   COLLATE "C" NOT NULL,
    until     bigint NOT NULL,
    PRIMARY KEY (device_id, nonce)
);

CREATE INDEX nonces_until ON nonces (until);

-- Who did what with money, people and devices. Rows are added and never
-- changed.
CREATE TABLE audit (
    position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         bigint NOT NULL,
    event      text   COLLATE "C" NOT NULL,
    actor      text   COLLATE "C" NOT NULL,
    device_id  text   COLLATE "C" NOT NULL,
    subject    text   COLLATE "C" NOT NULL,
    request_id text   COLLATE "C" NOT NULL,
    detail     text   COLLATE "C" NOT NULL                 -- JSON: names and values
);

CREATE INDEX audit_subject ON audit (subject, position);

CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$;
CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses();

-- Events are taken by one server at a time and put off when they cannot be
-- handled, so that none keeps the others waiting.
ALTER TABLE events ADD COLUMN next_at  bigint NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN attempts bigint NOT NULL DEFAULT 0;

DROP INDEX events_open;
CREATE INDEX events_due ON events (next_at, position) WHERE finished_at = 0;

-- What ends is found by when it ended.
CREATE INDEX events_finished ON events (finished_at) WHERE finished_at <> 0;
CREATE INDEX sessions_ended ON sessions (expires_at);
CREATE INDEX devices_seen ON devices (seen_at);
CREATE INDEX audit_at ON audit (at);

-- Rows of the audit log that are older than 400 days may be forgotten.
DROP TRIGGER audit_kept ON audit;
CREATE TRIGGER audit_kept BEFORE UPDATE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses();
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
    FOR EACH ROW WHEN (OLD.at > (extract(epoch FROM now()) - 400 * 86400) * 1000000000) EXECUTE FUNCTION audit_refuses();

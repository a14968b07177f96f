/* approval: submissions of migrations, and approvals of them */

CREATE TABLE hipaa_migrate.submission (
    submission_id       bigint NOT NULL CONSTRAINT submission_pkey PRIMARY KEY,
    direction           text COLLATE "C" NOT NULL CHECK (direction IN ('up', 'down')),
    checksum            bytea NOT NULL,
    reason              text NOT NULL,
    ticket              text,
    planned_for         timestamptz,
    submitted_by        text COLLATE "C" NOT NULL,
    submitted_by_oid    oid NOT NULL,
    submitted_authn_id  text COLLATE "C",
    submitted_at        timestamptz NOT NULL,
    state               text COLLATE "C" NOT NULL CHECK (state IN ('open', 'done', 'rejected', 'withdrawn', 'replaced')),
    ended_by            text COLLATE "C",
    ended_at            timestamptz,
    end_reason          text,
    epoch               uuid NOT NULL
);
CREATE INDEX submission_open_idx ON hipaa_migrate.submission (submission_id) WHERE state = 'open';
COMMENT ON TABLE hipaa_migrate.submission IS
    'releases that were submitted for approval: one migration or several';
COMMENT ON COLUMN hipaa_migrate.submission.submission_id IS
    'identifies the submission';
COMMENT ON COLUMN hipaa_migrate.submission.direction IS
    'up | down';
COMMENT ON COLUMN hipaa_migrate.submission.checksum IS
    'of the release: SHA-256 over its members';
COMMENT ON COLUMN hipaa_migrate.submission.reason IS
    'why it shall run';
COMMENT ON COLUMN hipaa_migrate.submission.ticket IS
    'ticket that was named';
COMMENT ON COLUMN hipaa_migrate.submission.planned_for IS
    'does not run before';
COMMENT ON COLUMN hipaa_migrate.submission.submitted_by IS
    'the authenticated user who submitted it';
COMMENT ON COLUMN hipaa_migrate.submission.submitted_by_oid IS
    'object identifier of that role';
COMMENT ON COLUMN hipaa_migrate.submission.submitted_authn_id IS
    'what that client proved its identity with, where its method has such';
COMMENT ON COLUMN hipaa_migrate.submission.submitted_at IS
    'when';
COMMENT ON COLUMN hipaa_migrate.submission.state IS
    'open | done | rejected | withdrawn | replaced (by a later submission)';
COMMENT ON COLUMN hipaa_migrate.submission.ended_by IS
    'the authenticated user who ended it';
COMMENT ON COLUMN hipaa_migrate.submission.ended_at IS
    'when it ended';
COMMENT ON COLUMN hipaa_migrate.submission.end_reason IS
    'why it was rejected or withdrawn';
COMMENT ON COLUMN hipaa_migrate.submission.epoch IS
    'epoch of the record in which it was submitted';

CREATE SEQUENCE hipaa_migrate.submission_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.submission_id_seq IS 'numbers submissions';

CREATE TABLE hipaa_migrate.submission_member (
    submission_id       bigint NOT NULL,
    migration_id        bigint NOT NULL,
    ordinal             integer NOT NULL,
    revision            integer NOT NULL,
    checksum            bytea NOT NULL,
    risk                text COLLATE "C" NOT NULL,
    phi                 boolean NOT NULL,
    done_at             timestamptz,
    CONSTRAINT submission_member_pkey PRIMARY KEY (submission_id, migration_id)
) WITH (fillfactor = 50); -- each row is updated once, when it is done
CREATE INDEX submission_member_migration_idx ON hipaa_migrate.submission_member (migration_id);
COMMENT ON TABLE hipaa_migrate.submission_member IS
    'the migrations of each submission';
COMMENT ON COLUMN hipaa_migrate.submission_member.submission_id IS
    'the submission';
COMMENT ON COLUMN hipaa_migrate.submission_member.migration_id IS
    'the migration';
COMMENT ON COLUMN hipaa_migrate.submission_member.ordinal IS
    'from 1, in the order in which they were named';
COMMENT ON COLUMN hipaa_migrate.submission_member.revision IS
    'the revision that was submitted';
COMMENT ON COLUMN hipaa_migrate.submission_member.checksum IS
    'of that revision';
COMMENT ON COLUMN hipaa_migrate.submission_member.risk IS
    'when it was submitted';
COMMENT ON COLUMN hipaa_migrate.submission_member.phi IS
    'whether it touches health information';
COMMENT ON COLUMN hipaa_migrate.submission_member.done_at IS
    'when it had run';

CREATE TABLE hipaa_migrate.approval (
    approval_id         bigint NOT NULL CONSTRAINT approval_pkey PRIMARY KEY,
    submission_id       bigint NOT NULL,
    migration_id        bigint NOT NULL,
    revision            integer NOT NULL,
    checksum            bytea NOT NULL,
    direction           text COLLATE "C" NOT NULL,
    risk                text COLLATE "C" NOT NULL,
    meaning             text COLLATE "C" NOT NULL,
    comment             text,
    login               text COLLATE "C" NOT NULL,
    login_oid           oid,
    authn_id            text COLLATE "C",
    person              text COLLATE "C" NOT NULL,
    relayed_by          text COLLATE "C",
    evidence            jsonb,
    review_hash         bytea NOT NULL,
    given_at            timestamptz NOT NULL,
    expires_at          timestamptz NOT NULL,
    assessment_id       bigint,
    epoch               uuid NOT NULL,
    database            text COLLATE "C" NOT NULL,
    xid                 bigint NOT NULL,
    used_at             timestamptz,
    used_run            bigint,
    ended_by            text COLLATE "C",
    ended_at            timestamptz,
    end_reason          text
) WITH (fillfactor = 50); -- each row is updated once, when it is used
CREATE INDEX approval_migration_idx ON hipaa_migrate.approval (migration_id);
COMMENT ON TABLE hipaa_migrate.approval IS
    'who approved what: bound to a text, a direction, a risk and this database';
COMMENT ON COLUMN hipaa_migrate.approval.approval_id IS
    'identifies the approval';
COMMENT ON COLUMN hipaa_migrate.approval.submission_id IS
    'the submission it belongs to';
COMMENT ON COLUMN hipaa_migrate.approval.migration_id IS
    'the migration';
COMMENT ON COLUMN hipaa_migrate.approval.revision IS
    'its revision';
COMMENT ON COLUMN hipaa_migrate.approval.checksum IS
    'of that revision';
COMMENT ON COLUMN hipaa_migrate.approval.direction IS
    'up | down';
COMMENT ON COLUMN hipaa_migrate.approval.risk IS
    'what was approved: no higher risk';
COMMENT ON COLUMN hipaa_migrate.approval.meaning IS
    'what the signature means: approval, or a stage of the policy';
COMMENT ON COLUMN hipaa_migrate.approval.comment IS
    'what the approver added';
COMMENT ON COLUMN hipaa_migrate.approval.login IS
    'the authenticated user; of a relayed approval: who gave it';
COMMENT ON COLUMN hipaa_migrate.approval.login_oid IS
    'object identifier of that role; null: of a relayed approval';
COMMENT ON COLUMN hipaa_migrate.approval.authn_id IS
    'what that client proved its identity with, where its method has such';
COMMENT ON COLUMN hipaa_migrate.approval.person IS
    'the person behind the login, then';
COMMENT ON COLUMN hipaa_migrate.approval.relayed_by IS
    'the authenticated user who handed it in; null: it was given here';
COMMENT ON COLUMN hipaa_migrate.approval.evidence IS
    'where a relayed approval was given';
COMMENT ON COLUMN hipaa_migrate.approval.review_hash IS
    'SHA-256 of what migrate_review() showed';
COMMENT ON COLUMN hipaa_migrate.approval.given_at IS
    'when';
COMMENT ON COLUMN hipaa_migrate.approval.expires_at IS
    'counts before this';
COMMENT ON COLUMN hipaa_migrate.approval.assessment_id IS
    'the privacy assessment that was signed, of meaning privacy';
COMMENT ON COLUMN hipaa_migrate.approval.epoch IS
    'epoch of the record in which it was given';
COMMENT ON COLUMN hipaa_migrate.approval.database IS
    'name of the database for which it was given';
COMMENT ON COLUMN hipaa_migrate.approval.xid IS
    'transaction that gave it: event approval.given of it says the same';
COMMENT ON COLUMN hipaa_migrate.approval.used_at IS
    'when the migration ran by it';
COMMENT ON COLUMN hipaa_migrate.approval.used_run IS
    'in which run';
COMMENT ON COLUMN hipaa_migrate.approval.ended_by IS
    'the authenticated user who took it back';
COMMENT ON COLUMN hipaa_migrate.approval.ended_at IS
    'when';
COMMENT ON COLUMN hipaa_migrate.approval.end_reason IS
    'why';

CREATE SEQUENCE hipaa_migrate.approval_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.approval_id_seq IS 'numbers approvals';

CREATE FUNCTION @extschema@.migrate_submit(
    names text[],
    reason text DEFAULT NULL,
    ticket text DEFAULT NULL,
    planned_for timestamptz DEFAULT NULL,
    direction text DEFAULT 'up')
    RETURNS TABLE (
        submission text, migration text, risk text, checksum text,
        still_missing text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_submit';
COMMENT ON FUNCTION @extschema@.migrate_submit(text[], text, text, timestamptz, text) IS
    'submits migrations, as one release, for approval; says what each waits for';

CREATE FUNCTION @extschema@.migrate_approve(
    name text,
    checksum text DEFAULT NULL,
    meaning text DEFAULT 'approval',
    comment text DEFAULT NULL,
    direction text DEFAULT 'up')
    RETURNS TABLE (
        approval_id bigint, migration text, revision integer, risk text,
        expires_at timestamptz, still_missing text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_approve';
COMMENT ON FUNCTION @extschema@.migrate_approve(text, text, text, text, text) IS
    'approves a migration, or a release ("release 12"), by the checksum that migrate_review showed';

CREATE FUNCTION @extschema@.migrate_relay(
    name text,
    checksum text DEFAULT NULL,
    given_by text DEFAULT NULL,
    evidence jsonb DEFAULT NULL,
    meaning text DEFAULT 'approval',
    comment text DEFAULT NULL,
    direction text DEFAULT 'up')
    RETURNS TABLE (
        approval_id bigint, migration text, revision integer, risk text,
        expires_at timestamptz, still_missing text)
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_relay';
COMMENT ON FUNCTION @extschema@.migrate_relay(text, text, text, jsonb, text, text, text) IS
    'hands in an approval that a registered person gave elsewhere, with the evidence; counts where the policy says so';

CREATE FUNCTION @extschema@.migrate_reject(
    name text,
    reason text DEFAULT NULL,
    direction text DEFAULT 'up')
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_reject';
COMMENT ON FUNCTION @extschema@.migrate_reject(text, text, text) IS
    'rejects what is submitted: the whole release, with the approvals it has';

CREATE FUNCTION @extschema@.migrate_withdraw(
    name text,
    reason text DEFAULT NULL,
    direction text DEFAULT 'up')
    RETURNS text
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_withdraw';
COMMENT ON FUNCTION @extschema@.migrate_withdraw(text, text, text) IS
    'takes back what the caller has submitted, or else the approvals that the caller gave; returns which';

CREATE FUNCTION @extschema@.migrate_queue(
    scope text DEFAULT 'mine')
    RETURNS TABLE (
        submission text, migration text, direction text, risk text,
        submitted_by text, planned_for timestamptz, wanted text, missing text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_queue';
COMMENT ON FUNCTION @extschema@.migrate_queue(text) IS
    'what waits for a signature of the caller, and of which meanings; with scope all: whatever is submitted';

CREATE FUNCTION hipaa_migrate.approvals()
    RETURNS TABLE (
        approval_id bigint,
        state text,
        migration text,
        direction text,
        person text,
        meaning text,
        given_at timestamptz,
        expires_at timestamptz,
        risk text,
        checksum text,
        login text,
        authn_id text,
        relayed_by text,
        evidence jsonb,
        submission_id bigint,
        assessment_id bigint,
        used_at timestamptz,
        used_run bigint,
        ended_at timestamptz,
        comment text,
        end_reason text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_approvals';
COMMENT ON FUNCTION hipaa_migrate.approvals() IS
    'behind view approval_list';

CREATE VIEW hipaa_migrate.approval_list AS
    SELECT f.approval_id,
           f.state,
           f.migration,
           f.direction,
           f.person,
           f.meaning,
           f.given_at,
           f.expires_at,
           f.risk,
           f.checksum,
           f.login,
           f.authn_id,
           f.relayed_by,
           f.evidence,
           f.submission_id,
           f.assessment_id,
           f.used_at,
           f.used_run,
           f.ended_at,
           f.comment,
           f.end_reason
      FROM hipaa_migrate.approvals() AS f;
COMMENT ON VIEW hipaa_migrate.approval_list IS
    'who approved what, when and in which meaning (21 CFR 11.50), and what became of it';
COMMENT ON COLUMN hipaa_migrate.approval_list.approval_id IS
    'identifies it, also in details of approval.given in audit_log';
COMMENT ON COLUMN hipaa_migrate.approval_list.state IS
    'active | used | withdrawn | expired | void: its submission is not open any more';
COMMENT ON COLUMN hipaa_migrate.approval_list.migration IS
    'name, or project:name outside of project default';
COMMENT ON COLUMN hipaa_migrate.approval_list.direction IS
    'up | down';
COMMENT ON COLUMN hipaa_migrate.approval_list.person IS
    'who signed';
COMMENT ON COLUMN hipaa_migrate.approval_list.meaning IS
    'what the signature means: approval, privacy, or a stage of the policy';
COMMENT ON COLUMN hipaa_migrate.approval_list.given_at IS
    'when it was signed, to the second';
COMMENT ON COLUMN hipaa_migrate.approval_list.expires_at IS
    'counts before this, to the second';
COMMENT ON COLUMN hipaa_migrate.approval_list.risk IS
    'when it was signed: it counts for no higher risk';
COMMENT ON COLUMN hipaa_migrate.approval_list.checksum IS
    'beginning of the checksum of the text that was signed';
COMMENT ON COLUMN hipaa_migrate.approval_list.login IS
    'the authenticated user; of a relayed approval: the login of who gave it';
COMMENT ON COLUMN hipaa_migrate.approval_list.authn_id IS
    'what that client proved its identity with, where its method has such';
COMMENT ON COLUMN hipaa_migrate.approval_list.relayed_by IS
    'the authenticated user who handed it in; null: it was given here';
COMMENT ON COLUMN hipaa_migrate.approval_list.evidence IS
    'where a relayed approval was given';
COMMENT ON COLUMN hipaa_migrate.approval_list.submission_id IS
    'the submission it belongs to: release N';
COMMENT ON COLUMN hipaa_migrate.approval_list.assessment_id IS
    'the privacy assessment that was signed, of meaning privacy; see assessment_list';
COMMENT ON COLUMN hipaa_migrate.approval_list.used_at IS
    'when the migration ran by it, to the second';
COMMENT ON COLUMN hipaa_migrate.approval_list.used_run IS
    'in which run, as in migrate_history';
COMMENT ON COLUMN hipaa_migrate.approval_list.ended_at IS
    'when it was taken back, to the second';
COMMENT ON COLUMN hipaa_migrate.approval_list.comment IS
    'what the approver added';
COMMENT ON COLUMN hipaa_migrate.approval_list.end_reason IS
    'why it was taken back';

CREATE FUNCTION hipaa_migrate.submissions()
    RETURNS TABLE (
        submission_id bigint,
        state text,
        migration text,
        direction text,
        risk text,
        phi boolean,
        submitted_by text,
        submitted_at timestamptz,
        planned_for timestamptz,
        checksum text,
        release_checksum text,
        done_at timestamptz,
        ticket text,
        reason text,
        ended_by text,
        ended_at timestamptz,
        end_reason text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_submissions';
COMMENT ON FUNCTION hipaa_migrate.submissions() IS
    'behind view submission_list';

CREATE VIEW hipaa_migrate.submission_list AS
    SELECT f.submission_id,
           f.state,
           f.migration,
           f.direction,
           f.risk,
           f.phi,
           f.submitted_by,
           f.submitted_at,
           f.planned_for,
           f.checksum,
           f.release_checksum,
           f.done_at,
           f.ticket,
           f.reason,
           f.ended_by,
           f.ended_at,
           f.end_reason
      FROM hipaa_migrate.submissions() AS f;
COMMENT ON VIEW hipaa_migrate.submission_list IS
    'what was submitted for approval: a row for each migration';
COMMENT ON COLUMN hipaa_migrate.submission_list.submission_id IS
    'identifies the submission: release N';
COMMENT ON COLUMN hipaa_migrate.submission_list.state IS
    'open | done | rejected | withdrawn | replaced, of the whole';
COMMENT ON COLUMN hipaa_migrate.submission_list.migration IS
    'name, or project:name outside of project default';
COMMENT ON COLUMN hipaa_migrate.submission_list.direction IS
    'up | down';
COMMENT ON COLUMN hipaa_migrate.submission_list.risk IS
    'when it was submitted';
COMMENT ON COLUMN hipaa_migrate.submission_list.phi IS
    'whether it touches health information';
COMMENT ON COLUMN hipaa_migrate.submission_list.submitted_by IS
    'the authenticated user';
COMMENT ON COLUMN hipaa_migrate.submission_list.submitted_at IS
    'when, to the second';
COMMENT ON COLUMN hipaa_migrate.submission_list.planned_for IS
    'does not run before';
COMMENT ON COLUMN hipaa_migrate.submission_list.checksum IS
    'beginning of the checksum of the migration';
COMMENT ON COLUMN hipaa_migrate.submission_list.release_checksum IS
    'beginning of the checksum of the release';
COMMENT ON COLUMN hipaa_migrate.submission_list.done_at IS
    'when the migration has run, to the second';
COMMENT ON COLUMN hipaa_migrate.submission_list.ticket IS
    'ticket that was named';
COMMENT ON COLUMN hipaa_migrate.submission_list.reason IS
    'why it shall run';
COMMENT ON COLUMN hipaa_migrate.submission_list.ended_by IS
    'the authenticated user who ended it';
COMMENT ON COLUMN hipaa_migrate.submission_list.ended_at IS
    'when it ended, to the second';
COMMENT ON COLUMN hipaa_migrate.submission_list.end_reason IS
    'why it was rejected or withdrawn';

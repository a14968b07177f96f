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
);
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
    epoch               uuid NOT NULL,
    database            text COLLATE "C" NOT NULL,
    xid                 bigint NOT NULL,
    used_at             timestamptz,
    used_run            bigint,
    ended_by            text COLLATE "C",
    ended_at            timestamptz,
    end_reason          text
);
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

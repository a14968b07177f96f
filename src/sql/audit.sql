/* audit: the append-only record, and who may do what */

/*
 * The library writes these tables through the table access method, which
 * runs no default, constraint or trigger; so they have none to rely on.
 * Column numbers are part of what is hashed: see docs/audit.md.
 */

CREATE SEQUENCE hipaa_migrate.event_id_seq CACHE 1;
COMMENT ON SEQUENCE hipaa_migrate.event_id_seq IS
    'numbers events; the numbers have gaps';

CREATE TABLE hipaa_migrate.audit_event (
    epoch               uuid NOT NULL,
    event_id            bigint NOT NULL,
    xid                 bigint NOT NULL,
    occurred_at         timestamptz NOT NULL,
    statement_at        timestamptz NOT NULL,
    kind                text COLLATE "C" NOT NULL,
    outcome             text COLLATE "C" NOT NULL,
    actor               text COLLATE "C" NOT NULL,
    session_role        text COLLATE "C" NOT NULL,
    effective_role      text COLLATE "C" NOT NULL,
    authn_id            text COLLATE "C",
    client              text COLLATE "C" NOT NULL,
    application         text COLLATE "C",
    pid                 bigint NOT NULL,
    database            text COLLATE "C" NOT NULL,
    host                text COLLATE "C" NOT NULL,
    system_identifier   bigint NOT NULL,
    timeline            bigint NOT NULL,
    command             text COLLATE "C",
    object_type         text COLLATE "C",
    object              text COLLATE "C",
    objects             text COLLATE "C",
    statement           text COLLATE "C",
    statement_hash      bytea,
    statement_no        bigint,
    migration           text COLLATE "C",
    run_id              bigint,
    rule                text COLLATE "C",
    ticket              text COLLATE "C",
    author              text COLLATE "C",
    approvers           text COLLATE "C",
    reason              text COLLATE "C",
    maintenance_window  text COLLATE "C",
    schema_before       bytea,
    schema_after        bytea,
    duration            bigint,
    sqlstate            text COLLATE "C",
    details             text COLLATE "C",
    leaf_hash           bytea NOT NULL,
    CONSTRAINT audit_event_pkey PRIMARY KEY (epoch, xid, event_id)
);
COMMENT ON TABLE hipaa_migrate.audit_event IS
    'the record: one row per event, never changed; read it through audit_log';
COMMENT ON COLUMN hipaa_migrate.audit_event.epoch IS
    'the record''s life on one database: a restored copy opens a new one';
COMMENT ON COLUMN hipaa_migrate.audit_event.event_id IS
    'identifies the event in its epoch; has gaps';
COMMENT ON COLUMN hipaa_migrate.audit_event.xid IS
    'the top-level transaction, with its wraparound epoch';
COMMENT ON COLUMN hipaa_migrate.audit_event.occurred_at IS
    'clock time of the event';
COMMENT ON COLUMN hipaa_migrate.audit_event.statement_at IS
    'when the client''s statement began';
COMMENT ON COLUMN hipaa_migrate.audit_event.kind IS
    'what happened: see view audit_event_kind';
COMMENT ON COLUMN hipaa_migrate.audit_event.outcome IS
    'how it ended: done, failed, refused, ...';
COMMENT ON COLUMN hipaa_migrate.audit_event.actor IS
    'the authenticated user';
COMMENT ON COLUMN hipaa_migrate.audit_event.session_role IS
    'session_user: differs from actor after SET SESSION AUTHORIZATION';
COMMENT ON COLUMN hipaa_migrate.audit_event.effective_role IS
    'current_user: differs from session_role after SET ROLE';
COMMENT ON COLUMN hipaa_migrate.audit_event.authn_id IS
    'what the client proved its identity with, where its method has such';
COMMENT ON COLUMN hipaa_migrate.audit_event.client IS
    'address:port, local for a Unix-domain socket, or server process';
COMMENT ON COLUMN hipaa_migrate.audit_event.application IS
    'application_name';
COMMENT ON COLUMN hipaa_migrate.audit_event.pid IS
    'process of the session';
COMMENT ON COLUMN hipaa_migrate.audit_event.database IS
    'name of the database at that time';
COMMENT ON COLUMN hipaa_migrate.audit_event.host IS
    'name of the server''s host';
COMMENT ON COLUMN hipaa_migrate.audit_event.system_identifier IS
    'of the database cluster';
COMMENT ON COLUMN hipaa_migrate.audit_event.timeline IS
    'of the write-ahead log';
COMMENT ON COLUMN hipaa_migrate.audit_event.command IS
    'command tag, as CREATE TABLE';
COMMENT ON COLUMN hipaa_migrate.audit_event.object_type IS
    'kind of the first object that was touched';
COMMENT ON COLUMN hipaa_migrate.audit_event.object IS
    'identity of the first object that was touched';
COMMENT ON COLUMN hipaa_migrate.audit_event.objects IS
    'all that was touched, one a line: type and identity';
COMMENT ON COLUMN hipaa_migrate.audit_event.statement IS
    'the statement without secrets, and without literals unless hipaa_migrate.record_literals keeps them';
COMMENT ON COLUMN hipaa_migrate.audit_event.statement_hash IS
    'SHA-256 of the whole statement as it was';
COMMENT ON COLUMN hipaa_migrate.audit_event.statement_no IS
    'its number in the migration';
COMMENT ON COLUMN hipaa_migrate.audit_event.migration IS
    'the migration, with its project unless that is the default';
COMMENT ON COLUMN hipaa_migrate.audit_event.run_id IS
    'the run, see table run';
COMMENT ON COLUMN hipaa_migrate.audit_event.rule IS
    'what refused it';
COMMENT ON COLUMN hipaa_migrate.audit_event.ticket IS
    'ticket that was named';
COMMENT ON COLUMN hipaa_migrate.audit_event.author IS
    'who registered the migration';
COMMENT ON COLUMN hipaa_migrate.audit_event.approvers IS
    'who approved it';
COMMENT ON COLUMN hipaa_migrate.audit_event.reason IS
    'reason that was given';
COMMENT ON COLUMN hipaa_migrate.audit_event.maintenance_window IS
    'window it ran in';
COMMENT ON COLUMN hipaa_migrate.audit_event.schema_before IS
    'fingerprint of the schema before';
COMMENT ON COLUMN hipaa_migrate.audit_event.schema_after IS
    'fingerprint of the schema after';
COMMENT ON COLUMN hipaa_migrate.audit_event.duration IS
    'microseconds';
COMMENT ON COLUMN hipaa_migrate.audit_event.sqlstate IS
    'of the error; its message is not kept, for it may hold values';
COMMENT ON COLUMN hipaa_migrate.audit_event.details IS
    'JSON object with what belongs to this kind only';
COMMENT ON COLUMN hipaa_migrate.audit_event.leaf_hash IS
    'SHA-256 over the canonical form of all columns before this one';

CREATE TABLE hipaa_migrate.audit_leaf (
    epoch               uuid NOT NULL,
    seq                 bigint NOT NULL,
    event_id            bigint NOT NULL,
    xid                 bigint NOT NULL,
    block               bigint NOT NULL,
    leaf_hash           bytea NOT NULL,
    CONSTRAINT audit_leaf_pkey PRIMARY KEY (epoch, seq),
    CONSTRAINT audit_leaf_event_key UNIQUE (epoch, event_id)
);
COMMENT ON TABLE hipaa_migrate.audit_leaf IS
    'leaves of the hash tree, in order; they stay when an event is purged or redacted';
COMMENT ON COLUMN hipaa_migrate.audit_leaf.epoch IS
    'epoch of the event';
COMMENT ON COLUMN hipaa_migrate.audit_leaf.seq IS
    'number of the leaf in the epoch, from 1, without gaps';
COMMENT ON COLUMN hipaa_migrate.audit_leaf.event_id IS
    'the event';
COMMENT ON COLUMN hipaa_migrate.audit_leaf.xid IS
    'its transaction';
COMMENT ON COLUMN hipaa_migrate.audit_leaf.block IS
    'the block that sealed it';
COMMENT ON COLUMN hipaa_migrate.audit_leaf.leaf_hash IS
    'the event''s hash';

CREATE TABLE hipaa_migrate.audit_block (
    epoch               uuid NOT NULL,
    block               bigint NOT NULL,
    sealed_at           timestamptz NOT NULL,
    snapshot            text COLLATE "C" NOT NULL,
    first_leaf          bigint NOT NULL,
    leaf_count          bigint NOT NULL,
    tree_size           bigint NOT NULL,
    root                bytea NOT NULL,
    frontier            bytea NOT NULL,
    previous            bytea,
    lsn                 bigint NOT NULL,
    timeline            bigint NOT NULL,
    system_identifier   bigint NOT NULL,
    fingerprint         bytea NOT NULL,
    anchored_at         timestamptz NOT NULL,
    block_hash          bytea NOT NULL,
    CONSTRAINT audit_block_pkey PRIMARY KEY (epoch, block)
);
COMMENT ON TABLE hipaa_migrate.audit_block IS
    'blocks of sealed events, each chained to the one before';
COMMENT ON COLUMN hipaa_migrate.audit_block.epoch IS
    'epoch of its events';
COMMENT ON COLUMN hipaa_migrate.audit_block.block IS
    'number in the epoch, from 1, without gaps';
COMMENT ON COLUMN hipaa_migrate.audit_block.sealed_at IS
    'clock time of the seal';
COMMENT ON COLUMN hipaa_migrate.audit_block.snapshot IS
    'xmin:xmax:xip of the snapshot that decided what it holds';
COMMENT ON COLUMN hipaa_migrate.audit_block.first_leaf IS
    'its first leaf';
COMMENT ON COLUMN hipaa_migrate.audit_block.leaf_count IS
    'how many leaves it has';
COMMENT ON COLUMN hipaa_migrate.audit_block.tree_size IS
    'leaves of the tree after it';
COMMENT ON COLUMN hipaa_migrate.audit_block.root IS
    'root of the RFC 9162 tree after it';
COMMENT ON COLUMN hipaa_migrate.audit_block.frontier IS
    'roots of the perfect subtrees that the tree is made of, largest first';
COMMENT ON COLUMN hipaa_migrate.audit_block.previous IS
    'block_hash of the block before';
COMMENT ON COLUMN hipaa_migrate.audit_block.lsn IS
    'position in the write-ahead log at the seal';
COMMENT ON COLUMN hipaa_migrate.audit_block.timeline IS
    'timeline of that position';
COMMENT ON COLUMN hipaa_migrate.audit_block.system_identifier IS
    'of the database cluster';
COMMENT ON COLUMN hipaa_migrate.audit_block.fingerprint IS
    'of the definitions of the record''s tables';
COMMENT ON COLUMN hipaa_migrate.audit_block.anchored_at IS
    'the clock that retention counts by';
COMMENT ON COLUMN hipaa_migrate.audit_block.block_hash IS
    'SHA-256 over the canonical form of all columns before this one';

CREATE TABLE hipaa_migrate.audit_epoch (
    epoch               uuid NOT NULL CONSTRAINT audit_epoch_pkey PRIMARY KEY,
    ordinal             bigint NOT NULL,
    state               text COLLATE "C" NOT NULL,
    opened_at           timestamptz NOT NULL,
    closed_at           timestamptz,
    database            text COLLATE "C" NOT NULL,
    database_oid        bigint NOT NULL,
    system_identifier   bigint NOT NULL,
    reason              text COLLATE "C" NOT NULL
);
COMMENT ON TABLE hipaa_migrate.audit_epoch IS
    'epochs of the record: its own, and those that came with a restored dump';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.epoch IS
    '128 random bits';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.ordinal IS
    'order of the epochs of one record';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.state IS
    'open | closed | adopted (restored, verified) | failed (restored, does not verify)';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.opened_at IS
    'when it was opened';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.closed_at IS
    'when it was closed or adopted';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.database IS
    'name of the database it was opened in';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.database_oid IS
    'its object identifier';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.system_identifier IS
    'of the cluster it was opened in';
COMMENT ON COLUMN hipaa_migrate.audit_epoch.reason IS
    'why it was opened';

CREATE TABLE hipaa_migrate.audit_state (
    epoch               uuid NOT NULL,
    database_oid        bigint NOT NULL,
    system_identifier   bigint NOT NULL,
    host                text COLLATE "C" NOT NULL,
    data_directory      text COLLATE "C" NOT NULL,
    next_xid            bigint NOT NULL,
    clone               boolean NOT NULL,
    anchored_at         timestamptz NOT NULL,
    clock_pending       timestamptz,
    verified_at         timestamptz,
    verified_outcome    text COLLATE "C",
    digest_block        bigint,
    digest_at           timestamptz,
    digest_failures     bigint NOT NULL,
    clock_server        timestamptz,
    clock_offset        bigint NOT NULL,
    retention           text COLLATE "C",
    retention_setting   text COLLATE "C"
);
COMMENT ON TABLE hipaa_migrate.audit_state IS
    'one row: where the record of this database stands; not in a dump';
COMMENT ON COLUMN hipaa_migrate.audit_state.epoch IS
    'the epoch that events are appended to';
COMMENT ON COLUMN hipaa_migrate.audit_state.database_oid IS
    'the database it belongs to: tells a copy by TEMPLATE';
COMMENT ON COLUMN hipaa_migrate.audit_state.system_identifier IS
    'the cluster it belongs to: tells pg_upgrade';
COMMENT ON COLUMN hipaa_migrate.audit_state.host IS
    'the host it was last seen on: tells a clone';
COMMENT ON COLUMN hipaa_migrate.audit_state.data_directory IS
    'the data directory it was last seen in: tells a clone';
COMMENT ON COLUMN hipaa_migrate.audit_state.next_xid IS
    'next transaction at the last seal: tells an older copy';
COMMENT ON COLUMN hipaa_migrate.audit_state.clone IS
    'this may be a copy; until confirmed it hands out no digests';
COMMENT ON COLUMN hipaa_migrate.audit_state.anchored_at IS
    'the clock that retention counts by';
COMMENT ON COLUMN hipaa_migrate.audit_state.clock_pending IS
    'a step of the clock that two people have not confirmed';
COMMENT ON COLUMN hipaa_migrate.audit_state.verified_at IS
    'when the record was last verified';
COMMENT ON COLUMN hipaa_migrate.audit_state.verified_outcome IS
    'ok | failed';
COMMENT ON COLUMN hipaa_migrate.audit_state.digest_block IS
    'the last block whose digest was handed out';
COMMENT ON COLUMN hipaa_migrate.audit_state.digest_at IS
    'when it was handed out';
COMMENT ON COLUMN hipaa_migrate.audit_state.digest_failures IS
    'failures of hipaa_migrate.digest_command since it last succeeded';
COMMENT ON COLUMN hipaa_migrate.audit_state.retention IS
    'the longest retention that was ever in effect, if longer than seven years';
COMMENT ON COLUMN hipaa_migrate.audit_state.retention_setting IS
    'the setting hipaa_migrate.audit_retention that was last put on record';
COMMENT ON COLUMN hipaa_migrate.audit_state.clock_server IS
    'start of the server process that clock_offset holds for';
COMMENT ON COLUMN hipaa_migrate.audit_state.clock_offset IS
    'between the clock that nobody can set and anchored_at, in microseconds';

/*
 * A publication FOR ALL TABLES has these too.  What purge and redaction remove
 * goes without a word into the stream; of the row without a key, updates would
 * be refused.
 */
ALTER TABLE hipaa_migrate.audit_event REPLICA IDENTITY NOTHING;
ALTER TABLE hipaa_migrate.audit_state REPLICA IDENTITY FULL;

CREATE TABLE hipaa_migrate.known_setting (
    name                text COLLATE "C" NOT NULL CONSTRAINT known_setting_pkey PRIMARY KEY,
    value               text COLLATE "C"
);
COMMENT ON TABLE hipaa_migrate.known_setting IS
    'settings hipaa_migrate.* as the sealer last saw them: tells what changed in the files; not in a dump';
COMMENT ON COLUMN hipaa_migrate.known_setting.name IS
    'the setting';
COMMENT ON COLUMN hipaa_migrate.known_setting.value IS
    'its value then';

CREATE TABLE hipaa_migrate.audit_hold (
    hold_id             bigint NOT NULL CONSTRAINT audit_hold_pkey PRIMARY KEY,
    kind                text COLLATE "C" NOT NULL,
    value               text COLLATE "C",
    since               timestamptz,
    until               timestamptz,
    reason              text COLLATE "C" NOT NULL,
    placed_by           text COLLATE "C" NOT NULL,
    placed_at           timestamptz NOT NULL,
    ended_by            text COLLATE "C",
    ended_at            timestamptz,
    end_reason          text COLLATE "C"
);
COMMENT ON TABLE hipaa_migrate.audit_hold IS
    'legal holds: events they cover are not purged';
COMMENT ON COLUMN hipaa_migrate.audit_hold.hold_id IS
    'identifies the hold';
COMMENT ON COLUMN hipaa_migrate.audit_hold.kind IS
    'object | person | period | migration';
COMMENT ON COLUMN hipaa_migrate.audit_hold.value IS
    'the object, person or migration';
COMMENT ON COLUMN hipaa_migrate.audit_hold.since IS
    'covers events from here; null: from the beginning';
COMMENT ON COLUMN hipaa_migrate.audit_hold.until IS
    'covers events before this; null: without end';
COMMENT ON COLUMN hipaa_migrate.audit_hold.reason IS
    'why it was placed';
COMMENT ON COLUMN hipaa_migrate.audit_hold.placed_by IS
    'who placed it';
COMMENT ON COLUMN hipaa_migrate.audit_hold.placed_at IS
    'when it was placed';
COMMENT ON COLUMN hipaa_migrate.audit_hold.ended_by IS
    'who ended it';
COMMENT ON COLUMN hipaa_migrate.audit_hold.ended_at IS
    'when it was ended';
COMMENT ON COLUMN hipaa_migrate.audit_hold.end_reason IS
    'why it was ended';

CREATE SEQUENCE hipaa_migrate.hold_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.hold_id_seq IS 'numbers legal holds';

CREATE TABLE hipaa_migrate.pending_act (
    act_id              bigint NOT NULL CONSTRAINT pending_act_pkey PRIMARY KEY,
    act                 text COLLATE "C" NOT NULL,
    arguments           text COLLATE "C" NOT NULL,
    reason              text COLLATE "C" NOT NULL,
    requested_by        text COLLATE "C" NOT NULL,
    requested_at        timestamptz NOT NULL,
    requested_xid       bigint NOT NULL,
    expires_at          timestamptz NOT NULL,
    state               text COLLATE "C" NOT NULL,
    confirmed_by        text COLLATE "C",
    confirmed_at        timestamptz,
    confirm_reason      text COLLATE "C"
);
COMMENT ON TABLE hipaa_migrate.pending_act IS
    'acts that two people decide: requested by one, confirmed by another';
COMMENT ON COLUMN hipaa_migrate.pending_act.act_id IS
    'identifies the act for migrate_confirm';
COMMENT ON COLUMN hipaa_migrate.pending_act.act IS
    'what is to be done';
COMMENT ON COLUMN hipaa_migrate.pending_act.arguments IS
    'JSON object with what it is to be done to';
COMMENT ON COLUMN hipaa_migrate.pending_act.reason IS
    'why';
COMMENT ON COLUMN hipaa_migrate.pending_act.requested_by IS
    'the authenticated user who asked for it';
COMMENT ON COLUMN hipaa_migrate.pending_act.requested_at IS
    'when';
COMMENT ON COLUMN hipaa_migrate.pending_act.requested_xid IS
    'the transaction whose event act.requested it must agree with';
COMMENT ON COLUMN hipaa_migrate.pending_act.expires_at IS
    'after this it can no longer be confirmed';
COMMENT ON COLUMN hipaa_migrate.pending_act.state IS
    'pending | confirmed | expired | withdrawn';
COMMENT ON COLUMN hipaa_migrate.pending_act.confirmed_by IS
    'the authenticated user who confirmed or withdrew it';
COMMENT ON COLUMN hipaa_migrate.pending_act.confirmed_at IS
    'when';
COMMENT ON COLUMN hipaa_migrate.pending_act.confirm_reason IS
    'the reason that was given then';

CREATE SEQUENCE hipaa_migrate.act_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.act_id_seq IS 'numbers acts that two people decide';

CREATE FUNCTION hipaa_migrate.event_kinds()
    RETURNS TABLE (kind text, outcome text, description text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_event_kinds';
COMMENT ON FUNCTION hipaa_migrate.event_kinds() IS
    'behind view audit_event_kind';

CREATE VIEW hipaa_migrate.audit_event_kind AS
    SELECT k.kind, k.outcome, k.description
      FROM hipaa_migrate.event_kinds() AS k;
COMMENT ON VIEW hipaa_migrate.audit_event_kind IS
    'every kind of event that the record knows';
COMMENT ON COLUMN hipaa_migrate.audit_event_kind.kind IS
    'its name in audit_log.event';
COMMENT ON COLUMN hipaa_migrate.audit_event_kind.outcome IS
    'its outcome, unless the event says another';
COMMENT ON COLUMN hipaa_migrate.audit_event_kind.description IS
    'what it records';

CREATE FUNCTION hipaa_migrate.require_auditor()
    RETURNS boolean
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_require_auditor';
COMMENT ON FUNCTION hipaa_migrate.require_auditor() IS
    'true for who holds the capability auditor, an error for all others; what views of the record ask';

CREATE VIEW hipaa_migrate.audit_log WITH (security_barrier) AS
    SELECT pg_catalog.date_trunc('second', e.occurred_at) AS occurred_at,
           e.actor, e.kind AS event, e.outcome, e.command, e.object,
           e.migration, e.client, e.sqlstate, e.rule, e.ticket, e.reason,
           e.effective_role, e.application, e.run_id,
           e.author, e.approvers, e.maintenance_window,
           l.seq, e.event_id, l.block, e.statement, e.epoch, e.details
      FROM hipaa_migrate.audit_event AS e
      LEFT JOIN hipaa_migrate.audit_leaf AS l
        ON l.epoch = e.epoch AND l.event_id = e.event_id
     WHERE (SELECT hipaa_migrate.require_auditor());
COMMENT ON VIEW hipaa_migrate.audit_log IS
    'the record, for people';
COMMENT ON COLUMN hipaa_migrate.audit_log.occurred_at IS
    'when, to the second';
COMMENT ON COLUMN hipaa_migrate.audit_log.actor IS
    'the authenticated user';
COMMENT ON COLUMN hipaa_migrate.audit_log.event IS
    'what happened: see view audit_event_kind';
COMMENT ON COLUMN hipaa_migrate.audit_log.outcome IS
    'how it ended';
COMMENT ON COLUMN hipaa_migrate.audit_log.command IS
    'command tag';
COMMENT ON COLUMN hipaa_migrate.audit_log.object IS
    'the first object that was touched';
COMMENT ON COLUMN hipaa_migrate.audit_log.migration IS
    'the migration';
COMMENT ON COLUMN hipaa_migrate.audit_log.client IS
    'address:port, local, or server process';
COMMENT ON COLUMN hipaa_migrate.audit_log.sqlstate IS
    'of the error';
COMMENT ON COLUMN hipaa_migrate.audit_log.rule IS
    'what refused it';
COMMENT ON COLUMN hipaa_migrate.audit_log.ticket IS
    'ticket that was named';
COMMENT ON COLUMN hipaa_migrate.audit_log.reason IS
    'reason that was given';
COMMENT ON COLUMN hipaa_migrate.audit_log.effective_role IS
    'current_user';
COMMENT ON COLUMN hipaa_migrate.audit_log.application IS
    'application_name';
COMMENT ON COLUMN hipaa_migrate.audit_log.run_id IS
    'the run';
COMMENT ON COLUMN hipaa_migrate.audit_log.author IS
    'who registered the migration';
COMMENT ON COLUMN hipaa_migrate.audit_log.approvers IS
    'persons whose signatures counted';
COMMENT ON COLUMN hipaa_migrate.audit_log.maintenance_window IS
    'the window in which it ran';
COMMENT ON COLUMN hipaa_migrate.audit_log.seq IS
    'number in its epoch without gaps; null until it is sealed';
COMMENT ON COLUMN hipaa_migrate.audit_log.event_id IS
    'identifies the event in its epoch';
COMMENT ON COLUMN hipaa_migrate.audit_log.block IS
    'the block that sealed it';
COMMENT ON COLUMN hipaa_migrate.audit_log.statement IS
    'the statement, without what must not be kept';
COMMENT ON COLUMN hipaa_migrate.audit_log.epoch IS
    'the record''s life on one database';
COMMENT ON COLUMN hipaa_migrate.audit_log.details IS
    'JSON object with what belongs to this kind only';

CREATE TABLE hipaa_migrate.capability_grant (
    capability          text COLLATE "C" NOT NULL
        CHECK (capability IN ('author', 'operator', 'approver', 'auditor', 'breaker', 'relay')),
    role_name           name NOT NULL,
    role_oid            oid NOT NULL,
    server              bigint NOT NULL,
    granted_by          name NOT NULL,
    granted_at          timestamptz NOT NULL,
    PRIMARY KEY (capability, role_name)
);
COMMENT ON TABLE hipaa_migrate.capability_grant IS
    'who may do what, beside superusers; written by migrate_grant and migrate_revoke';
COMMENT ON COLUMN hipaa_migrate.capability_grant.capability IS
    'author | operator | approver | auditor | breaker | relay';
COMMENT ON COLUMN hipaa_migrate.capability_grant.role_name IS
    'role that holds it, and its members';
COMMENT ON COLUMN hipaa_migrate.capability_grant.role_oid IS
    'identifies the role on the server it was granted on; elsewhere, after a restore, the name does';
COMMENT ON COLUMN hipaa_migrate.capability_grant.server IS
    'system identifier of the server it was granted on';
COMMENT ON COLUMN hipaa_migrate.capability_grant.granted_by IS
    'the authenticated user who granted it';
COMMENT ON COLUMN hipaa_migrate.capability_grant.granted_at IS
    'when it was granted';

CREATE VIEW hipaa_migrate.capability AS
    SELECT g.capability, g.role_name AS role, g.granted_by,
           pg_catalog.date_trunc('second', g.granted_at) AS granted_at
      FROM hipaa_migrate.capability_grant AS g
     WHERE EXISTS (SELECT FROM pg_catalog.pg_roles AS r
                    WHERE r.rolname = g.role_name
                      AND (r.oid = g.role_oid OR g.server <>
                           (SELECT c.system_identifier
                              FROM pg_catalog.pg_control_system() AS c)));
COMMENT ON VIEW hipaa_migrate.capability IS
    'roles that hold a capability (author, operator, approver, auditor, breaker, relay); superusers hold author, operator and auditor unlisted';
COMMENT ON COLUMN hipaa_migrate.capability.capability IS
    'author | operator | approver | auditor | breaker | relay';
COMMENT ON COLUMN hipaa_migrate.capability.role IS
    'role that holds it, and its members';
COMMENT ON COLUMN hipaa_migrate.capability.granted_by IS
    'the authenticated user who granted it';
COMMENT ON COLUMN hipaa_migrate.capability.granted_at IS
    'when it was granted, to the second';

CREATE FUNCTION @extschema@.migrate_grant(capability text, role name)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_grant';
COMMENT ON FUNCTION @extschema@.migrate_grant(text, name) IS
    'gives a role a capability: author, operator, approver, auditor, breaker or relay';

CREATE FUNCTION @extschema@.migrate_revoke(capability text, role name)
    RETURNS void
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_revoke';
COMMENT ON FUNCTION @extschema@.migrate_revoke(text, name) IS
    'takes a capability from a role';

/* person: who is behind a login */

CREATE TABLE hipaa_migrate.person_login (
    login               text COLLATE "C" NOT NULL CONSTRAINT person_login_pkey PRIMARY KEY,
    login_oid           oid,
    server              bigint NOT NULL,
    person              text COLLATE "C",
    changed_by          text COLLATE "C" NOT NULL,
    changed_at          timestamptz NOT NULL,
    reason              text COLLATE "C" NOT NULL
);
COMMENT ON TABLE hipaa_migrate.person_login IS
    'which logins, and other names of a person, are one person; logins that belong to nobody';
COMMENT ON COLUMN hipaa_migrate.person_login.login IS
    'a role that logs in, or a name that an authentication method or a pipeline gives the person';
COMMENT ON COLUMN hipaa_migrate.person_login.login_oid IS
    'the role of that name, then; null: no role';
COMMENT ON COLUMN hipaa_migrate.person_login.server IS
    'system identifier of the server where login_oid is valid';
COMMENT ON COLUMN hipaa_migrate.person_login.person IS
    'the person; null: a shared login, which is nobody';
COMMENT ON COLUMN hipaa_migrate.person_login.changed_by IS
    'the authenticated user who said so';
COMMENT ON COLUMN hipaa_migrate.person_login.changed_at IS
    'when';
COMMENT ON COLUMN hipaa_migrate.person_login.reason IS
    'why';

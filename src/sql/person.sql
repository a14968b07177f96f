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

CREATE FUNCTION @extschema@.migrate_person(
    name text,
    logins text[] DEFAULT NULL,
    reason text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_person';
COMMENT ON FUNCTION @extschema@.migrate_person(text, text[], text) IS
    'says which logins, and other names, are one person''s, instead of those it had; without a name: of nobody; returns null, or the number of the act where another person confirms it';

CREATE FUNCTION hipaa_migrate.persons()
    RETURNS TABLE (
        person text, login text, status text, changed_by text,
        changed_at timestamptz, reason text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_persons';
COMMENT ON FUNCTION hipaa_migrate.persons() IS
    'behind view person';

CREATE VIEW hipaa_migrate.person AS
    SELECT p.person, p.login, p.status, p.changed_by, p.changed_at, p.reason
      FROM hipaa_migrate.persons() AS p;
COMMENT ON VIEW hipaa_migrate.person IS
    'which logins are one person; a login that is not listed is a person of its own name';
COMMENT ON COLUMN hipaa_migrate.person.person IS
    'the person; null: a shared login, which is nobody';
COMMENT ON COLUMN hipaa_migrate.person.login IS
    'a role, by its present name, or another name of the person';
COMMENT ON COLUMN hipaa_migrate.person.status IS
    'login: a role | name: what an authentication method proves or a pipeline claims | void: that role is no more, whoever has its name';
COMMENT ON COLUMN hipaa_migrate.person.changed_by IS
    'the authenticated user who said so';
COMMENT ON COLUMN hipaa_migrate.person.changed_at IS
    'when, to the second';
COMMENT ON COLUMN hipaa_migrate.person.reason IS
    'why';

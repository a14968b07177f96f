/* access: who could do what, and when */

CREATE TABLE hipaa_migrate.known_membership (
    login               text COLLATE "C" NOT NULL,
    login_oid           oid NOT NULL,
    standing            text COLLATE "C" NOT NULL CHECK (standing IN ('login', 'superuser', 'member')),
    role                text COLLATE "C" NOT NULL,
    role_oid            oid NOT NULL,
    CONSTRAINT known_membership_pkey PRIMARY KEY (login, standing, role, login_oid, role_oid)
);
COMMENT ON TABLE hipaa_migrate.known_membership IS
    'logins, and their memberships in roles that policy or capabilities name, as commands here left them or the sealer last saw them: tells what changed; not in a dump';
COMMENT ON COLUMN hipaa_migrate.known_membership.login IS
    'a role that can log in';
COMMENT ON COLUMN hipaa_migrate.known_membership.login_oid IS
    'its object identifier';
COMMENT ON COLUMN hipaa_migrate.known_membership.standing IS
    'login | superuser | member';
COMMENT ON COLUMN hipaa_migrate.known_membership.role IS
    'of a member: the role, which it belongs to directly or not; else the login again';
COMMENT ON COLUMN hipaa_migrate.known_membership.role_oid IS
    'its object identifier';

CREATE FUNCTION @extschema@.migrate_access(as_of timestamptz DEFAULT NULL)
    RETURNS TABLE (
        person text, login text, access text, through text,
        since timestamptz, note text)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_migrate_access';
COMMENT ON FUNCTION @extschema@.migrate_access(timestamptz) IS
    'who could register, run, approve, audit, break glass and relay at that moment (default: now), and by what';

/* access: who could do what, and when */

CREATE TABLE hipaa_migrate.known_membership (
    login               text COLLATE "C" NOT NULL,
    role                text COLLATE "C" NOT NULL,
    CONSTRAINT known_membership_pkey PRIMARY KEY (login, role)
);
COMMENT ON TABLE hipaa_migrate.known_membership IS
    'memberships of logins in roles that policy or capabilities name, as the record last noted them';
COMMENT ON COLUMN hipaa_migrate.known_membership.login IS
    'a role that can log in';
COMMENT ON COLUMN hipaa_migrate.known_membership.role IS
    'a role it is a member of, directly or not';

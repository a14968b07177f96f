/*
 * src/audit/access_change.h
 *	  Who is a member of the roles that matter here, and since when: the
 *	  server keeps no history of memberships, so the record does.
 *
 * A command that changes roles here compares what the catalogs then say with
 * table known_membership, as it was left, and appends events access.changed
 * with the difference.  Roles are those of the whole server, and the commands
 * of other databases do not look here: so does the sealer, whenever it seals.
 * What it notes has the time of the seal, and what came and went between two
 * seals is not noted.
 *
 * Details of such an event are {"whole": true, "command": true, "added":
 * [...], "removed": [...]}, each element {"login", "login_oid", "standing",
 * "role", "role_oid"} with a standing of
 *
 *		login		a role that may log in
 *		superuser	that is one
 *		member		that is a member of the role, directly or not; only for
 *					roles that capabilities were granted to or the policy names
 *
 * command is there where the time is that of a command.
 *
 * whole is there in the first event of a database, or of a copy restored from
 * a dump, which does not hold the table: what was known before it is void.
 */
#ifndef HM_AUDIT_ACCESS_CHANGE_H
#define HM_AUDIT_ACCESS_CHANGE_H

#include "base/compat.h"
#include "nodes/nodes.h"

/*
 * For WITH RECURSIVE: present (login, login_oid, standing, role, role_oid),
 * as the catalogs have it.  Membership is that of
 * hm_compat_is_member(): by every road that inherits, or that sets.
 * The policy names a role wherever one of its values holds the name.
 */
#define HM_ACCESS_PRESENT \
	" named AS (" \
	"SELECT r.oid, r.rolname FROM pg_catalog.pg_roles AS r" \
	" WHERE r.rolname::text IN" \
	"       (SELECT v.v OPERATOR(pg_catalog.#>>) '{}'" \
	"          FROM hipaa_migrate.policy_requirement AS p," \
	"               pg_catalog.jsonb_path_query(p.value, '$.**') AS v (v)" \
	"         WHERE pg_catalog.jsonb_typeof(v.v) = 'string')" \
	"    OR EXISTS" \
	"       (SELECT FROM hipaa_migrate.capability_grant AS g" \
	"         WHERE g.role_name = r.rolname" \
	"           AND (g.role_oid = r.oid OR g.server <>" \
	"                (SELECT c.system_identifier" \
	"                   FROM pg_catalog.pg_control_system() AS c))))," \
	" road AS (" \
	"SELECT m.roleid, m.member, " HM_COMPAT_MEMBER_INHERITS " AS inherits," \
	"       " HM_COMPAT_MEMBER_SETS " AS sets" \
	"  FROM pg_catalog.pg_auth_members AS m" \
	" UNION ALL" \
	" SELECT r.oid, d.datdba, true, true FROM pg_catalog.pg_database AS d," \
	"        pg_catalog.pg_roles AS r" \
	"  WHERE d.datname = pg_catalog.current_database()" \
	"    AND r.rolname = 'pg_database_owner')," \
	" within AS (" \
	"SELECT n.oid AS role, n.oid AS member, true AS inherits, true AS sets" \
	"  FROM named AS n" \
	" UNION" \
	" SELECT w.role, r.member, w.inherits AND r.inherits, w.sets AND r.sets" \
	"   FROM within AS w JOIN road AS r ON r.roleid = w.member" \
	"  WHERE w.inherits AND r.inherits OR w.sets AND r.sets)," \
	" present AS MATERIALIZED (" \
	"SELECT l.rolname::text AS login, l.oid AS login_oid," \
	"       'login' AS standing, l.rolname::text AS role, l.oid AS role_oid" \
	"  FROM pg_catalog.pg_roles AS l WHERE l.rolcanlogin" \
	" UNION ALL" \
	" SELECT l.rolname::text, l.oid, 'superuser', l.rolname::text, l.oid" \
	"   FROM pg_catalog.pg_roles AS l WHERE l.rolcanlogin AND l.rolsuper" \
	" UNION ALL" \
	" SELECT DISTINCT l.rolname::text, l.oid, 'member', n.rolname::text, n.oid" \
	"   FROM within AS w" \
	"   JOIN named AS n ON n.oid = w.role" \
	"   JOIN pg_catalog.pg_roles AS l ON l.oid = w.member" \
	"  WHERE l.rolcanlogin AND w.member <> w.role)"

/*
 * For the sealer, outside a transaction.  Until a role, a membership, a grant
 * or the policy changes, it costs two short queries.
 */
extern void hm_access_change_look(void);

/* Whether the command may change such; after it, in its transaction. */
extern bool hm_access_change_concerns(Node *command);
extern void hm_access_change_note(void);

#endif							/* HM_AUDIT_ACCESS_CHANGE_H */

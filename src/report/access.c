/*
 * src/report/access.c
 *	  Access review: who could do what at a moment, and by what.
 *
 * One statement, for all of it must be of one snapshot.  Its first argument is
 * the moment, null for the present.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/access_change.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "report/access.h"

/* Of the record, in its order: epoch by epoch. */
#define EVENTS \
	" event AS MATERIALIZED (" \
	"SELECT e.kind, e.occurred_at, o.ordinal, e.event_id, e.object," \
	"       e.system_identifier, e.details::jsonb AS details" \
	"  FROM hipaa_migrate.audit_event AS e" \
	"  JOIN hipaa_migrate.audit_epoch AS o USING (epoch)" \
	" WHERE e.kind IN ('capability.granted', 'capability.revoked'," \
	"                  'access.changed', 'person.changed'," \
	"                  'policy.changed', 'record.purged'))"

/* What the record is able to tell. */
#define EXTENT \
	" extent AS MATERIALIZED (" \
	"SELECT (SELECT pg_catalog.min(o.opened_at) FROM hipaa_migrate.audit_epoch AS o)" \
	"       AS begins," \
	"       (SELECT pg_catalog.max(o.ordinal) FROM hipaa_migrate.audit_epoch AS o" \
	"         WHERE o.opened_at <= COALESCE($1, 'infinity'))" \
	"       AS ordinal," \
	"       (SELECT pg_catalog.min(e.occurred_at) FROM event AS e" \
	"         WHERE e.details ? 'whole' AND e.occurred_at > $1)" \
	"       AS noted_from," \
	"       (SELECT pg_catalog.max((e.details ->> 'before')::timestamptz)" \
	"          FROM event AS e WHERE e.kind = 'record.purged')" \
	"       AS purged_to)"

/*
 * The note of everything that counts at that moment.  An epoch that begins
 * with one, as that of a restored dump does, owes nothing to those before.
 */
#define WHOLE \
	" whole AS MATERIALIZED (" \
	"SELECT e.ordinal, e.event_id FROM event AS e, extent AS x" \
	" WHERE e.kind = 'access.changed' AND e.details ? 'whole'" \
	"   AND e.occurred_at <= COALESCE($1, 'infinity')" \
	"   AND NOT EXISTS" \
	"       (SELECT FROM event AS l" \
	"         WHERE l.kind = 'access.changed' AND l.details ? 'whole'" \
	"           AND l.ordinal = x.ordinal" \
	"           AND l.occurred_at > COALESCE($1, 'infinity'))" \
	" ORDER BY e.ordinal DESC, e.event_id DESC LIMIT 1)"

/* The last word on each membership. */
#define NOTED \
	" word AS (" \
	"SELECT DISTINCT ON (r.login, r.login_oid, r.standing, r.role, r.role_oid)" \
	"       r.login, r.login_oid, r.standing, r.role, r.role_oid," \
	"       c.change, e.occurred_at AS noted_at, e.details ? 'whole' AS first," \
	"       e.details ? 'command' AS exact" \
	"  FROM event AS e" \
	"  JOIN whole AS w ON (e.ordinal, e.event_id) >= (w.ordinal, w.event_id)," \
	"       (VALUES ('removed'), ('added')) AS c (change)," \
	"       pg_catalog.jsonb_to_recordset(e.details -> c.change)" \
	"       AS r (login text, login_oid oid, standing text, role text," \
	"             role_oid oid)" \
	" WHERE e.kind = 'access.changed'" \
	"   AND e.occurred_at <= COALESCE($1, 'infinity')" \
	" ORDER BY r.login, r.login_oid, r.standing, r.role, r.role_oid," \
	"          e.ordinal DESC, e.event_id DESC, c.change)"

#define STANDINGS \
	" standing AS MATERIALIZED (" \
	"SELECT n.login, n.login_oid, n.standing, n.role, n.role_oid, n.noted_at," \
	"       n.first, n.exact" \
	"  FROM word AS n WHERE n.change = 'added' AND $1 IS NOT NULL" \
	" UNION ALL" \
	" SELECT p.login, p.login_oid, p.standing, p.role, p.role_oid, n.noted_at," \
	"        n.first, n.exact" \
	"   FROM present AS p" \
	"   LEFT JOIN (SELECT w.* FROM word AS w WHERE w.change = 'added') AS n" \
	"     ON (n.login, n.login_oid, n.standing, n.role, n.role_oid) =" \
	"        (p.login, p.login_oid, p.standing, p.role, p.role_oid)" \
	"  WHERE $1 IS NULL)"

/*
 * Where the events before the moment are gone, the next one after it tells,
 * and without one the table: what it has was not touched since.  role_oid is
 * null where the name decides.
 */
#define GRANTS \
	" change AS MATERIALIZED (" \
	"SELECT e.kind = 'capability.granted' AS given, e.occurred_at, e.ordinal," \
	"       e.event_id, e.details ->> 'capability' AS capability," \
	"       e.object AS role," \
	"       CASE e.system_identifier WHEN $2" \
	"       THEN (e.details ->> 'role_oid')::oid END AS role_oid" \
	"  FROM event AS e WHERE e.kind LIKE 'capability.%' AND $1 IS NOT NULL)," \
	" before AS (" \
	"SELECT DISTINCT ON (c.capability, c.role) c.* FROM change AS c" \
	" WHERE c.occurred_at <= $1" \
	" ORDER BY c.capability, c.role, c.ordinal DESC, c.event_id DESC)," \
	" after AS (" \
	"SELECT DISTINCT ON (c.capability, c.role) c.* FROM change AS c" \
	" WHERE c.occurred_at > $1" \
	" ORDER BY c.capability, c.role, c.ordinal, c.event_id)," \
	" held AS (" \
	"SELECT g.capability, g.role_name::text AS role, g.granted_at," \
	"       CASE g.server WHEN $2 THEN g.role_oid END AS role_oid" \
	"  FROM hipaa_migrate.capability_grant AS g)," \
	" given AS MATERIALIZED (" \
	"SELECT h.capability, h.role, h.granted_at AS since, h.role_oid" \
	"  FROM held AS h WHERE $1 IS NULL" \
	" UNION ALL" \
	" SELECT b.capability, b.role, b.occurred_at, b.role_oid" \
	"   FROM before AS b WHERE b.given" \
	" UNION ALL" \
	" SELECT a.capability, a.role, NULL, NULL" \
	"   FROM after AS a" \
	"  WHERE NOT a.given AND NOT EXISTS" \
	"        (SELECT FROM before AS b" \
	"          WHERE (b.capability, b.role) = (a.capability, a.role))" \
	" UNION ALL" \
	" SELECT h.capability, h.role, h.granted_at, h.role_oid" \
	"   FROM held AS h" \
	"  WHERE h.granted_at <= $1 AND NOT EXISTS" \
	"        (SELECT FROM change AS c" \
	"          WHERE (c.capability, c.role) = (h.capability, h.role)))"

/* What was given to a role, it and all its members hold. */
#define HOLDERS \
	" word_of (capability, access, place) AS (VALUES" \
	" ('author', 'register', 1), ('operator', 'run', 2)," \
	" ('approver', 'approve', 3), ('auditor', 'audit', 4)," \
	" ('breaker', 'break glass', 5), ('relay', 'relay', 6))," \
	" holder AS MATERIALIZED (" \
	"SELECT s.login, s.login_oid, g.capability, s.noted_at, s.first, s.exact," \
	"       CASE s.role WHEN s.login" \
	"       THEN pg_catalog.format('capability %s granted to it'," \
	"                              g.capability)" \
	"       ELSE pg_catalog.format('capability %s granted to role %s'," \
	"                              g.capability, s.role) END AS through," \
	"       g.since AS granted_at, s.role = s.login AS itself" \
	"  FROM given AS g" \
	"  JOIN standing AS s" \
	"    ON s.standing IN ('login', 'member') AND s.role = g.role" \
	"   AND s.role_oid = COALESCE(g.role_oid, s.role_oid)" \
	" UNION ALL" \
	" SELECT s.login, s.login_oid, c.capability, s.noted_at, s.first, s.exact," \
	"        'superuser', NULL, false" \
	"   FROM standing AS s," \
	"        (VALUES ('author'), ('operator'), ('auditor')) AS c (capability)" \
	"  WHERE s.standing = 'superuser')"

/*
 * Who a login was.  Each event has the logins of one person before and after
 * it; the rest as for grants.
 */
#define PERSONS \
	" told AS MATERIALIZED (" \
	"SELECT e.object AS person, l.login, w.after, e.occurred_at, e.ordinal," \
	"       e.event_id" \
	"  FROM event AS e," \
	"       (VALUES ('before', false), ('after', true)) AS w (list, after)," \
	"       pg_catalog.jsonb_array_elements_text(e.details -> w.list)" \
	"       AS l (login)" \
	" WHERE e.kind = 'person.changed' AND $1 IS NOT NULL)," \
	" told_before AS (" \
	"SELECT DISTINCT ON (t.login) t.* FROM told AS t WHERE t.occurred_at <= $1" \
	" ORDER BY t.login, t.ordinal DESC, t.event_id DESC, t.after DESC)," \
	" told_after AS (" \
	"SELECT DISTINCT ON (t.login) t.* FROM told AS t WHERE t.occurred_at > $1" \
	" ORDER BY t.login, t.ordinal, t.event_id, t.after)," \
	" who AS MATERIALIZED (" \
	"SELECT b.login, b.person, NULL::oid AS login_oid" \
	"  FROM told_before AS b WHERE b.after" \
	" UNION ALL" \
	" SELECT a.login, a.person, NULL FROM told_after AS a" \
	"  WHERE NOT a.after AND NOT EXISTS" \
	"        (SELECT FROM told_before AS b WHERE b.login = a.login)" \
	" UNION ALL" \
	" SELECT p.login, p.person, CASE p.server WHEN $2 THEN p.login_oid END" \
	"   FROM hipaa_migrate.person_login AS p" \
	"  WHERE $1 IS NULL OR p.changed_at <= $1 AND NOT EXISTS" \
	"        (SELECT FROM told AS t WHERE t.login = p.login))"

/* Each event has the whole policy before and after it. */
#define POLICY \
	" policy AS MATERIALIZED (" \
	"SELECT p.risk, p.requirement, p.value" \
	"  FROM hipaa_migrate.policy_requirement AS p" \
	" WHERE $1 IS NULL OR p.changed_at <= $1 AND NOT EXISTS" \
	"       (SELECT FROM event AS e WHERE e.kind = 'policy.changed')" \
	" UNION ALL" \
	" SELECT r.risk, q.requirement, q.value" \
	"   FROM (SELECT COALESCE(" \
	"                (SELECT e.details -> 'after' FROM event AS e" \
	"                  WHERE e.kind = 'policy.changed' AND e.occurred_at <= $1" \
	"                  ORDER BY e.ordinal DESC, e.event_id DESC LIMIT 1)," \
	"                (SELECT e.details -> 'before' FROM event AS e" \
	"                  WHERE e.kind = 'policy.changed' AND e.occurred_at > $1" \
	"                  ORDER BY e.ordinal, e.event_id LIMIT 1))" \
	"          WHERE $1 IS NOT NULL) AS w (whole)," \
	"        pg_catalog.jsonb_each(w.whole) AS r (risk, requirements)," \
	"        pg_catalog.jsonb_each(r.requirements) AS q (requirement, value))"

/* A value that is not understood names nobody. */
#define ARRAY_IN(value) \
	"CASE pg_catalog.jsonb_typeof(" value ")" \
	" WHEN 'array' THEN " value " ELSE '[]' END"

/*
 * What a holder of approver could sign by being a member of a role: sets of
 * approvers, stages, and what touches health information.
 */
#define SEATS \
	" seat AS (" \
	"SELECT p.risk, r.role," \
	"       pg_catalog.format('set %s of %s', s.no," \
	"                         pg_catalog.jsonb_array_length(p.value)) AS place" \
	"  FROM policy AS p," \
	"       pg_catalog.jsonb_array_elements(" ARRAY_IN("p.value") ")" \
	"       WITH ORDINALITY AS s (roles, no)," \
	"       pg_catalog.jsonb_array_elements_text(" ARRAY_IN("s.roles") ")" \
	"       AS r (role)" \
	" WHERE p.requirement = 'approvers'" \
	" UNION ALL" \
	" SELECT p.risk, r.role," \
	"        pg_catalog.format('stage %s', s.stage ->> 'stage')" \
	"   FROM policy AS p," \
	"        pg_catalog.jsonb_array_elements(" ARRAY_IN("p.value") ")" \
	"        AS s (stage)," \
	"        pg_catalog.jsonb_array_elements_text(" \
	ARRAY_IN("s.stage -> 'roles'") ") AS r (role)" \
	"  WHERE p.requirement = 'stages'" \
	" UNION ALL" \
	" SELECT p.risk, r.role, 'privacy'" \
	"   FROM policy AS p," \
	"        pg_catalog.jsonb_array_elements_text(" \
	ARRAY_IN("p.value -> 'roles'") ") AS r (role)" \
	"  WHERE p.requirement = 'assessment')"

/* Of whom one must be, besides holding breaker, to break the glass. */
#define BREAKERS \
	" breaker_role AS MATERIALIZED (" \
	"SELECT r.role" \
	"  FROM policy AS p," \
	"       pg_catalog.jsonb_array_elements_text(" \
	ARRAY_IN("p.value -> 'roles'") ") AS r (role)" \
	" WHERE p.requirement = 'break_glass')"

/*
 * In the order of what they are about.  What somebody could sign has one row
 * however many grants made an approver of the login: the oldest of them.
 */
#define ANSWERS \
	" answer AS (" \
	"SELECT h.login, h.login_oid, w.access, h.through, h.noted_at, h.first," \
	"       h.exact, h.granted_at, h.itself, w.place," \
	"       h.capability = 'breaker'" \
	"       AND EXISTS (SELECT FROM breaker_role)" \
	"       AND NOT EXISTS" \
	"           (SELECT FROM breaker_role AS b JOIN standing AS s USING (role)" \
	"             WHERE s.standing IN ('login', 'member')" \
	"               AND s.login = h.login) AS barred" \
	"  FROM holder AS h JOIN word_of AS w USING (capability)" \
	" UNION ALL" \
	" (SELECT DISTINCT ON (h.login, h.login_oid, t.risk, t.place, t.role)" \
	"         h.login, h.login_oid, 'approve ' || t.risk," \
	"        pg_catalog.format(CASE t.role WHEN '*' THEN '%2$s: anybody'" \
	"                          ELSE '%2$s: member of role %1$s' END," \
	"                          t.role, t.place)," \
	"        GREATEST(s.noted_at, h.noted_at)," \
	"        COALESCE(s.first, true) AND COALESCE(h.first, true)," \
	"        COALESCE(s.exact, true) AND COALESCE(h.exact, true)," \
	"        h.granted_at, h.itself AND t.role = h.login, 3, false" \
	"   FROM seat AS t" \
	"   JOIN holder AS h ON h.capability = 'approver'" \
	"   LEFT JOIN standing AS s ON s.standing IN ('login', 'member')" \
	"    AND s.role = t.role AND s.login = h.login" \
	"  WHERE t.role = '*' OR s.login IS NOT NULL" \
	"  ORDER BY h.login, h.login_oid, t.risk, t.place, t.role," \
	"           GREATEST(s.noted_at, h.noted_at, h.granted_at)))"

/* A time of a membership is that of the command, or seal, that noted it. */
#define KNOWN \
	"SELECT CASE WHEN p.login IS NULL THEN a.login ELSE p.person END" \
	"       AS person, a.login, a.access, a.through," \
	"       CASE WHEN a.itself THEN a.granted_at" \
	"       WHEN a.noted_at IS NOT NULL" \
	"       THEN GREATEST(a.noted_at, a.granted_at) END AS since," \
	"       pg_catalog.concat_ws('; '," \
	"       CASE WHEN p.login IS NOT NULL AND p.person IS NULL" \
	"       THEN 'a shared login, of nobody' END," \
	"       CASE WHEN a.barred THEN pg_catalog.concat(" \
	"       'the policy lets only members of '," \
	"       (SELECT pg_catalog.string_agg(b.role, ', ' ORDER BY b.role)" \
	"          FROM breaker_role AS b)) END," \
	"       CASE WHEN a.itself AND a.granted_at IS NOT NULL THEN NULL" \
	"       WHEN a.itself THEN 'when it was granted is not on record any more'" \
	"       WHEN a.noted_at IS NULL" \
	"       THEN 'not noted yet: the next seal notes it'" \
	"       WHEN a.noted_at <= a.granted_at OR a.exact THEN NULL" \
	"       WHEN a.first THEN 'noted at the first seal: may be older'" \
	"       ELSE 'noted at a seal: began after the one before' END) AS note," \
	"       a.place" \
	"  FROM answer AS a CROSS JOIN extent AS x" \
	"  LEFT JOIN who AS p ON p.login = a.login" \
	"   AND COALESCE(p.login_oid, a.login_oid) = a.login_oid" \
	" WHERE $1 IS NULL OR $1 >= x.begins"

/* Before the first note: what roles had, for want of their members. */
#define UNKNOWN \
	"SELECT NULL, NULL, w.access," \
	"       pg_catalog.format('capability %s granted to role %s'," \
	"                         g.capability, g.role), g.since," \
	"       'who was a member of it is not on record', 10 + w.place" \
	"  FROM given AS g JOIN word_of AS w USING (capability), extent AS x" \
	" WHERE $1 >= x.begins AND NOT EXISTS (SELECT FROM whole)" \
	" UNION ALL" \
	" SELECT NULL, NULL, NULL, NULL, NULL, n.note, 20" \
	"   FROM extent AS x, LATERAL (VALUES" \
	"        (CASE WHEN $1 < x.begins THEN pg_catalog.format(" \
	"         'the record begins at %s and tells nothing of before'," \
	"         pg_catalog.date_trunc('second', x.begins)) END)," \
	"        (CASE WHEN $1 >= x.begins AND NOT EXISTS (SELECT FROM whole)" \
	"         THEN pg_catalog.concat('superusers and members of roles'," \
	"         ' are not on record for that time: noted first at '," \
	"         pg_catalog.date_trunc('second', x.noted_from)) END)," \
	"        (CASE WHEN $1 < x.purged_to THEN pg_catalog.format(" \
	"         'events before %s were purged'," \
	"         pg_catalog.date_trunc('second', x.purged_to)) END)) AS n (note)" \
	"  WHERE n.note IS NOT NULL"

void
hm_access_put(ReturnSetInfo *result, NullableDatum as_of)
{
	static HmStatement review = {
		"WITH RECURSIVE" HM_ACCESS_PRESENT "," EVENTS "," EXTENT "," WHOLE ","
		NOTED "," STANDINGS "," GRANTS "," HOLDERS "," PERSONS "," POLICY ","
		SEATS "," BREAKERS "," ANSWERS
		" SELECT r.person, r.login, r.access, r.through,"
		"        pg_catalog.date_trunc('second', r.since),"
		"        NULLIF(r.note, '')"
		"   FROM (" KNOWN " UNION ALL " UNKNOWN ") AS r"
		"  ORDER BY r.login, r.place, r.access, r.through, r.note",
		2, {TIMESTAMPTZOID, INT8OID}
	};
	Datum		values[2] = {as_of.value};
	char		nulls[2] = {as_of.isnull ? 'n' : ' ', ' '};
	HmBracket	bracket;

	values[1] = Int64GetDatum((int64) GetSystemIdentifier());
	hm_query_begin(&bracket);
	hm_query_run(&review, values, nulls, true);
	hm_query_put_rows(result);
	hm_query_end(&bracket);
}

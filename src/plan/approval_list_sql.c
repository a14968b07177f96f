/*
 * src/plan/approval_list_sql.c
 *	  Behind views approval_list and submission_list.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/query.h"
#include "funcapi.h"
#include "registry/name.h"

PG_FUNCTION_INFO_V1(hm_approvals);
PG_FUNCTION_INFO_V1(hm_submissions);

Datum
hm_approvals(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT a.approval_id,"
		"       CASE WHEN a.used_at IS NOT NULL THEN 'used'"
		"            WHEN a.ended_at IS NOT NULL THEN 'withdrawn'"
		"            WHEN s.state <> 'open' THEN 'void'"
		"            WHEN a.expires_at <= pg_catalog.clock_timestamp() THEN 'expired'"
		"            ELSE 'active' END,"
		"       " HM_NAME_DISPLAY("m") ", a.direction, a.person, a.meaning,"
		"       pg_catalog.date_trunc('second', a.given_at),"
		"       pg_catalog.date_trunc('second', a.expires_at), a.risk,"
		"       pg_catalog.left(pg_catalog.encode(a.checksum, 'hex'), 12),"
		"       a.login, a.authn_id, a.relayed_by, a.evidence, a.submission_id,"
		"       a.assessment_id,"
		"       pg_catalog.date_trunc('second', a.used_at), a.used_run,"
		"       pg_catalog.date_trunc('second', a.ended_at), a.comment, a.end_reason"
		"  FROM hipaa_migrate.approval AS a"
		"  JOIN hipaa_migrate.submission AS s USING (submission_id)"
		"  JOIN hipaa_migrate.migration AS m USING (migration_id)"
		" ORDER BY a.approval_id"
	};

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, NULL);
}

Datum
hm_submissions(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT s.submission_id, s.state, " HM_NAME_DISPLAY("m") ", s.direction,"
		"       b.risk, b.phi, s.submitted_by,"
		"       pg_catalog.date_trunc('second', s.submitted_at), s.planned_for,"
		"       pg_catalog.left(pg_catalog.encode(b.checksum, 'hex'), 12),"
		"       pg_catalog.left(pg_catalog.encode(s.checksum, 'hex'), 12),"
		"       pg_catalog.date_trunc('second', b.done_at), s.ticket, s.reason,"
		"       s.ended_by, pg_catalog.date_trunc('second', s.ended_at), s.end_reason"
		"  FROM hipaa_migrate.submission AS s"
		"  JOIN hipaa_migrate.submission_member AS b USING (submission_id)"
		"  JOIN hipaa_migrate.migration AS m USING (migration_id)"
		" ORDER BY s.submission_id, b.ordinal"
	};

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, NULL);
}

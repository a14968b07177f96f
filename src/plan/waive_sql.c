/*
 * src/plan/waive_sql.c
 *	  SQL functions migrate_waive and migrate_waive_end, and the view.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/own_words.h"
#include "base/argument.h"
#include "base/query.h"
#include "funcapi.h"
#include "lint/rule.h"
#include "miscadmin.h"
#include "plan/graph.h"
#include "policy/waiver.h"
#include "registry/name.h"
#include "registry/stored.h"

PG_FUNCTION_INFO_V1(hm_migrate_waive);
PG_FUNCTION_INFO_V1(hm_migrate_waive_end);
PG_FUNCTION_INFO_V1(hm_waivers);

static void
check_rule(const char *slug)
{
	const HmLintRule *rule = hm_lint_rule_find(slug);

	if (rule == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("unrecognized rule \"%s\"", slug),
				 errhint("To see all rules: SELECT rule, message FROM hipaa_migrate.lint_rule;")));
	if (rule->flags & HM_RULE_FORBIDDEN)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("rule \"%s\" cannot be waived", slug),
				 errdetail("What it forbids does not run, whoever approves it.")));
}

/* The revision that is registered, also while an earlier one is applied. */
Datum
hm_migrate_waive(PG_FUNCTION_ARGS)
{
	HmWaived	waived = {0};
	const char *name;
	const char *rule;
	const char *reason;
	HmGraph    *graph;
	const HmNode *node;
	HmStored   *stored;

	PreventCommandIfReadOnly("migrate_waive()");
	hm_capability_require_either(HM_AUTHOR, HM_APPROVER);
	name = hm_arg_require_text(fcinfo, 0, "name");
	rule = hm_arg_require_text(fcinfo, 1, "rule");
	reason = hm_arg_require_reason(fcinfo, 2);
	hm_own_words_require("migrate_waive");
	graph = hm_graph_load();
	node = &graph->nodes[hm_graph_require_node(graph, name, NULL)];
	check_rule(rule);
	stored = hm_stored_require(node->migration_id, node->revision);
	waived.migration_id = node->migration_id;
	waived.display = node->display;
	waived.checksum = stored->checksum;
	waived.author = stored->author;
	PG_RETURN_INT64(hm_waiver_give(&waived, rule, reason));
}

Datum
hm_migrate_waive_end(PG_FUNCTION_ARGS)
{
	int64		id;

	PreventCommandIfReadOnly("migrate_waive_end()");
	hm_capability_require_either(HM_AUTHOR, HM_APPROVER);
	id = hm_arg_require_int64(fcinfo, 0, "id");
	hm_waiver_end(id, hm_arg_require_reason(fcinfo, 1));
	PG_RETURN_VOID();
}

Datum
hm_waivers(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT w.waiver_id,"
		"       CASE WHEN w.ended_at IS NOT NULL THEN 'ended'"
		"            WHEN r.checksum = w.checksum AND m.unregistered_at IS NULL THEN 'active'"
		"            ELSE 'void' END,"
		"       " HM_NAME_DISPLAY("m") ","
		"       w.rule, w.given_by, pg_catalog.date_trunc('second', w.given_at),"
		"       w.given_by = r.author, w.reason, w.ended_by,"
		"       pg_catalog.date_trunc('second', w.ended_at), w.end_reason"
		"  FROM hipaa_migrate.waiver AS w"
		"  LEFT JOIN hipaa_migrate.migration AS m USING (migration_id)"
		"  LEFT JOIN hipaa_migrate.migration_revision AS r"
		"    ON r.migration_id = m.migration_id AND r.revision = m.revision"
		" ORDER BY w.waiver_id"
	};

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, NULL);
}

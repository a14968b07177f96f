/*
 * src/plan/assess_sql.c
 *	  SQL function migrate_assess, and the view of assessments.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/own_words.h"
#include "audit/person.h"
#include "base/argument.h"
#include "base/query.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "plan/graph.h"
#include "policy/assessment.h"
#include "registry/name.h"
#include "registry/stored.h"

PG_FUNCTION_INFO_V1(hm_migrate_assess);
PG_FUNCTION_INFO_V1(hm_assessments);

static char *
require_filled(FunctionCallInfo fcinfo, int number, const char *name)
{
	char	   *text = hm_arg_bounded(hm_arg_require_text(fcinfo, number, name),
									  name);

	if (text[strspn(text, " \t\r\n")] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be blank", name),
				 errhint("An assessment says what the change is for, which health information it touches, and what protects it.")));
	return text;
}

static char *
assessor_of(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(4) ?
		pstrdup(hm_person_acting(hm_persons_load())->name) :
		require_filled(fcinfo, 4, "assessor");
}

/* By the calendar of the session's time zone. */
static DateADT
day_of(FunctionCallInfo fcinfo)
{
	DateADT		today = GetSQLCurrentDate();
	DateADT		day = PG_ARGISNULL(5) ? today : PG_GETARG_DATEADT(5);

	if (DATE_NOT_FINITE(day) || day > today)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"assessed_on\" must not be later than today"),
				 errhint("Leave it out for today.")));
	return day;
}

/* The revision that is registered, also while an earlier one is applied. */
Datum
hm_migrate_assess(PG_FUNCTION_ARGS)
{
	HmAssessed	assessed = {0};
	HmAssessment assessment = {0};
	const char *name;
	HmGraph    *graph;
	const HmNode *node;
	HmStored   *stored;

	PreventCommandIfReadOnly("migrate_assess()");
	hm_capability_require_either(HM_AUTHOR, HM_APPROVER);
	name = hm_arg_require_text(fcinfo, 0, "name");
	assessment.purpose = require_filled(fcinfo, 1, "purpose");
	assessment.data = require_filled(fcinfo, 2, "data");
	assessment.safeguards = require_filled(fcinfo, 3, "safeguards");
	assessment.assessor = assessor_of(fcinfo);
	assessment.assessed_on = day_of(fcinfo);
	hm_own_words_require("migrate_assess");
	graph = hm_graph_load();
	node = &graph->nodes[hm_graph_require_node(graph, name, NULL)];
	stored = hm_stored_require(node->migration_id, node->revision);
	assessed.migration_id = node->migration_id;
	assessed.display = node->display;
	assessed.checksum = stored->checksum;
	assessed.author = stored->author;
	PG_RETURN_INT64(hm_assessment_give(&assessed, &assessment));
}

Datum
hm_assessments(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT a.assessment_id,"
		"       CASE WHEN (r.checksum = a.checksum AND m.unregistered_at IS NULL)"
		"                 IS NOT TRUE THEN 'void'"
		"            WHEN EXISTS (SELECT FROM hipaa_migrate.assessment AS later"
		"                          WHERE later.migration_id = a.migration_id"
		"                            AND later.checksum = a.checksum"
		"                            AND later.assessment_id > a.assessment_id)"
		"            THEN 'replaced'"
		"            ELSE 'current' END,"
		"       " HM_NAME_DISPLAY("m") ","
		"       a.assessor, a.assessed_on, a.purpose, a.data, a.safeguards,"
		"       a.recorded_by, pg_catalog.date_trunc('second', a.recorded_at)"
		"  FROM hipaa_migrate.assessment AS a"
		"  LEFT JOIN hipaa_migrate.migration AS m USING (migration_id)"
		"  LEFT JOIN hipaa_migrate.migration_revision AS r"
		"    ON r.migration_id = m.migration_id AND r.revision = m.revision"
		" ORDER BY a.assessment_id"
	};

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, NULL);
}

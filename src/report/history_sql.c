/*
 * src/report/history_sql.c
 *	  SQL functions migrate_history and migrate_show.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "plan/graph.h"
#include "registry/name.h"
#include "registry/script.h"
#include "registry/stored.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_history);
PG_FUNCTION_INFO_V1(hm_migrate_show);

#define HISTORY_COLUMNS 10

Datum
hm_migrate_history(PG_FUNCTION_ARGS)
{
	static HmStatement history = {
		"SELECT s.run_id, pg_catalog.date_trunc('second', s.started_at),"
		"       " HM_NAME_DISPLAY("m") ","
		"       s.direction, s.outcome, s.duration, r.executed_by, r.client,"
		"       s.sqlstate,"
		"       COALESCE(s.message, r.reason)"
		"  FROM hipaa_migrate.run_step AS s"
		"  JOIN hipaa_migrate.run AS r USING (run_id)"
		"  JOIN hipaa_migrate.migration AS m USING (migration_id)"
		" WHERE ($1 IS NULL OR m.name = $1 OR m.project || ':' || m.name = $1)"
		"   AND ($2 IS NULL OR s.started_at >= $2)"
		" ORDER BY s.step_id DESC LIMIT $3",
		3, {TEXTOID, TIMESTAMPTZOID, INT4OID}
	};
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		arguments[3];
	char		nulls[3];
	HmBracket	bracket;

	hm_capability_require_any();
	if (!PG_ARGISNULL(2) && PG_GETARG_INT32(2) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"max_rows\" must not be negative"),
				 errhint("NULL returns all rows.")));
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < 3; i++)
	{
		arguments[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	hm_query_begin(&bracket);
	hm_query_run(&history, arguments, nulls, true);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		Datum		values[HISTORY_COLUMNS];
		bool		isnull[HISTORY_COLUMNS];

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < HISTORY_COLUMNS; i++)
			values[i] = hm_query_datum(row, i + 1, &isnull[i]);
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 isnull);
	}
	hm_query_end(&bracket);
	return (Datum) 0;
}

Datum
hm_migrate_show(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *name = hm_arg_require_text(fcinfo, 0, "name");
	const char *direction = hm_arg_require_text(fcinfo, 1, "direction");
	HmGraph    *graph;
	HmNode	   *node;
	HmStored   *stored;
	HmScript   *script;
	HmScript   *original;

	hm_capability_require_any();
	InitMaterializedSRF(fcinfo, 0);
	graph = hm_graph_load();
	node = &graph->nodes[hm_graph_require_node(graph, name, NULL)];
	stored = hm_stored_require(node->migration_id, node->revision);
	hm_capability_require_text(stored->display, stored->author,
							   stored->author_oid);
	script = hm_stored_parse(stored, direction);
	original = hm_stored_parse_original(stored, direction);
	for (int i = 0; script && i < script->nstatements; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {0};
		char	   *text;

		values[0] = Int32GetDatum(i + 1);
		values[1] = Int32GetDatum(script->statements[i].line);
		values[2] = CStringGetTextDatum(hm_script_statement_text(script, i));
		text = hm_script_original_text(original, script, i);
		nulls[3] = text == NULL;
		if (text)
			values[3] = CStringGetTextDatum(text);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * src/lint/finding_row.c
 *	  Findings as rows of a SQL function.
 */
#include "postgres.h"

#include "lint/finding_row.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#define COLUMNS 9

static void
set_text(Datum *value, bool *isnull, const char *text)
{
	*isnull = text == NULL;
	*value = text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* A down is told from its up by its name: statements are counted in each. */
static const char *
shown_migration(const char *migration, const HmFinding *finding)
{
	if (migration && strcmp(finding->direction, "down") == 0)
		return psprintf("%s (down)", migration);
	return migration;
}

static void
put_finding(ReturnSetInfo *result, const char *migration,
			const HmFinding *finding)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {0};

	set_text(&values[0], &nulls[0], shown_migration(migration, finding));
	values[1] = Int32GetDatum(finding->statement_no);
	nulls[1] = finding->statement_no == 0;
	values[2] = Int32GetDatum(finding->line);
	values[3] = CStringGetTextDatum(hm_severity_name(finding->severity));
	values[4] = CStringGetTextDatum(finding->rule->slug);
	set_text(&values[5], &nulls[5], finding->object);
	values[6] = CStringGetTextDatum(finding->message);
	set_text(&values[7], &nulls[7], finding->safe_way);
	set_text(&values[8], &nulls[8], finding->waived_by);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void
hm_findings_put(ReturnSetInfo *result, const char *migration, List *findings,
				HmSeverity least)
{
	ListCell   *cell;

	foreach(cell, findings)
	{
		const HmFinding *finding = lfirst(cell);

		if (finding->severity >= least)
			put_finding(result, migration, finding);
	}
}

bool
hm_findings_ask_catalogs(const char *rules)
{
	if (strcmp(rules, "all") == 0)
		return true;
	if (strcmp(rules, "text") == 0)
		return false;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid choice of rules \"%s\"", rules),
			 errdetail("\"all\" asks the catalogs, \"text\" judges by the text alone."),
			 errhint("Use one of \"all\", \"text\".")));
}

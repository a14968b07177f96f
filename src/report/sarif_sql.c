/*
 * src/report/sarif_sql.c
 *	  SQL function migrate_lint_sarif: findings for pipelines, as SARIF 2.1.0.
 *
 * The form is that of OASIS, "Static Analysis Results Interchange Format
 * (SARIF) Version 2.1.0".  What is waived is there, as suppressed.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "base/json_text.h"
#include "lint/finding_row.h"
#include "plan/outlook.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_lint_sarif);

#define SCHEMA_URI \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

typedef struct Results
{
	StringInfoData json;		/* elements of an array */
	HmSeverity	least;
} Results;

static const char *
level_of(HmSeverity severity)
{
	switch (severity)
	{
		case HM_LOW:
			return "note";
		case HM_MEDIUM:
			return "warning";
		default:
			return "error";
	}
}

/* {"text": "..."} */
static char *
message_of(const char *text)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "text", text);
	return hm_json_end(&json);
}

/* Rules. */

static char *
describe_rule(const HmLintRule *rule)
{
	StringInfoData json;
	StringInfoData configuration;

	hm_json_begin(&configuration);
	hm_json_text(&configuration, "level", level_of(rule->severity));
	hm_json_begin(&json);
	hm_json_text(&json, "id", rule->slug);
	hm_json_raw(&json, "shortDescription", message_of(rule->message));
	hm_json_raw(&json, "fullDescription", message_of(rule->rationale));
	hm_json_raw(&json, "help", message_of(rule->safe_way));
	hm_json_raw(&json, "defaultConfiguration", hm_json_end(&configuration));
	return hm_json_end(&json);
}

static char *
describe_tool(void)
{
	StringInfoData rules;
	StringInfoData driver;
	StringInfoData tool;

	initStringInfo(&rules);
	for (int i = 0; i < hm_lint_rule_count(); i++)
		appendStringInfo(&rules, "%s%s", i > 0 ? ", " : "",
						 describe_rule(hm_lint_rule_get(i)));
	hm_json_begin(&driver);
	hm_json_text(&driver, "name", "hipaa_migrate");
	hm_json_text(&driver, "version", HM_VERSION);
	hm_json_raw(&driver, "rules", psprintf("[%s]", rules.data));
	hm_json_begin(&tool);
	hm_json_raw(&tool, "driver", hm_json_end(&driver));
	return hm_json_end(&tool);
}

/* Findings. */

static const char *
file_of(const HmStored *stored, const HmFinding *finding)
{
	return strcmp(finding->direction, "down") == 0 ? stored->down.file :
		stored->up.file;
}

static char *
describe_place(const char *file, int line)
{
	StringInfoData artifact;
	StringInfoData region;
	StringInfoData place;

	hm_json_begin(&artifact);
	hm_json_text(&artifact, "uri", file);
	hm_json_begin(&region);
	hm_json_int64(&region, "startLine", line);
	hm_json_begin(&place);
	hm_json_raw(&place, "artifactLocation", hm_json_end(&artifact));
	hm_json_raw(&place, "region", hm_json_end(&region));
	return hm_json_end(&place);
}

/* A migration that came as an argument has no file, but has its name. */
static char *
describe_location(const HmStored *stored, const HmFinding *finding)
{
	const char *file = file_of(stored, finding);
	StringInfoData logical;
	StringInfoData location;

	hm_json_begin(&logical);
	hm_json_text(&logical, "name", stored->display);
	hm_json_text(&logical, "fullyQualifiedName", finding->object);
	hm_json_begin(&location);
	if (file)
		hm_json_raw(&location, "physicalLocation",
					describe_place(file, finding->line));
	hm_json_raw(&location, "logicalLocations",
				psprintf("[%s]", hm_json_end(&logical)));
	return hm_json_end(&location);
}

static char *
describe_properties(const HmStored *stored, const HmFinding *finding)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "migration", stored->display);
	hm_json_text(&json, "direction", finding->direction);
	if (finding->statement_no > 0)
		hm_json_int64(&json, "statement", finding->statement_no);
	hm_json_text(&json, "severity", hm_severity_name(finding->severity));
	hm_json_text(&json, "safeWay", finding->safe_way);
	return hm_json_end(&json);
}

static char *
describe_suppression(const HmFinding *finding)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "kind", "external");
	hm_json_text(&json, "justification",
				 psprintf("waived by %s", finding->waived_by));
	return hm_json_end(&json);
}

static char *
describe_finding(const HmStored *stored, const HmFinding *finding)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "ruleId", finding->rule->slug);
	hm_json_text(&json, "level", level_of(finding->severity));
	hm_json_raw(&json, "message", message_of(finding->message));
	hm_json_raw(&json, "locations",
				psprintf("[%s]", describe_location(stored, finding)));
	if (finding->waived_by)
		hm_json_raw(&json, "suppressions",
					psprintf("[%s]", describe_suppression(finding)));
	hm_json_raw(&json, "properties", describe_properties(stored, finding));
	return hm_json_end(&json);
}

static void
add_findings(const HmOutlook *outlook, void *argument)
{
	Results    *results = argument;
	ListCell   *cell;

	if (!hm_outlook_may_show(outlook))
		return;
	foreach(cell, outlook->findings)
	{
		const HmFinding *finding = lfirst(cell);

		if (finding->severity >= results->least)
			appendStringInfo(&results->json, "%s%s",
							 results->json.len > 0 ? ", " : "",
							 describe_finding(outlook->stored, finding));
	}
}

static char *
build_log(const Results *results)
{
	StringInfoData run;
	StringInfoData log;

	hm_json_begin(&run);
	hm_json_raw(&run, "tool", describe_tool());
	hm_json_raw(&run, "results", psprintf("[%s]", results->json.data));
	hm_json_begin(&log);
	hm_json_text(&log, "$schema", SCHEMA_URI);
	hm_json_text(&log, "version", "2.1.0");
	hm_json_raw(&log, "runs", psprintf("[%s]", hm_json_end(&run)));
	return hm_json_end(&log);
}

Datum
hm_migrate_lint_sarif(PG_FUNCTION_ARGS)
{
	const char *name = hm_arg_text(fcinfo, 0);
	Results		results;
	bool		catalogs;

	hm_capability_require_any();
	results.least = hm_severity_require(hm_arg_require_text(fcinfo, 1,
															"min_severity"));
	catalogs = hm_findings_ask_catalogs(hm_arg_require_text(fcinfo, 2, "rules"));
	initStringInfo(&results.json);
	hm_outlook_walk(name, catalogs, add_findings, &results);
	PG_RETURN_TEXT_P(cstring_to_text(build_log(&results)));
}

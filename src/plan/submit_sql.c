/*
 * src/plan/submit_sql.c
 *	  SQL function migrate_submit.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/capability.h"
#include "audit/own_words.h"
#include "base/argument.h"
#include "base/errors.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "plan/docket.h"
#include "plan/members.h"
#include "policy/verdict.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_submit);

static TimestampTz
require_future(FunctionCallInfo fcinfo, int number)
{
	TimestampTz moment;

	if (PG_ARGISNULL(number))
		return 0;
	moment = PG_GETARG_TIMESTAMPTZ(number);
	if (TIMESTAMP_NOT_FINITE(moment) || moment <= GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"planned_for\" must be a moment in the future"),
				 errhint("Leave it out for as soon as it is approved.")));
	return moment;
}

static List *
require_names(FunctionCallInfo fcinfo, int number)
{
	List	   *names = hm_arg_text_list(fcinfo, number, "names");

	if (names == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no migration is named"),
				 errhint("Name them: SELECT * FROM migrate_submit(ARRAY['name'], 'reason');")));
	return names;
}

/* Of HmPolicyCase *, by member: as it is now, with no approvals. */
static List *
build_cases(const HmSubmission *submission)
{
	List	   *subjects = NIL;
	ListCell   *cell;

	foreach(cell, submission->members)
		subjects = lappend(subjects, hm_docket_subject(lfirst(cell),
													   submission->up));
	return hm_docket_cases(subjects, submission->up, true, NULL);
}

static char *
missing_of(const HmPolicyCase *c)
{
	List	   *gaps = hm_case_judge(c);

	return gaps == NIL ? NULL : hm_case_explain(c, gaps, NIL);
}

static void
put_row(ReturnSetInfo *result, const HmSubmission *submission,
		const char *name, HmSeverity risk, const char *checksum,
		const char *missing)
{
	Datum		values[5];
	bool		nulls[5] = {0};

	values[0] = CStringGetTextDatum(hm_submission_display(submission->submission_id));
	values[1] = CStringGetTextDatum(name);
	values[2] = CStringGetTextDatum(hm_severity_name(risk));
	values[3] = CStringGetTextDatum(pnstrdup(checksum, 12));
	nulls[4] = missing == NULL;
	if (missing)
		values[4] = CStringGetTextDatum(missing);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Returns what the riskiest of those that wait waits for; NULL: none does. */
static char *
put_members(ReturnSetInfo *result, const HmSubmission *submission)
{
	List	   *cases = build_cases(submission);
	HmSeverity	highest = HM_LOW;
	HmSeverity	waiting = HM_LOW;
	char	   *worst = NULL;
	ListCell   *cell;

	foreach(cell, submission->members)
	{
		const HmMember *member = lfirst(cell);
		int			i = foreach_current_index(cell);
		char	   *missing = missing_of(list_nth(cases, i));

		put_row(result, submission, member->display, member->risk,
				member->checksum, missing);
		if (missing && (worst == NULL || member->risk > waiting))
		{
			worst = missing;
			waiting = member->risk;
		}
		highest = Max(highest, member->risk);
	}
	if (list_length(submission->members) > 1)
		put_row(result, submission,
				hm_submission_display(submission->submission_id), highest,
				submission->checksum, NULL);
	return worst;
}

/* Two who submit the same at the same time shall see each other's. */
static void
require_fresh_snapshots(void)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(HM_ERRCODE_SESSION),
				 errmsg("migrate_submit() cannot run in a transaction of isolation level repeatable read or serializable"),
				 errdetail("It would not see what others have submitted meanwhile."),
				 errhint("Begin the transaction with ISOLATION LEVEL READ COMMITTED.")));
}

Datum
hm_migrate_submit(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HmSubmission submission = {0};
	List	   *names;

	PreventCommandIfReadOnly("migrate_submit()");
	hm_capability_require(HM_AUTHOR);
	hm_own_words_require_author("migrate_submit");
	require_fresh_snapshots();
	names = require_names(fcinfo, 0);
	submission.reason = hm_arg_require_reason(fcinfo, 1);
	submission.ticket = hm_arg_prose(fcinfo, 2, "ticket");
	submission.planned_for = require_future(fcinfo, 3);
	submission.up = hm_direction_require(hm_arg_require_text(fcinfo, 4,
															 "direction")) == HM_UP;
	hm_members_choose(&submission, hm_graph_load(), names);
	InitMaterializedSRF(fcinfo, 0);
	hm_submission_open(&submission);
	hm_submission_announce(&submission,
						   put_members(result, &submission));
	return (Datum) 0;
}

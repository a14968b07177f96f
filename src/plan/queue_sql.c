/*
 * src/plan/queue_sql.c
 *	  SQL function migrate_queue: what is submitted, and whom it waits for.
 *
 * It goes by the risk of when it was submitted: to look at each migration by
 * the catalogs again would take long, and whoever approves is told.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "base/names.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "plan/docket.h"
#include "policy/approval.h"
#include "policy/verdict.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(hm_migrate_queue);

#define COLUMNS 8

typedef struct Queue
{
	HmDocket   *docket;
	ReturnSetInfo *result;
	const HmPerson *reader;
	Oid			login;
	bool		all;			/* what waits for others too */
} Queue;

/* Those that have not run yet. */
static List *
list_waiting(const HmDocket *docket, bool up)
{
	List	   *waiting = NIL;
	ListCell   *cell;

	foreach(cell, docket->submissions)
	{
		const HmSubmission *submission = lfirst(cell);
		ListCell   *member;

		if (submission->up != up)
			continue;
		foreach(member, submission->members)
		{
			if (((HmMember *) lfirst(member))->done_at == 0)
				waiting = lappend(waiting, lfirst(member));
		}
	}
	return waiting;
}

static List *
load_authors(const HmDocket *docket, bool up)
{
	List	   *waiting = list_waiting(docket, up);
	int64	   *migrations = palloc(sizeof(int64) *
									Max(list_length(waiting), 1));
	ListCell   *cell;

	foreach(cell, waiting)
		migrations[foreach_current_index(cell)] =
		((HmMember *) lfirst(cell))->migration_id;
	return hm_authors_load(migrations, list_length(waiting), up,
						   docket->persons);
}

/* own: of gaps, those that the reader could close. */
static void
put_row(const Queue *queue, const HmPolicyCase *c, List *own, List *gaps)
{
	const HmSubmission *submission = c->submission;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {0};
	List	   *wanted = hm_gaps_meanings(own, NIL);
	char	   *missing = hm_gaps_list(gaps);

	values[0] = CStringGetTextDatum(hm_submission_display(submission->submission_id));
	values[1] = CStringGetTextDatum(c->display);
	values[2] = CStringGetTextDatum(c->up ? "up" : "down");
	values[3] = CStringGetTextDatum(hm_severity_name(c->risk));
	values[4] = CStringGetTextDatum(submission->submitted_by);
	nulls[5] = submission->planned_for == 0;
	values[5] = TimestampTzGetDatum(submission->planned_for);
	nulls[6] = wanted == NIL;
	values[6] = CStringGetTextDatum(hm_names_join(wanted));
	nulls[7] = missing == NULL;
	if (missing)
		values[7] = CStringGetTextDatum(missing);
	tuplestore_putvalues(queue->result->setResult, queue->result->setDesc,
						 values, nulls);
}

static void
put_member(const Queue *queue, const HmSubmission *submission,
		   const HmMember *member, const HmAuthored *authored)
{
	HmSubject	subject = {
		.migration_id = member->migration_id,
		.display = member->display,
		.up = submission->up,
		.risk = member->risk,
		.phi = member->phi,
		.submission = submission,
		.authored = authored
	};
	HmPolicyCase *c = hm_docket_case(queue->docket, &subject, NULL);
	List	   *gaps = hm_case_judge_signatures(c);
	List	   *own = hm_case_wanted(c, gaps, queue->reader, queue->login);

	if (own != NIL || queue->all)
		put_row(queue, c, own, gaps);
}

/* authors: of up and down, in the order of what waits. */
static void
put_submissions(const Queue *queue, List *authors[2])
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "hipaa_migrate queue",
												  ALLOCSET_DEFAULT_SIZES);
	int			next[2] = {0};
	ListCell   *cell;

	foreach(cell, queue->docket->submissions)
	{
		const HmSubmission *submission = lfirst(cell);
		MemoryContext caller = MemoryContextSwitchTo(scratch);
		ListCell   *member;

		CHECK_FOR_INTERRUPTS();
		foreach(member, submission->members)
		{
			if (((HmMember *) lfirst(member))->done_at == 0)
				put_member(queue, submission, lfirst(member),
						   list_nth(authors[submission->up],
									next[submission->up]++));
		}
		MemoryContextSwitchTo(caller);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
}

static bool
shows_all(const char *scope)
{
	if (strcmp(scope, "mine") == 0)
		return false;
	if (strcmp(scope, "all") == 0)
		return true;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid scope \"%s\"", scope),
			 errhint("Use one of \"mine\", \"all\".")));
}

Datum
hm_migrate_queue(PG_FUNCTION_ARGS)
{
	Queue		queue = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	List	   *authors[2];

	hm_capability_require_any();
	queue.all = shows_all(hm_arg_require_text(fcinfo, 0, "scope"));
	InitMaterializedSRF(fcinfo, 0);
	queue.docket = hm_docket_open_all();
	queue.reader = hm_person_acting(queue.docket->persons);
	queue.login = GetAuthenticatedUserId();
	authors[false] = load_authors(queue.docket, false);
	authors[true] = load_authors(queue.docket, true);
	put_submissions(&queue, authors);
	return (Datum) 0;
}

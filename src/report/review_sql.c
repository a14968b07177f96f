/*
 * src/report/review_sql.c
 *	  SQL function migrate_review.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/actor.h"
#include "base/argument.h"
#include "base/errors.h"
#include "funcapi.h"
#include "plan/graph.h"
#include "plan/members.h"
#include "plan/plan.h"
#include "plan/review.h"
#include "policy/approval.h"
#include "policy/verdict.h"
#include "policy/window.h"
#include "registry/stored.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_migrate_review);

static void
put_row(ReturnSetInfo *result, const char *section, const char *item,
		const char *value)
{
	Datum		values[3];
	bool		nulls[3] = {0};

	values[0] = CStringGetTextDatum(section);
	nulls[1] = item == NULL;
	if (item)
		values[1] = CStringGetTextDatum(item);
	values[2] = CStringGetTextDatum(value);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_review(ReturnSetInfo *result, const HmReview *review)
{
	ListCell   *cell;

	foreach(cell, review->rows)
	{
		const HmReviewRow *row = lfirst(cell);

		put_row(result, row->section, row->item, row->value ? row->value :
				hm_window_moment(row->moment));
	}
}

static void
put_call(ReturnSetInfo *result, const char *display, const char *checksum,
		 bool up, const char *meaning)
{
	bool		usual = strcmp(meaning, HM_MEANING_APPROVAL) == 0;

	put_row(result, "to approve", usual ? NULL : meaning,
			psprintf("SELECT * FROM migrate_approve(%s, '%.*s'%s%s);",
					 quote_literal_cstr(display), HM_REVIEW_DIGITS, checksum,
					 usual ? "" :
					 psprintf(", meaning => %s", quote_literal_cstr(meaning)),
					 up ? "" : ", direction => 'down'"));
}

/*
 * For each meaning, or usually; the last row is such a call always, or that
 * which submits it again.
 */
static void
put_calls(ReturnSetInfo *result, const char *display, const char *checksum,
		  bool up, List *meanings)
{
	ListCell   *cell;

	foreach(cell, meanings)
		put_call(result, display, checksum, up, lfirst(cell));
	if (meanings == NIL)
		put_call(result, display, checksum, up, HM_MEANING_APPROVAL);
}

/* What whoever asks could sign of it, besides meanings. */
static List *
add_wanted(List *meanings, const HmPolicyCase *c)
{
	return hm_gaps_meanings(hm_case_wanted(c, hm_case_judge_signatures(c),
										   hm_person_acting(c->persons),
										   hm_actor_authenticated()),
							meanings);
}

/* What runs next, where nothing else is said. */
static bool
goes_up(const HmNode *node, const char *direction)
{
	return direction ? hm_direction_require(direction) == HM_UP :
		hm_node_due(node);
}

static List *
approvals_of(List *approvals, int64 migration_id)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, approvals)
	{
		if (((HmApproval *) lfirst(cell))->migration_id == migration_id)
			found = lappend(found, lfirst(cell));
	}
	return found;
}

/* With the hash of what lasts; the session remembers that it was shown. */
static void
show_member(ReturnSetInfo *result, HmReview *review, const HmPolicyCase *c,
			List *voided)
{
	hm_review_add_standing(review, c, approvals_of(voided, c->migration_id));
	put_review(result, review);
	put_row(result, "this review", "SHA-256", review->hash);
	hm_review_note_shown(review);
}

static void
require_reading(const HmNode *node)
{
	const HmStored *stored = hm_stored_require(node->migration_id,
											   node->revision);

	hm_capability_require_text(node->display, stored->author,
							   stored->author_oid);
}

static void
show_migration(ReturnSetInfo *result, const char *name, const char *direction)
{
	const HmGraph *graph = hm_graph_load();
	int			node = hm_graph_require_node(graph, name, NULL);
	List	   *voided = NIL;
	HmReview   *review;
	const HmPolicyCase *c;

	require_reading(&graph->nodes[node]);
	review = hm_review_build(graph, graph->nodes[node].display,
							 goes_up(&graph->nodes[node], direction));
	c = linitial(hm_review_cases(list_make1(review), graph->fresh, &voided));
	hm_review_add_submission(review, c->submission);
	show_member(result, review, c, voided);
	if (c->submission && c->submission->gone)
		put_row(result, "to submit again", NULL,
				hm_members_submit_call(list_make1((void *) review->display),
									   review->up));
	else
		put_calls(result, review->display, review->checksum, review->up,
				  add_wanted(NIL, c));
}

static HmSubmission *
require_release(int64 submission_id)
{
	HmSubmission *submission = hm_submission_find(submission_id);
	char	   *display = hm_submission_display(submission_id);

	if (submission == NULL)
		ereport(ERROR,
				(errcode(HM_ERRCODE_NOT_REGISTERED),
				 errmsg("%s is not open", display),
				 errhint("SELECT * FROM migrate_queue('all'); lists what is.")));
	if (submission->gone)
		ereport(ERROR,
				(errcode(HM_ERRCODE_NOT_REGISTERED),
				 errmsg("%s must be submitted again", display),
				 errdetail("Its member %s is not registered any more.",
						   submission->gone->display),
				 errhint("%s", hm_members_gone_hint(submission))));
	return submission;
}

/* All of its members; it has a direction of its own. */
static void
show_release(ReturnSetInfo *result, int64 submission_id)
{
	const HmGraph *graph = hm_graph_load();
	const HmSubmission *submission = require_release(submission_id);
	char	   *display = hm_submission_display(submission_id);
	HmReview	head = {.display = display};
	List	   *meanings = NIL;
	List	   *voided = NIL;
	List	   *reviews;
	List	   *cases;
	ListCell   *cell;

	foreach(cell, submission->members)
		require_reading(&graph->nodes[hm_graph_require_node(graph,
															((HmMember *) lfirst(cell))->display,
															NULL)]);
	put_row(result, "checksum", display, submission->checksum);
	hm_review_add_submission(&head, submission);
	put_review(result, &head);
	reviews = hm_review_build_each(graph,
								   hm_members_displays(submission->members),
								   submission->up);
	cases = hm_review_cases(reviews, graph->fresh, &voided);
	foreach(cell, cases)
	{
		show_member(result, list_nth(reviews, foreach_current_index(cell)),
					lfirst(cell), voided);
		meanings = add_wanted(meanings, lfirst(cell));
	}
	put_calls(result, display, submission->checksum, submission->up, meanings);
}

Datum
hm_migrate_review(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *name;
	int64		submission_id;

	hm_capability_require_any();
	name = hm_arg_require_text(fcinfo, 0, "name");
	submission_id = hm_submission_parse(name);
	InitMaterializedSRF(fcinfo, 0);
	if (submission_id != 0)
		show_release(result, submission_id);
	else
		show_migration(result, name, hm_arg_text(fcinfo, 1));
	return (Datum) 0;
}

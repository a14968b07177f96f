/*
 * src/plan/members.c
 *	  What people name when they submit, review or approve.
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/names.h"
#include "plan/authors.h"
#include "plan/forecast.h"
#include "plan/members.h"
#include "registry/name.h"
#include "utils/builtins.h"

static void
require_could_run(const HmNode *node, bool up)
{
	if (up && !hm_node_due(node))
		ereport(ERROR,
				(errcode(HM_ERRCODE_BLOCKED),
				 errmsg("migration \"%s\" is not due", node->display),
				 errdetail("Its state is %s.", hm_state_name(node->state)),
				 errhint("To have its reverting approved: direction => 'down'.")));
	if (!up && !hm_node_in_database(node))
		ereport(ERROR,
				(errcode(HM_ERRCODE_NOT_APPLIED),
				 errmsg("migration \"%s\" is not applied", node->display),
				 errhint("To see what is: SELECT * FROM migrate_status(state => 'applied');")));
	if (!up && !node->reversible)
		ereport(ERROR,
				(errcode(HM_ERRCODE_IRREVERSIBLE),
				 errmsg("migration \"%s\" is irreversible: it has no down that can run",
						node->display),
				 errhint("Register a new migration that undoes what it did.")));
}

static void
refuse_twice(const HmNode *node)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("migration \"%s\" is named twice", node->display),
			 errhint("Name each migration once.")));
}

/* The nodes of the names, and which they are. */
static int *
resolve(const HmGraph *graph, List *names, bool up, bool *chosen)
{
	int		   *nodes = palloc(sizeof(int) * list_length(names));
	ListCell   *cell;

	foreach(cell, names)
	{
		int			node = hm_graph_require_node(graph, lfirst(cell), NULL);

		require_could_run(&graph->nodes[node], up);
		if (chosen[node])
			refuse_twice(&graph->nodes[node]);
		chosen[node] = true;
		nodes[foreach_current_index(cell)] = node;
	}
	return nodes;
}

static const HmRisk *
risk_of(const HmPlan *plan, HmRisk *const *risks, int node)
{
	for (int i = 0; risks && i < plan->nsteps; i++)
	{
		if (plan->steps[i].node == node)
			return risks[i];
	}
	return NULL;
}

/* What nobody could judge is as risky as can be. */
static HmMember *
create_member(const HmNode *node, const HmAuthored *authored,
			  const HmRisk *risk)
{
	HmMember   *member = palloc0(sizeof(HmMember));

	member->migration_id = node->migration_id;
	member->display = node->display;
	member->revision = authored->revision;
	member->checksum = authored->checksum;
	member->risk = risk ? risk->total : HM_CRITICAL;
	member->phi = risk == NULL || risk->phi;
	return member;
}

void
hm_members_choose(HmSubmission *submission, const HmGraph *graph, List *names)
{
	bool	   *chosen = palloc0(sizeof(bool) * Max(graph->count, 1));
	int			count = list_length(names);
	int		   *nodes = resolve(graph, names, submission->up, chosen);
	HmPlan	   *plan = submission->up ?
	hm_plan_due(graph) : hm_plan_down(graph, chosen, false);
	HmRisk	  **risks = hm_forecast_of(plan, chosen);
	int64	   *migrations = palloc(sizeof(int64) * count);
	List	   *authored;

	for (int i = 0; i < count; i++)
		migrations[i] = graph->nodes[nodes[i]].migration_id;
	authored = hm_authors_load(migrations, count, submission->up,
							   hm_persons_load());
	for (int i = 0; i < count; i++)
		submission->members = lappend(submission->members,
									  create_member(&graph->nodes[nodes[i]],
													list_nth(authored, i),
													risk_of(plan, risks,
															nodes[i])));
}

static HmSubmission *
require_release(int64 submission_id)
{
	HmSubmission *submission = hm_submission_find(submission_id);

	if (submission == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("%s does not exist or is no longer open",
						hm_submission_display(submission_id)),
				 errhint("To see what waits: SELECT * FROM migrate_queue('all');")));
	return submission;
}

/* That has lost the member of that name. */
static HmSubmission *
find_without(const char *reference, bool up)
{
	HmName		name = hm_name_split(reference, NULL);
	const char *display = name.project ?
	hm_name_display(name.project, name.name) : name.name;
	ListCell   *cell;

	foreach(cell, hm_submissions_load_open())
	{
		HmSubmission *submission = lfirst(cell);

		if (submission->up == up && submission->gone &&
			hm_names_have(hm_members_displays(submission->members), display))
			return submission;
	}
	return NULL;
}

static bool
could_be_submitted(const HmNode *node, bool up)
{
	return up ? hm_node_due(node) : hm_node_in_database(node);
}

HmSubmission *
hm_members_require(const HmGraph *graph, const char *name, bool up, int *node)
{
	int64		submission_id = hm_submission_parse(name);
	HmSubmission *submission;
	HmMember   *member;
	int64		migration_id;

	*node = -1;
	if (submission_id != 0)
		return require_release(submission_id);
	*node = hm_graph_find_node(graph, name, NULL);
	if (*node < 0)
		submission = find_without(name, up);
	if (*node < 0 && submission)
		return submission;
	*node = hm_graph_require_node(graph, name, NULL);
	migration_id = graph->nodes[*node].migration_id;
	submission = hm_submission_with(hm_submissions_load(&migration_id, 1,
														graph->fresh),
									migration_id, up, &member);
	if (submission == NULL)
		ereport(ERROR,
				(errcode(HM_ERRCODE_NOT_APPROVED),
				 errmsg("migration \"%s\" is not submitted for approval",
						graph->nodes[*node].display),
				 could_be_submitted(&graph->nodes[*node], up) ?
				 errhint("Its author submits it: %s",
						 hm_members_submit_call(list_make1((void *) graph->nodes[*node].display),
												up)) :
				 errhint("It is %s the database; what is submitted: SELECT * FROM migrate_queue('all');",
						 up ? "in" : "not in")));
	return submission;
}

char *
hm_members_submit_call(List *displays, bool up)
{
	List	   *quoted = NIL;
	ListCell   *cell;

	foreach(cell, displays)
		quoted = lappend(quoted, quote_literal_cstr(lfirst(cell)));
	return psprintf("SELECT * FROM migrate_submit(ARRAY[%s], 'reason'%s);",
					hm_names_join(quoted), up ? "" : ", direction => 'down'");
}

char *
hm_members_gone_hint(const HmSubmission *submission)
{
	List	   *left = NIL;
	ListCell   *cell;

	foreach(cell, submission->members)
	{
		HmMember   *member = lfirst(cell);

		if (member->registered && member->done_at == 0)
			left = lappend(left, member);
	}
	if (left == NIL)
		return psprintf("Its author takes it back: SELECT migrate_withdraw('%s', 'reason');",
						hm_submission_display(submission->submission_id));
	return psprintf("Its author submits what is left of it: %s",
					hm_members_submit_call(hm_members_displays(left),
										   submission->up));
}

/*
 * src/plan/forbidden_step.c
 *	  Migrations whose text does what none may do.
 *
 * Few texts name what is forbidden at all: the others are not even parsed.
 */
#include "postgres.h"

#include "base/query.h"
#include "lint/forbidden.h"
#include "lint/lint.h"
#include "miscadmin.h"
#include "plan/forbidden_step.h"
#include "registry/stored.h"
#include "utils/snapmgr.h"

/* The texts themselves, one after the other. */
static int64 *
load_suspects(HmDirection direction, int *count)
{
	static HmStatement up = {
		"SELECT migration_id, r.up"
		"  FROM hipaa_migrate.migration AS m"
		"  JOIN hipaa_migrate.migration_revision AS r"
		"       USING (migration_id, revision)"
		" WHERE m.unregistered_at IS NULL"
		"   AND (m.state IN ('pending', 'reverted') OR r.kind = 'repeatable')"
	};
	static HmStatement down = {
		"SELECT migration_id, r.down"
		"  FROM hipaa_migrate.migration AS m"
		"  JOIN hipaa_migrate.migration_revision AS r USING (migration_id)"
		" WHERE m.unregistered_at IS NULL"
		"   AND m.state IN ('applied', 'adopted')"
		"   AND r.revision = m.applied_revision"
		"   AND r.down IS NOT NULL"
	};
	MemoryContext context = CurrentMemoryContext;
	HmBracket	bracket;
	int64	   *suspects;
	int			nrows;

	hm_query_begin(&bracket);
	nrows = hm_query_run(direction == HM_UP ? &up : &down, NULL, NULL, true);
	suspects = MemoryContextAllocExtended(context,
										  sizeof(int64) * Max(nrows, 1),
										  MCXT_ALLOC_HUGE);
	*count = 0;
	for (int i = 0; i < nrows; i++)
	{
		char	   *text = hm_query_text(i, 2);

		CHECK_FOR_INTERRUPTS();
		if (hm_forbidden_named(text))
			suspects[(*count)++] = hm_query_int64(i, 1);
		pfree(text);
	}
	hm_query_end(&bracket);
	return suspects;
}

static const HmFinding *
first_forbidden(List *findings)
{
	ListCell   *cell;

	foreach(cell, findings)
	{
		const HmFinding *finding = lfirst(cell);

		if (finding->rule->flags & HM_RULE_FORBIDDEN)
			return finding;
	}
	return NULL;
}

static char *
judge(const HmNode *node, HmDirection direction)
{
	bool		up = direction == HM_UP;
	HmStored   *stored = hm_stored_require(node->migration_id,
										   up ? node->revision :
										   node->applied_revision);
	HmScript   *script = hm_stored_parse(stored, hm_direction_name(direction));
	const HmFinding *finding;

	if (script == NULL)
		return NULL;
	finding = first_forbidden(hm_lint_script(hm_world_create(false), script,
											 true, HM_LINT_BESIDE, NULL));
	if (finding == NULL)
		return NULL;
	return psprintf("does what no migration may, whoever approves it: %s (statement %d, line %d)",
					finding->message, finding->statement_no, finding->line);
}

char	  **
hm_plan_find_forbidden(const HmGraph *graph, const bool *chosen,
					   HmDirection direction)
{
	char	  **reasons = palloc_extended(sizeof(char *) * Max(graph->count, 1),
										  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int			count;
	int64	   *suspects;

	if (graph->fresh)
		PushActiveSnapshot(GetTransactionSnapshot());
	suspects = load_suspects(direction, &count);
	for (int i = 0; i < count; i++)
	{
		int			node = hm_graph_find(graph, suspects[i]);

		CHECK_FOR_INTERRUPTS();
		if (node >= 0 && chosen[node])
			reasons[node] = judge(&graph->nodes[node], direction);
	}
	if (graph->fresh)
		PopActiveSnapshot();
	pfree(suspects);
	return reasons;
}

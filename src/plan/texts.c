/*
 * src/plan/texts.c
 *	  The texts that the steps of a plan run, read many at once.
 *
 * One by one takes four times as long, and all of a plan may not fit into
 * memory.  A text never changes once it is registered.
 */
#include "postgres.h"

#include "plan/texts.h"
#include "utils/memutils.h"

/* Texts that are read at once. */
#define BATCH 100

/* Those of the steps from first to before end. */
struct HmTexts
{
	MemoryContext context;
	HmStored  **stored;
	int			first;
	int			end;
};

static HmTexts *
create(MemoryContext parent)
{
	HmTexts    *texts = MemoryContextAllocZero(parent, sizeof(HmTexts));

	texts->context = AllocSetContextCreate(parent, "hipaa_migrate texts",
										   ALLOCSET_DEFAULT_SIZES);
	return texts;
}

static void
read_batch(HmTexts *texts, const HmPlan *plan, int first)
{
	int64		migrations[BATCH];
	int			revisions[BATCH];
	int			count = Min(BATCH, plan->nsteps - first);
	MemoryContext caller;

	for (int i = 0; i < count; i++)
	{
		const HmNode *node = &plan->graph->nodes[plan->steps[first + i].node];

		migrations[i] = node->migration_id;
		revisions[i] = plan->direction == HM_UP ? node->revision :
			node->applied_revision;
	}
	texts->end = 0;
	MemoryContextReset(texts->context);
	caller = MemoryContextSwitchTo(texts->context);
	texts->stored = hm_stored_require_all(migrations, revisions, count);
	MemoryContextSwitchTo(caller);
	texts->first = first;
	texts->end = first + count;
}

const HmStored *
hm_plan_text(HmPlan *plan, int place)
{
	if (plan->texts == NULL)
		plan->texts = create(plan->context);
	if (place < plan->texts->first || place >= plan->texts->end)
		read_batch(plan->texts, plan, place);
	return plan->texts->stored[place - plan->texts->first];
}

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

struct HmTexts
{
	/* Those of the steps from first to before end; NULL: it is large. */
	MemoryContext context;
	HmStored  **stored;
	int			first;
	int			end;

	/* Of those that are large, the last that was asked for. */
	MemoryContext large_context;
	HmStored   *large;
	int			large_place;
};

static MemoryContext
create_context(MemoryContext parent)
{
	return AllocSetContextCreate(parent, "hipaa_migrate texts",
								 ALLOCSET_DEFAULT_SIZES);
}

static HmTexts *
create(MemoryContext parent)
{
	HmTexts    *texts = MemoryContextAllocZero(parent, sizeof(HmTexts));

	texts->context = create_context(parent);
	texts->large_context = create_context(parent);
	return texts;
}

static const HmNode *
node_at(const HmPlan *plan, int place)
{
	return &plan->graph->nodes[plan->steps[place].node];
}

static int
revision_at(const HmPlan *plan, int place)
{
	const HmNode *node = node_at(plan, place);

	return plan->direction == HM_UP ? node->revision : node->applied_revision;
}

static void
read_batch(HmTexts *texts, const HmPlan *plan, int first)
{
	int64		migrations[BATCH];
	int64		revisions[BATCH];
	int			count = Min(BATCH, plan->nsteps - first);
	MemoryContext caller;

	for (int i = 0; i < count; i++)
	{
		migrations[i] = node_at(plan, first + i)->migration_id;
		revisions[i] = revision_at(plan, first + i);
	}
	texts->end = 0;
	MemoryContextReset(texts->context);
	caller = MemoryContextSwitchTo(texts->context);
	texts->stored = hm_stored_load_small(migrations, revisions, count);
	MemoryContextSwitchTo(caller);
	texts->first = first;
	texts->end = first + count;
}

static void
read_large(HmTexts *texts, const HmPlan *plan, int place)
{
	MemoryContext caller;

	texts->large = NULL;
	MemoryContextReset(texts->large_context);
	caller = MemoryContextSwitchTo(texts->large_context);
	texts->large = hm_stored_require(node_at(plan, place)->migration_id,
									 revision_at(plan, place));
	MemoryContextSwitchTo(caller);
	texts->large_place = place;
}

const HmStored *
hm_plan_text(HmPlan *plan, int place)
{
	HmTexts    *texts = plan->texts;

	if (texts == NULL)
		texts = plan->texts = create(plan->context);
	if (place < texts->first || place >= texts->end)
		read_batch(texts, plan, place);
	if (texts->stored[place - texts->first])
		return texts->stored[place - texts->first];
	if (texts->large == NULL || texts->large_place != place)
		read_large(texts, plan, place);
	return texts->large;
}

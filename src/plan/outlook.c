/*
 * src/plan/outlook.c
 *	  Migrations as the linter sees them, each where the plan gets to it.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "lint/waiver_comment.h"
#include "miscadmin.h"
#include "plan/authors.h"
#include "plan/outlook.h"
#include "plan/texts.h"
#include "policy/policy.h"
#include "policy/waiver.h"
#include "registry/setting_list.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* What the walk has from its beginning to its end. */
typedef struct Walk
{
	const HmGraph *graph;
	HmWorld    *world;
	const HmOutlookWish *wish;
	const char *direction;		/* of the wish or its plan; or NULL */
	List	   *waivers;		/* of HmWaiver * */
	HmPersons  *persons;		/* NULL: authors' waivers count */
	MemoryContext scratch;		/* reset after each step */
} Walk;

static bool
goes_up(const Walk *walk, const HmNode *node)
{
	return walk->direction ? strcmp(walk->direction, "up") == 0 :
		hm_node_due(node);
}

/* Those settings on which it depends what a text means to the linter. */
static void
apply_settings(List *settings)
{
	ListCell   *cell;

	(void) set_config_option("timezone", "UTC", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	foreach(cell, settings)
	{
		HmSettingValue *setting = lfirst(cell);

		if (strcmp(setting->name, "search_path") == 0 ||
			strcmp(setting->name, "timezone") == 0)
			(void) set_config_option(setting->name, setting->value,
									 PGC_USERSET, PGC_S_SESSION,
									 GUC_ACTION_SAVE, true, 0, false);
	}
}

static HmLintMigration
describe(const Walk *walk, const HmOutlook *outlook, const HmScript *down)
{
	const HmNode *node = outlook->node;
	HmLintMigration migration = {
		.name = node->name,
		.kind = outlook->stored->kind,
		.reversible = down != NULL,
		.down = down
	};

	for (int i = 0; i < node->nneeds; i++)
	{
		int			needed = node->needs[i].node;

		if (needed != HM_NOT_REGISTERED)
			migration.depends_on = lappend(migration.depends_on,
										   walk->graph->nodes[needed].name);
	}
	return migration;
}

/* One that cannot be parsed is kept, but reverts nothing. */
static HmScript *
parse_down(const HmOutlook *outlook)
{
	return outlook->node->reversible ?
		hm_stored_read(outlook->stored, "down") : NULL;
}

/* By text alone: what it will meet, the up decides. */
static List *
judge_beside(const HmScript *script)
{
	return script == NULL ? NIL :
		hm_lint_script(hm_world_create(false), script, true, HM_LINT_BESIDE,
					   NULL);
}

static void
judge_due(const Walk *walk, HmOutlook *outlook)
{
	const HmNode *node = outlook->node;
	HmScript   *down = parse_down(outlook);
	HmLintMigration migration = describe(walk, outlook, down);

	outlook->script = hm_stored_read(outlook->stored, "up");
	outlook->transactional = node->up_transactional;
	outlook->findings = hm_lint_script(walk->world, outlook->script,
									   node->up_transactional, HM_LINT_ALL,
									   &migration);

	/* Of a plan nobody wants more; but it uses what was waived. */
	if (walk->wish->plan == NULL || walk->waivers != NIL)
		outlook->findings = list_concat(outlook->findings,
										judge_beside(down));
}

static void
judge_applied(const Walk *walk, HmOutlook *outlook)
{
	const HmNode *node = outlook->node;

	outlook->findings = judge_beside(hm_stored_read(outlook->stored, "up"));
	outlook->script = parse_down(outlook);
	outlook->transactional = node->down_transactional;
	if (outlook->script)
		outlook->findings =
			list_concat(outlook->findings,
						hm_lint_script(walk->world, outlook->script,
									   node->down_transactional, HM_LINT_ALL,
									   NULL));
}

static void
pass_over(const Walk *walk, const HmNode *node, const HmStored *stored)
{
	(void) hm_lint_script(walk->world, hm_stored_read(stored, "up"),
						  node->up_transactional, HM_LINT_NOTHING, NULL);
}

/*
 * Not what runs next: the up of what is in the database, the down of what is
 * not, as if that had run.
 */
static void
judge_other(const Walk *walk, HmOutlook *outlook, bool up)
{
	const HmNode *node = outlook->node;

	if (!up)
		pass_over(walk, node, outlook->stored);
	outlook->script = up ? hm_stored_read(outlook->stored, "up") :
		parse_down(outlook);
	outlook->transactional = up ? node->up_transactional :
		node->down_transactional;
	walk->world->watch = walk->wish->watch;
	if (outlook->script)
		outlook->findings = hm_lint_script(walk->world, outlook->script,
										   outlook->transactional, HM_LINT_ALL,
										   NULL);
}

/* Of what is in the database only the down was judged by all rules. */
static void
report_unused(const Walk *walk, HmOutlook *outlook)
{
	const HmStored *stored = outlook->stored;
	ListCell   *cell;

	foreach(cell, outlook->script ? walk->waivers : NIL)
	{
		HmWaiver   *waiver = lfirst(cell);

		if (waiver->used || waiver->migration_id != stored->migration_id ||
			strcmp(waiver->checksum, stored->checksum) != 0)
			continue;
		outlook->findings =
			lappend(outlook->findings,
					hm_waiver_unused(outlook->script,
									 outlook->script->origin.first_line,
									 waiver->rule,
									 psprintf("%s gave it as number %lld",
											  waiver->given_by,
											  (long long) waiver->waiver_id)));
	}
}

/* Those that were given besides what the text itself waives. */
static void
heed_waivers(const Walk *walk, HmOutlook *outlook)
{
	const HmStored *stored = outlook->stored;
	ListCell   *cell;

	foreach(cell, walk->waivers ? outlook->findings : NIL)
	{
		HmFinding  *finding = lfirst(cell);
		HmWaiver   *waiver = hm_waiver_find(walk->waivers,
											stored->migration_id,
											stored->checksum,
											finding->rule->slug);

		if (waiver == NULL)
			continue;
		waiver->used = true;
		if (finding->waived_by)
			continue;
		finding->waived_by = waiver->given_by;
		finding->waived_because = waiver->reason;
	}
	if (walk->wish->catalogs && hm_node_due(outlook->node))
		report_unused(walk, outlook);
}

static bool
is_author(const Walk *walk, const HmAuthored *authored,
		  const HmPerson *person)
{
	ListCell   *cell;

	if (hm_person_among(authored->persons, person))
		return true;
	foreach(cell, authored->claims)
	{
		if (hm_person_claimed(walk->persons, lfirst(cell), person))
			return true;
	}
	return false;
}

/*
 * Nobody lowers the risk of what is its own, and so whom it takes, nor who
 * could not have approved it; nor does what came with a dump.
 */
static bool
is_in_vain(const Walk *walk, const HmOutlook *outlook,
		   const HmFinding *finding)
{
	const HmStored *stored = outlook->stored;
	const HmWaiver *waiver = strcmp(finding->waived_by,
									HM_WAIVED_IN_FILE) == 0 ? NULL :
	hm_waiver_find(walk->waivers, stored->migration_id, stored->checksum,
				   finding->rule->slug);
	HmPerson   *person;

	if (waiver == NULL || !waiver->on_record ||
		!hm_capability_held_by(HM_APPROVER, waiver->given_by_oid))
		return true;
	person = hm_person_of(walk->persons, waiver->given_by,
						  waiver->given_by_oid, NULL);
	return person->shared ||
		is_author(walk,
				  linitial(hm_authors_load(&stored->migration_id, 1,
										   goes_up(walk, outlook->node),
										   walk->persons)),
				  person);
}

static void
discount_waivers(const Walk *walk, HmOutlook *outlook)
{
	ListCell   *cell;

	foreach(cell, walk->persons ? outlook->findings : NIL)
	{
		HmFinding  *finding = lfirst(cell);

		if (finding->waived_by)
			finding->waived_in_vain = is_in_vain(walk, outlook, finding);
	}
}

/* What is in the database and was revised since could go either way. */
static bool
could_run(const HmNode *node, bool up)
{
	return up ? hm_node_due(node) : hm_node_in_database(node);
}

static void
judge(const Walk *walk, HmOutlook *outlook)
{
	bool		up = goes_up(walk, outlook->node);

	if (!could_run(outlook->node, up))
		judge_other(walk, outlook, up);
	else
	{
		walk->world->watch = walk->wish->watch;
		if (up)
			judge_due(walk, outlook);
		else
			judge_applied(walk, outlook);
	}
	walk->world->watch = NULL;
	heed_waivers(walk, outlook);
	discount_waivers(walk, outlook);
	if (walk->wish->visit)
		walk->wish->visit(outlook, walk->wish->argument);
}

static void
step(const Walk *walk, const HmNode *node, const HmStored *stored, bool wanted)
{
	HmOutlook	outlook = {
		.node = node,
		.stored = stored,
		.world = walk->world,
		.named = walk->wish->names != NIL
	};
	int			guc_level = NewGUCNestLevel();

	apply_settings(stored->settings);
	if (wanted)
		judge(walk, &outlook);
	else
		pass_over(walk, node, stored);
	AtEOXact_GUC(false, guc_level);
}

/* The world keeps what it needs of a text; the rest goes after each step. */
static void
step_alone(const Walk *walk, const HmNode *node, const HmStored *stored,
		   bool wanted)
{
	MemoryContext caller = MemoryContextSwitchTo(walk->scratch);

	step(walk, node, stored, wanted);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(walk->scratch);
}

/* Nodes that are wanted (an array of graph->count); NULL: all are. */
static bool
is_wanted(const HmPlan *plan, int place, const bool *wanted)
{
	return wanted == NULL || wanted[plan->steps[place].node];
}

/* Up to the last that is wanted. */
static void
walk_steps(const Walk *walk, HmPlan *plan, const bool *wanted)
{
	int			last = plan->nsteps - 1;

	while (last >= 0 && !is_wanted(plan, last, wanted))
		last--;
	for (int i = 0; i <= last; i++)
	{
		CHECK_FOR_INTERRUPTS();
		step_alone(walk, &plan->graph->nodes[plan->steps[i].node],
				   hm_plan_text(plan, i), is_wanted(plan, i, wanted));
	}
}

static void
begin_world(Walk *walk)
{
	walk->world = hm_world_create(walk->wish->catalogs);
	walk->world->impartial = walk->wish->impartial;
	walk->world->watch_argument = walk->wish->argument;
}

static void
walk_applied(const Walk *walk, const HmNode *node)
{
	step_alone(walk, node,
			   hm_stored_require(node->migration_id, node->applied_revision),
			   true);
}

/* What comes after meets nothing of it. */
static void
walk_apart(Walk *walk, int node)
{
	bool	   *wanted = palloc0(sizeof(bool) * walk->graph->count);
	HmWorld    *shared = walk->world;

	begin_world(walk);
	wanted[node] = true;
	if (hm_node_in_database(&walk->graph->nodes[node]))
		walk_applied(walk, &walk->graph->nodes[node]);
	else
		walk_steps(walk, hm_plan_due(walk->graph), wanted);
	walk->world = shared;
}

/* In one walk those that would run one after the other. */
static void
walk_named(Walk *walk, List *names)
{
	bool	   *wanted = palloc0(sizeof(bool) * Max(walk->graph->count, 1));
	ListCell   *cell;

	foreach(cell, names)
	{
		int			node = hm_graph_require_node(walk->graph, lfirst(cell), NULL);

		if (!goes_up(walk, &walk->graph->nodes[node]) ||
			!hm_node_due(&walk->graph->nodes[node]))
			walk_apart(walk, node);
		else
			wanted[node] = true;
	}
	walk_steps(walk, hm_plan_due(walk->graph), wanted);
}

static void
walk_plan(Walk *walk, HmPlan *plan)
{
	walk->graph = plan->graph;
	walk->direction = hm_direction_name(plan->direction);
	walk_steps(walk, plan, walk->wish->wanted);
}

void
hm_outlook_walk_as(const HmOutlookWish *wish)
{
	Walk		walk = {.wish = wish,.direction = wish->direction};

	begin_world(&walk);
	walk.waivers = hm_waivers_load();
	if (hm_policy_separates_authors(hm_policy_load()))
		walk.persons = hm_persons_load();
	walk.scratch = AllocSetContextCreate(CurrentMemoryContext,
										 "hipaa_migrate outlook",
										 ALLOCSET_DEFAULT_SIZES);
	if (wish->plan)
	{
		walk_plan(&walk, wish->plan);
		return;
	}
	walk.graph = wish->graph ? wish->graph : hm_graph_load();
	if (wish->names != NIL)
		walk_named(&walk, wish->names);
	else
		walk_steps(&walk, hm_plan_due(walk.graph), NULL);
}

void
hm_outlook_walk(const char *name, bool catalogs, HmOutlookVisit visit,
				void *argument)
{
	HmOutlookWish wish = {
		.names = name ? list_make1((char *) name) : NIL,
		.catalogs = catalogs,
		.visit = visit,
		.argument = argument
	};

	hm_outlook_walk_as(&wish);
}

bool
hm_outlook_may_show(const HmOutlook *outlook)
{
	const HmStored *stored = outlook->stored;

	if (outlook->named)
		hm_capability_require_text(stored->display, stored->author,
								   stored->author_oid);
	return outlook->named || hm_capability_reads_text(stored->author,
													  stored->author_oid);
}

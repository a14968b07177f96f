/*
 * src/plan/forecast.c
 *	  For each step of a plan: its risk, the worst lock, what it rewrites.
 */
#include "postgres.h"

#include "base/attempt.h"
#include "plan/forecast.h"
#include "plan/outlook.h"
#include "utils/guc.h"

typedef struct Forecast
{
	HmPlan	   *plan;
	const bool *wanted;			/* NULL: all */
	MemoryContext context;
	HmRisk	  **risks;
	int			place;			/* of the step that is being looked at, or one
								 * before it */
	HmRisk	   *current;		/* of that step */
} Forecast;

static HmRisk *
begin_step(const Forecast *forecast)
{
	MemoryContext before = MemoryContextSwitchTo(forecast->context);
	HmRisk	   *risk = hm_risk_begin();

	MemoryContextSwitchTo(before);
	return risk;
}

static void
watch(HmWorld *world, Node *statement, List *locks, int line, void *argument)
{
	hm_risk_watch(world, statement, locks, line,
				  ((Forecast *) argument)->current);
}

static void
end_step(const HmOutlook *outlook, void *argument)
{
	Forecast   *forecast = argument;
	const HmPlan *plan = forecast->plan;

	hm_risk_end(forecast->current, outlook->findings,
				hm_direction_name(plan->direction));
	while (&plan->graph->nodes[plan->steps[forecast->place].node] !=
		   outlook->node)
		forecast->place++;
	forecast->risks[forecast->place++] = forecast->current;
	forecast->current = begin_step(forecast);
}

/*
 * A session can set what counts as a large table; whom a migration needs to
 * approve it, it cannot choose that way.
 */
static void
forget_session_settings(void)
{
	static const char *const settings[] = {
		"hipaa_migrate.small_table", "hipaa_migrate.large_table",
		"hipaa_migrate.busy_table", "hipaa_migrate.large_change"
	};

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i],
								 GetConfigOptionResetString(settings[i]),
								 PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
}

static void
walk(void *argument)
{
	Forecast   *forecast = argument;
	HmOutlookWish wish = {
		.plan = forecast->plan,
		.wanted = forecast->wanted,
		.catalogs = true,
		.impartial = true,
		.visit = end_step,
		.watch = watch,
		.argument = forecast
	};

	forget_session_settings();
	hm_outlook_walk_as(&wish);
}

/* Rolled back: what the linter opened, and settings, are as before. */
HmRisk	  **
hm_forecast_of(HmPlan *plan, const bool *wanted)
{
	Forecast	forecast = {
		.plan = plan,
		.wanted = wanted,
		.context = CurrentMemoryContext
	};

	if (plan->nsteps == 0)
		return NULL;
	forecast.risks = palloc0(sizeof(HmRisk *) * plan->nsteps);
	forecast.current = begin_step(&forecast);
	return hm_attempt_quietly(walk, &forecast) ? forecast.risks : NULL;
}

HmRisk	  **
hm_forecast(HmPlan *plan, int max_steps)
{
	if (plan->risks == NULL && plan->nsteps <= max_steps)
		plan->risks = hm_forecast_of(plan, NULL);
	return plan->risks;
}

/*
 * src/plan/outlook.h
 *	  Migrations as the linter sees them, each where the plan gets to it.
 *
 * Walks through all that is due, in the order in which it would run, with one
 * world: what comes later meets what comes before.  A migration that is in the
 * database already is looked at by its text alone, and its down, which is
 * what could run next, by the catalogs.
 */
#ifndef HM_PLAN_OUTLOOK_H
#define HM_PLAN_OUTLOOK_H

#include "lint/lint.h"
#include "plan/graph.h"
#include "plan/plan.h"
#include "registry/stored.h"

typedef struct HmOutlook
{
	const HmNode *node;
	const HmStored *stored;
	const HmScript *script;		/* that would run next: up, or down of what is
								 * in the database */
	bool		transactional;
	HmWorld    *world;			/* as it is after it */
	List	   *findings;		/* of HmFinding *, its down's included */
	bool		named;			/* the wish named it */
} HmOutlook;

typedef void (*HmOutlookVisit) (const HmOutlook *outlook, void *argument);

/* What a walk is to show; zeroes are what hm_outlook_walk() does. */
typedef struct HmOutlookWish
{
	List	   *names;			/* of char *: visited as they would run; NIL:
								 * all that is due */
	const char *direction;		/* "up", "down", NULL: what runs next */
	HmPlan	   *plan;			/* NULL: all that is due; else these steps, in
								 * its direction */
	const bool *wanted;			/* with a plan: visits only steps of these
								 * nodes (an array of graph->count) */
	const HmGraph *graph;		/* without a plan: NULL: as the caller's
								 * statement sees it */
	bool		catalogs;
	bool		impartial;		/* see world.h */
	HmOutlookVisit visit;		/* or NULL */
	HmWorldWatch watch;			/* or NULL; of what is visited only */
	void	   *argument;		/* of both */
} HmOutlookWish;

extern void hm_outlook_walk_as(const HmOutlookWish *wish);

/*
 * Visits the migration of that name ("name" or "project:name"), or, without
 * one, all that is due.  catalogs: see world.h.  What visit() is shown lasts
 * until it returns.  Raises when there is no migration of that name.
 */
extern void hm_outlook_walk(const char *name, bool catalogs,
							HmOutlookVisit visit, void *argument);

/*
 * For who shows what was seen to the user, in visit(): whether the user may
 * read the text.  Raises where a migration was named that the user may not;
 * among all that is due it is left out.
 */
extern bool hm_outlook_may_show(const HmOutlook *outlook);

#endif							/* HM_PLAN_OUTLOOK_H */

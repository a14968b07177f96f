/*
 * src/audit/scope.c
 *	  What is being executed: the statement of the migration of the run.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/scope.h"

static const HmScope *current = NULL;

const HmScope *
hm_scope_current(void)
{
	return current;
}

void
hm_scope_enter(const HmScope *scope)
{
	current = scope;
}

static void
leave_at_abort(XactEvent event, void *argument)
{
	if (event == XACT_EVENT_ABORT)
		current = NULL;
}

void
hm_scope_init(void)
{
	RegisterXactCallback(leave_at_abort, NULL);
}

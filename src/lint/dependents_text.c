/*
 * src/lint/dependents_text.c
 *	  Dependents, as messages name them.
 */
#include "postgres.h"

#include "base/names.h"
#include "lint/dependents.h"

/* So many are named in a message; and where all are to be named, if need be. */
#define MAX_NAMED 5
#define MAX_LISTED 50

static char *
join(List *dependents, int limit)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, dependents)
	{
		const HmDependent *dependent = lfirst(cell);

		names = lappend(names, psprintf("%s %s", dependent->kind,
										dependent->name));
	}
	return names == NIL ? NULL : hm_names_join_first(names, limit);
}

char *
hm_dependents_text(List *dependents)
{
	return join(dependents, MAX_NAMED);
}

char *
hm_dependents_list(List *dependents)
{
	return join(dependents, MAX_LISTED);
}

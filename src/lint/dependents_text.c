/*
 * src/lint/dependents_text.c
 *	  Dependents, as messages name them.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "lint/dependents.h"

/* So many are named in a message; and where all are to be named, if need be. */
#define MAX_NAMED 5
#define MAX_LISTED 50

static char *
join(List *dependents, int limit)
{
	StringInfoData text;
	int			count = list_length(dependents);
	int			named = count > limit ? limit - 1 : count;

	if (count == 0)
		return NULL;
	initStringInfo(&text);
	for (int i = 0; i < named; i++)
	{
		const HmDependent *dependent = list_nth(dependents, i);

		appendStringInfo(&text, "%s%s %s", i > 0 ? ", " : "",
						 dependent->kind, dependent->name);
	}
	if (named < count)
		appendStringInfo(&text, " and %d more", count - named);
	return text.data;
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

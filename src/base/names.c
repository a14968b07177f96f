/*
 * src/base/names.c
 *	  Lists of names.
 */
#include "postgres.h"

#include "base/names.h"
#include "lib/stringinfo.h"

bool
hm_names_have(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		if (lfirst(cell) && strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}

char *
hm_names_join(List *names)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, names)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 (char *) lfirst(cell));
	return text.data;
}

/*
 * src/base/names.c
 *	  Lists of names.
 */
#include "postgres.h"

#include "base/names.h"
#include "lib/stringinfo.h"
#include "nodes/value.h"

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

List *
hm_names_of(List *strings)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, strings)
		names = lappend(names, pstrdup(strVal(lfirst(cell))));
	return names;
}

char *
hm_names_join(List *names)
{
	return hm_names_join_first(names, list_length(names));
}

char *
hm_names_join_first(List *names, int most)
{
	StringInfoData text;
	int			count = list_length(names);

	initStringInfo(&text);
	for (int i = 0; i < Min(count, most); i++)
		appendStringInfo(&text, "%s%s", i > 0 ? ", " : "",
						 (char *) list_nth(names, i));
	if (count > most)
		appendStringInfo(&text, " and %d more", count - most);
	return text.data;
}

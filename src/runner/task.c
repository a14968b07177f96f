/*
 * src/runner/task.c
 *	  What a calling process and its background worker share.
 *
 * A string is a byte 1, its bytes and a terminator; a null one is a byte 0.
 */
#include "postgres.h"

#include "runner/task.h"

Size
hm_task_strings_size(List *strings)
{
	Size		size = 1;
	ListCell   *cell;

	foreach(cell, strings)
		size += 1 + (lfirst(cell) ? strlen(lfirst(cell)) + 1 : 0);
	return size;
}

void
hm_task_strings_pack(List *strings, char *bytes)
{
	ListCell   *cell;

	foreach(cell, strings)
	{
		*bytes++ = lfirst(cell) != NULL;
		if (lfirst(cell))
		{
			strcpy(bytes, lfirst(cell));
			bytes += strlen(bytes) + 1;
		}
	}
}

List *
hm_task_strings_unpack(const char *bytes, int count)
{
	List	   *strings = NIL;

	for (int i = 0; i < count; i++)
	{
		char	   *string = NULL;

		if (*bytes++)
		{
			string = pstrdup(bytes);
			bytes += strlen(bytes) + 1;
		}
		strings = lappend(strings, string);
	}
	return strings;
}

/*
 * src/base/option.c
 *	  Options in parentheses, WITH or the like, of a parse tree.
 */
#include "postgres.h"

#include "base/option.h"
#include "nodes/value.h"
#include "utils/builtins.h"

DefElem *
hm_option_find(List *options, const char *name)
{
	DefElem    *found = NULL;
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, name) == 0)
			found = option;
	}
	return found;
}

static bool
says_no(Node *value)
{
	bool		on;

	switch (nodeTag(value))
	{
		case T_Boolean:
			return !boolVal(value);
		case T_Integer:
			return intVal(value) == 0;
		case T_String:
			return parse_bool(strVal(value), &on) && !on;
		default:
			return false;
	}
}

bool
hm_option_is_on(List *options, const char *name)
{
	DefElem    *option = hm_option_find(options, name);

	return option != NULL && (option->arg == NULL || !says_no(option->arg));
}

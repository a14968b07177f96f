/*
 * src/guard/target.c
 *	  What a command names.
 */
#include "postgres.h"

#include "guard/target.h"
#include "nodes/nodes.h"

List *
hm_guard_targets(Node *tree)
{
	return NIL;
}

bool
hm_guard_within_schema(Node *tree, Oid schema)
{
	return false;
}

/*
 * src/lint/key_data.c
 *	  Whether the rows that are there would break a new key.
 */
#include "postgres.h"

#include "lint/index_cover.h"
#include "lint/key_data.h"
#include "lint/statistics.h"

static bool
is_write_to(HmWorld *world, Node *statement, HmRelation *relation)
{
	RangeVar   *target;

	switch (nodeTag(statement))
	{
		case T_UpdateStmt:
			target = ((UpdateStmt *) statement)->relation;
			break;
		case T_DeleteStmt:
			target = ((DeleteStmt *) statement)->relation;
			break;
		case T_MergeStmt:
			target = ((MergeStmt *) statement)->relation;
			break;
		default:
			return false;
	}
	return hm_world_relation(world, target) == relation;
}

/* By this text: then what ANALYZE has seen is not what the key will meet. */
static bool
is_cleaned_up(const HmLint *lint, HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, lint->statements)
	{
		if (is_write_to(lint->world, lfirst(cell), relation))
			return true;
	}
	return false;
}

static bool
has_name(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		if (name && lfirst(cell) && strcmp(lfirst(cell), name) == 0)
			return true;
	}
	return false;
}

static bool
is_unique_already(HmRelation *relation, List *columns)
{
	ListCell   *cell;
	ListCell   *name;

	foreach(cell, hm_relation_indexes(relation))
	{
		HmIndex    *index = lfirst(cell);
		bool		within = hm_index_is_key(index);

		foreach(name, index->columns)
			within = within && has_name(columns, lfirst(name));
		if (within)
			return true;
	}
	return false;
}

char *
hm_key_broken_by(const HmLint *lint, HmRelation *relation, List *columns,
				 bool primary)
{
	char	   *why = NULL;

	if (hm_made(relation->made) || hm_relation_empty(relation) ||
		is_cleaned_up(lint, relation))
		return NULL;
	if (!is_unique_already(relation, columns))
		why = hm_statistics_duplicates(relation, columns);
	if (why == NULL && primary)
		why = hm_statistics_nulls(relation, columns);
	return why;
}

/*
 * src/lint/dependents_made.c
 *	  What the plan makes depend on a relation or a column: views and foreign
 *	  keys.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "lint/dependents.h"
#include "lint/world_parts.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"

typedef struct Mention
{
	HmRelation *relation;
	const char *column;			/* or NULL */
	bool		of_relation;
	bool		of_column;
} Mention;

static bool
look_for_mention(Node *node, void *argument)
{
	Mention    *mention = argument;

	if (node == NULL)
		return false;
	if (IsA(node, RangeVar))
		mention->of_relation |= hm_world_relation(mention->relation->world,
												  (RangeVar *) node) ==
			mention->relation;
	else if (IsA(node, ColumnRef) && mention->column)
	{
		Node	   *last = llast(((ColumnRef *) node)->fields);

		mention->of_column |= IsA(last, A_Star) ||
			strcmp(strVal(last), mention->column) == 0;
	}
	return raw_expression_tree_walker(node, look_for_mention, mention);
}

static HmDependent *
add_made(List **found, HmRelation *holder, const char *kind, char *name)
{
	HmDependent *dependent = palloc0(sizeof(HmDependent));

	dependent->kind = kind;
	dependent->name = name;
	dependent->relation = holder;
	dependent->relkind = holder->kind;
	*found = lappend(*found, dependent);
	return dependent;
}

static void
add_made_keys(List **found, HmRelation *holder, HmRelation *relation,
			  const char *column)
{
	ListCell   *cell;

	foreach(cell, holder->constraints)
	{
		HmConstraint *constraint = lfirst(cell);

		if (!hm_made(constraint->made) || constraint->target == NULL ||
			strcmp(constraint->target, relation->display) != 0 ||
			(column && !hm_names_have(constraint->target_columns, column)))
			continue;
		add_made(found, holder, "foreign key",
				 psprintf("%s on %s", constraint->name ?
						  quote_identifier(constraint->name) : "",
						  holder->display))->contype = CONSTRAINT_FOREIGN;
	}
}

List *
hm_dependents_made(HmRelation *relation, const char *column)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, hm_world_relations(relation->world))
	{
		HmRelation *holder = lfirst(cell);
		Mention		mention = {relation, column};

		if (holder->gone || holder == relation)
			continue;
		add_made_keys(&found, holder, relation, column);
		if (holder->query == NULL || (holder->kind != RELKIND_VIEW &&
									  holder->kind != RELKIND_MATVIEW))
			continue;
		(void) look_for_mention(holder->query, &mention);
		if (mention.of_relation && (column == NULL || mention.of_column))
			add_made(&found, holder, hm_kind_of_relation(holder->kind),
					 pstrdup(holder->display));
	}
	return found;
}

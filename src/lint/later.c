/*
 * src/lint/later.c
 *	  What the rest of the text does.
 *
 * Names mean what they mean now: what is renamed in between is not found.
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "lint/choice.h"
#include "lint/later.h"
#include "lint/world_parts.h"
#include "nodes/value.h"

/* What belongs together stands together; a text may have any length. */
#define MAX_AHEAD 1000

static char
kind_of(const Constraint *raw)
{
	switch (raw->contype)
	{
		case CONSTR_PRIMARY:
			return CONSTRAINT_PRIMARY;
		case CONSTR_UNIQUE:
			return CONSTRAINT_UNIQUE;
		case CONSTR_FOREIGN:
			return CONSTRAINT_FOREIGN;
		default:
			return '\0';
	}
}

static bool
is_unique(char kind)
{
	return kind == CONSTRAINT_UNIQUE || kind == CONSTRAINT_PRIMARY;
}

static bool
has_all(List *some, List *others)
{
	ListCell   *cell;

	foreach(cell, some)
	{
		if (lfirst(cell) == NULL || !hm_names_have(others, lfirst(cell)))
			return false;
	}
	return true;
}

/* It keeps out what the other did: of a key in any order of its columns. */
static bool
takes_place(HmRelation *relation, const Constraint *raw, const char *name,
			const HmConstraint *constraint)
{
	List	   *columns;

	if (strcmp(hm_choice_constraint_name(relation, raw, NULL), name) == 0)
		return true;
	if (constraint == NULL)
		return false;
	columns = hm_choice_constraint_columns(raw, NULL);
	if (is_unique(constraint->kind) && is_unique(kind_of(raw)))
		return columns != NIL && has_all(columns, constraint->columns);
	return constraint->kind == kind_of(raw) &&
		strcmp(hm_choice_column_list(columns),
			   hm_choice_column_list(constraint->columns)) == 0;
}

static bool
adds(HmRelation *relation, const AlterTableStmt *statement, const char *name,
	 const HmConstraint *constraint)
{
	ListCell   *cell;

	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		if (command->subtype == AT_AddConstraint &&
			takes_place(relation, (Constraint *) command->def, name,
						constraint))
			return true;
	}
	return false;
}

/* The rest of the text; a text that is not one transaction has none. */
static int
end_of(const HmLint *lint)
{
	return lint->transactional && lint->inner == NULL ?
		Min(lint->script->nstatements, lint->statement_no + MAX_AHEAD) :
		lint->statement_no;
}

static bool
is_about(const HmLint *lint, const Node *statement, const HmRelation *relation)
{
	return IsA(statement, AlterTableStmt) &&
		hm_world_relation(lint->world,
						  ((const AlterTableStmt *) statement)->relation) ==
		relation;
}

int
hm_later_constraint(const HmLint *lint, HmRelation *relation, const char *name,
					const HmConstraint *constraint)
{
	for (int i = lint->statement_no; i <= end_of(lint); i++)
	{
		Node	   *statement = i == lint->statement_no ? lint->statement :
		lint->script->statements[i - 1].raw->stmt;

		if (is_about(lint, statement, relation) &&
			adds(relation, (AlterTableStmt *) statement, name, constraint))
			return i;
	}
	return 0;
}

/* The relation, or that which a foreign key of it leads to. */
static bool
drops_relation(const HmLint *lint, const Node *node, const HmRelation *relation,
			   const HmConstraint *constraint)
{
	const DropStmt *statement = (const DropStmt *) node;
	ListCell   *cell;

	if (!IsA(node, DropStmt) || statement->removeType != OBJECT_TABLE)
		return false;
	foreach(cell, statement->objects)
	{
		HmRelation *dropped = hm_world_relation_named(lint->world,
													  lfirst(cell));

		if (dropped == relation ||
			(constraint && constraint->target &&
			 strcmp(constraint->target, dropped->display) == 0))
			return true;
	}
	return false;
}

static bool
drops_column(const AlterTableStmt *statement, const char *column)
{
	ListCell   *cell;

	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		if (command->subtype == AT_DropColumn &&
			strcmp(command->name, column) == 0)
			return true;
	}
	return false;
}

static bool
drops_columns(const AlterTableStmt *statement, const HmConstraint *constraint)
{
	ListCell   *cell;

	foreach(cell, constraint->columns)
	{
		if (lfirst(cell) && drops_column(statement, lfirst(cell)))
			return true;
	}
	return false;
}

int
hm_later_drop(const HmLint *lint, HmRelation *relation,
			  const HmConstraint *constraint)
{
	for (int i = lint->statement_no; i <= end_of(lint); i++)
	{
		Node	   *statement = i == lint->statement_no ? lint->statement :
		lint->script->statements[i - 1].raw->stmt;

		if (drops_relation(lint, statement, relation, constraint) ||
			(constraint && is_about(lint, statement, relation) &&
			 drops_columns((AlterTableStmt *) statement, constraint)))
			return i;
	}
	return 0;
}

int
hm_later_table(const HmLint *lint, const HmRelation *relation)
{
	for (int i = lint->statement_no + 1; i <= end_of(lint); i++)
	{
		Node	   *statement = lint->script->statements[i - 1].raw->stmt;
		const RangeVar *name = IsA(statement, CreateTableAsStmt) ?
		((CreateTableAsStmt *) statement)->into->rel : NULL;

		if (name && strcmp(name->relname, relation->name) == 0 &&
			hm_world_creation(lint->world, name) == relation)
			return i;
	}
	return 0;
}
